"""Examining accounts before their slot comes: credentials, permissions, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from channels.contract import Checks, Outcome
from pipeline.app.capabilities import stale
from pipeline.app.house import House
from pipeline.outbox.worker import Unusable
from pipeline.settings import Account

FACTS_STALE = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one account: one sentence for each trouble, and for each thing that could be had better."""

    account: str
    kind: str
    troubles: tuple[str, ...]
    hints: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether the account could publish now, as far as can be seen."""
        return not self.troubles

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        said = {"troubles": list(self.troubles), "hints": list(self.hints)}
        return {"account": self.account, "kind": self.kind, "well": self.well, **said}


def examine(house: House, names: Iterable[str] = ()) -> list[Finding]:
    """Ask the networks of these accounts (of all, when none is named) and return a finding for each."""
    chosen = list(names) or list(house.settings.accounts)
    accounts = [house.settings.accounts[name] for name in chosen]
    _ = house.store
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(lambda account: _finding(house, account), accounts))


def _finding(house: House, account: Account) -> Finding:
    return Finding(account.name, account.kind, tuple(_troubles(house, account)), tuple(_hints(house, account)))


def _hints(house: House, account: Account) -> Iterator[str]:
    price = house.channel(account.name).traits.price
    if price and price.with_link is not None and price.with_link > price.amount and account.link:
        yield (
            f"a post with its link costs {price.with_link} {price.currency}, without it {price.amount}; write "
            f"`link = false` under [accounts.{account.name}] to leave links out"
        )


def _troubles(house: House, account: Account) -> list[str]:
    state = house.store.accounts.get(account.name)
    found = [f"it is paused: {state.paused_why}"] if state.paused_at else []
    found += stale(house.channel(account.name).traits, house.today, FACTS_STALE)
    try:
        channel = house.channels.usable(account.name)
        if isinstance(channel, Checks):
            found += channel.check()
    except (Unusable, Outcome) as error:
        return [*found, str(error)]
    return found
