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

from channels.contract import About, Part, Post, Recipient
from pipeline.app.gate import HOUSE
from pipeline.app.house import House
from pipeline.app.partner_notices import LATE_AFTER, CannotTell, mail_account
from pipeline.model import Problem
from pipeline.programme.on_site.plans import FOLDER
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import said
from pipeline.settings import Account, ProblemsFound
from pipeline.store import Nomination, Seat, Sheet
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
    try:
        account, why = mail_account(house), ""
    except CannotTell as error:
        account, why = None, str(error)
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
    partner = house.settings.partners.get(institution)
    spoken = [one for one in (partner.languages if partner else ()) if one in words]
    language = next(iter([*spoken, *words]))
    title, text = written(house, training, rows, words[language])
    if partner is None or not partner.contact:
        return Letter(institution, title, text, f"'{institution}' has no 'contact' in outreach.toml")
    if account is None:
        return Letter(institution, title, text, why)
    marks = "|".join(sorted(f"{one.id}/{one.state}/{one.decided_at}" for one in rows))
    occurrence = f"{hashlib.sha256(marks.encode()).hexdigest()[:16]}@{institution}"
    now = house.clock.now()
    part = Part(
        text=text,
        language=language,
        title=title,
        about=About(campaign=HOUSE, message="training"),
        recipient=Recipient(partner.contact, f"partner-{institution}"[:64]),
    )
    sheet = Sheet(
        key="/".join((HOUSE, "training", language, account.name, occurrence)),
        campaign=HOUSE,
        message="training",
        language=language,
        account=account.name,
        occurrence=occurrence,
        due_at=now,
        late_at=now + LATE_AFTER,
        not_after=None,
        post=Post(account.name, (part,)),
        approval="none",
        authors=(),
        place=training.path,
    )
    house.store.desk.enqueue(sheet, now)
    return Letter(institution, title, text)


def written(house: House, training: Training, rows: list[Nomination], words: Words) -> tuple[str, str]:
    """Return the title and the text of a letter."""
    head = training.head
    session = said(head.title, words.language)
    title = words["letter_title"].format(session=session)
    lines = [title, ""]
    for half_day in sorted(head.half_days, key=lambda one: one.label):
        lines.append(f"{words.day(half_day.day)}, {half_day.starts}–{half_day.ends} ({training.zone})")
    if head.place:
        lines.append(said(head.place, words.language))
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
