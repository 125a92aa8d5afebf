"""The advocacy of a project's plans: its file, letters and replies, and what is wrong with them, each with its line."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

from pipeline.content.files import MAX_MESSAGE, Refused, read_text
from pipeline.model import LANGUAGE, Problem
from pipeline.programme.advocacy.advocacy_file import FILE, FOLDER, LETTERS, REPLIES, Advocacy, AdvocacyFile, Reply
from pipeline.programme.advocacy.letters import trials
from pipeline.programme.plan_files import Surroundings, no_activity, of_plans
from pipeline.programme.private import Wrong, contacts, names
from pipeline.programme.work_plan import ACTIVITIES, WorkPlan

RULE = "advocacy"
COLUMNS = ("letter", "office", "on", "says", "evidence", "sha256", "logged_by")


def read_advocacy(root: Path, problems: list[Problem], around: Surroundings) -> dict[str, Advocacy]:
    """Read the advocacy of every plan that has some, by plan. What is wrong is added to ``problems``."""
    found: dict[str, Advocacy] = {}
    for given in of_plans(root, around.plans, f"{FOLDER}/{FILE}", AdvocacyFile, problems):
        problems += given.problems(RULE, contacts(given.data, around.regions, mail_at=("mail",)))
        if (file := given.one) is not None:
            problems += given.problems(RULE, _faults(file, given.plan, around.today))
            one = Advocacy(file, _texts(root, file, problems), _replies(root, file, problems))
            found[given.plan.id] = one
            for at in trials(one):
                problems.append(Problem(path=at.path, line=1, rule=RULE, message=at.what, todo=at.todo))
    return found


def _faults(file: AdvocacyFile, plan: WorkPlan, today: date) -> Iterator[Wrong]:
    yield from no_activity(file, plan)
    for name, office in file.offices.items():
        yield from names(office.office, ("offices", name, "office"))
    for place, position in enumerate(file.positions):
        at = ("positions", place)
        yield from _unknown("office", position.office, file.offices, (*at, "office"))
        yield from _unknown("ask", position.ask, file.asks, (*at, "ask"))
        if position.on > today:
            yield (*at, "on"), f"{position.on} is yet to come", "write down what was said once it was said"
    for place, event in enumerate(file.events):
        if event.ask:
            yield from _unknown("ask", event.ask, file.asks, ("events", place, "ask"))
        if event.on > today:
            yield ("events", place, "on"), f"{event.on} is yet to come", "write down what happened once it happened"
    yield from _of_letters(file)


def _of_letters(file: AdvocacyFile) -> Iterator[Wrong]:
    for name, letter in file.letters.items():
        for number, ask in enumerate(letter.asks):
            yield from _unknown("ask", ask, file.asks, ("letters", name, "asks", number))
        for number, office in enumerate(letter.to):
            yield from _unknown("office", office, file.offices, ("letters", name, "to", number))


def _unknown(kind: str, name: str, known: Collection[str], at: tuple[str | int, ...]) -> Iterator[Wrong]:
    if name not in known:
        yield at, f"there is no {kind} '{name}'", f"there are: {', '.join(known) or 'none'}"


def _texts(root: Path, file: AdvocacyFile, problems: list[Problem]) -> dict[tuple[str, str], str]:
    home = f"{ACTIVITIES}/{file.plan}/{FOLDER}/{LETTERS}"
    found: dict[tuple[str, str], str] = {}
    for place in sorted((root / home).glob("*/*")) if (root / home).is_dir() else ():
        path = place.relative_to(root).as_posix()
        letter, language = place.parent.name, place.stem
        if letter not in file.letters:
            what = f"there is no letter '{letter}' in {FILE}"
            problems.append(
                Problem(path=path, rule=RULE, message=what, todo="write its title and to whom it goes there")
            )
        elif place.suffix != ".md" or not LANGUAGE.fullmatch(language):
            what = "only texts named after a language, such as ro.md, are expected here"
            problems.append(Problem(path=path, rule=RULE, message=what))
        else:
            try:
                found[letter, language] = read_text(place, path, MAX_MESSAGE)
            except Refused as refused:
                problems.append(refused.problem)
    return found


def _replies(root: Path, file: AdvocacyFile, problems: list[Problem]) -> tuple[Reply, ...]:
    path = f"{ACTIVITIES}/{file.plan}/{FOLDER}/{REPLIES}"
    if not (root / path).exists():
        return ()
    try:
        rows = csv.DictReader(io.StringIO(read_text(root / path, path, MAX_MESSAGE)))
    except Refused as refused:
        problems.append(refused.problem)
        return ()
    if tuple(rows.fieldnames or ()) != COLUMNS:
        what = f"its first line has to be: {','.join(COLUMNS)}"
        problems.append(Problem(path=path, line=1, rule=RULE, message=what))
        return ()
    found = []
    for row in rows:
        if (wrong := _wrong(root, file, row)) is None:
            day = date.fromisoformat(row["on"])
            found.append(Reply(row["letter"], row["office"], day, row["says"], row["evidence"], row["sha256"]))
        else:
            problems.append(Problem(path=path, line=rows.line_num, rule=RULE, message=wrong))
    return tuple(found)


def _wrong(root: Path, file: AdvocacyFile, row: Mapping[str, str | None]) -> str | None:
    """Return what is wrong with a row of the replies, or ``None``."""
    if row["letter"] not in file.letters:
        return f"there is no letter '{row['letter']}'"
    if row["office"] not in file.offices:
        return f"there is no office '{row['office']}'"
    try:
        date.fromisoformat(row["on"] or "")
    except ValueError:
        return f"'{row['on']}' is not a day such as 2026-12-01"
    if row["evidence"]:
        try:
            if checksum(root, row["evidence"]) != row["sha256"]:
                return f"the evidence '{row['evidence']}' is not the file that was logged: its checksum differs"
        except (OSError, ValueError) as error:
            return f"the evidence '{row['evidence']}' cannot be read ({getattr(error, 'strerror', None) or error})"
    return None


def checksum(root: Path, evidence: str) -> str:
    """Return the SHA-256 of a file of the project.

    :raises ValueError: when it lies outside of the project; OSError when it cannot be read.
    """
    place = (root / evidence).resolve()
    if not place.is_relative_to(root.resolve()):
        raise ValueError("it lies outside of the project")
    return hashlib.sha256(place.read_bytes()).hexdigest()
