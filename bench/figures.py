"""What a benchmark returns: one figure beside a peer's, measured in the same run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``ratio`` is ``value / peer_value``; ``target`` says what it has to be.

    ``better`` says whether the ratio has to stay at or below the target (``at most``) or at or above (``at least``).
    """

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    target: float
    command: str
    better: Literal["at most", "at least"] = "at most"

    @property
    def ratio(self) -> float:
        """The figure in units of its peer's."""
        return self.value / self.peer_value if self.peer_value else float("inf")

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.ratio <= self.target if self.better == "at most" else self.ratio >= self.target

    def as_object(self) -> dict[str, Any]:
        """Return the figure as plain data for ``--json``."""
        body = asdict(self) | {"ratio": round(self.ratio, 4), "holds": self.holds}
        del body["better"]
        body["target"] = f"{self.better} {self.target:g}"
        return body

    def __str__(self) -> str:
        mark = "holds" if self.holds else "DOES NOT HOLD"
        measured = f"{self.value:,.2f} {self.unit}; {self.peer}: {self.peer_value:,.2f} {self.unit}"
        return f"{self.name}: {measured}; ratio {self.ratio:.2f}, {self.better} {self.target:g}: {mark}"
