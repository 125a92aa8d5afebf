"""The kit of a session holds what it is held with, in its languages, always with the same bytes, and nobody's name."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from test_programme_tests import TEST
from training_project import NAMES, ROOT, Run

Table = Callable[[str], str]
SESSION = "content/activities/plan/trainings/first.md"


@pytest.fixture
def held(run: Run) -> Run:
    place = run.root / "content/activities/plan/tests"
    place.mkdir()
    (place / "test.yml").write_text(TEST, "utf-8")
    shutil.rmtree(run.root / "site")
    (run.root / "site").symlink_to(ROOT / "site")
    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kit.zip"


def head(run: Run, more: str) -> None:
    path = run.root / SESSION
    path.write_text(path.read_text("utf-8").replace("seats:", f"{more}\nseats:", 1), "utf-8")


def text(kit: Path, name: str) -> str:
    with zipfile.ZipFile(kit) as source:
        document = Document(io.BytesIO(source.read(name)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def names(kit: Path) -> list[str]:
    with zipfile.ZipFile(kit) as source:
        return source.namelist()


def test_a_kit_holds_agenda_sheets_and_test_in_the_languages_of_the_session(held: Run, file: Path) -> None:
    head(held, "languages: [ro]")
    held("training", "kit", "first", "--to", str(file))
    assert names(file) == [
        "LICENCE.txt", "ro/agenda.docx", "ro/attendance-2026-12-01-0900.docx", "ro/attendance-2026-12-01-1330.docx",
        "ro/read-me.txt", "ro/test-delayed.docx", "ro/test-post.docx", "ro/test-pre.docx",
    ]  # fmt: skip
    agenda = text(file, "ro/agenda.docx")
    for said in ("Pentru polițiști", "Sala mare", "română", "09:00–12:30", "13:30–17:00", "București"):
        assert said in agenda, said
    assert "Granița?" in text(file, "ro/test-pre.docx")
    sheet = text(file, "ro/attendance-2026-12-01-1330.docx")
    assert "13:30–17:00. Sala mare" in sheet
    assert sheet.split("Semnătura")[1].split() == ["1", "2", "3"], "a line for each seat, and nothing in it"


def test_without_languages_it_is_in_those_of_its_title(held: Run, file: Path) -> None:
    held("training", "kit", "first", "--to", str(file))
    assert "The big hall" in text(file, "en/agenda.docx")
    assert "ro/agenda.docx" in names(file)


def test_the_same_kit_has_the_same_bytes_on_another_day(held: Run, file: Path) -> None:
    held("training", "kit", "first", "--to", str(file))
    before = file.read_bytes()
    held("training", "kit", "first", "--to", str(file), at="2026-11-24T18:00+02:00")
    assert file.read_bytes() == before


def test_names_stand_on_the_sheets_only_where_they_are_asked_for(held: Run, file: Path, table: Table) -> None:
    listed = table(f"name,mail,function\n{NAMES[0]},,\n{NAMES[1]},,\n")
    held("training", "nominate", "first", listed, "--by", "police")
    held("training", "confirm", "first")
    held("training", "kit", "first", "--to", str(file))
    assert not any(name in text(file, one) for one in names(file) if one.endswith("docx") for name in NAMES)

    held("training", "kit", "first", "--to", str(file), "--names")
    sheet = text(file, "ro/attendance-2026-12-01-0900.docx")
    assert NAMES[0] in sheet
    assert NAMES[1] in sheet
    assert "delete it after the session" in zipfile.ZipFile(file).read("en/read-me.txt").decode()
    assert file.stat().st_mode & 0o077 == 0, "nobody else on this machine reads it"

    inside = held.root / "kit.zip"
    said = held("training", "kit", "first", "--to", str(inside), "--names", code=2).stderr
    assert "does not go into the project" in said
    assert not inside.exists()
    other = file.with_name("other.zip")
    held("training", "kit", "first", "--to", str(other), "--names", key="", code=2)
    assert not other.exists()


def test_a_session_without_days_has_no_sheets_and_one_called_off_has_no_kit(held: Run, file: Path) -> None:
    said = held("training", "kit", "some-day", "--to", str(file)).stderr
    assert "listele de prezență" in said
    assert names(file) == ["LICENCE.txt", "ro/agenda.docx", "ro/read-me.txt"]
    head(held, "cancelled_on: 2026-11-20")
    assert "called off" in held("training", "kit", "first", "--to", str(file), code=2).stderr


def test_what_the_session_hands_out_is_in_it_and_what_cannot_be_is_told(tmp_path: Path) -> None:
    root = tmp_path / "sample"
    for name in ("content", "site"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "outreach.toml", root)
    path = root / "content/activities/alentejo-litoral/trainings/police.md"
    path.write_text(
        path.read_text("utf-8").replace(
            "trainers:", "languages: [pt, en]\nmaterials: [active-communities/municipalities]\ntrainers:"
        ),
        "utf-8",
    )
    message = root / "content/campaigns/active-communities/messages/municipalities/en.md"
    if message.exists():
        message.unlink()
    kit = tmp_path / "kit.zip"
    said = Run(root)("training", "kit", "alentejo-litoral/police", "--to", str(kit)).stderr
    inside = "pt/materials/active-communities-municipalities.zip"
    assert inside in names(kit)
    assert "en: active-communities/municipalities: no public text" in said
    with zipfile.ZipFile(kit) as source, zipfile.ZipFile(io.BytesIO(source.read(inside))) as handed:
        assert any(one.endswith(".pdf") for one in handed.namelist()), "leaflets and posters"
