"""Letters to institutions through the outbox: one row for each office, out once, and only as somebody approved it.

A letter is known by plan, letter and office. A text that changes before it went out is taken over by sending again,
which voids its approval; what went out is never sent again, by whatever account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from channels.contract import About, Document, Part, Post, Recipient
from pipeline.app.advocacy import NotPossible, advocacy, on_paper, written
from pipeline.app.gate import LETTERS
from pipeline.app.house import House
from pipeline.app.own_sheets import own_sheet
from pipeline.app.pictures import DOCX
from pipeline.model import OPEN, Delivery, State, Why
from pipeline.outbox.equipment import Hold
from pipeline.programme.advocacy.advocacy_file import FILE, Advocacy
from pipeline.programme.advocacy.letters import LetterFault, Written, write
from pipeline.settings import Account, ProblemsFound
from pipeline.store import Sheet

LETTER = "letter.docx"
LATE_AFTER = timedelta(days=30)
"""Letters are approved when somebody has time to read them; a month later it is another letter."""
_AGAIN = {State.CANCELLED, State.EXPIRED}
_NOT_THERE = {State.CANCELLED, State.EXPIRED, State.FAILED}


@dataclass(frozen=True)
class Queued:
    """What sending a letter came to: how many rows are new, how many took a new text over, how many are out already."""

    added: int
    changed: int
    kept: int


def send(house: House, one: Advocacy, letter: str, account_name: str, who: str) -> Queued:
    """Put a letter into the outbox, for each of its offices; nothing goes out before it is approved.

    :raises NotPossible: when an office has no address for this account, or has the letter from another one.
    """
    account = _account(house, account_name)
    sheets = [_sheet(house, one, letter, account, made) for made in written(house, one, letter)]
    rows = [row for row in house.store.plans.rows_of([LETTERS]) if row.message == one.name(letter)]
    for sheet in sheets:
        for row in rows:
            if row.occurrence == sheet.occurrence and row.account != account.name and row.state not in _NOT_THERE:
                office = row.occurrence.rpartition("@")[2]
                raise NotPossible(
                    f"'{office}' has this letter from the account '{row.account}' (no. {row.id}, {row.state}); cancel "
                    "that first."
                )
    known = {row.key: row for row in rows}
    added = [sheet for sheet in sheets if sheet.key not in known]
    changed = [sheet for sheet in sheets if _differs(known.get(sheet.key), sheet)]
    revived = [sheet for sheet in sheets if sheet.key in known and known[sheet.key].state in _AGAIN]
    done = house.store.plans.apply(added=added, changed=changed, revived=revived, who=who, now=house.clock.now())
    new = done["added"] + done["revived"]
    return Queued(new, done["changed"], len(sheets) - new - done["changed"])


def _differs(row: Delivery | None, sheet: Sheet) -> bool:
    return row is not None and row.state in {*OPEN, State.FAILED} and row.post_digest != sheet.post.digest


def states(house: House, one: Advocacy, letter: str) -> dict[str, Delivery]:
    """Return the row of each office that has one; where there are several, the one that may have arrived."""
    found: dict[str, Delivery] = {}
    for row in house.store.plans.rows_of([LETTERS]):
        office = row.occurrence.rpartition("@")[2]
        if row.message == one.name(letter) and (office not in found or found[office].state in _NOT_THERE):
            found[office] = row
    return found


def judge(house: House, delivery: Delivery) -> Hold | None:
    """Return why a letter must not go out now, or ``None``: today's files have to make what was approved."""
    plan, _, letter = delivery.message.partition(".")
    account = house.settings.accounts.get(delivery.account)
    try:
        one = advocacy(house)[plan]
        made = write(one, letter, delivery.occurrence.rpartition("@")[2], house.settings.programme.name)
        if (
            account is not None
            and Post(account.name, (_part(house, one, letter, account, made),)).digest == delivery.post_digest
        ):
            return None
    except (KeyError, LetterFault, NotPossible, ProblemsFound):
        return Hold(Why.UNSAFE, "its letter can no longer be read; see `outreach check`")
    again = f"outreach advocacy send {delivery.message} --account {delivery.account}"
    return Hold(Why.UNSAFE, f"its text is no longer what the files say; run `{again}` to take the new text over")


def _account(house: House, name: str) -> Account:
    fitting = [one.name for one in house.settings.accounts.values() if _sends(one)]
    if name not in fitting:
        raise NotPossible(
            f"'{name}' is no account that sends letters: mail with purpose = \"notices\", or a folder for what is "
            f"posted by hand; there are: {', '.join(fitting) or 'none'}."
        )
    return house.settings.accounts[name]


def _sends(account: Account) -> bool:
    # A newsletter's mails have a neutral subject and a way to unsubscribe: no institution is on a list.
    return account.kind == "folder" or (
        account.kind == "mail" and getattr(account.settings, "purpose", "") == "notices"
    )


def _sheet(house: House, one: Advocacy, letter: str, account: Account, made: Written) -> Sheet:
    name = one.name(letter)
    return own_sheet(
        house, name, _part(house, one, letter, account, made), account.name, f"{name}@{made.name}",
        late_after=LATE_AFTER, campaign=LETTERS, approval="one", place=f"{one.folder}/{FILE}", key=made.name,
    )  # fmt: skip


def _part(house: House, one: Advocacy, letter: str, account: Account, made: Written) -> Part:
    """Return the letter as the account shows it: a mail to the office, or a task with the letter to be printed."""
    office, recipient, text = made.office, None, made.text
    documents: tuple[Document, ...] = ()
    if account.kind == "mail":
        if not office.mail:
            raise NotPossible(f"'{made.name}' has no official mail address; send it by post.")
        recipient = Recipient(office.mail, f"office-{made.name}"[:64])
    elif not office.post:
        raise NotPossible(f"'{made.name}' has no official postal address.")
    else:
        text = f"{office.institution}\n{office.post.strip()}\n\n{made.title}\n\n{text}"
        # It is kept again at the last look, so that a file that somebody deleted is there when it goes out.
        paper = on_paper(house, made)
        sha256 = house.pictures.keep(paper, DOCX)
        documents = (Document(LETTER, sha256, DOCX, len(paper), path=house.pictures.path(sha256, DOCX)),)
    return Part(
        text=text,
        language=office.language,
        title=made.title,
        about=About(campaign=LETTERS, message=one.name(letter)),
        recipient=recipient,
        documents=documents,
    )
