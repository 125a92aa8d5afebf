"""What a training session is held with, on paper: the agenda, and a sheet for each half-day to sign who is present.

Both have the session's own words. A sheet has empty lines, and names only where they are handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import get_timezone_location

from pipeline.programme.final_report import Grid, Paragraph, Piece, Points, Report
from pipeline.programme.trainings import HalfDay, Training
from pipeline.programme.work_plan import WorkPlan, said
from pipeline.website.words import Words

WORDS = "site/words/sessions"
"""The words of these papers, in the programme's languages."""
LINES = 20
"""Empty lines of a sheet where the session does not say how many can come."""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody whose name is printed on a sheet."""

    name: str
    institution: str


def dated(one: Training) -> date:
    """Return the day that the files of a kit carry: the session's first, so that the same kit has the same bytes."""
    return one.starts.date() if one.starts else date(1980, 1, 1)


def languages(one: Training, spoken: Sequence[str]) -> tuple[str, ...]:
    """Return the languages of a session's kit: those in which it is held, or else those of its title.

    :param spoken: the programme's languages; there are no words in any other.
    """
    wanted = one.head.languages or tuple(one.head.title)
    return tuple(language for language in spoken if language in wanted)


def ordered(one: Training) -> list[HalfDay]:
    """Return the half-days in their order."""
    return sorted(one.head.half_days, key=lambda half_day: half_day.label)


def agenda(one: Training, plan: WorkPlan, words: Words, materials: Iterable[str], *, author: str) -> Report:
    """Return the agenda: when, where, in which language, for whom, by which roles, with what.

    :param materials: what is handed out, as the kit calls it.
    """
    head, language = one.head, words.language
    pieces: list[Piece] = [Paragraph(said(head.topic, language))] if head.topic else []
    facts = []
    if head.place:
        facts.append(f"{words['place']}: {said(head.place, language)}")
    if held := ", ".join(words.name_of(code) for code in head.languages):
        facts.append(f"{words['language']}: {held}")
    audience = head.audience or plan.activities[head.activity].audience
    if audience:
        facts.append(f"{words['for_whom']}: {said(audience, language)}")
    if roles := ", ".join(said(plan.roles[role], language) for role in head.trainers):
        facts.append(f"{words['held_by']}: {roles}")
    if facts:
        pieces.append(Points(tuple(facts)))
    if head.half_days:
        rows = tuple(((words.day(each.day),), (f"{each.starts}–{each.ends}",), ("",)) for each in ordered(one))
        pieces.append(Grid(words["agenda"], (words["day"], words["time"], words["subject"]), rows))
        zone = get_timezone_location(one.zone, locale=words.locale, return_city=True)
        pieces.append(Paragraph(words["zone"].format(zone=zone), small=True))
    else:
        pieces.append(Paragraph(words["to_be_announced"]))
    if handed := tuple(materials):
        pieces += [Paragraph(words["materials"]), Points(handed)]
    return Report(language, said(head.title, language), words["agenda"], author, dated(one), tuple(pieces))


def attendance(one: Training, half_day: HalfDay, words: Words, people: Sequence[Present], *, author: str) -> Report:
    """Return the sheet of a half-day: a line for each seat, empty below those who are named.

    :param people: whose names are printed; nobody's, as a rule.
    """
    language = words.language
    when = f"{words.day(half_day.day)}, {half_day.starts}–{half_day.ends}"
    place = said(one.head.place, language) if one.head.place else ""
    columns = (words["number"], words["name"], words["institution"], words["signature"])
    rows = tuple(_lines(people, max(one.head.seats or LINES, len(people))))
    pieces: tuple[Piece, ...] = (
        Paragraph(f"{when}. {place}".strip()),
        Grid(words["attendance"], columns, rows),
        Paragraph(words["stays"], small=True),
    )
    return Report(language, said(one.head.title, language), words["attendance"], author, dated(one), pieces)


def _lines(people: Sequence[Present], count: int) -> Iterator[tuple[tuple[str, ...], ...]]:
    for place in range(count):
        named = people[place] if place < len(people) else Present("", "")
        yield (str(place + 1),), (named.name,), (named.institution,), ("",)


def read_me(one: Training, words: Words, files: Iterable[str], lacking: Iterable[str], *, names: bool) -> str:
    """Return what the kit holds, what it lacks, and how it may be used, in one language."""
    lines = [f"{said(one.head.title, words.language)} ({one.name})", "", words["holds"], ""]
    lines += [f"- {path}" for path in files]
    if missing := list(lacking):
        lines += ["", words["lacks"], "", *(f"- {what}" for what in missing)]
    lines += ["", words["print"], words["stays"], words["licence"]]
    if names:
        lines += ["", words["has_names"]]
    return "\n".join(lines) + "\n"
