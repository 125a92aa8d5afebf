"""The core: content becomes pages. It knows no engine, no store and no network.

The same content at the same instant gives the same tree. :func:`build` is the way in. What partners are offered
(kits, feeds, cards) is put together elsewhere and handed in as :class:`~pipeline.website.extras.Extras`, or joined to
the tree afterwards (:meth:`~pipeline.website.tree.Site.joined`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.content import Cache, Project
from pipeline.content.halves import meanwhile
from pipeline.content.site import stale_pages
from pipeline.model import Problem, Severity
from pipeline.settings import ProblemsFound, Settings
from pipeline.website import addresses, lists, policy, search, shell, sitemap, telling, written
from pipeline.website.extras import Extras
from pipeline.website.parts import Parts
from pipeline.website.pieces import Pieces
from pipeline.website.public import Public
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Out, Page, Site
from pipeline.website.words import read_words

CORE = ("site/words", "site/parts", "outreach.toml", "content/helplines.yml")
"""What every page depends on besides its own sources."""


Maker = Callable[[Shell], Iterable[Page | Asset]]
"""Makes further pages and files with what all pages share."""


def build(
    project: Project,
    settings: Settings,
    now: datetime,
    extras: Extras | None = None,
    more: Sequence[Maker] = (),
    memory: Cache | None = None,
    pieces: Pieces | None = None,
    out: Callable[[Mapping[str, Any]], Out] | None = None,
) -> Site:
    """Return the site's tree as it may be public at ``now`` (aware).

    :param more: what rooms above add; their pages are in the map and carry the same frame.
    :param memory: what earlier builds made; what would be the same today is not made again. The caller saves it.
    :param pieces: longer texts that earlier builds made; likewise.
    :param out: given what the theme has to know of the site, returns what takes pages and files as soon as they are
        made. The tree then knows of them, and makes their texts again for whoever asks.

    :returns: the tree with everything that is wrong. With errors among its problems it must not be published.
    """
    problems: list[Problem] = []
    words = read_words(project.root, settings.languages, problems)
    if problems:
        return Site(problems=tuple(problems))
    public = Public(project, settings, now)
    problems += _of_content(project)
    problems += public.helpline_problems()
    problems += _stale(project)
    problems += _reserved(public)
    try:
        shown = Shell(
            public, words, Parts(project.root), extras or Extras(), problems, memory=memory, pieces=pieces or Pieces()
        )
        theme = shell.theme(shown)
        shown.out = out(theme) if out else None
        told = telling.tell(shown)
        shown.told = {key: one.brief for key, one in told.items()}
        shown.marks = {key: one.mark for key, one in told.items()}
        files = [file for one in told.values() for file in one.files]
        pages = [*written.pages(shown), *(page for one in told.values() for page in one.pages)]
        with _ahead(shown, (search.assets, lists.pages)) as done:
            others = [one for make in more for one in make(shown)]
            done()
        others += [*lists.pages(shown), *search.assets(shown)]
    except ProblemsFound as error:
        return Site(problems=(*problems, *error.problems))
    site = Site(extra=theme, problems=tuple(dict.fromkeys(problems)), next_release=public.next_release)
    pages += [one for one in others if isinstance(one, Page)]
    files += [one for one in others if isinstance(one, Asset)]
    site = site.joined(pages, [*shown.assets.values(), *files])
    return site.joined(assets=_files(project.root, settings, site.pages))


MANY = 500
"""Messages from which on a second process is worth its start for what is made of all of them."""


@contextmanager
def _ahead(shown: Shell, makers: Sequence[Maker]) -> Iterator[Callable[[], None]]:
    """Let another process do some of the making; call what this gives, and it need not be done again here.

    It takes the memory that it needed away with it: a dictionary alone takes up to a hundred megabytes.
    """
    memory = shown.memory
    # Where no message was made anew, there is little to make.
    if memory is None or shown.out is None or len(shown.told) < MANY or not shown.anew:
        yield lambda: None
        return

    def work() -> str:
        with memory.noted() as noted:
            for make in makers:
                for _ in make(shown):
                    pass
            return noted()

    with meanwhile(work) as result:
        yield lambda: memory.take(result())


def _stale(project: Project) -> list[Problem]:
    """A stale translation is shown with a word of warning, unlike in a post, where nobody could say it."""
    return [told.model_copy(update={"severity": Severity.WARNING}) for told in stale_pages(project.pages.values())]


def _of_content(project: Project) -> list[Problem]:
    """Problems of reading; a missing translation is no error here, since its page says so to the reader."""
    return [
        told.model_copy(update={"severity": Severity.WARNING}) if told.rule == "missing-language" else told
        for told in project.problems
    ]


def _reserved(public: Public) -> list[Problem]:
    taken = addresses.RESERVED | set(addresses.LISTS) | set(addresses.HELP_PAGES) | set(public.project.pages)
    found = []
    for name in public.campaigns:
        if name in taken:
            what = f"a campaign cannot be named '{name}': /{public.settings.languages[0]}/{name}/ is another page"
            path = public.project.campaign_path(name)
            line = public.project.lines.of(path, ("id",))
            found.append(Problem(path=path, line=line, rule="address", message=what, todo="rename its folder and id"))
    for name, page in public.project.pages.items():
        if name in addresses.RESERVED | set(addresses.LISTS):
            what = f"a page cannot be named '{name}': the site makes that page itself"
            found.append(Problem(path=page.folder, rule="address", message=what, todo="rename the folder"))
    return found


def _files(root: Path, settings: Settings, pages: Mapping[str, Page]) -> list[Asset]:
    address = settings.programme.site
    files = [Asset(path, data=text.encode()) for path, text in policy.header_files().items()]
    files.append(Asset("sitemap.xml", data=sitemap.sitemap(pages.values(), address)))
    files.append(Asset("robots.txt", data=f"User-agent: *\nAllow: /\nSitemap: {address}/sitemap.xml\n".encode()))
    static = root / "site" / "static"
    if static.is_dir():
        for file in sorted(static.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                files.append(Asset(file.relative_to(static).as_posix(), source=file))
    return files
