"""What institutions are told of the people whom they nominated: by mail through the outbox, without a name.

The institution knows who stands in which row of its list, so the letter names rows. Nobody's name or address stands in
the outbox, which keeps what it sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from channels.contract import About, Part, Recipient
from pipeline.app.gate import HOUSE
from pipeline.app.house import House
from pipeline.app.nominating import Made
from pipeline.app.own_sheets import own_sheet
from pipeline.app.partner_notices import LATE_AFTER, CannotTell, mail_account
from pipeline.model import Problem
from pipeline.programme.lists import NOMINATED
from pipeline.programme.on_site.plans import FOLDER
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import said
from pipeline.settings import Account, ProblemsFound
from pipeline.store import Nomination, Seat
from pipeline.website.words import Words, read_words


@dataclass(frozen=True)
class Letter:
    """A letter to an institution. ``why`` says why it has to be sent by hand; it is empty once it is queued."""

    institution: str
    title: str
    text: str
    why: str = ""


def words(house: House) -> Mapping[str, Words]:
    """Return the words of the letters, by language.

    :raises ProblemsFound: where some are missing.
    """
    problems: list[Problem] = []
    found = read_words(house.root, house.settings.programme.languages, problems, FOLDER)
    if problems:
        raise ProblemsFound(problems)
    return found


def tell(house: House, training: Training, changed: Iterable[Nomination], words: Mapping[str, Words]) -> list[Letter]:
    """Queue a letter to each institution about the nominations whose state changed, and return all letters.

    One whose institution has no mail address, or for which there is no mail account, is returned with the reason.
    """
    mine: dict[str, list[Nomination]] = {}
    for one in changed:
        mine.setdefault(one.institution, []).append(one)
    account, why = _account(house)
    return [_letter(house, training, name, rows, words, account, why) for name, rows in sorted(mine.items())]


def _letter(
    house: House,
    training: Training,
    institution: str,
    rows: list[Nomination],
    words: Mapping[str, Words],
    account: Account | None,
    why: str,
) -> Letter:
    language = _language(house, institution, words)
    title, text = written(house, training, rows, words[language])
    marks = "|".join(sorted(f"{one.id}/{one.state}/{one.decided_at}" for one in rows))
    return _sent(house, training, institution, language, title, text, marks, account, why)


def _language(house: House, institution: str, words: Mapping[str, Words]) -> str:
    partner = house.settings.partners.get(institution)
    spoken = [one for one in (partner.languages if partner else ()) if one in words]
    return next(iter([*spoken, *words]))


def _sent(
    house: House,
    training: Training,
    institution: str,
    language: str,
    title: str,
    text: str,
    marks: str,
    account: Account | None,
    why: str,
) -> Letter:
    """Queue a letter, or return it with the reason why it cannot be; ``marks`` make it one letter however often."""
    partner = house.settings.partners.get(institution)
    if partner is None or not partner.contact:
        return Letter(institution, title, text, f"'{institution}' has no 'contact' in outreach.toml")
    if account is None:
        return Letter(institution, title, text, why)
    occurrence = f"{hashlib.sha256(marks.encode()).hexdigest()[:16]}@{institution}"
    part = Part(
        text=text,
        language=language,
        title=title,
        about=About(campaign=HOUSE, message="training"),
        recipient=Recipient(partner.contact, f"partner-{institution}"[:64]),
    )
    sheet = own_sheet(house, "training", part, account.name, occurrence, late_after=LATE_AFTER, place=training.path)
    house.store.plans.enqueue(sheet, house.clock.now())
    return Letter(institution, title, text)


def invite(house: House, training: Training, made: Made, words: Mapping[str, Words]) -> Letter:
    """Queue the letter that gives an institution its link to nominate; see :func:`tell`."""
    language = _language(house, made.link.institution, words)
    mine, head = words[language], training.head
    last = made.link.expires_at.astimezone(ZoneInfo(training.zone)).date()
    title = mine["invite_title"].format(session=said(head.title, language))
    lines = [title, "", *_when(training, mine), ""]
    lines += [
        mine["invite_text"].format(day=mine.day(min(last, head.nominate_until or last))),
        made.token,
        mine["invite_columns"].format(columns=", ".join(NOMINATED)),
        mine["invite_link"].format(link=made.address),
        "",
        house.settings.programme.name,
    ]
    account, why = _account(house)
    text = "\n".join(lines)
    return _sent(house, training, made.link.institution, language, title, text, made.link.id, account, why)


def _account(house: House) -> tuple[Account | None, str]:
    try:
        return mail_account(house), ""
    except CannotTell as error:
        return None, str(error)


def _when(training: Training, words: Words) -> list[str]:
    lines = [
        f"{words.day(half_day.day)}, {half_day.starts}–{half_day.ends} ({training.zone})"
        for half_day in sorted(training.head.half_days, key=lambda one: one.label)
    ]
    return [*lines, said(training.head.place, words.language)] if training.head.place else lines


def written(house: House, training: Training, rows: list[Nomination], words: Words) -> tuple[str, str]:
    """Return the title and the text of a letter."""
    head = training.head
    session = said(head.title, words.language)
    title = words["letter_title"].format(session=session)
    lines = [title, "", *_when(training, words)]
    zone = ZoneInfo(house.settings.programme.timezone)
    for state in (Seat.CONFIRMED, Seat.WAITING, Seat.WITHDRAWN):
        lists: dict[date, list[int]] = {}
        for one in rows:
            if one.state is state:
                lists.setdefault(one.at.astimezone(zone).date(), []).append(one.row)
        for day, numbers in sorted(lists.items()):
            told = ", ".join(str(number) for number in sorted(numbers))
            lines += ["", words[f"letter_{state}"].format(day=words.day(day), rows=told)]
    lines += ["", words["letter_end"].format(programme=house.settings.programme.name)]
    return title, "\n".join(lines)
