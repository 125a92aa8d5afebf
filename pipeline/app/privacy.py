"""What is kept of people: the register with what is there now, one person's data, forgetting, and what time deletes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.app import trained
from pipeline.app.house import House
from pipeline.app.programme import trainings
from pipeline.app.subscribing import normalise
from pipeline.programme.people import Person
from pipeline.programme.register import RegisterLine, register
from pipeline.store import Consent, Subscriber

log = logging.getLogger("outreach.privacy")

SWEEPER = "retention"
"""Who deletes what time deletes, in the log of who did what."""
_LEFT = (Consent.UNSUBSCRIBED, Consent.BOUNCED, Consent.COMPLAINED)


@dataclass(frozen=True)
class Told:
    """A line of the register with what is there now. ``oldest`` is UTC; ``settings`` are entries of outreach.toml."""

    name: str
    line: RegisterLine
    keep: int | None
    tables: Mapping[str, int]
    oldest: datetime | None
    settings: int | None


def report(house: House) -> list[Told]:
    """Return the register with how much there is of each line, and since when. No value is read."""
    rules, found = register(), []
    for name, line in rules.lines.items():
        counts, days = {}, []
        for table, kept in line.tables.items():
            counts[table], oldest = house.store.personal.count(table, kept.columns, kept.at, kept.where)
            days += [oldest] if oldest else []
        found.append(
            Told(name, line, rules.keep(name, house.settings.privacy.keep), counts, min(days, default=None),
                 _settings(house, line))
        )  # fmt: skip
    return found


def _settings(house: House, line: RegisterLine) -> int | None:
    if line.counted == "partners":
        return sum(bool(one.contact) for one in house.settings.partners.values())
    return len(house.settings.people) if line.counted == "people" else None


# --- one person ----------------------------------------------------------------------------------------------


@dataclass
class Held:
    """What is kept of one person: as a subscriber, as people of trainings by number, and in ``outreach.toml``."""

    subscribers: list[Subscriber] = field(default_factory=list)
    people: dict[int, Person] = field(default_factory=dict)
    settings: list[str] = field(default_factory=list)


def held(house: House, person: str) -> Held:
    """Return what is kept of a person, by mail address or by name.

    :raises NoKey: where people of trainings are kept, and they cannot be looked through without the key.
    """
    found = Held()
    try:
        address = normalise(person)
    except ValueError:
        address = ""
    if address:
        found.subscribers = house.store.subscribers.of_address(address)
        found.settings = [
            f"[partners.{name}]: contact"
            for name, partner in house.settings.partners.items()
            if (partner.contact or "").casefold() == address.casefold()
        ]
    if house.store.people.index_key() is None:
        return found
    safe = trained.vault(house)
    mark = safe.of_mail(address) if address else safe.of_name(person)
    numbers = house.store.people.with_mark([mark]).get(mark, [])
    found.people = trained.opened(house, safe, numbers)
    return found


def export(house: House, person: str) -> dict[str, Any]:
    """Return everything that is kept of a person as plain data, for them to read.

    :raises NoKey: as for :func:`held`.
    """
    found = held(house, person)
    attendance = house.store.trainings.attendance()
    return {
        "asked_for": person,
        "subscriber": [asdict(one) for one in found.subscribers],
        "trainings": [
            {
                "number": number,
                **one.model_dump(),
                "nominated": [
                    {
                        "session": f"{row.plan}/{row.session}",
                        "by": row.institution,
                        "state": row.state.value,
                        "at": row.at,
                    }
                    for row in house.store.trainings.nominations(person=number)
                ],
                "present": [
                    {"session": "/".join(where), "half_day": half_day}
                    for where, days in sorted(attendance.items())
                    for half_day, people in sorted(days.items())
                    if number in people
                ],
            }
            for number, one in found.people.items()
        ],
        "settings": found.settings,
    }


def forget(house: House, found: Held, who: str) -> tuple[int, int]:
    """Delete what is kept of a person; return from how many lists, and how many people of trainings it was.

    Counts stay as they were: a person of trainings goes on as a number without a name, and that a mail went to somebody
    stays. What stands in the settings is taken out by hand.
    """
    now = house.clock.now()
    lists = sum(
        house.store.subscribers.forget(address, who, now)
        for address in dict.fromkeys(one.address for one in found.subscribers)
    )
    return lists, house.store.people.forget(list(found.people), who, now) if found.people else 0


# --- what time deletes ---------------------------------------------------------------------------------------


def sweep(house: House) -> dict[str, int]:
    """Delete what has been kept long enough; return how much, by line of the register. It needs no key."""
    rules, now = register(), house.clock.now()
    done = {}
    for name, line in rules.lines.items():
        days = rules.keep(name, house.settings.privacy.keep)
        if days is None or line.sweep is None:
            continue
        before = now - timedelta(days=days)
        if line.sweep == "trained":
            done[name] = _trained(house, before, now)
        else:
            states = (Consent.PENDING,) if line.sweep == "pending" else _LEFT
            done[name] = house.store.subscribers.expire(states, before, SWEEPER, now)
    if any(done.values()):
        log.info("deleted what was kept long enough", extra={"lines": done})
    return done


def _trained(house: House, before: datetime, now: datetime) -> int:
    """Forget the people of trainings with whom nothing happened since ``before``, and nothing is to happen."""
    last = house.store.people.last_seen()
    if not last:
        return 0
    ends = {(one.plan, one.id): one.ends for one in trainings(house, []).values() if one.ends}
    for row in house.store.trainings.nominations():
        end = ends.get((row.plan, row.session))
        if end and row.person in last:
            last[row.person] = max(last[row.person], end)
    gone = [person for person, at in last.items() if at < before]
    return house.store.people.forget(gone, SWEEPER, now) if gone else 0
