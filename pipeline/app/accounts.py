"""From an account in the settings to a channel that can be used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from channels import registry
from channels.contract import Adapts, Channel, Outcome
from pipeline.app.kinds import settings_of
from pipeline.clock import Clock
from pipeline.outbox.equipment import Unusable
from pipeline.settings import Account, Settings
from pipeline.store import Store

__all__ = ["Channels", "settings_of"]

FACTS_LAST = timedelta(days=1)


class Channels:
    """Opens channels and keeps them open; one for each account.

    :param store: where the servers' own facts are kept; without one, channels go by what they know of themselves.
    """

    def __init__(self, settings: Settings, clock: Clock, store: Callable[[], Store] | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._store = store
        self._open: dict[str, Channel[Any]] = {}
        self._untaught: dict[str, Channel[Any]] = {}
        self._kinds: dict[str, type[Channel[Any]]] = {}
        self._lock = threading.Lock()

    def offline(self, account: Account) -> Channel[Any]:
        """Return the channel of an account for counting and previews: nothing is sent through it."""
        return self._get(account, self._facts(account.name))

    def untaught(self, account: Account) -> Channel[Any]:
        """Return the channel of an account as it was before its server told anything of itself, for composing."""
        with self._lock:
            if account.name not in self._untaught:
                self._untaught[account.name] = self._connect(account, {})
            return self._untaught[account.name]

    def usable(self, name: str) -> Channel[Any]:
        """Return the channel of an account for sending; its server is asked about itself once a day.

        :raises Unusable: when the account is not configured, or a secret is missing.
        """
        account = self._settings.accounts.get(name)
        if account is None:
            raise Unusable(f"there is no account '{name}' in outreach.toml; add it again, or cancel its posts")
        if account.missing:
            raise Unusable(f"the account needs {' and '.join(account.missing)} in the environment or in .env")
        known = self._store().accounts.get(name) if self._store else None
        facts, at = (known.facts, known.facts_at) if known else ({}, self._clock.now())
        if at is None or at < self._clock.now() - FACTS_LAST:
            facts = self._learn(account, facts)
        return self._get(account, facts)

    def _get(self, account: Account, facts: Mapping[str, Any]) -> Channel[Any]:
        with self._lock:
            channel = self._open.get(account.name)
            if channel is None or dict(channel.facts) != dict(facts):
                channel = self._open[account.name] = self._connect(account, facts)
            return channel

    def _connect(self, account: Account, facts: Mapping[str, Any]) -> Channel[Any]:
        kind = self._kinds.get(account.kind) or registry.load(account.kind)
        self._kinds[account.kind] = kind
        return registry.connect(kind, account.name, account.settings, self._clock.now, facts)

    def _facts(self, name: str) -> dict[str, Any]:
        return self._store().accounts.get(name).facts if self._store else {}

    def _learn(self, account: Account, facts: dict[str, Any]) -> dict[str, Any]:
        channel = self._get(account, facts)
        if not isinstance(channel, Adapts) or not self._store:
            return facts
        try:
            facts = channel.learn()
        except Outcome:
            # What was known yesterday still is the best guess; the sending itself will say what is wrong.
            return facts
        self._store().accounts.remember(account.name, facts, self._clock.now())
        return facts

    def close(self) -> None:
        """Let go of every connection."""
        with self._lock:
            for channel in (*self._open.values(), *self._untaught.values()):
                channel.close()
                channel.door.close()
            self._open.clear()
            self._untaught.clear()
