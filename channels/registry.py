"""Which channels there are: found through the entry-point group ``outreach.channels``.

The built-in ones come in through the same door as a stranger's. One that cannot be loaded is told of in one sentence
and does not take the others with it. Looking up what there is imports nothing and does no I/O on the network.
"""

from __future__ import annotations

import difflib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from channels.contract import Channel, ChannelSettings, Traits

GROUP = "outreach.channels"


class ChannelProblem(Exception):
    """A channel that is not there or cannot be used; ``str()`` is one sentence for a person."""


def kinds() -> tuple[str, ...]:
    """Return the kinds of channel that are installed, in alphabetical order."""
    return tuple(sorted({entry.name for entry in _entries()}))


def load(kind: str) -> type[Channel[Any]]:
    """Return the channel class for ``kind``.

    :raises ChannelProblem: when there is none, there are two, or it is broken.
    """
    found = {entry.value: entry for entry in _entries() if entry.name == kind}
    if not found:
        near = difflib.get_close_matches(kind, kinds(), n=1)
        meant = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(kinds()) or 'none at all'}."
        raise ChannelProblem(f"there is no channel of the kind '{kind}'; {meant}")
    if len(found) > 1:
        raise ChannelProblem(
            f"the channel '{kind}' is offered by {len(found)} packages ({', '.join(map(_origin, found.values()))}); "
            "uninstall all but one."
        )
    return _checked(*found.values())


def load_all() -> tuple[dict[str, type[Channel[Any]]], list[str]]:
    """Return every channel that can be used, by kind, and one sentence for each that cannot."""
    usable: dict[str, type[Channel[Any]]] = {}
    problems: list[str] = []
    for kind in kinds():
        try:
            usable[kind] = load(kind)
        except ChannelProblem as problem:
            problems.append(str(problem))
    return usable, problems


def connect(
    channel: type[Channel[Any]],
    account: str,
    settings: ChannelSettings,
    clock: Callable[[], datetime],
    facts: Mapping[str, Any] | None = None,
    **door: Any,
) -> Channel[Any]:
    """Return a channel for one account, with a door of its own. No I/O happens until it is used.

    :param facts: what ``learn()`` found out earlier.
    :param door: further arguments for :class:`channels.http.Door`, such as shorter time-outs.
    """
    # What speaks HTTP takes long to import, and who asks what there is speaks to nobody.
    from channels.http import Door  # noqa: PLC0415

    return channel(account, settings, Door.of(account, settings, clock, **door), facts)


def _entries() -> tuple[EntryPoint, ...]:
    return _read(entry_points, tuple(sys.path))


@cache
def _read(find: Callable[..., Iterable[EntryPoint]], _where: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Ask once what is installed: it means looking into every package, and each account asks for its kind."""
    return tuple(sorted(find(group=GROUP), key=lambda entry: (entry.name, entry.value)))


def _origin(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value


def _checked(entry: EntryPoint) -> type[Channel[Any]]:
    where = f"the channel '{entry.name}' of the package {_origin(entry)}"
    fault, cause = "", None
    try:
        channel = entry.load()
    except Exception as error:
        fault, cause = f"cannot be loaded ({type(error).__name__}: {error})", error
    except SystemExit:
        fault = "cannot be loaded (it ends the program)"
    else:
        fault = _fault(channel, entry.name)
        if not fault:
            return channel  # type: ignore[no-any-return]
    raise ChannelProblem(f"{where} {fault}; update or uninstall it.") from cause


def _fault(channel: Any, kind: str) -> str:
    if not _is_a(channel, Channel):
        return "is not a subclass of channels.contract.Channel"
    missing = [name for name in ("kind", "Settings", "traits") if not hasattr(channel, name)]
    if missing:
        return f"does not say its {', '.join(missing)}"
    faults = {
        f"calls itself '{channel.kind}'": channel.kind != kind,
        "has Settings that are not a subclass of channels.contract.ChannelSettings": not _is_a(
            channel.Settings, ChannelSettings
        ),
        "has traits that are not channels.contract.Traits": not isinstance(channel.traits, (Traits, property)),
        f"lacks {', '.join(sorted(channel.__abstractmethods__))}": bool(channel.__abstractmethods__),
    }
    return next((fault for fault, holds in faults.items() if holds), "")


def _is_a(thing: Any, base: type) -> bool:
    return inspect.isclass(thing) and issubclass(thing, base)
