"""Approval: somebody who may has read exactly this, and lets it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.app.house import House
from pipeline.model import OPEN, Delivery, State


class ApprovalRefused(Exception):
    """An approval is not accepted; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody approves: one text on one account, and the deliveries that carry it."""

    digest: str
    rows: tuple[Delivery, ...]

    @property
    def first(self) -> Delivery:
        """One of the rows; they differ in their time alone."""
        return self.rows[0]


def to_read(house: House, message: str, language: str | None = None) -> list[Reading]:
    """Return the texts of ``message`` that have not gone out yet, each once."""
    rows = house.store.desk.find(states=[*OPEN, State.FAILED], message=message, language=language)
    by_digest: dict[str, list[Delivery]] = {}
    for row in rows:
        by_digest.setdefault(row.post_digest, []).append(row)
    return [Reading(digest, tuple(found)) for digest, found in by_digest.items()]


def check_approver(house: House, by: str, readings: Iterable[Reading]) -> None:
    """Make sure that ``by`` may approve these texts.

    :raises ApprovalRefused: when they are not known, may not approve, or wrote one of them where the campaign asks
        for two people.
    """
    person = house.settings.people.get(by)
    if person is None:
        known = ", ".join(name for name, found in house.settings.people.items() if "approve" in found.may)
        raise ApprovalRefused(
            f"'{by}' is not among [people] in outreach.toml; who may approve: {known or 'nobody yet'}."
        )
    if "approve" not in person.may:
        raise ApprovalRefused(
            f"'{by}' may not approve: [people.{by}] in outreach.toml does not say may = [\"approve\"]."
        )
    for reading in readings:
        row = reading.first
        if row.approval == "two" and by in row.authors:
            raise ApprovalRefused(
                f"'{by}' wrote or translated {row.message} ({row.language}), and the campaign '{row.campaign}' asks "
                "for two people; somebody else has to approve it."
            )


def approve(house: House, readings: Iterable[Reading], by: str) -> int:
    """Approve texts in the name of ``by``; return how many were not approved by them before.

    :raises ApprovalRefused: as :func:`check_approver` does.
    """
    chosen = list(readings)
    check_approver(house, by, chosen)
    return house.store.desk.approve([reading.digest for reading in chosen], by, house.clock.now())


def revoke(house: House, readings: Iterable[Reading], by: str, why: str) -> int:
    """Take approvals back; return how many there were. Anybody who is known may: stopping is always allowed."""
    return house.store.desk.revoke([reading.digest for reading in readings], by, why, house.clock.now())
