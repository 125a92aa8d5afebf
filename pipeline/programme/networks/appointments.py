"""A network's meetings and the days of its actions as an iCalendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from pipeline.programme.appointments import whole_days
from pipeline.programme.networks.network_file import Network
from pipeline.programme.networks.standing import actions
from pipeline.programme.work_plan import said


def export(networks: Iterable[Network], *, source: str, now: datetime, today: date, language: str) -> bytes:
    """Return the file: every meeting, and the day of every action that is open.

    :param source: where the programme is at home, for the events' UIDs.
    :param now: for DTSTAMP (aware); ``today`` is the day in the programme's zone.
    """
    found, titles = [], []
    for one in networks:
        title = said(one.title, language)
        titles.append(title)
        for meeting in one.meetings:
            words = f"{title}: {said(meeting.topic, language)}"
            found.append((f"{one.key}/meeting/{meeting.date}", words, meeting.date))
        for line in actions(one, today):
            if line.action.due and line.action.status in {"open", "under-way"}:
                words = f"{title}: {said(line.action.does, language)} ({line.action.owner})"
                found.append((f"{one.key}/action/{line.name}", words, line.action.due))
    return whole_days(found, name=", ".join(titles), source=source, now=now)
