"""Which rows somebody should be told about, and in what words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.model import Delivery, State, Why

_NEEDS_A_PERSON = {Why.PERSON, Why.LATE, Why.UNSAFE, Why.REFUSED, Why.GAVE_UP}
_WAITING = {State.PLANNED, State.CLAIMED, State.SENDING}


@dataclass(frozen=True, slots=True)
class Overdue:
    """A row that should have gone out, and why it has not."""

    delivery: Delivery
    why: str

    @property
    def mark(self) -> str:
        """What this notice is about: the same row is told of again only when it is in another kind of trouble."""
        return f"{self.delivery.id}/{self.delivery.state}/{self.delivery.reason_kind}"


def overdue(
    rows: Iterable[Delivery], now: datetime, after: timedelta, *, unapproved: set[int], paused: dict[str, str]
) -> list[Overdue]:
    """Return the rows that a person should know about now, oldest first.

    :param after: how long a row may be due before it counts as overdue.
    :param unapproved: ids of rows that wait for approval.
    :param paused: why accounts are paused; under ``""`` why everything is.
    """
    found = []
    for row in rows:
        if row.state in _WAITING and row.due_at + after <= now:
            found.append(Overdue(row, _waiting(row, unapproved, paused)))
        elif row.reason_kind in _NEEDS_A_PERSON and row.state not in {State.SENT, State.CANCELLED, State.RECALLED}:
            found.append(Overdue(row, row.reason))
    return sorted(found, key=lambda item: (item.delivery.due_at, item.delivery.id))


def _waiting(row: Delivery, unapproved: set[int], paused: dict[str, str]) -> str:
    if "" in paused:
        return f"everything is paused: {paused['']}"
    if row.account in paused:
        return f"its account is paused: {paused[row.account]}"
    if row.id in unapproved:
        return "nobody who may has approved its text yet; see `outreach approve`"
    return row.reason or "it has not been taken up yet; is `outreach run` or `outreach deliver` running?"


def words(items: list[Overdue], programme: str) -> tuple[str, str]:
    """Return the title and the text of a notice."""
    count = len(items)
    title = f"{programme}: {count} post{'s' if count != 1 else ''} did not go out on time"
    lines = [title, ""]
    for item in items[:50]:
        row = item.delivery
        lines.append(
            f"- no. {row.id}, {row.message} ({row.language}) on {row.account}, due {row.due_at:%Y-%m-%d %H:%M} UTC"
        )
        lines.append(f"  {item.why}")
    if count > 50:
        lines.append(f"… and {count - 50} more.")
    lines += ["", "See all of them with: outreach status"]
    return title, "\n".join(lines)
