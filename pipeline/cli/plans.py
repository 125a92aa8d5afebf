"""Choosing the plan whose file a command is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pipeline.cli.terminal import PROBLEMS, Refusal

T = TypeVar("T")


def of_plan(every: Mapping[str, T], plan: str | None, what: str) -> T:
    """Return what the plan has, or the only one there is.

    :param every: what there is, by plan.
    :param what: what it is called, such as ``centre``.
    :raises Refusal: when the plan has none, or several have one and none was named.
    """
    if plan is None and len(every) == 1:
        return next(iter(every.values()))
    if plan is None or plan not in every:
        lacking = f"the plan '{plan}' has no {what}" if plan else f"say with --plan whose {what}"
        raise Refusal(f"{lacking}; there are: {', '.join(every) or 'none'}.", PROBLEMS)
    return every[plan]


def counted(count: int, one: str) -> str:
    """Return a number of things: ``1 month``, ``3 months``."""
    return f"{count} {one if count == 1 else f'{one}s'}"
