"""A campaign's calendar, expanded: every occurrence of every entry for every account, or what is wrong with it.

How an occurrence is named decides what posts twice and what does not:

- a single date is named after its entry, so moving its time moves the delivery;
- an occurrence of a series or rotation is named ``entry@2026-12-01``, and ``entry@2026-12-01T1000`` when its rule has
  several hours or minutes, so changing the time of day moves the deliveries, changing the days makes others.

A rotation gives its messages out in turn, over and over. A date that a blackout takes away takes no turn: the message
goes out at the next date instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from itertools import cycle
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.calendar import repeat, wall_clock
from pipeline.calendar.quiet import Silence
from pipeline.model import Campaign, Entry, Message, Problem, Severity, Slot


@dataclass(frozen=True, slots=True)
class Skipped:
    """One occurrence of a series or rotation that does not take place, and why. ``at`` is a wall-clock time."""

    campaign: str
    occurrence: str
    at: datetime
    reason: str
    path: str
    line: int | None

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}  {self.occurrence}: skipped, {self.reason}"


class Expansion(NamedTuple):
    """What a calendar comes to. With an error among ``problems`` the slots are not the whole of it."""

    slots: list[Slot]
    problems: list[Problem]
    skipped: list[Skipped]


@dataclass(frozen=True, slots=True)
class _Time:
    """One occurrence before its message is known: its name, its wall-clock time and its instant."""

    occurrence: str
    wall: datetime
    due_at: datetime


def expand(
    campaign: Campaign,
    *,
    path: str,
    lines: Sequence[int | None] = (),
    accounts: Mapping[str, str],
    messages: Mapping[str, Message],
    unreadable: Collection[str] = (),
) -> Expansion:
    """Return the slots of a campaign's calendar in the order of their times, with every problem found.

    :param path: the campaign's file, relative to the project, for problems.
    :param lines: the line of each calendar entry in that file, in order; missing ones are unknown.
    :param accounts: every account of the project and its language.
    :param messages: the campaign's messages that could be read, by id.
    :param unreadable: ids of messages that exist but have problems of their own; nothing more is said about those.
    """
    work = _Expanding(campaign, path, accounts, messages, frozenset(unreadable))
    work.check_campaign()
    padded = [*lines, *[None] * (len(campaign.calendar) - len(lines))]
    seen: dict[str, int | None] = {}
    for entry, line in zip(campaign.calendar, padded, strict=False):
        if work.is_named_apart(entry, line, seen):
            work.entry(entry, line)
    work.slots.sort(key=lambda slot: (slot.due_at, slot.key))
    return Expansion(work.slots, work.problems, work.skipped)


@dataclass
class _Expanding:
    campaign: Campaign
    path: str
    accounts: Mapping[str, str]
    messages: Mapping[str, Message]
    unreadable: frozenset[str]
    slots: list[Slot] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    embargoes: dict[str, datetime | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.campaign.timezone)
        self.silence = Silence.of(self.campaign)

    def report(self, line: int | None, rule: str, message: str, severity: Severity = Severity.ERROR) -> None:
        self.problems.append(Problem(path=self.path, line=line, rule=rule, message=message, severity=severity))

    def check_campaign(self) -> None:
        hours = self.campaign.quiet_hours
        if hours and hours.start == hours.end:
            self.report(None, "quiet-hours", f"the quiet hours begin and end at {hours.start}; give them two times")
        for blackout in self.campaign.blackouts:
            if blackout.end < blackout.start:
                self.report(
                    None,
                    "blackout",
                    f"the blackout '{blackout.reason}' ends on {blackout.end}, before it begins on {blackout.start}",
                )

    def is_named_apart(self, entry: Entry, line: int | None, seen: dict[str, int | None]) -> bool:
        """Whether the entry has a name of its own; without one its occurrences could not be told from others'."""
        if not entry.key:
            self.report(line, "calendar-key", "a rotation needs an 'id', a short name that stays the same")
            return False
        if entry.key in seen:
            first = seen[entry.key]
            where = f" (the first is in line {first})" if first else ""
            self.report(
                line,
                "calendar-key",
                f"another calendar entry is called '{entry.key}' too{where}; give this one an 'id' of its own",
            )
            return False
        seen[entry.key] = line
        return True

    def entry(self, entry: Entry, line: int | None) -> None:
        languages = self.languages(entry, line)
        texts = self.texts(entry, line, set(languages.values()))
        times = self.permitted(entry, line, self.times(entry, line))
        if not self.is_good_for_long_enough(entry, line):
            return
        turns = cycle(entry.rotation) if entry.rotation else cycle([entry.message or ""])
        early: list[_Time] = []
        for time, name in zip(times, turns, strict=False):
            if (embargo := self.embargo(name)) and time.due_at < embargo:
                early.append(time)
                continue
            outlets = [(account, language) for account, language in languages.items() if (name, language) in texts]
            self.slots += self.for_outlets(entry, line, time, name, outlets)
        if early:
            self.report(
                line,
                "embargo",
                f"'{entry.key}' is due at {_listed(early)}, before the embargo of its message ends",
            )

    def is_good_for_long_enough(self, entry: Entry, line: int | None) -> bool:
        if entry.good_for is None or timedelta(0) < entry.good_for <= timedelta(days=366):
            return True
        self.report(
            line, "not-after", f"'good_for' of '{entry.key}' must be longer than nothing and no longer than a year"
        )
        return False

    def languages(self, entry: Entry, line: int | None) -> dict[str, str]:
        """Return the entry's accounts that can be used, with the language of each."""
        usable: dict[str, str] = {}
        for account in entry.accounts:
            language = self.accounts.get(account)
            if account in usable:
                self.report(line, "calendar-account", f"'{entry.key}' names the account '{account}' twice")
            elif language is None:
                self.report(
                    line,
                    "calendar-account",
                    f"'{entry.key}' names the account '{account}', which does not exist{_hint(account, self.accounts)}",
                )
            elif language not in self.campaign.languages:
                self.report(
                    line,
                    "calendar-language",
                    f"the account '{account}' speaks '{language}', which is not among the campaign's languages "
                    f"({', '.join(self.campaign.languages)})",
                )
            else:
                usable[account] = language
        return usable

    def texts(self, entry: Entry, line: int | None, languages: set[str]) -> set[tuple[str, str]]:
        """Return the (message, language) pairs that the entry can publish."""
        usable: set[tuple[str, str]] = set()
        for name in dict.fromkeys(entry.rotation or [entry.message or ""]):
            message = self.messages.get(name)
            if name in self.unreadable:
                continue
            if message is None:
                known = [*self.messages, *self.unreadable]
                self.report(
                    line,
                    "calendar-message",
                    f"'{entry.key}' names the message '{name}', which the campaign does not have{_hint(name, known)}",
                )
                continue
            for language in sorted(languages):
                if language in message.translations:
                    usable.add((name, language))
                else:
                    self.report(
                        line,
                        "calendar-language",
                        f"the message '{name}' has no text in '{language}', the language of an account of "
                        f"'{entry.key}'; translate it or take the account out",
                    )
        return usable

    def times(self, entry: Entry, line: int | None) -> list[_Time]:
        """Return the entry's occurrences; those that a clock change skips or repeats are problems."""
        try:
            walls, several = self.walls(entry, line)
        except repeat.BadRepeat as error:
            self.report(line, "calendar-repeat", f"the rule '{entry.repeat}' of '{entry.key}' {error}")
            return []
        except ValueError as error:
            self.report(line, "calendar-time", f"'{entry.key}': {error}")
            return []
        times, broken = [], []
        for wall in walls:
            name = entry.key if entry.at else f"{entry.key}@{wall:%Y-%m-%d}" + (f"T{wall:%H%M}" if several else "")
            try:
                times.append(_Time(name, wall, wall_clock.instant(wall, self.zone)))
            except ValueError as error:
                broken.append(f"'{name}': {error}")
        for clause in broken:
            self.report(line, "calendar-time", clause)
        return times

    def walls(self, entry: Entry, line: int | None) -> tuple[list[datetime], bool]:
        if entry.at:
            return [wall_clock.read(entry.at)], False
        starts = wall_clock.read(entry.starts or "")
        rule = repeat.read(entry.repeat or "", starts, self.zone)
        if starts.date() < self.campaign.starts:
            raise ValueError(f"it starts on {starts:%Y-%m-%d}, before the campaign does on {self.campaign.starts}")
        walls = rule.times(self.campaign.ends)
        if walls[0] != starts:
            self.report(
                line,
                "calendar-repeat",
                f"'{entry.key}' starts at {starts:%A %Y-%m-%d %H:%M}, which its rule does not contain; "
                f"its first time is {walls[0]:%A %Y-%m-%d %H:%M}",
                Severity.WARNING,
            )
        return walls, rule.several_a_day

    def permitted(self, entry: Entry, line: int | None, times: list[_Time]) -> list[_Time]:
        """Return the times at which the campaign publishes; blackouts skip, all else is a problem."""
        kept, outside, quiet = [], [], []
        for time in times:
            day = time.wall.date()
            if not self.campaign.starts <= day <= self.campaign.ends:
                outside.append(time)
            elif blackout := self.silence.blackout_on(day):
                self.black_out(entry, line, time, blackout.reason)
            elif not entry.during_quiet_hours and self.silence.hushes(time.wall.time()):
                quiet.append(time)
            else:
                kept.append(time)
        if outside:
            dates = f"{self.campaign.starts} to {self.campaign.ends}"
            self.report(
                line, "calendar-dates", f"'{entry.key}' is due at {_listed(outside)}, outside the campaign's {dates}"
            )
        if quiet and (hours := self.campaign.quiet_hours):
            self.report(
                line,
                "quiet-hours",
                f"'{entry.key}' is due at {_listed(quiet)}, in the quiet hours {hours.start}–{hours.end}; "
                "move it or write 'during_quiet_hours: true'",
            )
        return kept

    def black_out(self, entry: Entry, line: int | None, time: _Time, reason: str) -> None:
        if entry.at:
            self.report(
                line,
                "blackout",
                f"'{entry.key}' is due at {time.wall:%Y-%m-%d %H:%M}, a blackout day ({reason}); move it",
            )
            return
        because = f"a blackout day ({reason})"
        self.skipped.append(Skipped(self.campaign.id, time.occurrence, time.wall, because, self.path, line))

    def embargo(self, name: str) -> datetime | None:
        """Return when the message's embargo ends (UTC); one that cannot be read is a problem of its own file."""
        if name not in self.embargoes:
            message = self.messages.get(name)
            self.embargoes[name] = None
            if message and (written := message.source.head.embargo):
                try:
                    self.embargoes[name] = wall_clock.instant(wall_clock.read(written), self.zone)
                except ValueError as error:
                    self.problems.append(
                        Problem(path=message.source.path, rule="embargo", message=f"the embargo {error}")
                    )
        return self.embargoes[name]

    def for_outlets(
        self, entry: Entry, line: int | None, time: _Time, name: str, outlets: Sequence[tuple[str, str]]
    ) -> Iterator[Slot]:
        try:
            not_after = self.not_after(entry, time)
        except ValueError as error:
            self.report(line, "not-after", f"'{entry.key}': {error}")
            return
        for account, language in outlets:
            yield Slot(
                campaign=self.campaign.id,
                message=name,
                language=language,
                account=account,
                occurrence=time.occurrence,
                due_at=time.due_at,
                not_after=not_after,
                late_after=self.campaign.late_after,
                during_quiet_hours=entry.during_quiet_hours,
                path=self.path,
                line=line,
            )

    def not_after(self, entry: Entry, time: _Time) -> datetime | None:
        """Return until when (UTC) the occurrence may go out: the earlier one where the entry says both."""
        ends = [time.due_at + entry.good_for] if entry.good_for is not None else []
        if entry.not_after:
            ends.append(wall_clock.instant(wall_clock.read(entry.not_after), self.zone))
            if ends[-1] <= time.due_at:
                raise ValueError(f"'not_after' {entry.not_after} is not later than {time.wall:%Y-%m-%d %H:%M}")
        return min(ends, default=None)


def _listed(times: Sequence[_Time]) -> str:
    first = f"{times[0].wall:%Y-%m-%d %H:%M}"
    return first if len(times) == 1 else f"{first} and {len(times) - 1} more of its times"


def _hint(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
