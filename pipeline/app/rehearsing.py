"""Rehearsing: the whole calendar on a virtual clock, against simulators, without touching what is remembered.

The rehearsal works in a folder of its own with a copy of the content and an empty store. It approves everything, so
that every post is seen; what nobody has approved yet in the real store is among the concerns.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline import settings as settings_file
from pipeline.app import attending, planning, service
from pipeline.app.accounts import settings_of
from pipeline.app.checking import expand_calendar
from pipeline.app.concerns import Background, concerns_of
from pipeline.app.house import House
from pipeline.app.planning import Planned
from pipeline.app.reviewing import review
from pipeline.clock import Clock, VirtualClock
from pipeline.model import Delivery, Severity, State, Why
from pipeline.rehearsal.record import Gap, Played, Record
from pipeline.rehearsal.stage import Stage
from pipeline.settings import FILE, ProblemsFound, Settings, StoreSettings
from pipeline.store import Newcomer, Store
from pipeline.store.snapshot import snapshot

BEFORE_THE_FIRST = timedelta(hours=1)
RECIPIENTS = tuple(f"rehearsal-{number}@example.org" for number in (1, 2, 3))
"""Made up, at a domain that is reserved for examples (RFC 2606): no newsletter of a rehearsal goes to a person."""
WHO = "rehearsal"
PATIENCE = 10
"""Rounds in a row in which nothing happens, until the rehearsal gives up on what is still open."""


class NothingToRehearse(Exception):
    """The calendars name nothing that could be rehearsed; one sentence."""


class UnknownCampaign(Exception):
    """A campaign was named that does not exist; one sentence."""


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal left: its record, the plan that it carried out, the zone of each campaign, the real settings.

    ``house`` is what was played in, ``stage`` the networks, ``clock`` the time there. They are there, and the pictures
    of the record can be read, as long as the rehearsal's context is open.
    """

    record: Record
    planned: Planned
    zones: Mapping[str, str]
    settings: Settings
    house: House
    stage: Stage
    clock: VirtualClock


@contextmanager
def rehearse(
    root: Path,
    clock: Clock,
    campaigns: Iterable[str] = (),
    *,
    environment: Mapping[str, str] | None = None,
    progress: planning.Progress | None = None,
) -> Iterator[Rehearsal]:
    """Rehearse the calendars of ``campaigns`` (all of them, when none is named); give what came of it.

    :param root: the real project; it is read and nothing in it is changed.
    :param clock: the real clock: only what is said about the real store depends on it.
    :param environment: where secrets are looked for, to say which are missing; the process's if none is given.
    :param progress: told how many steps of how many are done: one for planning each delivery, one for delivering it.
    :raises ProblemsFound: when the project cannot be used or its content has errors.
    :raises UnknownCampaign: when one of ``campaigns`` does not exist.
    :raises NothingToRehearse: when there is nothing to do.
    """
    real = settings_file.load(root.resolve(), settings_of, environment)
    with tempfile.TemporaryDirectory(prefix="outreach-rehearsal-") as name:
        folder = Path(name)
        copy_project(real.root, folder)
        names, start = _scene(folder, clock, list(campaigns), environment)
        seen = folder / "seen"
        seen.mkdir()
        with _Seen(snapshot(real.store.url, real.root, seen)) as real_store:
            virtual = VirtualClock(start)
            with (
                Stage(virtual.now) as stage,
                House(folder, virtual, environment, lambda settings: _on_stage(settings, stage, folder)) as house,
            ):
                _bring_pictures(real, real_store, house)
                planned = planning.make_plan(house, names, progress=_half(progress, 0))
                if planned.errors:
                    raise ProblemsFound(planned.errors)
                planning.apply(house, planned, WHO)
                _prepare(house, stage, planned)
                _play(house, virtual, _half(progress, 1))
                record = _record(house, stage, planned, names, start, Background(real, real_store))
                zones = {one.id: one.zone for one in record.campaigns}
                yield Rehearsal(record, planned, zones, real, house, stage, virtual)


class _Seen:
    """Closes the real store's copy, where there is one."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def __enter__(self) -> Store | None:
        return self._store

    def __exit__(self, *_: object) -> None:
        if self._store:
            self._store.close()


def _half(told: planning.Progress | None, half: int) -> planning.Progress | None:
    """Return what tells of the first (0) or second (1) half of the work."""
    if told is None:
        return None
    return lambda done, total: told(half * total + done, 2 * total)


# --- before -------------------------------------------------------------------------------------------------


def copy_project(root: Path, folder: Path) -> None:
    """Copy what a rehearsal needs. Links are copied as links, so that one that leads outside is refused as ever."""
    shutil.copy(root / FILE, folder / FILE)
    if (root / "content").exists():
        shutil.copytree(root / "content", folder / "content", symlinks=True)


def _scene(
    folder: Path, clock: Clock, wanted: list[str], environment: Mapping[str, str] | None
) -> tuple[list[str], datetime]:
    """Return which campaigns are played, and when the rehearsal begins (UTC).

    It begins shortly before the first slot, but not before the day on which the helplines were verified: a number
    counts from that day on, and what lies before it has long gone out.
    """
    with House(folder, clock, environment) as house:
        project = house.project
        errors = [problem for problem in project.problems if problem.severity is Severity.ERROR]
        if errors:
            raise ProblemsFound(errors)
        if unknown := sorted(set(wanted) - set(project.campaigns)):
            known = ", ".join(sorted(project.campaigns)) or "none"
            raise UnknownCampaign(f"there is no campaign '{unknown[0]}'; there are: {known}.")
        names = wanted or sorted(project.campaigns)
        slots = [slot for name in names for slot in expand_calendar(house, project.campaigns[name]).slots]
        if not slots:
            problems = [one for name in names for one in expand_calendar(house, project.campaigns[name]).problems]
            if problems:
                raise ProblemsFound(problems)
            raise NothingToRehearse("the calendars name no post; fill the 'calendar' of a campaign.yml.")
        zone = ZoneInfo(house.settings.programme.timezone)
        days = [helpline.verified_on for helpline in project.helplines.values() if helpline.verified_on]
        verified = [datetime.combine(day, time(0, 0), zone).astimezone(UTC) for day in days]
        return names, max([min(slot.due_at for slot in slots) - BEFORE_THE_FIRST, *verified])


def _on_stage(settings: Settings, stage: Stage, folder: Path) -> Settings:
    """Return settings whose accounts lead to simulators, with a store of their own and no notices."""
    aside = replace(settings, root=folder, store=StoreSettings(url="sqlite:///state/outreach.db"), notices=None)
    return stage.set_for(aside, aside.accounts)


def _bring_pictures(real: Settings, real_store: Store | None, house: House) -> None:
    """Bring the pictures that were rendered before, so that the same bytes are shown that were approved."""
    if real_store is None:
        return
    for message in house.project.messages.values():
        name = message.source.head.picture.file
        source = house.root / message.folder / name if name else None
        if source is None or not source.is_file():
            continue
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        for form, known in real_store.pictures.of(digest).items():
            target = house.pictures.path(known.sha256, known.mime)
            there = real.state / "media" / target.relative_to(house.settings.state / "media")
            if there.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(there, target)
                house.store.pictures.put(digest, form, known)


def _prepare(house: House, stage: Stage, planned: Planned) -> None:
    """Approve everything, put the made-up recipients on the lists, and stop the accounts that are not on stage."""
    now, store = house.clock.now(), house.store
    store.desk.approve([sheet.post.digest for sheet in planned.sheets.values()], WHO, now)
    for account in sorted({sheet.account for sheet in planned.sheets.values()}):
        if account in stage.absent:
            store.accounts.pause(account, WHO, stage.absent[account], now)
        elif house.channel(account).traits.fans_out:
            people = [Newcomer(address, "a rehearsal", now) for address in RECIPIENTS]
            store.subscribers.add(account, people, WHO, now)


# --- the run ------------------------------------------------------------------------------------------------


def _play(house: House, clock: VirtualClock, told: planning.Progress | None) -> None:
    """Move the clock from due time to due time until nothing is open that could still move by itself."""
    desk = house.store.desk
    total = len(desk.find(states=[State.PLANNED]))
    idle = 0
    with service.crew(house) as crew:
        while idle < PATIENCE and (waiting := _waiting(house)):
            if told:
                told(total - sum(1 for _, row in waiting if row.parent_id is None), total)
            clock.move_to(min(at for at, _ in waiting))
            tally = crew.round()
            ticked = _tick_off(house)
            idle = 0 if tally or ticked else idle + 1
            if idle:
                clock.advance(timedelta(minutes=1))
    if told:
        told(total, total)


def _waiting(house: House) -> list[tuple[datetime, Delivery]]:
    """Return the rows that are still to go out or to be settled by themselves, and when each may move again (UTC)."""
    rows = house.store.desk.find(states=[State.PLANNED, State.UNCONFIRMED], with_recipients=True)
    accounts = {name: house.store.accounts.get(name) for name in {row.account for row in rows}}
    return [
        (max(row.next_try_at, accounts[row.account].throttled_until or row.next_try_at), row)
        for row in rows
        if accounts[row.account].paused_at is None and (row.state is State.PLANNED or row.reason_kind == Why.SETTLING)
    ]


def _tick_off(house: House) -> int:
    """Carry out the tasks that are made for a person; return how many there were."""
    tasks = house.store.desk.find(states=[State.HELD], kinds=[Why.TASK])
    for row in tasks:
        attending.tell_sent(house, row, WHO)
    return len(tasks)


# --- after --------------------------------------------------------------------------------------------------


def _record(
    house: House, stage: Stage, planned: Planned, names: list[str], start: datetime, background: Background
) -> Record:
    showings, strangers = review(house, stage, planned, names)
    played = []
    for name in names:
        campaign = house.project.campaigns[name]
        gaps = tuple(Gap(name, gap.start, gap.end, gap.reason) for gap in campaign.blackouts)
        title = campaign.title.get("en") or campaign.title[campaign.source_language]
        played.append(Played(name, title, campaign.timezone, gaps))
    fanned = any(house.channel(one.account).traits.fans_out for one in showings)
    return Record(
        programme=house.settings.programme.name,
        campaigns=tuple(played),
        showings=tuple(showings),
        concerns=tuple(concerns_of(house, planned, showings, strangers, stage.absent, background)),
        started=start,
        ended=max([one.went_at for one in showings if one.went_at], default=start),
        recipients=RECIPIENTS if fanned else (),
        strangers=strangers,
    )
