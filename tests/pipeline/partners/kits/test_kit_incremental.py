"""Kits on the site after any edits are, byte for byte, those that a clean build makes with the same memory of versions."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit_project import FOLDER, ROOT, Kits, message, project

from pipeline.app.website import build_site
from pipeline.settings import ProblemsFound

LOG = "- {{date: 2026-12-0{day}, campaign: spring, message: {name}, recalled: {recalled}, what: {{ro: Era greșit.}}}}\n"


def text(kits: Kits, name: str, word: str) -> None:
    kits.message(name, message(body=f"Un text {word}."))


def embargo(kits: Kits, name: str, word: str) -> None:
    kits.message(name, message(more="embargo: 2026-12-05 13:00\n"))


def remove(kits: Kits, name: str, word: str) -> None:
    if name != "seeds":
        shutil.rmtree(kits.root / FOLDER / name, ignore_errors=True)


def rename(kits: Kits, name: str, word: str) -> None:
    if (kits.root / FOLDER / name).exists() and not (kits.root / FOLDER / "renamed").exists():
        (kits.root / FOLDER / name).rename(kits.root / FOLDER / "renamed")


def number(kits: Kits, name: str, word: str) -> None:
    place = kits.root / "content/helplines.yml"
    kits.write("content/helplines.yml", place.read_text("utf-8").replace("0000 000 000", f"0000 000 {len(word):03d}"))


def correct(kits: Kits, name: str, word: str) -> None:
    kits.write("content/corrections.yml", LOG.format(day=4, name=name, recalled="false"))


def recall(kits: Kits, name: str, word: str) -> None:
    kits.write("content/corrections.yml", LOG.format(day=3, name=name, recalled="true"))


def later(kits: Kits, name: str, word: str) -> None:
    """A correction that is told of tomorrow."""
    kits.write("content/corrections.yml", LOG.format(day=6, name=name, recalled="true"))


def words(kits: Kits, name: str, word: str) -> None:
    place = "site/kits/words/ro.yml"
    kits.write(place, (ROOT / place).read_text("utf-8") + f"# {name} {word}\n")


def template(kits: Kits, name: str, word: str) -> None:
    place = next((ROOT / "site/kits").glob("*.md"))
    kits.write(f"site/kits/{place.name}", place.read_text("utf-8") + f"\n{word}\n")


def programme(kits: Kits, name: str, word: str) -> None:
    place = kits.root / "outreach.toml"
    kits.write("outreach.toml", place.read_text("utf-8").replace('name = "Trial', f'name = "Trial {word}', 1))


EDITS: list[Callable[[Kits, str, str], None]] = [
    text, embargo, remove, rename, number, correct, recall, later, words, template, programme,
]  # fmt: skip
steps = st.tuples(st.sampled_from(EDITS), st.sampled_from(["seeds", "roots"]), st.sampled_from(["unu", "doisprezece"]), st.sampled_from([0, 1, 26]))  # fmt: skip


def built(kits: Kits, now: datetime) -> str:
    """Build; return what was wrong, or ``""``."""
    kits.now = now
    with kits.house() as house:
        try:
            build_site(house)
        except ProblemsFound as found:
            return "\n".join(map(str, found.problems))
    return ""


def differences(one: Path, other: Path) -> list[str]:
    """Return the paths of all files that are not the same bytes in both folders."""
    files = [{path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} for folder in (one, other)]  # fmt: skip
    unequal = [path for path in files[0] & files[1] if not filecmp.cmp(one / path, other / path, shallow=False)]
    return sorted([*(files[0] ^ files[1]), *unequal])


def own(folder: Path, drawn: Path) -> Kits:
    """A project of its own; prints are kept for all, since drawing has a law of its own."""
    kits = project(folder)
    (folder / "site").unlink()
    shutil.copytree(ROOT / "site", folder / "site", ignore=shutil.ignore_patterns("fonts"))
    (folder / "site/fonts").symlink_to(ROOT / "site/fonts")
    shutil.copy(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    (folder / "build/cache").mkdir(parents=True)
    (folder / "build/cache/prints").symlink_to(drawn)
    kits.write("content/pages/home/ro.md", "---\ntitle: Acasă\nsummary: Acasă.\n---\nText.\n")
    kits.message("roots", message(title="Rădăcini"))
    return kits


@settings(max_examples=int(os.environ.get("OUTREACH_EXAMPLES", "2")), deadline=None, suppress_health_check=list(HealthCheck))  # fmt: skip
@given(st.lists(steps, min_size=1, max_size=3))
def test_after_any_edits_kits_are_what_a_clean_build_makes(
    drawn: Path, edits: list[tuple[Callable[[Kits, str, str], None], str, str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kits, now = own(Path(folder) / "project", drawn), datetime(2026, 12, 5, 10, 0, tzinfo=UTC)
        assert built(kits, now) == ""
        for turn, (edit, name, word, hours) in enumerate(edits):
            edit(kits, name, word)
            now += timedelta(hours=hours)
            wrong = built(kits, now)
            place = Path(folder) / f"clean-{turn}"
            shutil.copytree(kits.root, place, symlinks=True, ignore=shutil.ignore_patterns("build"))
            (place / "build/cache").mkdir(parents=True)
            (place / "build/cache/prints").symlink_to(drawn)
            assert built(Kits(place), now) == wrong
            if not wrong:
                assert differences(kits.root / "build/site", place / "build/site") == []


@pytest.mark.parametrize("edit", [number, recall], ids=lambda edit: edit.__name__)
def test_each_kind_of_edit_is_seen_in_kits(drawn: Path, tmp_path: Path, edit: Callable[[Kits, str, str], None]) -> None:
    kits, now = own(tmp_path / "project", drawn), datetime(2026, 12, 5, 10, 0, tzinfo=UTC)
    assert built(kits, now) == ""
    before = {path.name: path.read_bytes() for path in (kits.root / "build/site/kits").rglob("*.zip")}
    edit(kits, "roots", "altfel")
    assert built(kits, now) == ""
    assert before != {path.name: path.read_bytes() for path in (kits.root / "build/site/kits").rglob("*.zip")}
