"""What is counted. Units are types: figures of two units cannot be added, and a type checker says so first.

The units are the steps of a funnel, from being shown something to doing something. They are never summed across each
other: an impression is a display, a visit is a sitting, a person is a person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Unit:
    """What one figure counts. A subclass for each; they are never instantiated."""

    word: ClassVar[str]
    counts_people: ClassVar[bool] = False
    """Whether it counts people, so that the same person may stand in two figures and small counts identify."""
    linked: ClassVar[bool] = False
    """Whether its figures hang together (parts beside their total), so that only tables that hide what would give a
    small one away list them one by one."""
    step: ClassVar[int]
    """Its place in the funnel, from exposure (1) to action; 0 stands beside it."""


class Exposures(Unit):
    """Times that something was shown: an impression, a view, a screen. Repeats count."""

    word = "exposures"
    step = 1


class People(Unit):
    """People who saw something, as far as whoever counted could tell them apart."""

    word = "people"
    counts_people = True
    step = 2


class Visits(Unit):
    """Sittings on the site: pages that one visitor opened on one day."""

    word = "visits"
    step = 3


class Engagements(Unit):
    """Things that people did with a post where it stood: liked, shared, answered."""

    word = "engagements"
    step = 4


class Actions(Unit):
    """Steps towards what a message asks for: a link opened, a call, a download, a subscription."""

    word = "actions"
    step = 5


class Pickups(Unit):
    """Re-publications by partners and the press."""

    word = "pickups"
    step = 0


class Materials(Unit):
    """Prints and objects handed out or put up."""

    word = "materials"
    step = 0


class Sessions(Unit):
    """Training sessions and events that took place."""

    word = "sessions"
    step = 0


class Trained(Unit):
    """Persons trained, each counted once."""

    word = "persons-trained"
    counts_people = True
    step = 0


class Contacts(Unit):
    """Contacts of an assistance centre: calls, letters, visits. Who comes twice is two contacts, so it is no people."""

    word = "contacts"
    counts_people = True
    linked = True
    step = 0


class InStage(Unit):
    """Persons at one stage of a referral mechanism in one quarter. The same person may stand in several of them."""

    word = "persons-in-stage"
    counts_people = True
    linked = True
    step = 0


_ALL: tuple[type[Unit], ...] = (
    Exposures, People, Visits, Engagements, Actions, Pickups, Materials, Sessions, Trained, Contacts, InStage,
)  # fmt: skip
UNITS: dict[str, type[Unit]] = {unit.word: unit for unit in _ALL}
"""The units by the word that files, commands and the store use."""


def meaning(unit: type[Unit]) -> str:
    """Return what a unit counts, in one sentence."""
    return (unit.__doc__ or "").splitlines()[0]


FUNNEL: tuple[type[Unit], ...] = tuple(sorted((unit for unit in UNITS.values() if unit.step), key=lambda one: one.step))


class Kind(StrEnum):
    """How a figure is known."""

    MEASURED = "measured"
    """Counted by a machine: a network's interface, the site's log, the outbox."""
    REPORTED = "reported"
    """Counted by people: attendance lists, a partner's report."""
    ESTIMATED = "estimated"
    """Nobody counted; somebody reckoned, and says how."""
