"""The months of a rehearsal as grids of weeks, Monday first. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pipeline.rehearsal.record import Record, Showing

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a grid. ``quiet`` says why nothing is published, where a campaign says so."""

    day: date
    inside: bool
    showings: tuple[Showing, ...]
    quiet: str = ""

    @property
    def well(self) -> bool:
        """Whether all of it went out."""
        return all(one.well for one in self.showings)


@dataclass(frozen=True, slots=True)
class Month:
    """One month."""

    name: str
    weeks: tuple[tuple[Cell, ...], ...]


def months(record: Record) -> Iterator[Month]:
    """Yield the months from the first to the last day on which something is due."""
    days = record.days
    if not days:
        return
    first, last = min(days), max(days)
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        weeks = tuple(
            tuple(
                Cell(
                    day, day.month == month, tuple(days.get(day, ())) if day.month == month else (), _quiet(record, day)
                )
                for day in week
            )
            for week in calendar.Calendar(firstweekday=0).monthdatescalendar(year, month)
        )
        yield Month(f"{MONTHS[month - 1]} {year}", weeks)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _quiet(record: Record, day: date) -> str:
    gaps = [gap for campaign in record.campaigns for gap in campaign.gaps if gap.start <= day <= gap.end]
    whole = len({gap.campaign for gap in gaps}) == len(record.campaigns)
    return gaps[0].reason if gaps and whole else ""


def spoken(day: date) -> str:
    """Return a day as it is read out, such as ``Tuesday, 1 December 2026``."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"
