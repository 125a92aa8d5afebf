"""How a network stands on a day: actions, overdue first; attendance by organisation; what is missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipeline.programme.networks.network_file import Action, Meeting, Network, Status
from pipeline.programme.work_plan import said

SHARE_SEEN = 2
"""An organisation that missed so many meetings in a row is worth a call."""


@dataclass(frozen=True, slots=True)
class Line:
    """One action on a day."""

    name: str
    action: Action
    overdue: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """How often an organisation was at the meetings that were held while it was a member."""

    name: str
    present: int
    of: int
    missed: int
    """Meetings in a row that it has missed, up to the last."""


_ORDER = {Status.UNDER_WAY: 1, Status.OPEN: 2, Status.DONE: 3, Status.DROPPED: 4}


def actions(one: Network, today: date) -> list[Line]:
    """Return every action, the overdue first, then by status and day."""
    lines = [Line(name, action, _overdue(action, today)) for name, action in one.actions.items()]
    return sorted(lines, key=lambda line: (not line.overdue, _ORDER[line.action.status], line.action.due or date.max))


def _overdue(action: Action, today: date) -> bool:
    waiting = action.status in {Status.OPEN, Status.UNDER_WAY}
    return waiting and action.due is not None and action.due < today


def held(one: Network, today: date) -> list[Meeting]:
    """Return the meetings up to today, in order. One without attendance counts only if its day is over."""
    return sorted(
        (meeting for meeting in one.meetings if meeting.date < today or (meeting.date == today and meeting.attendance)),
        key=lambda meeting: meeting.date,
    )


def planned(one: Network, today: date) -> list[Meeting]:
    """Return the meetings that are yet to come, in order."""
    past = held(one, today)
    return sorted((meeting for meeting in one.meetings if meeting not in past), key=lambda meeting: meeting.date)


def attendance(one: Network, today: date) -> list[Seen]:
    """Return each organisation's attendance, in the order of the file.

    A meeting whose attendance was not written down says nothing about who was there.
    """
    known = [meeting for meeting in held(one, today) if meeting.attendance]
    return [_seen(one, name, known) for name in one.members]


def _seen(one: Network, name: str, known: list[Meeting]) -> Seen:
    member = one.members[name]
    mine = [
        meeting
        for meeting in known
        if (member.joined is None or member.joined <= meeting.date)
        and (member.left is None or meeting.date <= member.left)
    ]
    missed = 0
    for meeting in reversed(mine):
        if name in meeting.attendance:
            break
        missed += 1
    return Seen(name, sum(name in meeting.attendance for meeting in mine), len(mine), missed)


def members(one: Network, today: date) -> dict[str, bool]:
    """Return today's members, and whether each may be named in public."""
    return {
        name: member.consent is not None and member.consent.on <= today
        for name, member in one.members.items()
        if (member.left is None or member.left >= today) and (member.joined is None or member.joined <= today)
    }


def missing(one: Network, today: date) -> list[str]:
    """Return what the coordinator has yet to see to, one sentence each."""
    found = []
    if not one.members:
        found.append("there are no members yet")
    unnamed = [name for name, public in members(one, today).items() if not public]
    if unnamed:
        found.append(f"no consent to be named in public: {', '.join(unnamed)}")
    unwritten = [str(meeting.date) for meeting in held(one, today) if not meeting.attendance]
    if unwritten:
        found.append(f"attendance was not written down: {', '.join(unwritten)}")
    if not planned(one, today):
        found.append("no meeting is planned")
    if not one.actions:
        found.append("there is no action plan yet")
    found += [
        f"the action '{name}' is done, and nothing shows it"
        for name, action in one.actions.items()
        if action.status is Status.DONE and not action.evidence
    ]
    found += [
        f"'{seen.name}' missed the last {seen.missed} meetings"
        for seen in attendance(one, today)
        if seen.missed >= SHARE_SEEN
    ]
    if not one.pathway.steps:
        found.append("the referral pathway has no steps")
    elif one.pathway.reviewed is None:
        found.append("the network has not reviewed its referral pathway yet")
    if one.pathway.review_by is None and one.pathway.steps:
        found.append("no day is set for the next review of the referral pathway")
    return found


def late(one: Network, today: date, language: str) -> list[str]:
    """Return what is overdue, one sentence each: actions, and the review of the pathway."""
    found = [
        f"{said(line.action.does, language)} ({line.action.owner}) was due on {line.action.due}"
        for line in actions(one, today)
        if line.overdue
    ]
    if one.pathway.review_by and one.pathway.review_by < today:
        found.append(f"the referral pathway was to be reviewed by {one.pathway.review_by}")
    return found
