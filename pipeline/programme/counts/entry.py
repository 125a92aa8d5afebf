"""How counts that came in a table, or by options, are written down in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipeline.reach.units import Kind
from pipeline.store import Reading


@dataclass(frozen=True, slots=True)
class Entry:
    """How counts are written down: when (UTC), by whom, why they replace others, and the table that they came in.

    ``table`` and ``sha256`` are its name and checksum; both are empty for counts that came by options.
    """

    at: datetime
    by: str
    note: str = ""
    table: str = ""
    sha256: str = ""

    def reading(self, source: str, period: tuple[date, date], **own: Any) -> Reading:
        """Return a count as the ledger takes it, with what is its ``own``.

        :param period: the first and the last day that it is of.
        """
        first, last = period
        return Reading(
            source=source,
            channel=source,
            at=self.at,
            kind=Kind.REPORTED,
            period_first=first,
            period_last=last,
            by=self.by,
            note=self.note,
            evidence=self.table,
            evidence_sha256=self.sha256,
            **own,
        )
