"""What the store knows about accounts: paused or not, throttled until when, what their servers said of themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, delete, insert, select, update

from pipeline.store.deliveries import PAUSE, ignoring
from pipeline.store.events import note
from pipeline.store.tables import accounts, facts
from pipeline.store.transactions import Transactions

_a = accounts.c
_GET = select(accounts).where(_a.name == bindparam("name_", type_=Text()))


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as the store knows it. Times are UTC."""

    name: str
    paused_at: datetime | None = None
    paused_by: str = ""
    paused_why: str = ""
    throttled_until: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    facts_at: datetime | None = None


class Accounts:
    """Pauses, throttles and remembers."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def get(self, name: str) -> AccountState:
        """Return what is known about an account; an unknown one is simply not paused."""
        with self._in.reading() as connection:
            row = connection.execute(_GET, {"name_": name}).first()
        if row is None:
            return AccountState(name)
        return AccountState(
            name=row.name,
            paused_at=row.paused_at,
            paused_by=row.paused_by or "",
            paused_why=row.paused_why,
            throttled_until=row.throttled_until,
            facts=json.loads(row.facts),
            facts_at=row.facts_at,
        )

    def _set(self, name: str, now: datetime | None, event: tuple[str, str, str] | None, **values: Any) -> None:
        with self._in.writing() as connection:
            connection.execute(
                ignoring(connection, insert(accounts)), [{"name": name, "facts": "{}", "paused_why": ""}]
            )
            connection.execute(update(accounts).where(_a.name == name).values(**values))
            if event and now:
                who, what, detail = event
                note(connection, now, who, what, name, detail)

    def pause(self, name: str, who: str, why: str, now: datetime) -> None:
        """Let nothing more out through this account until it is resumed."""
        self._set(name, now, (who, "paused the account", why), paused_at=now, paused_by=who, paused_why=why)

    def resume(self, name: str, who: str, now: datetime) -> None:
        """Let the account publish again."""
        event = (who, "resumed the account", "")
        self._set(name, now, event, paused_at=None, paused_by=None, paused_why="", throttled_until=None)

    def throttle(self, name: str, until: datetime) -> None:
        """Leave the account alone until then (UTC), as its network asked."""
        self._set(name, None, None, throttled_until=until)

    def remember(self, name: str, learned: dict[str, Any], now: datetime) -> None:
        """Keep what the account's server said of itself."""
        self._set(name, None, None, facts=json.dumps(learned, sort_keys=True), facts_at=now)

    # --- everything at once ---

    def pause_all(self, who: str, why: str, now: datetime) -> None:
        """Stop everything, for every worker, from its next request on."""
        with self._in.writing() as connection:
            value = json.dumps({"who": who, "why": why, "at": now.isoformat()})
            connection.execute(ignoring(connection, insert(facts)), [{"name": PAUSE, "value": value}])
            connection.execute(update(facts).where(facts.c.name == PAUSE).values(value=value))
            note(connection, now, who, "paused everything", "", why)

    def resume_all(self, who: str, now: datetime) -> bool:
        """Lift the general pause; return whether there was one."""
        with self._in.writing() as connection:
            there = connection.execute(delete(facts).where(facts.c.name == PAUSE)).rowcount
            if there:
                note(connection, now, who, "resumed everything", "")
        return bool(there)

    def paused_all(self) -> dict[str, str] | None:
        """Return who paused everything, why and when, or ``None``."""
        with self._in.reading() as connection:
            value = connection.execute(select(facts.c.value).where(facts.c.name == PAUSE)).scalar_one_or_none()
        return json.loads(value) if value else None
