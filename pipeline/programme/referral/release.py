"""What of the monitoring is released to everybody: the totals of whole quarters, with small counts hidden.

Breakdowns are never released. So no shown number is part of another, and neither one release nor two that are set
beside each other let a hidden count be reckoned back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import Field

from pipeline.model import Frozen
from pipeline.programme.referral.counts import TOTAL, Shown
from pipeline.programme.referral.referral_file import Quarter, Referral
from pipeline.reach.suppression import THRESHOLD

Count = Annotated[int, Field(ge=0)]


class Row(Frozen):
    """The totals of a quarter. ``None`` is hidden; a stage that is not there was not counted."""

    quarter: Quarter
    counts: dict[str, Count | None]
    median_days: Count | None = None


class Released(Frozen):
    """What was released: the rows in the order of their quarters, and the day on which they were put together."""

    made_on: date
    rows: tuple[Row, ...]


def made_from(one: Referral, rows: Iterable[Shown], made_on: date) -> Released:
    """Return what may be published of rows that may be shown: totals, until the quarter that the file names."""
    until = one.released_until or ""
    totals = [row for row in rows if row.by == TOTAL and row.quarter <= until]
    kept = (Row(quarter=row.quarter, counts=dict(row.counts), median_days=row.median_days) for row in totals)
    return Released(made_on=made_on, rows=tuple(sorted(kept, key=lambda row: row.quarter)))


def read(one: Referral, data: bytes) -> Released:
    """Return what the file of a release holds, without quarters that are no longer released.

    :raises ValueError: when it is not as :func:`made_from` makes it: a small count that somebody wrote into it, say.
    """
    made = Released.model_validate_json(data)
    for row in made.rows:
        if set(row.counts) != set(one.counted):
            raise ValueError(f"{row.quarter} has other stages than {one.path}")
        if any(count is not None and 0 < count < THRESHOLD for count in row.counts.values()):
            raise ValueError(f"{row.quarter} has a count below {THRESHOLD}")
        if row.median_days is not None and (row.counts[one.median_to] or 0) < THRESHOLD:
            raise ValueError(f"{row.quarter} has a median of fewer than {THRESHOLD} persons")
    quarters = [row.quarter for row in made.rows]
    if quarters != sorted(set(quarters)):
        raise ValueError("its quarters do not stand once each, in their order")
    until = one.released_until or ""
    return Released(made_on=made.made_on, rows=tuple(row for row in made.rows if row.quarter <= until))
