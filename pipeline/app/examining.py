"""Tests of trainings: the sheets to print, the answers taken in, and what people learned."""

from __future__ import annotations

from pathlib import Path

from pipeline.app.activities import tests
from pipeline.app.house import House
from pipeline.app.programme import trainings, work_plans
from pipeline.app.trained import NotPossible
from pipeline.model import Problem
from pipeline.programme.gains import Result, compare
from pipeline.programme.knowledge_tests import KnowledgeTest, Sheet, Wave, read_sheets
from pipeline.programme.trainings import Training
from pipeline.settings import ProblemsFound
from pipeline.store import TakenSheet
from pipeline.website.words import Words

WORDS = "site/words/tests"


def of_session(house: House, training: Training) -> KnowledgeTest:
    """Return the test of a session.

    :raises NotPossible: when it has none.
    :raises ProblemsFound: with everything that is wrong with the tests.
    """
    problems: list[Problem] = []
    found = tests(house, problems, work_plans(house), trainings(house))
    if problems:
        raise ProblemsFound(problems)
    if training.name not in found:
        where = f"content/activities/{training.plan}/tests/NAME.yml"
        raise NotPossible(f"{training.name} has no test; write {where} and name the session in its 'sessions'.")
    return found[training.name]


def take(house: House, training: Training, wave: Wave, path: Path, who: str) -> tuple[int, int]:
    """Take in the sheets of a wave in place of earlier ones; return how many they are, and how many those were.

    :raises ProblemsFound: with everything that is wrong with the table; nothing is taken in then.
    """
    given = read_sheets(path, path.name, of_session(house, training))
    if given.problems:
        raise ProblemsFound(given.problems)
    rows = [TakenSheet(one.row, one.code, one.percent) for one in given.sheets]
    earlier = house.store.tests.take((training.plan, training.id), wave.value, rows, who, house.clock.now())
    return len(rows), earlier


def results(house: House, training: Training) -> dict[Wave, Result]:
    """Return what became of those who took the test before the session: right after, and long after where it is known.

    Nothing while no sheet was taken in.
    """
    kept = house.store.tests.sheets((training.plan, training.id))
    waves = {Wave(name): [Sheet(one.row, one.code, one.percent) for one in rows] for name, rows in kept.items()}
    if not waves:
        return {}
    return {wave: compare(waves, wave) for wave in (Wave.POST, Wave.DELAYED) if wave is Wave.POST or wave in waves}


def write_sheet(house: House, test: KnowledgeTest, wave: Wave | None, words: Words, path: Path) -> None:
    """Write the sheet of a wave, or without one the right answers, into ``path``: DOCX or PDF by its ending."""
    from pipeline.programme import sheets  # noqa: PLC0415  (python-docx and Typst are slow to load)
    from pipeline.programme.final_files import as_docx, as_pdf  # noqa: PLC0415

    about = {"author": house.settings.programme.name, "made_on": house.today}
    made = sheets.sheet(test, wave, words, **about) if wave else sheets.key(test, words, **about)  # type: ignore[arg-type]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_pdf(house.root, made) if path.suffix.lower() == ".pdf" else as_docx(made))
