"""What a build leaves alone is as it would be made anew: always byte for byte what a clean build makes."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_project import CAMPAIGN, HELPLINES, NOW, ROOT, SETTINGS, SVG, Project, message

from pipeline.app.house import House
from pipeline.app.website import build_site, make_site
from pipeline.clock import VirtualClock
from pipeline.content import halves
from pipeline.settings import ProblemsFound
from pipeline.website import pages
from pipeline.website.lists import INLINE
from pipeline.website.tree import Kept, Page

CORRECTION = """\
- {{date: 2026-11-{day:02d}, campaign: spring, message: {name}, what: {{ro: S-a schimbat., en: It changed.}}, recalled: {recalled}}}
"""


OFFERS = (
    SETTINGS.replace("[site]\n", '[site]\nhub = "https://hub.example/"\n')
    + """\
[partners.agency]
name = "Agency"
languages = ["ro", "en"]
utm = { source = "agency" }
"""
)
"""What the site offers to partners, but for kits, whose making takes seconds: those have a law of their own below."""


def build(root: Path, now: datetime, folder: Path | None = None) -> str:
    """Build; return what was wrong, or ``""``."""
    with House(root, VirtualClock(now), {}) as house:
        try:
            build_site(house, folder)
        except ProblemsFound as found:
            return "\n".join(map(str, found.problems))
    return ""


def differences(one: Path, other: Path) -> list[str]:
    """Return the paths of all files that are not the same bytes in both folders."""
    files = [
        {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} for folder in (one, other)
    ]
    unequal = [path for path in files[0] & files[1] if not filecmp.cmp(one / path, other / path, shallow=False)]
    return sorted([*(files[0] ^ files[1]), *unequal])


@contextmanager
def writable(project: Path) -> Iterator[Project]:
    """A project of its own, with its own copy of what the theme is made of."""
    made = Project(project)
    made.write("outreach.toml", OFFERS)
    made.write("content/helplines.yml", HELPLINES)
    made.write("content/campaigns/spring/campaign.yml", CAMPAIGN)
    made.message("seeds", message())
    made.message("roots", message("[Semințe](../seeds/ro.md)", title="Rădăcini"))
    made.write("content/campaigns/spring/messages/seeds/en.md", ENGLISH.format(title="Seeds"))
    made.write("content/pages/help/ro.md", "---\ntitle: Numere\nsummary: Numere.\n---\n{list:helplines}\n")
    every = "\n\n".join(f"{{list:{name}}}" for name in sorted(INLINE))
    made.write("content/pages/home/ro.md", f"---\ntitle: Acasă\nsummary: Acasă.\n---\n{every}\n")
    shutil.copy(ROOT / "mkdocs.yml", project / "mkdocs.yml")
    shutil.copytree(ROOT / "site", project / "site")
    yield made


ENGLISH = """\
---
title: {title}
summary: About it.
action: {{text: "Call {{helpline}}."}}
picture: {{alt: A drawing.}}
source_hash: "0000000000000000"
translator: editor
---
Text.
"""

FUNDER = """\
office:
  name: {{ro: "Oficiul {name}", en: "Office {name}"}}
  period: "2026"
  statement: {{ro: Text., en: Text.}}
  campaigns: [spring]
  sources: [{{title: Office, url: "https://trial.example/office", read_on: 2026-11-01}}]
"""

names = st.sampled_from(["seeds", "roots", "leaves", "fruit"])
words = st.sampled_from(
    [
        "Unu",
        "Doi \u0219i trei",
        "<b>Patru</b>",
        "`cinci` ~~~",
        "Rest [aici](../roots/ro.md)",
        "{helpline}",
        "{helpline:second}",
    ]
)


def text(project: Project, name: str, word: str) -> None:
    project.message(name, message(word, title=name.title()))


def title(project: Project, name: str, word: str) -> None:
    project.message(name, message(title=word.replace("<", "").replace("[", "").replace("{", "").replace("`", "")))


def topic(project: Project, name: str, word: str) -> None:
    project.message(name, message(word).replace("topic: seeds", "topic: soil"))


def embargo(project: Project, name: str, word: str) -> None:
    project.message(name, message(word, title=name.title(), more="embargo: 2026-12-01 13:00\n"))


def remove(project: Project, name: str, word: str) -> None:
    shutil.rmtree(project.root / f"content/campaigns/spring/messages/{name}", ignore_errors=True)


def translate(project: Project, name: str, word: str) -> None:
    if (project.root / f"content/campaigns/spring/messages/{name}/ro.md").exists():
        project.write(f"content/campaigns/spring/messages/{name}/en.md", ENGLISH.format(title=name))


def picture(project: Project, name: str, word: str) -> None:
    project.write(f"content/campaigns/spring/messages/{name}/picture.svg", SVG.replace("#f4e9d8", f"#{len(word):06d}"))


def helpline(project: Project, name: str, word: str) -> None:
    project.write("content/helplines.yml", HELPLINES.replace("0000 000 000", f"0000 000 {len(word):03d}"))


def recall(project: Project, name: str, word: str) -> None:
    project.write("content/corrections.yml", CORRECTION.format(day=20, name=name, recalled="true"))


def withdrawn(project: Project, name: str, word: str) -> None:
    """Somebody strikes out what was told of corrections and recalls."""
    project.write("content/corrections.yml", CORRECTION.format(day=25, name="seeds", recalled="false"))


def rename(project: Project, name: str, word: str) -> None:
    folder = project.root / "content/campaigns/spring/messages"
    if (folder / name).exists() and not (folder / f"{name}-too").exists():
        (folder / name).rename(folder / f"{name}-too")


def forget_language(project: Project, name: str, word: str) -> None:
    (project.root / f"content/campaigns/spring/messages/{name}/en.md").unlink(missing_ok=True)
    (project.root / "content/campaigns/spring/messages/seeds/en.md").unlink(missing_ok=True)


def audience(project: Project, name: str, word: str) -> None:
    """A message goes to other people: lists, feeds and the storefront have one more."""
    changed = CAMPAIGN.replace("audiences: {", "audiences: {teachers: {ro: Profesori, en: Teachers}, ")
    project.write("content/campaigns/spring/campaign.yml", changed)
    project.message(name, message(word, title=name.title()).replace("audience: gardeners", "audience: teachers"))


def purpose(project: Project, name: str, word: str) -> None:
    """Words about a helpline, not its number."""
    project.write("content/helplines.yml", HELPLINES.replace("purpose: {ro: Probă", f"purpose: {{ro: Probă {name}"))


def second(project: Project, name: str, word: str) -> None:
    """Another helpline, which texts may name already."""
    other = HELPLINES.replace("line:", "second:", 1).replace("0000 000 000", f"0000 111 {len(word):03d}")
    project.write("content/helplines.yml", HELPLINES + other)


def expired(project: Project, name: str, word: str) -> None:
    """Nobody verified the helpline again: what carries it is told, and the build fails or stops showing it."""
    project.write("content/helplines.yml", HELPLINES.replace("expires: 2027-05-01", "expires: 2026-11-30"))


def funder(project: Project, name: str, word: str) -> None:
    project.write("content/funders.yml", FUNDER.format(name=name))


def partner(project: Project, name: str, word: str) -> None:
    project.write("outreach.toml", OFFERS.replace('"Agency"', f'"Agency {name}"'))


def hub(project: Project, name: str, word: str) -> None:
    project.write("outreach.toml", OFFERS.replace("hub.example", f"{name}.example"))


def short(project: Project, name: str, word: str) -> None:
    """What only posts, copies and kits show."""
    project.message(name, message(title=name.title(), more=f'short: "{name}: {len(word)}"\n'))


def embed(project: Project, name: str, word: str) -> None:
    project.write("site/embed/frame.css", f"/* {name} */\n")


def entry(project: Project, name: str, word: str) -> None:
    place = "site/parts/entry.html"
    project.write(place, (ROOT / place).read_text("utf-8") + f"<p>{name}</p>\n")


def correct(project: Project, name: str, word: str) -> None:
    project.write("content/corrections.yml", CORRECTION.format(day=30, name=name, recalled="false"))


def programme(project: Project, name: str, word: str) -> None:
    project.write("outreach.toml", OFFERS.replace("Trial", f"Trial {name}"))


def theme(project: Project, name: str, word: str) -> None:
    place = "site/theme/partials/outreach/bottom.html"
    project.write(place, (ROOT / place).read_text("utf-8") + f"<!-- {name} -->\n")


def part(project: Project, name: str, word: str) -> None:
    project.write("site/parts/updated.html", f"<p>{name}</p>\n")


def style(project: Project, name: str, word: str) -> None:
    project.write("site/theme/assets/outreach/more.css", f"/* {name} */\n")


def own_words(project: Project, name: str, word: str) -> None:
    place = "site/words/ro.yml"
    project.write(place, (ROOT / place).read_text("utf-8").replace("topics: ", f"topics: {name} "))


def written(project: Project, name: str, word: str) -> None:
    project.write(
        f"content/pages/{name}/ro.md", f"---\ntitle: {name}\nsummary: O pagin\u0103.\n---\n{word.replace('{', '')}\n"
    )


def campaign(project: Project, name: str, word: str) -> None:
    changed = CAMPAIGN.replace("Primăvara", f"Primăvara {name}").replace("topics: {", "topics: {soil: {ro: Pământ}, ")
    project.write("content/campaigns/spring/campaign.yml", changed)


def touched(project: Project, name: str, word: str) -> None:
    """Somebody writes into the folder that is served."""
    page = project.root / f"build/site/ro/spring/{name}/index.html"
    if page.exists():
        page.write_text(word, "utf-8")
    project.write("build/site/stray.html", word)


EDITS: list[Callable[[Project, str, str], None]] = [
    text, title, topic, embargo, remove, translate, picture, helpline, recall, correct, programme, theme, part, style,
    own_words, written, campaign, touched, rename, forget_language, audience, purpose, expired, funder, partner, hub,
    short, embed, entry, withdrawn, second,
]  # fmt: skip


@settings(
    max_examples=int(os.environ.get("OUTREACH_EXAMPLES", "8")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(st.lists(st.tuples(st.sampled_from(EDITS), names, words, st.integers(0, 5)), min_size=1, max_size=4))
def test_after_any_edits_the_site_is_what_a_clean_build_makes(
    edits: list[tuple[Callable[[Project, str, str], None], str, str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, writable(Path(folder) / "project") as project:
        now = NOW
        assert build(project.root, now) == ""
        for number, (edit, name, word, hours) in enumerate(edits):
            edit(project, name, word)
            now += timedelta(hours=hours)
            wrong = build(project.root, now)
            clean = Path(folder) / f"clean-{number}"
            shutil.copytree(project.root, clean, ignore=shutil.ignore_patterns("build"))
            assert build(clean, now) == wrong
            if not wrong:
                assert differences(project.root / "build/site", clean / "build/site") == []


@pytest.mark.parametrize("edit", [one for one in EDITS if one is not expired], ids=lambda edit: edit.__name__)
def test_each_kind_of_edit_is_seen(edit: Callable[[Project, str, str], None], tmp_path: Path) -> None:
    """Otherwise the law above would say little."""
    with writable(tmp_path / "project") as project:
        text(project, "seeds", "Fără legătură")
        assert build(project.root, NOW) == ""
        before = tmp_path / "before"
        shutil.copytree(project.root / "build/site", before)
        edit(project, "roots", "Altceva")
        if edit is touched:
            assert differences(project.root / "build/site", before)
        assert build(project.root, NOW) == ""
        assert bool(differences(project.root / "build/site", before)) is (edit is not touched)


def test_several_processes_make_what_one_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with writable(tmp_path / "project") as project:
        clean = tmp_path / "clean"
        shutil.copytree(project.root, clean, symlinks=True)
        assert build(clean, NOW) == ""
        monkeypatch.setattr(halves, "ENOUGH", 2)
        monkeypatch.setattr(pages, "MANY", 1)
        forked: list[int] = []
        monkeypatch.setattr(halves, "_may_fork", lambda: not forked.append(1))
        assert build(project.root, NOW) == ""
        assert len(forked) >= 3
        assert differences(project.root / "build/site", clean / "build/site") == []
        # And what they found out is remembered as if one had found it.
        caches = [folder / "build/cache/site.jsonl" for folder in (project.root, clean)]
        assert sorted(caches[0].read_bytes().splitlines()) == sorted(caches[1].read_bytes().splitlines())


def test_an_embargo_that_ends_puts_the_message_out_without_any_edit(tmp_path: Path) -> None:
    with writable(tmp_path) as project:
        embargo(project, "roots", "Mai târziu")
        page = project.root / "build/site/ro/spring/roots/index.html"
        before = datetime(2026, 12, 1, 10, 59, tzinfo=UTC)
        assert build(project.root, before) == ""
        assert not page.exists()
        assert b"roots" not in (project.root / "build/site/sitemap.xml").read_bytes()
        assert build(project.root, before + timedelta(minutes=1)) == ""
        assert page.exists()
        assert b"roots" in (project.root / "build/site/sitemap.xml").read_bytes()


def test_what_stayed_the_same_is_the_same_file(tmp_path: Path) -> None:
    with writable(tmp_path) as project:
        build(project.root, NOW)
        page, other = (project.root / f"build/site/ro/spring/{name}/index.html" for name in ("seeds", "roots"))
        numbers = page.stat().st_ino, other.stat().st_ino
        text(project, "roots", "Altfel")
        build(project.root, NOW)
        assert page.stat().st_ino == numbers[0]
        assert other.stat().st_ino != numbers[1]


def test_a_helpline_that_was_verified_again_leaves_pages_alone_that_do_not_name_it(tmp_path: Path) -> None:
    with writable(tmp_path) as project:
        second(project, "", "")
        registry = (project.root / "content/helplines.yml").read_text("utf-8")
        text(project, "roots", "{helpline:second}")
        assert build(project.root, NOW) == ""
        with House(project.root, VirtualClock(NOW), {}) as house:
            site = make_site(house)
        assert {type(site.pages[f"ro/spring/{name}/index.md"]) for name in ("seeds", "roots")} == {Kept}
        at = registry.index("second:")
        renewed = registry[at:].replace("purpose: {ro: Probă", "purpose: {ro: Altă probă")
        project.write("content/helplines.yml", registry[:at] + renewed)
        with House(project.root, VirtualClock(NOW), {}) as house:
            site = make_site(house)
        assert type(site.pages["ro/spring/seeds/index.md"]) is Kept
        assert type(site.pages["ro/spring/roots/index.md"]) is Page


def test_who_reads_meanwhile_sees_the_old_site_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.app import site_folder  # noqa: PLC0415

    with writable(tmp_path) as project:
        build(project.root, NOW)
        page = project.root / "build/site/ro/spring/roots/index.html"
        old, seen = page.read_bytes(), []
        write = site_folder._write

        def look(place: str, data: bytes) -> None:
            write(place, data)
            seen.append(page.read_bytes())

        monkeypatch.setattr(site_folder, "_write", look)
        text(project, "roots", "Altfel")
        build(project.root, NOW)
        assert seen
        assert set(seen) == {old}
        assert page.read_bytes() != old


def test_two_builds_at_once_take_turns(tmp_path: Path) -> None:
    with writable(tmp_path / "project") as project:
        command = [sys.executable, "-c", "from pipeline.cli import main; main()", "--at", NOW.isoformat()]
        command += ["--project", str(project.root), "site", "build"]
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
        told = [one.communicate(timeout=120) for one in started]
        assert [one.returncode for one in started] == [0, 0, 0], told
        assert build(project.root, NOW, tmp_path / "clean") == ""
        assert differences(project.root / "build/site", tmp_path / "clean") == []


def test_it_is_what_mkdocs_itself_builds(tmp_path: Path) -> None:
    with House(ROOT, environment={}) as house:
        # Kits get versions that a project remembers, so MkDocs by itself leaves them out.
        build_site(house, tmp_path / "ours", with_kits=False)
    told = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "theirs")],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert differences(tmp_path / "ours", tmp_path / "theirs") == []
