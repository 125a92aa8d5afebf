"""Tests before, after and long after a training (``content/activities/<plan>/tests/<name>.yml``), and their answers.

A test has no names. Whoever takes it makes a code of harmless parts, the same each time, so that sheets of one person
can be put together by nobody who does not know them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from pipeline.content.files import Refused, entries
from pipeline.content.listing import read_yaml
from pipeline.content.schema import validate
from pipeline.content.tables import Unreadable, rows
from pipeline.model import SLUG, Frozen, Problem, Reference, Slug, Words
from pipeline.programme.work_plan import ACTIVITIES, WorkPlan

FOLDER = "tests"
CODE, PERCENT = "code", "percent"
MOST_ROWS = 100_000
_CODE = re.compile(r"[^\W\d_]{2}\d[^\W\d_]{2}")


class Wave(StrEnum):
    """When a test is taken: before, right after, or long after the training."""

    PRE = "pre"
    POST = "post"
    DELAYED = "delayed"


class Item(Frozen):
    """One question with its answers, by a letter each."""

    asks: Words
    answers: Annotated[dict[Annotated[str, Field(pattern=r"^[a-h]$")], Words], Field(min_length=2)]
    right: str
    points: Annotated[int, Field(ge=1, le=100)] = 1
    sources: tuple[Reference, ...] = ()

    @model_validator(mode="after")
    def _has_its_right_answer(self) -> Self:
        if self.right not in self.answers:
            raise ValueError(f"the right answer '{self.right}' is none of {', '.join(self.answers)}")
        return self


class KnowledgeTest(Frozen):
    """A test, for the sessions that use it."""

    plan: Slug
    id: Slug
    title: Words
    sessions: Annotated[tuple[Slug, ...], Field(min_length=1)]
    items: Annotated[dict[Slug, Item], Field(min_length=1)]

    @property
    def languages(self) -> list[str]:
        """The languages in which all of it is."""
        texts = [self.title]
        for item in self.items.values():
            texts += [item.asks, *item.answers.values()]
        return [language for language in self.title if all(language in words for words in texts)]

    def percent(self, given: Mapping[str, str]) -> float:
        """Return how many points of 100 the answers come to; an item without an answer gets none."""
        whole = sum(item.points for item in self.items.values())
        right = sum(item.points for name, item in self.items.items() if given.get(name) == item.right)
        return 100 * right / whole


def read_tests(
    root: Path, plans: Mapping[str, WorkPlan], sessions: Collection[str], problems: list[Problem]
) -> dict[str, KnowledgeTest]:
    """Read the tests of all plans, by ``plan/session``; what is wrong is added to ``problems``.

    :param sessions: the training sessions, as ``plan/session``.
    """
    found: dict[str, KnowledgeTest] = {}
    for plan in plans.values():
        for path, name in _files(root, f"{ACTIVITIES}/{plan.id}/{FOLDER}", problems):
            data, places = read_yaml(root, path, problems)
            if data is None:
                continue
            fixed = {"plan": plan.id, "id": name}
            one, wrong = validate(KnowledgeTest, data, path, lambda places=places: places, fixed=fixed)  # type: ignore[misc]
            for at, what in _faults(one, plan, sessions, found) if one else ():
                wrong.append(Problem(path=path, line=places.line(at), rule="test", message=what))
            problems += wrong
            if one and not wrong:
                found |= {f"{plan.id}/{session}": one for session in one.sessions}
    return found


def _files(root: Path, folder: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    if not (root / folder).is_dir():
        return
    try:
        listed, links = entries(root, folder)
    except Refused as refused:
        problems.append(refused.problem)
        return
    problems += links
    for entry in listed:
        path, name = f"{folder}/{entry.name}", entry.name.removesuffix(".yml")
        if entry.is_file() and entry.name.endswith(".yml") and SLUG.fullmatch(name):
            yield path, name
        else:
            what = f"'{entry.name}' cannot be a test"
            todo = "a test is a file such as first-contact.yml: small letters, digits and single hyphens"
            problems.append(Problem(path=path, rule="test", message=what, todo=todo))


def _faults(
    one: KnowledgeTest, plan: WorkPlan, sessions: Collection[str], found: Mapping[str, KnowledgeTest]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for place, session in enumerate(one.sessions):
        if f"{plan.id}/{session}" not in sessions:
            yield ("sessions", place), f"the plan has no training session '{session}'"
        elif earlier := found.get(f"{plan.id}/{session}"):
            yield ("sessions", place), f"'{session}' has the test '{earlier.id}' already"
    if CODE in one.items or PERCENT in one.items:
        yield ("items",), f"no item may be called '{CODE}' or '{PERCENT}': columns of the table of answers are"
    for language in plan.title:
        if language not in one.languages:
            yield ("items",), f"not all of it is in '{language}', a language of the plan"


# --- the answers ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's sheet: the code as it is compared, and points of 100. ``row`` is that of the table."""

    row: int
    code: str
    percent: float


@dataclass
class Sheets:
    """What a table of answers came to."""

    sheets: list[Sheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_sheets(path: Path, name: str, test: KnowledgeTest) -> Sheets:
    """Read the answers of one wave (CSV or XLSX): ``code`` and a column for each item, or ``code`` and ``percent``.

    :param name: what problems call the file.
    """
    done = Sheets()

    def wrong(line: int, what: str, todo: str = "") -> None:
        done.problems.append(Problem(path=name, line=line, rule="test", message=what, todo=todo))

    try:
        table = list(rows(path))
    except Unreadable as error:
        wrong(1, f"the table cannot be read ({error})", "save it as CSV (UTF-8) or XLSX")
        return done
    if not table or len(table) > MOST_ROWS:
        wrong(1, f"the table has {'no rows' if not table else f'more than {MOST_ROWS:,} rows'}")
        return done
    for what, todo in _of_columns(list(table[0][1]), test):
        wrong(1, what, todo)
    if done.problems:
        return done
    for line, cells in table:
        _read_row(line, cells, test, done, wrong)
    return done


def _of_columns(columns: list[str], test: KnowledgeTest) -> Iterator[tuple[str, str]]:
    for column in columns:
        if column not in {CODE, PERCENT, *test.items}:
            yield f"there is no item '{column}' in the test '{test.id}'", f"its items are: {', '.join(test.items)}"
    if CODE not in columns:
        yield f"the column '{CODE}' is missing", "the code that each person made is in it"
    if PERCENT in columns and len(columns) > 2:
        yield f"'{PERCENT}' and items stand side by side", "give the answers, or the points of 100, not both"
    elif PERCENT not in columns and (missing := [item for item in test.items if item not in columns]):
        yield f"the item '{missing[0]}' has no column", "who gave no answer has an empty cell"


def _read_row(line: int, cells: Mapping[str, Any], test: KnowledgeTest, done: Sheets, wrong: Any) -> None:
    before = len(done.problems)
    code = folded(str(cells.get(CODE) or ""))
    if not _CODE.fullmatch(code):
        wrong(line, "this is no code: two letters, a digit, two letters", "leave the row out if nobody can read it")
    if PERCENT in cells:
        percent = _percent(cells[PERCENT], line, wrong)
    else:
        given = {item: str(cells.get(item) or "").strip().lower() for item in test.items}
        for item, letter in given.items():
            if letter and letter not in test.items[item].answers:
                there = ", ".join(test.items[item].answers)
                wrong(line, f"the item '{item}' has no answer '{letter[:20]}'", f"its answers are: {there}")
        percent = test.percent(given)
    if len(done.problems) == before:
        done.sheets.append(Sheet(line, code, percent))


def _percent(cell: Any, line: int, wrong: Any) -> float:
    try:
        value = float(str(cell).strip().removesuffix("%").replace(",", "."))
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 100:
        wrong(line, f"'{str(cell)[:20]}' is no number of points from 0 to 100", "correct it, or leave the row out")
    return value


def folded(code: str) -> str:
    """Return a code as it is compared: without spaces, capitals and accents."""
    plain = unicodedata.normalize("NFKD", code.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one) and (one.isalnum()))
