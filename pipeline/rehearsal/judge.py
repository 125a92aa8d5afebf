"""Comparing what was handed over with what arrived: nothing lost, nothing twice, nothing otherwise than shown. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from channels.contract import Media, Preview
from channels.testing.simulator import Arrived


@dataclass(frozen=True, slots=True)
class Promise:
    """One part that a network confirmed with a receipt: by which id, and what its preview said it would show."""

    delivery: int
    part: int
    remote_id: str
    preview: Preview
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one promise: how often it arrived (the first time first), and what differs."""

    promise: Promise
    arrived: tuple[Arrived, ...]
    differences: tuple[str, ...]

    @property
    def lost(self) -> bool:
        """Whether it did not arrive."""
        return not self.arrived

    @property
    def double(self) -> int:
        """How often it arrived too many times."""
        return max(len(self.arrived) - 1, 0)


def judge(promises: Iterable[Promise], arrived: Sequence[Arrived]) -> tuple[list[Verdict], list[Arrived]]:
    """Return a verdict for each promise made to one network, and what arrived there that nobody was promised.

    :param promises: everything for which this network gave a receipt.
    :param arrived: everything that this network has.
    """
    there: dict[str, list[Arrived]] = defaultdict(list)
    for one in arrived:
        there[one.remote_id].append(one)
    verdicts = []
    for promise in promises:
        found = tuple(there.pop(promise.remote_id, ()))
        verdicts.append(Verdict(promise, found, _differences(promise, found[0]) if found else ()))
    return verdicts, [one for ones in there.values() for one in ones]


def _differences(promise: Promise, arrived: Arrived) -> tuple[str, ...]:
    preview = promise.preview
    found = []
    if arrived.text != preview.text:
        found.append("the text that arrived is not the one that the preview shows")
    if arrived.alt_texts != preview.alt_texts:
        found.append("the pictures' descriptions did not arrive as the preview shows them")
    if arrived.media and arrived.media != tuple(picture.sha256 for picture in promise.media):
        found.append("the pictures that arrived are not the ones that were sent")
    found += [
        f"'{name}' did not arrive as the preview shows it"
        for name, value in preview.fields.items()
        if name in arrived.fields and arrived.fields[name] != value
    ]
    return tuple(found)
