"""Certificates of trainings: issued to those who were there for enough half-days, checked, and withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.app import trained
from pipeline.app.evaluating import words_of
from pipeline.app.house import House
from pipeline.app.programme import work_plans
from pipeline.app.trained import NotPossible
from pipeline.programme.certificates import Certificate, NotACode, Standing, differs, plain, read_code
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import said
from pipeline.store import Issued
from pipeline.website.words import Words

if TYPE_CHECKING:
    from pipeline.programme.certificate_files import Press

WORDS = "site/words/certificates"
NUMBER = 16
"""How many digits of its digest are a certificate's number."""


@dataclass(frozen=True)
class Done:
    """What issuing came to: the files, how many certificates are new, and how many people were there too seldom."""

    files: tuple[Path, ...]
    fresh: int
    too_seldom: int


def issue(
    house: House, training: Training, folder: Path, who: str, told: Callable[[int, int], None] = lambda _done, _of: None
) -> Done:
    """Write a certificate into ``folder`` for everybody who was present for enough half-days of a session.

    Issued again, the same person gets the same certificate. Names stand in the files and nowhere else.

    :param told: is told how many of how many are done.
    :raises NotPossible: when the session is not over, nobody was there, or the folder is in the wrong place.
    """
    from pipeline.programme.certificate_files import CannotBeSet  # noqa: PLC0415  (Typst and fonts are slow to load)

    if training.ends is None or training.ends > house.clock.now():
        raise NotPossible(f"{training.name} is not over; certificates are issued afterwards.")
    for kept in ("content", "site"):
        if folder.resolve().is_relative_to(house.root / kept):
            raise NotPossible(f"certificates with names must not lie in {kept}/; name another folder.")
    present = house.store.trainings.attendance().get((training.plan, training.id), {})
    if not present:
        raise NotPossible(f"nobody knows who was at {training.name}; give the list to `outreach training attend`.")
    there = set().union(*present.values())
    days = {person: [day for day, people in present.items() if person in people] for person in there}
    enough = {person: labels for person, labels in days.items() if len(labels) >= training.enough}
    safe = trained.vault(house)
    words = _words(house, training)
    programme = said(work_plans(house)[training.plan].title, words.language)
    press = _press(house, training.plan, words.language)
    made: dict[str, bytes] = {}
    for place, (number, person) in enumerate(sorted(trained.opened(house, safe, enough).items()), start=1):
        one = Certificate(
            name=plain(person.name),
            session=plain(said(training.head.title, words.language)),
            hours=hours(training, enough[number]),
            day=training.ends.date(),
            programme=plain(programme),
            language=words.language,
            # Keyed and without meaning: nobody without the key can make it, and the same person gets the same one.
            salt=safe.sign("certificate", f"{training.name}|{number}")[:24],
        )
        try:
            made[one.digest] = press.file(one, words)
        except CannotBeSet as error:
            raise NotPossible(f"the certificate of person {number} cannot be set: {error}") from None
        told(place, len(enough))
    # What is printed has to be known first: a file whose digest nobody keeps could not be checked.
    fresh = house.store.certificates.issue((training.plan, training.id), list(made), who, house.clock.now())
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for digest, data in made.items():
        path = folder / f"{training.id}-{digest[:NUMBER]}.pdf"
        path.write_bytes(data)
        files.append(path)
    return Done(tuple(files), fresh, len(days) - len(enough))


def _press(house: House, plan: str, language: str) -> Press:
    """Return what prints the certificates of a plan, with the statement of the plan's funder where there is one."""
    from pipeline.programme.certificate_files import Press  # noqa: PLC0415

    found = work_plans(house).get(plan)
    funder = house.project.funders.get(found.funder or "") if found else None
    statement = funder.statement.get(language, "") if funder else ""
    return Press(house.root, house.settings.programme.site, house.settings.programme.name, plain(statement))


def hours(training: Training, present: list[str]) -> Decimal:
    """Return how many hours the half-days ``present`` have, to a quarter."""
    minutes = 0
    for one in training.head.half_days:
        if one.label in present:
            first, last = (datetime.strptime(clock, "%H:%M") for clock in (one.starts, one.ends))  # noqa: DTZ007  (clock times)
            minutes += int((last - first).total_seconds() // 60)
    return (Decimal(minutes) / 15).to_integral_value() / 4


def _words(house: House, training: Training) -> Words:
    """Return the words of a session's certificates: in the first of its languages in which there are some."""
    languages = house.settings.programme.languages
    wanted = (*training.head.languages, *training.head.title, languages[0])
    return words_of(house, WORDS, next(one for one in wanted if one in languages))


@dataclass(frozen=True)
class Checked:
    """What checking came to. ``sentence`` says it; ``certificate`` is what the code says, ``plan`` whose it is."""

    standing: Standing
    sentence: str
    certificate: Certificate | None = None
    good: bool = False
    plan: str = ""


def check(house: House, given: str) -> Checked:
    """Check a certificate: its file (PDF), its code, the link with it, or its number.

    :raises NotPossible: when it cannot be told what was given.
    """
    path = Path(given)
    if path.suffix.lower() == ".pdf" or path.is_file():
        return _of_file(house, path)
    if number := _number(given):
        found = house.store.certificates.find(number)
        checked = _checked(found[0] if found else None, None)
        if not checked.good:
            return checked
        sentence = f"{checked.sentence} A number says nothing of whose it is; check its code."
        return Checked(checked.standing, sentence, good=True)
    try:
        return _of_code(house, given)
    except NotACode as error:
        raise NotPossible(str(error)) from None


def _number(given: str) -> str:
    bare = given.strip().replace("-", "").replace(" ", "").lower()
    return bare if len(bare) in {NUMBER, 64} and set(bare) <= set("0123456789abcdef") else ""


def _of_code(house: House, code: str) -> Checked:
    one = read_code(code)
    found = house.store.certificates.find(one.digest)
    return _checked(found[0] if found else None, one)


def _checked(found: Issued | None, one: Certificate | None) -> Checked:
    if found is None:
        return Checked(Standing.UNKNOWN, "This programme has not issued this certificate, or it was changed.", one)
    where = f"{found.plan}/{found.session}, issued on {found.issued_at:%Y-%m-%d}"
    if found.revoked_at:
        return Checked(Standing.REVOKED, f"It was withdrawn on {found.revoked_at:%Y-%m-%d} ({where}).", one)
    return Checked(Standing.VALID, f"It holds: {where}.", one, good=True, plan=found.plan)


def _of_file(house: House, path: Path) -> Checked:
    from pipeline.programme.certificate_files import code_of, text_of  # noqa: PLC0415

    data = path.read_bytes()
    try:
        code, text = code_of(data), text_of(data)
    except ValueError as error:
        raise NotPossible(f"{path}: {error}.") from None
    if not code:
        raise NotPossible(f"{path}: there is no code of a certificate in this file.")
    try:
        checked = _of_code(house, code)
    except NotACode as error:
        raise NotPossible(f"{path}: {error}") from None
    one = checked.certificate
    if one is None or not checked.good:
        return checked
    words = words_of(house, WORDS, one.language)
    press = _press(house, checked.plan, one.language)
    ours = press.file(one, words)
    other = differs(text, text_of(ours))
    if other and press.statement:
        # It may have been issued before the funder had a statement.
        ours = replace(press, statement="").file(one, words)
        other = other if differs(text, text_of(ours)) else None
    if other:
        sentence = f"The file was changed: it says ‘{other[0]}’ where the certificate says ‘{other[1]}’."
        return Checked(Standing.UNKNOWN, sentence, one)
    if data != ours:
        sentence = f"{checked.sentence} The file was saved by another program since; its words are as they were issued."
        return Checked(checked.standing, sentence, one, good=True)
    return checked


def revoke(house: House, given: str, who: str, why: str) -> Issued:
    """Withdraw a certificate, by its number, code, link or file; return it as it stood.

    :raises NotPossible: when there is none, or it was withdrawn already.
    """
    beginning = _number(given)
    if not beginning:
        checked = check(house, given)
        if checked.certificate is None:
            raise NotPossible(checked.sentence)
        beginning = checked.certificate.digest
    found = house.store.certificates.find(beginning)
    if not found:
        raise NotPossible("there is no such certificate.")
    if not house.store.certificates.revoke(found[0].digest, who, why, house.clock.now()):
        raise NotPossible(f"it was withdrawn already, on {found[0].revoked_at:%Y-%m-%d}.")
    return found[0]
