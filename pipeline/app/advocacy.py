"""The advocacy of a project: read, as it stands, its letters as documents, and what offices replied."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pipeline.app.files_of_plans import read_all, regions
from pipeline.app.house import House
from pipeline.model import Problem
from pipeline.programme.advocacy.advocacy_file import REPLIES, Advocacy
from pipeline.programme.advocacy.letters import LetterFault, Written, write
from pipeline.programme.advocacy.reading import COLUMNS, checksum, read_advocacy
from pipeline.programme.on_site import advocacy as on_site
from pipeline.programme.private import contacts
from pipeline.programme.work_plan import WorkPlan
from pipeline.website.words import read_words


class NotPossible(Exception):
    """What was asked for cannot be done; one sentence for a person."""


def advocacy(
    house: House, problems: list[Problem] | None = None, plans: Mapping[str, WorkPlan] | None = None
) -> dict[str, Advocacy]:
    """Return the advocacy of each plan that has some.

    :param problems: where what is wrong is added.
    :raises ProblemsFound: with everything that is wrong, when ``problems`` is not given.
    """
    return read_all(house, read_advocacy, plans, problems)


def shown_tracker(house: House, problems: list[Problem], plans: Mapping[str, WorkPlan]) -> on_site.Tracker:
    """Return what shows the public part on the activities' pages; a file that is wrong shows nothing."""
    found: list[Problem] = []
    read = advocacy(house, found, plans)
    kept = {name: one for name, one in read.items() if not any(each.path.startswith(one.folder) for each in found)}
    words = read_words(house.root, house.settings.programme.languages, found, on_site.FOLDER) if kept else {}
    problems += found
    return on_site.Tracker(kept, words)


def named(house: House, letter: str) -> tuple[Advocacy, str]:
    """Return the advocacy that a letter belongs to, and its short name: ``plan.letter``, or the letter alone.

    :raises NotPossible: when there is none, or several.
    """
    every = [(one, name) for one in advocacy(house).values() for name in one.file.letters]
    fitting = [(one, name) for one, name in every if letter in {name, one.name(name)}]
    if len(fitting) != 1:
        known = ", ".join(one.name(name) for one, name in every) or "none"
        raise NotPossible(f"there is {'no' if not fitting else 'more than one'} letter '{letter}'; there are: {known}.")
    return fitting[0]


def written(house: House, one: Advocacy, letter: str) -> list[Written]:
    """Return a letter as each of its offices gets it.

    :raises NotPossible: with everything that is missing.
    """
    made, faults = [], []
    for name in one.file.letters[letter].to:
        try:
            made.append(write(one, letter, name, house.settings.programme.name))
        except LetterFault as fault:
            faults.append(str(fault))
    if faults:
        raise NotPossible("\n".join(faults))
    if not made:
        raise NotPossible(f"the letter '{letter}' goes to nobody yet: name offices under `to`.")
    return made


def as_docx(house: House, one: Advocacy, letter: str, folder: Path) -> list[Path]:
    """Write a letter as a DOCX file for each office, to be printed and sent by post; return the files."""
    files = []
    folder.mkdir(parents=True, exist_ok=True)
    for made in written(house, one, letter):
        file = folder / f"{letter}-{made.name}.docx"
        file.write_bytes(on_paper(house, made))
        files.append(file)
    return files


def on_paper(house: House, made: Written) -> bytes:
    """Return a letter as DOCX; the same letter always gives the same bytes."""
    # Word processors' formats take long to import, and few commands need them.
    from pipeline.partners.kits.blocks import blocks  # noqa: PLC0415
    from pipeline.partners.kits.docx_file import docx  # noqa: PLC0415
    from pipeline.partners.kits.paper import Paper  # noqa: PLC0415

    address = [made.office.institution, *made.office.post.splitlines()]
    text = "  \n".join(row for row in address if row) + f"\n\n# {made.title}\n\n{made.text}"
    author = house.settings.programme.name
    # The day in the file comes from the content: what was approved is made again, byte by byte, when it goes out.
    made_on = made.office.source.read_on if made.office.source else house.today
    return docx(blocks(text), Paper(made.title, made.office.language, author, made_on, head=author))


def log_reply(
    house: House, one: Advocacy, letter: str, *, office: str, on: date, says: str, evidence: str = "", by: str = ""
) -> str:
    """Append what an office replied; return the file, relative to the project. Nothing is ever changed in it.

    :param evidence: a file of the project; its SHA-256 is kept with the reply.
    :raises NotPossible: when something of it does not hold; nothing is written then.
    """
    if office not in one.file.offices:
        raise NotPossible(f"there is no office '{office}'; there are: {', '.join(one.file.offices) or 'none'}.")
    if on > house.today:
        raise NotPossible(f"{on} is yet to come; a reply is logged once it is there.")
    if wrong := next(contacts({"says": says}, regions(house)), None):
        raise NotPossible(f"{wrong[1]}; {wrong[2]}.")
    digest = ""
    if evidence:
        try:
            digest = checksum(house.root, evidence)
        except (OSError, ValueError) as error:
            raise NotPossible(f"the evidence '{evidence}' cannot be read ({error}).") from None
    path = f"{one.folder}/{REPLIES}"
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    if not (house.root / path).exists():
        rows.writerow(COLUMNS)
    rows.writerow((letter, office, on.isoformat(), " ".join(says.split()), evidence, digest, by))
    with (house.root / path).open("a", encoding="utf-8", newline="") as file:
        file.write(out.getvalue())
    return path
