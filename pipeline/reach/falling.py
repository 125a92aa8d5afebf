"""When a post's figures are read again: often while it is young, seldom later, and not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

STEPS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168, 720))
"""After its publication: one hour, six hours, a day, three days, a week, thirty days."""
MONTHLY = timedelta(days=30)
QUIET_MONTHS = 2
"""Monthly readings without a change, after which a post is left alone."""


def read_at_age(age: timedelta) -> timedelta:
    """Return at which age a post is read that is at least ``age`` old: at the next step, later at the next month."""
    return next((step for step in STEPS if step >= age), STEPS[-1] + MONTHLY * -((STEPS[-1] - age) // MONTHLY))


def next_reading(sent_at: datetime, read_at: datetime, unchanged: int) -> datetime | None:
    """Return when figures are due again (UTC), or ``None`` when nothing is to be expected any more.

    :param read_at: the latest reading.
    :param unchanged: how many readings in a row, the latest included, brought nothing new.
    """
    for step in STEPS:
        if sent_at + step > read_at:
            return sent_at + step
    return None if unchanged >= QUIET_MONTHS else read_at + MONTHLY
