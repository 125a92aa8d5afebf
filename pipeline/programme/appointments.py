"""A work plan as an iCalendar file (RFC 5545): activities as spans of days, milestones as days."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event

from pipeline.programme.work_plan import Line, said


def export(lines: Sequence[Line], *, name: str, source: str, now: datetime, language: str) -> bytes:
    """Return the file. An event's UID is made from the activity, so that a later export moves it.

    :param source: where the plan is at home, such as the programme's site.
    :param now: for DTSTAMP (aware).
    """
    calendar = _calendar(name)
    for line in lines:
        title = said(line.activity.title, language)
        if line.first and line.last:
            calendar.add_component(_event(f"{line.plan}/{line.name}", title, line.first, line.last, source, now))
        for number, milestone in enumerate(line.activity.milestones):
            named = f"{title}: {said(milestone.title, language)}"
            key = f"{line.plan}/{line.name}/{number}"
            calendar.add_component(_event(key, named, milestone.due, milestone.due, source, now))
    data: bytes = calendar.to_ical()
    return data


def whole_days(days: Iterable[tuple[str, str, date]], *, name: str, source: str, now: datetime) -> bytes:
    """Return a calendar of days, each with a key that stays, a title and the day; otherwise as :func:`export`."""
    calendar = _calendar(name)
    for key, title, day in days:
        calendar.add_component(_event(key, title, day, day, source, now))
    data: bytes = calendar.to_ical()
    return data


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Outreach//work plan//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    return calendar


def _event(key: str, title: str, first: date, last: date, source: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}#work-plan/{key}")))
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("summary", title)
    event.add("dtstart", first)
    # The end of a whole-day event is the day after (RFC 5545, section 3.6.1).
    event.add("dtend", last + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event
