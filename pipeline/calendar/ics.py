"""A calendar as an iCalendar file (RFC 5545), for whoever wants to see the campaign beside other appointments.

An event is a moment and blocks nobody's time. Its UID is made from the delivery's key, so that importing a later export
moves the event instead of adding a second one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from icalendar import Calendar, Event, vText, vUri

from pipeline.model import Slot, State

_STATUS: Final = {
    State.CANCELLED: "CANCELLED",
    State.EXPIRED: "CANCELLED",
    State.RECALLED: "CANCELLED",
    State.FAILED: "TENTATIVE",
    State.HELD: "TENTATIVE",
    State.UNCONFIRMED: "TENTATIVE",
}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ADDRESS = re.compile(r"https?://[^\s\"<>\\^`{|}\x00-\x20\x7f-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class Appointment:
    """One slot as the calendar shows it.

    ``title`` is the message's, ``text`` what goes out, ``url`` where it can be read, or nothing. ``state`` is that of
    its row in the outbox, ``None`` before it has one; ``approved`` whether it may go out as it stands.
    """

    slot: Slot
    title: str
    text: str
    url: str | None = None
    state: State | None = None
    approved: bool = False

    @property
    def status(self) -> str:
        """The event's STATUS: only what will surely go out, or has, is confirmed."""
        if self.state in _STATUS:
            return _STATUS[self.state]
        done = self.state in (State.SENT, State.SENDING)
        return "CONFIRMED" if self.approved or done else "TENTATIVE"


def export(appointments: Iterable[Appointment], *, name: str, source: str, now: datetime) -> bytes:
    """Return the file: UTF-8, lines ended by CRLF and folded after 75 octets, times in UTC.

    :param name: what a calendar program calls it.
    :param source: where this calendar is at home, such as the programme's site; together with a delivery's key it makes
        the UID, so that two programmes' events are never taken for each other.
    :param now: the present instant, for DTSTAMP.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Outreach//campaign calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", vText(_clean(name)))
    # RFC 7986 gave the name a property in 2016; many programs still read only the older one.
    calendar.add("x-wr-calname", vText(_clean(name)))
    for appointment in sorted(appointments, key=lambda one: (one.slot.due_at, one.slot.key)):
        calendar.add_component(_event(appointment, source, now))
    data: bytes = calendar.to_ical()
    return data


def uid(key: str, source: str) -> str:
    """Return the UID of a delivery's event: the same for the same key and source, and meaningless to others."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}#{key}"))


def _event(appointment: Appointment, source: str, now: datetime) -> Event:
    slot = appointment.slot
    event = Event()
    event.add("uid", uid(slot.key, source))
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", slot.due_at.astimezone(UTC))
    event.add("summary", _clean(f"{slot.account}: {appointment.title}"))
    event.add("description", _clean(_description(appointment)))
    event.add("status", appointment.status)
    event.add("transp", "TRANSPARENT")
    event.add("categories", [slot.campaign, slot.account])
    if appointment.url and _ADDRESS.fullmatch(appointment.url):
        event.add("url", vUri(appointment.url))
    return event


def _description(appointment: Appointment) -> str:
    slot = appointment.slot
    about = [f"{slot.message} ({slot.language})"]
    if appointment.state is not None:
        about.append(str(appointment.state))
    if slot.not_after:
        about.append(f"not after {slot.not_after.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    return f"{appointment.text}\n\n— {', '.join(about)}"


def _clean(text: str) -> str:
    """Return ``text`` with plain line ends and without what no iCalendar text may hold (RFC 5545, section 3.3.11)."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
