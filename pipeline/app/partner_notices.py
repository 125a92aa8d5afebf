"""Telling partners what changed: by mail and by webhook, through the outbox and its accounts like everything else.

Each change is told once. A message that the calendar sends to a partner's webhook is announced by the calendar; what
became of it is told here unless the outbox holds such a notice already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from channels.contract import About, Part, Post, Recipient
from pipeline.app.gate import HOUSE, helplines_in
from pipeline.app.house import House
from pipeline.app.own_sheets import own_sheet
from pipeline.app.website import shell
from pipeline.app.writing import Writer
from pipeline.model import State
from pipeline.partners.changes import Change, Event, changes, taken_over
from pipeline.partners.entries import Entry, entries, start_of, told
from pipeline.partners.kits.page import zip_name
from pipeline.settings import Account
from pipeline.store import Told
from pipeline.tracking import plain
from pipeline.website import addresses
from pipeline.website.shell import Shell

LATE_AFTER = timedelta(days=3)
_NOT_GOING = {State.CANCELLED, State.EXPIRED, State.FAILED}


@dataclass
class Notice:
    """What one partner is told in one way: ``mail`` or ``webhook``. ``kept`` are reasons why something is not told."""

    partner: str
    way: str
    changes: list[Change] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


class CannotTell(Exception):
    """No partner can be told by mail: the message says what is missing."""


def notices(house: House) -> list[Notice]:
    """Return what every partner has to be told now, in the ways that it chose. Nothing is queued."""
    shown = shell(house)
    every = [entry for language in shown.programme_languages for entry in entries(shown, language)]
    found = []
    for name, partner in house.settings.partners.items():
        for way in [way for way in partner.tell if way != "feed"]:
            known = {key: told.version for key, told in house.store.partners.told(name, way).items()}
            notice = Notice(name, way)
            for change in changes(taken_over(partner, every), known):
                if why := _unfit(house, change.entry):
                    notice.kept.append(why)
                else:
                    notice.changes.append(change)
            found.append(notice)
    return found


def notify(house: House) -> list[Notice]:
    """Queue what every partner has to be told, and write down that it was told; return what was queued.

    :raises CannotTell: when partners are to be told by mail and no account sends it.
    """
    shown, found = shell(house), notices(house)
    if any(one.way == "mail" and one.changes for one in found):
        mail_account(house)
    for one in found:
        if one.changes:
            # First the outbox, whose keys follow from what is told: after a crash in between, nothing is queued twice.
            (_by_mail if one.way == "mail" else _by_webhook)(house, shown, one)
            now = house.clock.now()
            items = [Told(each.entry.uid, each.entry.language, each.version, each.event) for each in one.changes]
            house.store.partners.remember(one.partner, one.way, items, now)
    return found


def _unfit(house: House, entry: Entry) -> str:
    """Return why a message must not be told of now; what was taken back may always be told."""
    if entry.recalled is not None:
        return ""
    message, place = entry.message, f"{entry.message.id} ({entry.language})"
    if message.stale(entry.language):
        return f"{place}: its translation was made from an older text; see `outreach check`"
    for name in helplines_in(message, entry.language, house.project):
        helpline = house.project.helplines.get(name)
        if helpline is None:
            return f"{place}: the helpline '{name}' is not in content/helplines.yml"
        if why := helpline.unfit(house.today):
            return f"{place}: the helpline '{name}' {why}"
    return ""


# --- by mail -----------------------------------------------------------------------------------------------


def mail_account(house: House) -> Account:
    """Return the account through which partners are told by mail.

    :raises CannotTell: when there is none.
    """
    told = house.settings.notices
    name = (told.partners or told.account) if told else ""
    account = house.settings.accounts.get(name)
    if account is None or account.kind != "mail":
        raise CannotTell("no mail account tells partners; name one as 'partners' in [notices] in outreach.toml.")
    return account


def _by_mail(house: House, shown: Shell, notice: Notice) -> None:
    account, partner = mail_account(house), house.settings.partners[notice.partner]
    assert partner.contact
    language = next((one for one in partner.languages if one in shown.programme_languages), shown.languages[0])
    title, text = words(shown, language, notice.changes, partner.utm.get("source", ""))
    name = _digest(notice)
    part = Part(
        text=text,
        language=language,
        title=title,
        about=About(campaign=HOUSE, message="partner"),
        recipient=Recipient(partner.contact, f"partner-{notice.partner}"[:64]),
    )
    _queue(house, account, f"{name}@{notice.partner}", part)


def words(shown: Shell, language: str, told_now: list[Change], mark: str = "") -> tuple[str, str]:
    """Return the title and the text of a mail to a partner: what is new, what changed, what was taken back.

    :param mark: the partner's ``utm_source``. Where the site offers kits, links to them carry it, so that its downloads
        can be told apart.
    """
    said = shown.words[language]
    title = said["notice_title"].format(programme=shown.public.settings.programme.name)
    lines = [title]
    for event, heading in (
        (Event.RECALLED, "notice_recalled"),
        (Event.CORRECTED, "notice_changed"),
        (Event.PUBLISHED, "notice_new"),
    ):
        mine = [one.entry for one in told_now if one.event is event]
        if mine:
            lines += ["", said[heading], ""]
        for entry in mine:
            lines.append(f"- {entry.title} ({shown.words[entry.language].name})")
            if event is Event.RECALLED and entry.recalled:
                lines.append(f"  {entry.recalled}")
            if event is Event.CORRECTED:
                lines += [f"  {said.day(day)}: {what}" for day, what in told(entry)]
            lines.append(f"  {entry.address}")
            if mark and event is not Event.RECALLED and shown.public.settings.site.kits:
                kit = zip_name(f"{entry.message.campaign}/{entry.message.id}", entry.language)
                lines.append(f"  {shown.address(f'{addresses.KITS}/{kit}')}?utm_source={plain(mark)}")
    lines += ["", said["notice_end"].format(address=shown.address(addresses.storefront(language)))]
    return title, "\n".join(lines)


# --- by webhook --------------------------------------------------------------------------------------------


def _by_webhook(house: House, shown: Shell, notice: Notice) -> None:
    hooks = [one for one in house.settings.accounts.values() if one.partner == notice.partner and one.kind == "webhook"]
    writer = Writer(house)
    for change in notice.changes:
        for account in hooks:
            if account.language == change.entry.language and not _told_already(house, account, change):
                part = _part(shown, writer, account, change)
                occurrence = f"{change.event}-{change.version}-{change.entry.message.id}"
                _queue(house, account, occurrence, part)


def _part(shown: Shell, writer: Writer, account: Account, change: Change) -> Part:
    entry, message = change.entry, change.entry.message
    about = About(campaign=message.campaign, message=message.id, event=change.event)
    if entry.recalled is not None:
        said = f"{shown.words[entry.language]['recalled_text']} {entry.recalled}".strip()
        return Part(text=said, language=entry.language, link=entry.address, title=entry.title, about=about)
    return replace(writer.write(message, account).post.parts[0], about=about)


def _told_already(house: House, account: Account, change: Change) -> bool:
    """Whether the outbox holds this notice: the calendar's for a new message, a correction's own since its day."""
    entry = change.entry
    rows = house.store.desk.find(
        account=account.name, campaign=entry.message.campaign, message=entry.message.id, language=entry.language
    )
    going = [row for row in rows if row.state not in _NOT_GOING]
    if change.event is Event.PUBLISHED:
        return bool(going)
    since = max((start_of(day, entry.campaign.timezone) for day, _ in told(entry)), default=entry.updated)
    return any(row.due_at >= since and _event(house, row.post_digest) == change.event for row in going)


def _event(house: House, digest: str) -> str:
    about = Post.from_json(house.store.desk.body_of(digest)).parts[0].about
    return about.event if about else ""


# --- the outbox --------------------------------------------------------------------------------------------


def _digest(notice: Notice) -> str:
    told_now = "|".join(sorted(f"{one.entry.id}/{one.event}/{one.version}" for one in notice.changes))
    return hashlib.sha256(told_now.encode()).hexdigest()[:16]


def _queue(house: House, account: Account, occurrence: str, part: Part) -> None:
    sheet = own_sheet(house, "partner", part, account.name, occurrence, late_after=LATE_AFTER)
    house.store.plans.enqueue(sheet, house.clock.now())


def lines(notice: Notice) -> Iterator[str]:
    """Yield what a notice tells, as a person reads it in the terminal."""
    for change in notice.changes:
        yield f"{change.event}: {change.entry.message.id} ({change.entry.language})"
    for why in notice.kept:
        yield f"not told: {why}"
