"""The sheets of tests of trainings: a code and points of 100 for each, by session and wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from pipeline.store.events import note
from pipeline.store.training_tables import training_tests
from pipeline.store.transactions import Transactions

_t = training_tests.c


@dataclass(frozen=True, slots=True)
class TakenSheet:
    """One sheet: the row of its table, its code, its points of 100."""

    row: int
    code: str
    percent: float


class TrainingTests:
    """Keeps the sheets."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def take(self, where: tuple[str, str], wave: str, sheets: Sequence[TakenSheet], who: str, now: datetime) -> int:
        """Keep the sheets of a wave in place of those that were there; return how many were."""
        plan, session = where
        with self._in.writing() as connection:
            mine = (_t.plan == plan, _t.session == session, _t.wave == wave)
            earlier = connection.execute(delete(training_tests).where(*mine)).rowcount
            rows = [
                {"plan": plan, "session": session, "wave": wave, "row": one.row, "code": one.code,
                 "percent": one.percent}
                for one in sheets
            ]  # fmt: skip
            if rows:
                connection.execute(insert(training_tests), rows)
            note(connection, now, who, f"took in a {wave} test", f"{plan}/{session}", f"{len(rows)}")
        return int(earlier)

    def sheets(self, where: tuple[str, str]) -> dict[str, list[TakenSheet]]:
        """Return the sheets of a session, by wave."""
        found: dict[str, list[TakenSheet]] = {}
        with self._in.reading() as connection:
            wanted = select(training_tests).where(_t.plan == where[0], _t.session == where[1]).order_by(_t.row)
            for row in connection.execute(wanted):
                found.setdefault(row.wave, []).append(TakenSheet(row.row, row.code, row.percent))
        return found
