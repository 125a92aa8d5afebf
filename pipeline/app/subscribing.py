"""Lists of subscribers as CSV, and what comes back from mail servers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from channels.bounces import Bounce, read_bounce, read_departure
from channels.mail_settings import MailSettings
from pipeline.app.house import House
from pipeline.store import Consent, Newcomer, Subscriber

COLUMNS = ("address", "state", "consent_from", "added_at", "confirmed_at", "left_at", "account", "token")
_ADDRESS = re.compile(r"[^\s@\"<>,;:\\()\[\]\x00-\x1f\x7f]{1,64}@([^\s@.\x00-\x1f]{1,63}\.)+[^\s@.\x00-\x1f]{2,63}")


@dataclass
class Import:
    """What a CSV file holds: people to add, and what is wrong, by row."""

    newcomers: list[Newcomer] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_csv(text: str) -> Import:
    """Read a list: the column ``address``, and if it is there ``confirmed_at`` and ``consent_from``.

    ``confirmed_at`` (ISO 8601; UTC without an offset) is when the person confirmed; without it they are pending and
    receive nothing yet. ``consent_from`` says where they asked for it. Row numbers count as a spreadsheet shows them.
    """
    found = Import()
    body = text.removeprefix("\ufeff")
    first = body.splitlines()[0] if body.strip() else ""
    delimiter = max(",;\t", key=first.count)
    rows = csv.DictReader(io.StringIO(body), delimiter=delimiter)
    names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if "address" not in names:
        found.problems.append("row 1: the file needs a column 'address' in its first row")
        return found
    seen: set[str] = set()
    for row in rows:
        values = {name: (row.get(written) or "").strip() for name, written in names.items()}
        try:
            newcomer = _newcomer(values)
        except ValueError as error:
            found.problems.append(f"row {rows.line_num}: {error}")
            continue
        if newcomer.address in seen:
            continue
        seen.add(newcomer.address)
        found.newcomers.append(newcomer)
    return found


def normalise(address: str) -> str:
    """Return an address as it is kept: without spaces around it, the domain in small letters.

    :raises ValueError: when it is none.
    """
    address = address.strip()
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise ValueError(f"'{address[:80]}' is not an e-mail address")
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.lower()}"


def _newcomer(values: dict[str, str]) -> Newcomer:
    confirmed = values.get("confirmed_at", "")
    try:
        at = datetime.fromisoformat(confirmed) if confirmed else None
    except ValueError:
        raise ValueError(f"'{confirmed}' is not a time such as 2026-11-01T10:00+02:00") from None
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    state = values.get("state", "")
    if state not in {"", Consent.PENDING, Consent.CONFIRMED}:
        raise ValueError(f"the address is marked '{state}'; who has left is not imported")
    return Newcomer(normalise(values["address"]), values.get("consent_from", ""), at)


def write_csv(people: Iterable[Subscriber]) -> Iterator[str]:
    """Yield a list as lines of CSV; a cell that a spreadsheet would run as a formula is made text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for person in people:
        writer.writerow([_cell(getattr(person, name)) for name in COLUMNS])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _cell(value: object) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value or "")
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def take_mail(house: House, raw: bytes) -> str:
    """Act on a mail from the bounce mailbox (a bounce, a complaint, a wish to leave) and return what was done."""
    now, subscribers = house.clock.now(), house.store.subscribers
    for account in house.settings.accounts.values():
        settings = account.settings
        if not isinstance(settings, MailSettings):
            continue
        bounce = read_bounce(raw, settings.return_path) if settings.return_path else None
        if bounce and subscribers.by_token(bounce.token):
            return _take_bounce(house, bounce)
        token = read_departure(raw, settings.unsubscribe_address) if settings.unsubscribe_address else None
        if token and subscribers.by_token(token):
            return "unsubscribed" if subscribers.leave(token, Consent.UNSUBSCRIBED, now) else "had left before"
    return "not about a subscriber"


def returns_were_read(house: House) -> None:
    """Write down that the mailbox to which mails come back was read to its end, for every account that has one."""
    names = [
        name
        for name, account in house.settings.accounts.items()
        if isinstance(account.settings, MailSettings) and account.settings.return_path
    ]
    house.store.subscribers.returns_were_read(names, house.clock.now())


def _take_bounce(house: House, bounce: Bounce) -> str:
    now, subscribers = house.clock.now(), house.store.subscribers
    if not bounce.permanent:
        return "taken off after many bounces" if subscribers.soft_bounce(bounce.token, now) else "counted as passing"
    how = Consent.COMPLAINED if bounce.complaint else Consent.BOUNCED
    return how.value if subscribers.leave(bounce.token, how, now) else "had left before"
