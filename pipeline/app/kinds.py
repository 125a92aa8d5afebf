"""Which settings an account of a kind of channel has."""

from __future__ import annotations

from channels import registry
from channels.contract import ChannelSettings


def settings_of(kind: str) -> type[ChannelSettings]:
    """Return the settings model of a kind of channel; raise ``LookupError`` with one sentence when there is none."""
    try:
        return registry.load(kind).Settings
    except registry.ChannelProblem as problem:
        raise LookupError(str(problem)) from None
