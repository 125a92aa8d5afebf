"""When a centre is open: its week as people read it, closures to come, and what somebody should look at. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise

from pipeline.model import Helpline
from pipeline.programme.centre.centre_file import Centre, Closure, Weekday

SOON = timedelta(days=14)
"""How long before a closure or a holiday the team is reminded."""
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-4])[:.h]([0-5]\d)(?!\d)")


def week(one: Centre) -> list[tuple[Weekday, Weekday, tuple[str, ...]]]:
    """Return the week from Monday on, days with the same hours together: first day, last day, hours (none: closed)."""
    days = [(day, tuple(sorted(one.hours.get(day, ())))) for day in Weekday]
    groups = (list(group) for _, group in groupby(days, key=lambda item: item[1]))
    return [(group[0][0], group[-1][0], group[0][1]) for group in groups]


def to_come(one: Centre, today: date) -> list[Closure]:
    """Return the closures that are not over, the next first."""
    return sorted((closure for closure in one.closures if closure.last >= today), key=lambda closure: closure.first)


def overlapping(spans: Sequence[str]) -> tuple[str, str] | None:
    """Return two spans of one day that share time, or ``None``."""
    ordered = sorted(spans)
    for one, following in pairwise(ordered):
        if following[:5] < one[6:]:
            return one, following
    return None


def contradicts(one: Centre, helpline: Helpline) -> Iterator[tuple[str, str]]:
    """Tell where the hours of the registry say something else: the language, and the registry's text.

    The registry's hours are words. Every hour in them has to be one at which the centre opens or closes, and the other
    way round; words without any hour speak of day and night, which is every day from 00:00 to 24:00.
    """
    mine = {hour for spans in one.hours.values() for span in spans for hour in span.split("-")}
    always = len(one.hours) == len(Weekday) and all(spans == ("00:00-24:00",) for spans in one.hours.values())
    for language, text in helpline.hours.items() if one.hours else ():
        said = {f"{int(hour):02}:{minute}" for hour, minute in _CLOCK.findall(text)}
        if (said and said != mine) or (not said and not always):
            yield language, text


def late(one: Centre, today: date, holidays: Sequence[tuple[date, str]], *, shown: bool, language: str) -> list[str]:
    """Return what somebody should see to, one sentence each.

    :param holidays: the public holidays of its country from today on.
    :param shown: whether its page is on the site.
    """
    found = [] if one.hours else ["the centre has no hours, so its page shows none"]
    soon = today + SOON
    if not shown:
        for closure in to_come(one, today):
            if closure.first <= soon:
                reason = closure.reason.get(language) or next(iter(closure.reason.values()))
                found.append(f"it is closed from {closure.first} to {closure.last} ({reason}), and no page shows it")
    for day, name in holidays if one.hours and not one.open_on_holidays else ():
        open_then = list(Weekday)[day.weekday()] in one.hours
        covered = any(closure.first <= day <= closure.last for closure in one.closures)
        if today <= day <= soon and open_then and not covered:
            found.append(
                f"{day} is a public holiday ({name}), and the page shows the usual hours; "
                "write it under `closures`, or `open_on_holidays: true`"
            )
    return found
