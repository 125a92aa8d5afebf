"""The stage: a simulator for every account's network, and settings that lead there instead of outside.

Accounts of one kind that name the same server share its simulator, as they share the server.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr, ValidationError

from channels import registry
from channels.contract import ChannelSettings
from channels.testing.simulator import Simulator
from pipeline.settings import Account, Settings


@dataclass(frozen=True, slots=True)
class _Network:
    """A simulator that plays the networks of one kind at one place."""

    kind: str
    place: Mapping[str, Any]
    simulator: Simulator


class Stage:
    """Simulators on this machine for the accounts of a project.

    :param clock: the virtual clock's reading; the simulators know no other time.

    Afterwards ``absent`` says, by account, why one could not be put on stage.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._networks: list[_Network] = []
        self._of: dict[str, Simulator] = {}
        self._open = ExitStack()
        self.absent: dict[str, str] = {}

    @property
    def simulators(self) -> list[Simulator]:
        """Every simulator, in the order in which they were started."""
        return [network.simulator for network in self._networks]

    def of(self, account: str) -> Simulator | None:
        """Return the simulator that plays an account's network."""
        return self._of.get(account)

    def set_for(self, settings: Settings, names: Iterable[str]) -> Settings:
        """Start what the accounts ``names`` need, and return the settings with these accounts leading there.

        Accounts that are not named keep their settings: nothing may be sent through them.
        """
        accounts = dict(settings.accounts)
        for name in names:
            account = accounts[name]
            try:
                accounts[name] = self._moved(account)
            except (registry.ChannelProblem, ValidationError, ImportError, AttributeError, TypeError) as error:
                self.absent[name] = f"the simulator of '{account.kind}' cannot be used ({type(error).__name__})"
            except LookupError as error:
                self.absent[name] = str(error.args[0])
        return replace(settings, accounts=accounts)

    def _moved(self, account: Account) -> Account:
        simulator = self._simulator_for(account)
        moved = point(account.settings, simulator.address(account.name))
        self._of[account.name] = simulator
        return replace(account, settings=moved, missing=())

    def _simulator_for(self, account: Account) -> Simulator:
        for network in self._networks:
            if network.kind == account.kind and network.place == _place(account.settings, network.place):
                return network.simulator
        named = registry.load(account.kind).simulator
        if not named:
            raise LookupError(f"the channel '{account.kind}' brings no simulator")
        module, _, name = named.partition(":")
        simulator: Simulator = getattr(importlib.import_module(module), name)(self._clock)
        self._open.enter_context(simulator)
        place = _place(account.settings, simulator.address(account.name))
        self._networks.append(_Network(account.kind, place, simulator))
        return simulator

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()


def point(settings: ChannelSettings, address: Mapping[str, Any]) -> ChannelSettings:
    """Return an account's settings with those of ``address`` in their place; the rest, such as a subject, stays.

    :raises ValidationError: when they do not go together.
    """
    kept = {name: getattr(settings, name) for name in type(settings).model_fields}
    return type(settings).model_validate({**kept, **address})


def _place(settings: ChannelSettings, names: Iterable[str]) -> dict[str, Any]:
    """Return where an account is at home: its own values of the settings that lead to a simulator, secrets apart."""
    found = {name: getattr(settings, name, None) for name in names}
    return {name: value for name, value in found.items() if not isinstance(value, SecretStr)}
