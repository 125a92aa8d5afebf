"""What one unit cost. Money is a type with the unit that it pays for, so that it is divided by nothing else.

A budget line says in the work plan which unit it pays for. Money for exposures is not added to money for persons
trained, and is not divided by visits: a type checker says so first, and :class:`~pipeline.reach.figures.Refused` where
the types are known only at run time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Generic, TypeVar

from pipeline.reach.figures import Figure, Refused
from pipeline.reach.saying import AND, Said
from pipeline.reach.suppression import THRESHOLD
from pipeline.reach.units import Unit

U = TypeVar("U", bound=Unit)


@dataclass(frozen=True, slots=True)
class Cost(Generic[U]):
    """Money that was spent on one unit, in one currency (ISO 4217)."""

    unit: type[U]
    spent: Decimal
    currency: str

    def __add__(self, other: Cost[U]) -> Cost[U]:
        if self.unit is not other.unit:
            raise Refused([_apart(self.unit, other.unit)])
        if self.currency != other.currency:
            raise Refused([
                Said("{one} and {other} are two currencies and have no sum.", one=self.currency, other=other.currency)
            ])  # fmt: skip
        return replace(self, spent=self.spent + other.spent)


def per_unit(cost: Cost[U], figure: Figure[U]) -> Decimal:
    """Return what one unit cost, in the cost's currency, rounded to hundredths.

    :raises Refused: when the two are of different units, nothing was spent or counted, or the number of people is so
        small that the cost of one would give it away.
    """
    if cost.unit is not figure.unit:
        raise Refused([_apart(cost.unit, figure.unit)])
    if not cost.spent:
        raise Refused([Said("nothing is written down as spent on it")])
    if not figure.value:
        raise Refused([Said("nothing of it was counted")])
    if figure.unit.counts_people and figure.value < THRESHOLD:
        raise Refused([Said("so few people are not shown, and neither is what would give their number away")])
    return (cost.spent / figure.value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _apart(one: type[Unit], other: type[Unit]) -> Said:
    units = Said.joined([Said(one.word), Said(other.word)], AND)
    return Said("{units} are different things; money for one says nothing of the other.", units=units)
