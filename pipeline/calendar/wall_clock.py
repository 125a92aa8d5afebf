"""Times as people write them, and the instants they stand for in a named zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dateutil import tz

YEARS = range(1970, 3000)
"""Years that a calendar may name; others are slips, and too close to the ends of what a clock can count."""


def read(text: str) -> datetime:
    """Return the wall-clock time that ``text`` (``2026-12-01 10:00``) says, without a zone.

    :raises ValueError: with a clause for a person when there is no such date or time of day.
    """
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no date and time of day that exists") from None
    if wall.tzinfo is not None or wall.year not in YEARS:
        raise ValueError(f"'{text}' is not a date and time between {YEARS.start} and {YEARS.stop - 1}")
    return wall


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the one instant (UTC) at which the clocks of ``zone`` show ``wall``.

    :raises ValueError: with a clause for a person when a clock change skips or repeats this time.
    """
    shown = f"{wall:%Y-%m-%d %H:%M}"
    if not tz.datetime_exists(wall, zone):
        later = tz.resolve_imaginary(wall.replace(tzinfo=zone))
        raise ValueError(
            f"{shown} does not exist in {zone.key}: a clock change skips it; write for example {later:%Y-%m-%d %H:%M}"
        )
    if tz.datetime_ambiguous(wall, zone):
        raise ValueError(
            f"{shown} comes twice in {zone.key}: a clock change repeats it; choose a time outside that hour"
        )
    return wall.replace(tzinfo=zone).astimezone(UTC)


def candidates(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the earlier and the later instant (UTC) that ``wall`` can mean; the same one twice as a rule."""
    first, second = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second
