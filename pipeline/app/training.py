"""Training sessions from nomination to attendance, and what of it stands in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pipeline.app import recording, trained
from pipeline.app.house import House
from pipeline.app.programme import trainings, work_plans
from pipeline.app.trained import NotPossible
from pipeline.model import Problem
from pipeline.programme.lists import PeopleList, read_nominated, read_present
from pipeline.programme.trainings import Training
from pipeline.reach.records import Record, What
from pipeline.reach.units import Kind, Sessions, Trained
from pipeline.settings import ProblemsFound
from pipeline.store import Nomination, Seat

PLACES = ("content", "site")
"""Folders of what is published: no list of people is read out of them."""


@dataclass
class Stand:
    """How a session stands: a count for each state of a nomination, present at least once, trained here first."""

    training: Training
    seats: dict[Seat, int] = field(default_factory=dict)
    present: int = 0
    trained: int = 0


def session(house: House, name: str) -> Training:
    """Return a session by ``plan/session``, or by its own name where there is one of it.

    :raises NotPossible: where there is none, or several.
    """
    known = trainings(house)
    fitting = [one for one in known.values() if name in {one.name, one.id}]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise NotPossible(f"'{name}' is several sessions: {', '.join(one.name for one in fitting)}.")
    raise NotPossible(f"there is no training session '{name}'; there are: {', '.join(known) or 'none'}.")


def overview(house: House) -> list[Stand]:
    """Return how every session stands, the earliest first, those without a day last."""
    known = trainings(house)
    counted = persons_trained(house, known)
    attendance = house.store.trainings.attendance()
    found = []
    for one in _in_order(known):
        stand = Stand(one)
        for nomination in house.store.trainings.nominations((one.plan, one.id)):
            stand.seats[nomination.state] = stand.seats.get(nomination.state, 0) + 1
        days = attendance.get((one.plan, one.id), {})
        stand.present = len(set().union(*days.values())) if days else 0
        stand.trained = len(counted.get(one.name, ()))
        found.append(stand)
    return found


def _in_order(known: Mapping[str, Training]) -> list[Training]:
    dated = [(one.starts, one) for one in known.values() if one.starts]
    dated.sort(key=lambda pair: (pair[0], pair[1].name))
    return [one for _, one in dated] + [one for one in known.values() if not one.starts]


# --- nominations ---------------------------------------------------------------------------------------------


def nominate(house: House, training: Training, path: Path, by: str, who: str, *, late: bool = False) -> dict[str, int]:
    """Take over whom an institution nominates; return how many are ``new`` and how many were ``known``.

    :param by: the institution, a partner of the settings.
    :param late: whether they are taken although the day for it has passed.
    :raises NotPossible: where the session takes nobody.
    :raises ProblemsFound: with everything that is wrong with the list; nothing is taken over then.
    """
    if by not in house.settings.partners:
        there = ", ".join(house.settings.partners) or "none"
        raise NotPossible(f"there is no partner '{by}' in outreach.toml; there are: {there}.")
    if why := closed(house, training, late=late):
        raise NotPossible(why)
    _outside(house, path)
    safe = trained.vault(house)
    given = read_nominated(path, path.name, by)
    found = {} if given.problems else trained.entrants(house, safe, given, path.name)
    _refuse(given)
    entrants = [found[row.number] for row in given.rows]
    return house.store.trainings.nominate((training.plan, training.id), by, entrants, who, house.clock.now())


def closed(house: House, training: Training, *, late: bool = False) -> str:
    """Return why nobody can be nominated for a session, in a sentence; ``""`` where they can."""
    head, now = training.head, house.clock.now()
    if head.cancelled_on:
        return f"{training.name} was cancelled on {head.cancelled_on}."
    if head.count > 1:
        return f"{training.path} stands for {head.count} sessions; write a file for the one that is nominated for."
    if training.starts and training.starts <= now:
        return f"{training.name} began on {training.starts:%Y-%m-%d %H:%M}."
    if head.nominate_until and head.nominate_until < house.today and not late:
        return f"nominations for {training.name} ended on {head.nominate_until}; --late takes them all the same."
    return ""


def confirm(house: House, training: Training, who: str) -> list[Nomination]:
    """Give the free seats to those who were nominated first; return whose state changed.

    :raises NotPossible: where it is not known how many seats there are, or when it takes place.
    """
    if training.head.seats is None or training.starts is None:
        raise NotPossible(f"{training.path} does not say when it takes place and for how many; add them first.")
    if training.head.cancelled_on:
        raise NotPossible(f"{training.name} was cancelled on {training.head.cancelled_on}.")
    return house.store.trainings.confirm((training.plan, training.id), training.head.seats, who, house.clock.now())


def _outside(house: House, path: Path) -> None:
    """See that a list of people does not lie among what is published and kept in Git."""
    real = path.resolve()
    for folder in PLACES:
        if real.is_relative_to(house.root / folder):
            raise NotPossible(f"a list of people must not lie in {folder}/; move it out of the project first.")


def _refuse(given: PeopleList) -> None:
    if given.problems:
        raise ProblemsFound(sorted(given.problems, key=lambda one: (one.line or 0, one.message)))


# --- attendance ----------------------------------------------------------------------------------------------


@dataclass
class Attended:
    """What a list of those present came to."""

    present: dict[str, int]
    """How many, by half-day."""
    unforeseen: int
    """How many of them had no seat."""
    trained: int
    """How many are counted as trained by this session."""
    counted: bool
    """Whether it stands in the ledger: once it is over."""


def attend(house: House, training: Training, path: Path, who: str) -> Attended:
    """Take over who was present; a list given again takes the earlier one's place.

    :raises NotPossible: where the session has no days, or the list lies in the wrong place.
    :raises ProblemsFound: with everything that is wrong with the list; nothing is taken over then.
    """
    if not training.labels:
        raise NotPossible(f"{training.path} names no day, so nobody can have been present.")
    _outside(house, path)
    safe = trained.vault(house)
    period = work_plans(house)[training.plan].period
    given = read_present(
        path, path.name, training, period, today=house.today, institution=partial(trained.institution, house)
    )
    where = (training.plan, training.id)
    rows = house.store.trainings.nominations(where)
    found = {} if given.problems else trained.entrants(
        house, safe, given, path.name, [one.person for one in rows]
    )  # fmt: skip
    _refuse(given)
    present = {
        half_day: [found[row.number] for row in given.rows if half_day in row.present] for half_day in given.half_days
    }
    confirmed = {one.person for one in rows if one.state is Seat.CONFIRMED}
    there = [found[row.number] for row in given.rows if row.present]
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    house.store.trainings.attend(where, present, checksum, who, house.clock.now())
    counted = count(house, who)
    return Attended(
        {half_day: len(people) for half_day, people in present.items()},
        sum(one.person not in confirmed for one in there),
        len(persons_trained(house, trainings(house)).get(training.name, ())),
        training.name in counted,
    )


def persons_trained(house: House, known: Mapping[str, Training]) -> dict[str, set[int]]:
    """Return who is counted as trained, by session: where they first were present for enough half-days."""
    attendance = house.store.trainings.attendance()
    counted: set[int] = set()
    found: dict[str, set[int]] = {}
    for one in _in_order(known):
        days = attendance.get((one.plan, one.id))
        if days is None:
            continue
        often: dict[int, int] = {}
        for people in days.values():
            for person in people:
                often[person] = often.get(person, 0) + 1
        found[one.name] = {person for person, times in often.items() if times >= one.enough} - counted
        counted |= found[one.name]
    return found


def count(house: House, who: str) -> list[str]:
    """Write sessions that are over and those trained into the ledger; return the sessions that stand in it.

    Everything is reckoned anew: an earlier session whose list comes late takes people from later ones.
    """
    known = trainings(house)
    now = house.clock.now()
    people = persons_trained(house, known)
    done = []
    for name, trained_here in people.items():
        one = known[name]
        if one.ends is None or one.ends > now:
            continue
        sha256 = house.store.trainings.list_of((one.plan, one.id))
        records = [_record(one, Sessions.word, 1), _record(one, Trained.word, len(trained_here))]
        wrong: list[Problem] = [fault for record in records for fault in recording.faults(house, record)]
        if wrong:
            raise ProblemsFound([fault.model_copy(update={"path": one.path}) for fault in wrong])
        recording.write_down(house, records, who, sha256)
        done.append(name)
    return done


def _record(one: Training, unit: str, value: int) -> Record:
    days = sorted(half_day.day for half_day in one.head.half_days)
    method = (
        f"list of those present at each of {len(one.labels)} half-days; trained are those present at {one.enough} or "
        "more; who was trained in an earlier session is not counted again"
    )
    return Record.model_validate(
        {
            "what": What.SESSION, "unit": unit, "value": value, "from": days[0], "to": days[-1],
            "how": Kind.REPORTED, "method": method, "campaign": one.head.campaign, "audience": one.head.group,
            "place": one.name, "apart": True, "note": "the list is kept by whoever held the session",
        }
    )  # fmt: skip
