"""`outreach site check`: everything that can be looked at on a built site, as one report."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.app.serving import Site as Served
from pipeline.website import browser, built
from pipeline.website.built import Fault, Read, Weight
from pipeline.website.tree import Site

TOOLS = "build/servers/node_modules"
"""Where `make servers` puts the W3C's checker and axe-core."""
_VNU = "vnu-jar/build/dist/vnu.jar"
_AXE = "axe-core/axe.min.js"


@dataclass
class Report:
    """What was found, what each page weighs, and what could not be looked at and why."""

    pages: int
    faults: list[Fault] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def heaviest(self) -> list[Weight]:
        """The heaviest page of each frame."""
        frames: dict[str, Weight] = {}
        for weight in self.weights:
            if weight.frame not in frames or weight.transferred > frames[weight.frame].transferred:
                frames[weight.frame] = weight
        return list(frames.values())


def check_site(root: Path, folder: Path, site: Site, *, in_browser: bool = True, more: Iterable[Fault] = ()) -> Report:
    """Look at the site that was built into ``folder`` from ``site``.

    :param root: the project's folder, under which the tools of `make servers` are looked for.
    :param more: what was found wrong besides, such as a funder that is not named.
    """
    pages = built.pages(folder)
    report = Report(len(pages))
    report.faults += built.faults(folder, pages, str(site.extra["address"]))
    report.weights = built.weights(folder, pages)
    for weight in report.weights:
        if weight.transferred > weight.limit:
            what = f"{weight.transferred / 1000:.0f} kB are transferred; at most {weight.limit // 1000} kB may be"
            report.faults.append(Fault(weight.page, "weight", what))
    report.looked += ["links", "structure", "policy", "weight"]
    report.faults += more
    report.faults += _feeds(folder)
    report.looked.append("feeds")
    _html(root, folder, report)
    if in_browser:
        _browser(root, folder, samples(site, pages), report)
    report.faults.sort()
    return report


def _feeds(folder: Path) -> Iterator[Fault]:
    """Yield what programs that read feeds would stumble over."""
    # It takes long to import, and building needs none of it.
    import feedparser  # noqa: PLC0415

    for file in sorted((folder / "feeds").rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.suffix in {".atom", ".rss"}:
            read = feedparser.parse(file.read_bytes())
            if read.bozo:
                yield Fault(path, "feed", f"a feed reader stumbles over it: {read.bozo_exception}")
            named = [entry.get("id") for entry in read.entries]
            if None in named or len(set(named)) < len(named):
                yield Fault(path, "feed", "its entries cannot be told apart by their ids")


def _html(root: Path, folder: Path, report: Report) -> None:
    found = html_faults(root, folder)
    if found is None:
        report.skipped["HTML by the W3C's checker"] = "needs Java and vnu-jar; install them with: make servers"
        return
    report.faults += found
    report.looked.append("HTML by the W3C's checker")


def html_faults(root: Path, folder: Path, paths: Iterable[str] = ("",)) -> list[Fault] | None:
    """Return what the W3C's checker finds on pages, or ``None`` where it is not there.

    :param root: the project's folder, under which the tools of `make servers` are looked for.
    :param folder: the built site.
    :param paths: files or folders in it; by default, everything.
    """
    jar = root / TOOLS / _VNU
    java = shutil.which("java")
    if not java or not jar.is_file():
        return None
    done = subprocess.run(  # noqa: S603
        [java, "-Xss4m", "-jar", str(jar), "--skip-non-html", "--format", "json", "--exit-zero-always"]
        + [str(folder / path) for path in paths],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    found = []
    for told in json.loads(done.stderr or '{"messages": []}')["messages"]:
        # Read from disk a page has no origin, and the checker takes data blocks for scripts: browsers judge that.
        if "Content Security Policy" in told["message"]:
            continue
        if told["type"] == "error" or told.get("subType") == "warning":
            page = told.get("url", "").partition(f"/{folder.name}/")[2]
            found.append(Fault(page, "html", f"line {told.get('lastLine', '?')}: {told['message']}"))
    return found


def _browser(root: Path, folder: Path, looked: list[str], report: Report) -> None:
    axe = root / TOOLS / _AXE
    source = axe.read_text("utf-8") if axe.is_file() else None
    try:
        with browser.chromium() as opened, served(folder) as base:
            report.faults += browser.look(opened, base, looked, source)
    except browser.NoBrowser as missing:
        report.skipped["requests, policy and accessibility in a browser"] = str(missing)
        return
    report.looked.append(f"requests and policy in a browser ({len(looked)} pages, each twice)")
    if source:
        report.looked.append("accessibility by axe-core, light and dark")
    else:
        report.skipped["accessibility by axe-core"] = "needs axe-core; install it with: make servers"


def samples(site: Site, read: Mapping[str, Read]) -> list[str]:
    """Return the pages that are looked at in a browser, by address below the site's.

    One of each kind in each language, as opening all takes too long; and every page that holds an element which no page
    before it in its language has, such as the frames that partners show, or an activity's page with a centre's hours.
    """
    kinds: dict[tuple[str, str, str], str] = {}
    for page in site.pages.values():
        meta = page.meta
        section = meta["section"] if meta["kind"] in {"help", "page"} else ""
        kinds.setdefault((meta["language"], meta["kind"], section), f"{page.url}index.html")
    seen: dict[str, set[str]] = {}
    wanted = {path: None for path in kinds.values() if path in read}
    for path in (*wanted, *read):
        known = seen.setdefault(read[path].lang, set())
        if not read[path].elements <= known:
            known |= read[path].elements
            wanted[path] = None
    return [path.removesuffix("index.html") for path in wanted]


class served:  # noqa: N801  (used like a function)
    """A folder on a port of this machine, for as long as the block lasts; gives its address."""

    def __init__(self, folder: Path) -> None:
        self._site = Served(folder, 0)
        self._thread = threading.Thread(target=self._site.serve, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return self._site.url

    def __exit__(self, *_: object) -> None:
        self._site.stop()
        self._thread.join()
        self._site.__exit__(None, None, None)
