"""Recurrence rules: an RRULE as an editor writes it, checked part by part, and the times it gives.

The words and their limits are those of RFC 5545 (September 2009), section 3.3.10; the arithmetic is ``dateutil``'s.
``dateutil`` alone would take ``INTERVAL=0`` and never return, so every value is checked before it sees the rule.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

MAX_OCCURRENCES: Final = 500
"""How many times one calendar entry may give: enough for a post every day of a year, not for a slip of the pen."""
MAX_YEARS: Final = 10
"""How far from its start a rule is followed."""

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TOO_OFTEN = ("HOURLY", "MINUTELY", "SECONDLY")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(rf"([+-]?[0-9]{{1,2}})?({'|'.join(_DAYS)})")
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_NUMBERS: Final[Mapping[str, range]] = {
    "BYHOUR": range(24),
    "BYMINUTE": range(60),
    "BYMONTH": range(1, 13),
    "BYMONTHDAY": range(1, 32),
    "BYYEARDAY": range(1, 367),
    "BYWEEKNO": range(1, 54),
    "BYSETPOS": range(1, 367),
}
_SIGNED = frozenset({"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"})
_ONLY_WITH: Final[Mapping[str, frozenset[str]]] = {
    "BYMONTHDAY": frozenset({"DAILY", "MONTHLY", "YEARLY"}),
    "BYYEARDAY": frozenset({"YEARLY"}),
    "BYWEEKNO": frozenset({"YEARLY"}),
}
_PARTS = ("FREQ", "COUNT", "UNTIL", "INTERVAL", "WKST", "BYDAY", *_NUMBERS)
_LEAP_YEAR = 2028
_ENDS = frozenset({"COUNT", "UNTIL"})


class BadRepeat(ValueError):
    """The rule cannot be used; the text is a clause for a person."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A checked rule. ``text`` holds neither ``COUNT`` nor ``UNTIL``; ``until`` is a wall-clock time, included."""

    text: str
    starts: datetime
    count: int | None
    until: datetime | None
    several_a_day: bool

    def times(self, last_day: date) -> list[datetime]:
        """Return every wall-clock time of the rule, in order.

        :param last_day: the last day that may hold one: the campaign's end.
        :raises BadRepeat: when the rule goes on after that day, gives too many times, or none.
        """
        horizon = min(last_day, self.starts.date() + timedelta(days=366 * MAX_YEARS))
        if self.until and self.until.date() > horizon:
            raise BadRepeat(f"goes on until {self.until:%Y-%m-%d}, but must end by {horizon}{_why(horizon, last_day)}")
        if self.count and self.count > MAX_OCCURRENCES:
            raise BadRepeat(f"asks for {self.count} times; {MAX_OCCURRENCES} is the most that one entry may have")
        walk = self._walk(self.until or datetime.combine(horizon, time(23, 59, 59)))
        found = list(islice(walk, self.count or MAX_OCCURRENCES + 1))
        if len(found) > MAX_OCCURRENCES:
            raise BadRepeat(f"gives more than {MAX_OCCURRENCES} times, the most that one entry may have")
        if self.count and len(found) < self.count:
            raise BadRepeat(
                f"has only {len(found)} of its {self.count} times by {horizon}{_why(horizon, last_day)}; "
                "lower COUNT or let the campaign end later"
            )
        if not found:
            raise BadRepeat("never happens between its start and its end")
        return found

    def _walk(self, until: datetime) -> Iterator[datetime]:
        try:
            yield from rrulestr(f"{self.text};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=self.starts)
        except (ValueError, OverflowError) as error:
            raise BadRepeat(f"cannot be followed ({error})") from error


def _why(horizon: date, last_day: date) -> str:
    return ", the campaign's last day" if horizon == last_day else f", {MAX_YEARS} years after it starts"


def read(text: str, starts: datetime, zone: ZoneInfo) -> Repeat:
    """Return the rule that ``text`` says.

    :param text: an RRULE such as ``FREQ=WEEKLY;BYDAY=TU;COUNT=6``, with or without ``RRULE:`` before it.
    :param starts: the wall-clock time from which it runs.
    :param zone: the campaign's zone, for an ``UNTIL`` in UTC.
    :raises BadRepeat: with a clause that says what is wrong and what to write.
    """
    parts = _split(text)
    frequency = _frequency(parts)
    for name, value in parts.items():
        _check(name, value, frequency)
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise BadRepeat("has both COUNT and UNTIL; keep one" if "COUNT" in parts else "has no end; add COUNT or UNTIL")
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise BadRepeat("has BYSETPOS alone; it needs another part such as BYDAY to choose from")
    _check_month_days(parts)
    until = _until(parts["UNTIL"], zone) if "UNTIL" in parts else None
    if until and until < starts:
        raise BadRepeat(f"ends on {until:%Y-%m-%d %H:%M}, before it starts on {starts:%Y-%m-%d %H:%M}")
    return Repeat(
        # The week starts on Monday where the rule does not say.
        text=";".join(f"{name}={value}" for name, value in {"WKST": "MO", **parts}.items() if name not in _ENDS),
        starts=starts,
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
        until=until,
        several_a_day=any(len(set(parts.get(name, "").split(","))) > 1 for name in ("BYHOUR", "BYMINUTE")),
    )


def _split(text: str) -> dict[str, str]:
    body = text.strip().upper().removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for piece in body.rstrip(";").split(";"):
        name, equals, value = (side.strip() for side in piece.partition("="))
        if not equals or not name or not value:
            raise BadRepeat(f"has the piece '{piece.strip()}', which is not of the form NAME=VALUE")
        if name == "BYSECOND":
            raise BadRepeat("has BYSECOND; a calendar counts in whole minutes")
        if name not in _PARTS:
            close = get_close_matches(name, _PARTS, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise BadRepeat(f"has the unknown part {name}{hint}")
        if name in parts:
            raise BadRepeat(f"has {name} twice")
        parts[name] = ",".join(one.strip() for one in value.split(","))
    return parts


def _frequency(parts: Mapping[str, str]) -> str:
    frequency = parts.get("FREQ")
    if frequency is None:
        raise BadRepeat(f"has no FREQ; write one of {', '.join(_FREQUENCIES)}")
    if frequency in _TOO_OFTEN:
        raise BadRepeat(f"repeats {frequency}, more than once a day; use DAILY, with BYHOUR for several times a day")
    if frequency not in _FREQUENCIES:
        close = get_close_matches(frequency, _FREQUENCIES, n=1)
        hint = f"; did you mean {close[0]}?" if close else f"; write one of {', '.join(_FREQUENCIES)}"
        raise BadRepeat(f"has FREQ={frequency}{hint}")
    return frequency


def _check(name: str, value: str, frequency: str) -> None:
    if name in ("COUNT", "INTERVAL"):
        if not re.fullmatch(r"[0-9]{1,6}", value) or not 1 <= int(value) <= 366 * MAX_YEARS:
            raise BadRepeat(f"has {name}={value}; write a whole number from 1 to {366 * MAX_YEARS}")
    elif name == "WKST" and value not in _DAYS:
        raise BadRepeat(f"has WKST={value}; write one of {', '.join(_DAYS)}")
    elif name == "BYDAY":
        _check_days(value, frequency)
    elif name in _NUMBERS:
        _check_numbers(name, value)
        if frequency not in _ONLY_WITH.get(name, _FREQUENCIES):
            allowed = " or ".join(sorted(_ONLY_WITH[name]))
            raise BadRepeat(f"has {name}, which goes with FREQ={allowed}, not with FREQ={frequency}")


def _check_days(value: str, frequency: str) -> None:
    for day in value.split(","):
        found = _BY_DAY.fullmatch(day)
        if not found:
            raise BadRepeat(f"has BYDAY={value}, where '{day}' is not a weekday such as MO or 1MO")
        if found[1] and (frequency not in ("MONTHLY", "YEARLY") or not 1 <= abs(int(found[1])) <= 53):
            raise BadRepeat(f"has BYDAY={day}; a number before the weekday goes with MONTHLY or YEARLY, from 1 to 53")


def _check_numbers(name: str, value: str) -> None:
    allowed = _NUMBERS[name]
    signed = name in _SIGNED
    for number in value.split(","):
        fits = re.fullmatch(r"[+-]?[0-9]{1,3}" if signed else r"[0-9]{1,3}", number)
        if not fits or abs(int(number)) not in allowed:
            less = f", or -{allowed.start} to -{allowed.stop - 1} from the end" if signed else ""
            raise BadRepeat(f"has {name}={value}; write numbers from {allowed.start} to {allowed.stop - 1}{less}")


def _check_month_days(parts: Mapping[str, str]) -> None:
    """Refuse days that none of the months has, which ``dateutil`` would look for until the year 9999."""
    if "BYMONTH" in parts and "BYMONTHDAY" in parts:
        longest = max(monthrange(_LEAP_YEAR, int(month))[1] for month in parts["BYMONTH"].split(","))
        if all(abs(int(day)) > longest for day in parts["BYMONTHDAY"].split(",")):
            raise BadRepeat(f"never happens: no month {parts['BYMONTH']} has a day {parts['BYMONTHDAY']}")


def _until(value: str, zone: ZoneInfo) -> datetime:
    """Return the wall-clock time of ``UNTIL``; a date alone means the whole of that day."""
    try:
        found = _UNTIL.fullmatch(value)
        wall = datetime.fromisoformat(f"{found[1]}T{found[2] or '235959'}") if found else None
        if wall and found and found[3]:
            return wall.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        wall = None
    if wall is None:
        raise BadRepeat(
            f"has UNTIL={value}; write a date that exists such as 20270228, or a time such as 20270228T200000Z"
        )
    return wall
