"""Small counts of people are not published, and neither is what would give them away.

A cell of one to ten persons may identify somebody. The Counter-Trafficking Data Collaborative used k = 11 before it
changed to synthetic data (ctdatacollaborative.org, read 2026-11-21), and that is the default here. A hidden cell could
be had back from the totals less the other cells, so more is hidden until it cannot: the program plays the attacker,
who knows every shown cell and total and that counts are not negative, and reckons the largest number that a hidden
cell could be. It has to be one that would have been shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

THRESHOLD = 11
TOTAL = "total"
"""The name of the row and the column of totals."""

Cell = tuple[str, str]
Table = Mapping[Cell, int | None]
"""Counts by row and column; ``None`` is missing."""


def with_totals(table: Table) -> dict[Cell, int]:
    """Return the counts that are there together with the totals of rows, columns and all of them."""
    whole: dict[Cell, int] = {cell: count for cell, count in table.items() if count is not None}
    for (row, column), count in list(whole.items()):
        for cell in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            whole[cell] = whole.get(cell, 0) + count
    return whole


def suppressed(table: Table, threshold: int = THRESHOLD) -> set[Cell]:
    """Return what must not be shown of a table and its totals (:func:`with_totals`).

    Zero is shown where it gives nothing away: it says that there was nobody.
    """
    whole = with_totals(table)
    small = {cell for cell, count in whole.items() if 0 < count < threshold}
    hidden = set(small)
    for cell in sorted(small):
        while most(whole, hidden, cell) < threshold:
            further = next(_candidates(whole, hidden, cell), None)
            if further is None:
                break
            hidden.add(further)
    return hidden


def most(whole: Mapping[Cell, int], hidden: set[Cell], cell: Cell) -> float:
    """Return the most that a hidden cell can be, for all that the shown ones tell; infinite where they tell nothing."""
    unknown = sorted(hidden)
    place = {one: number for number, one in enumerate(unknown)}
    equations, results = [], []
    for line, total in _lines(whole):
        row = [0.0] * len(unknown)
        for one, sign in (*((one, 1.0) for one in line), (total, -1.0)):
            if one in place:
                row[place[one]] += sign
        if any(row):
            equations.append(row)
            shown = sum(whole[one] for one in line if one not in place)
            results.append(float((0 if total in place else whole[total]) - shown))
    aim = [-1.0 if one == cell else 0.0 for one in unknown]
    from scipy.optimize import linprog  # noqa: PLC0415  (takes long to import, and most commands need none of it)

    found = linprog(aim, A_eq=equations or None, b_eq=results or None, bounds=(0, None), method="highs")
    # Unbounded: nothing that is shown limits it.
    return float("inf") if found.status == 3 else -float(found.fun)


def _lines(whole: Mapping[Cell, int]) -> Iterator[tuple[list[Cell], Cell]]:
    """Yield the cells of each row and column beside the cell of their total."""
    for axis in (0, 1):
        for name in dict.fromkeys(cell[axis] for cell in whole):
            line = [cell for cell in whole if cell[axis] == name and cell[1 - axis] != TOTAL]
            yield line, ((name, TOTAL) if axis == 0 else (TOTAL, name))


def _candidates(whole: Mapping[Cell, int], hidden: set[Cell], cell: Cell) -> Iterator[Cell]:
    """Yield what may be hidden next, what costs the reader least first: its row and column, then what they lead to."""

    def near(other: Cell) -> int:
        shared = sum(one == two for one, two in zip(cell, other, strict=True))
        linked = any(one[0] == other[0] or one[1] == other[1] for one in hidden)
        return 0 if shared else 1 if linked else 2

    def cost(other: Cell) -> tuple[bool, int, int, Cell]:
        # A zero protects less than a count, and a total is what readers need most.
        return TOTAL in other, near(other), whole[other] or 1_000_000_000, other

    yield from sorted((other for other in whole if other not in hidden), key=cost)


def one_line(counts: Mapping[str, int | None], threshold: int = THRESHOLD, *, total_shown: bool = True) -> set[str]:
    """Return the names in one list of counts that must not be shown; ``total_shown``: whether their total is.

    :data:`TOTAL` among them says that the total must not be shown either.
    """
    if not total_shown:
        return {name for name, count in counts.items() if count is not None and 0 < count < threshold}
    # One row is a table whose totals of columns are its cells, so a column of its own stands for each.
    hidden = {name for name, count in counts.items() if count is not None and 0 < count < threshold}
    total = sum(count or 0 for count in counts.values())
    if 0 < total < threshold:
        return {*hidden, TOTAL}
    rest = sorted((count or 0, name) for name, count in counts.items() if name not in hidden and count is not None)
    while hidden and sum(counts[name] or 0 for name in hidden) < threshold and rest:
        hidden.add(next((name for count, name in rest if count), rest[0][1]))
        rest = [(count, name) for count, name in rest if name not in hidden]
    return hidden
