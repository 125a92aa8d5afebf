"""What a partner may see of its own share: its re-publications, the visits that its links brought, what it reported.

Nothing of other partners is in it, and no number so small that somebody might be recognised by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.reach.saying import Said, Tongue, each
from pipeline.reach.suppression import one_line
from pipeline.reports.form import Cell, Form
from pipeline.reports.page import about, step
from pipeline.reports.report import Report
from pipeline.reports.tables import HIDDEN, Table
from pipeline.store import Pickup


@dataclass(frozen=True, slots=True)
class Share:
    """A partner's share. ``visits`` are rows of the site's log that came by its links; days are the programme's."""

    partner: str
    name: str
    pickups: tuple[Pickup, ...]
    visits: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    links: int = 0
    """Its open links to what is under embargo."""
    downloads: Sequence[tuple[str, int]] = ()
    """Kits that were downloaded by links with its mark: the path of each, and how often."""


def share_tables(share: Share, day_of: Mapping[int, date]) -> list[Table]:
    """Return a share as tables.

    :param day_of: the day on which each pickup was found, in the programme's zone.
    """
    rows: Iterable[tuple[Cell, ...]] = [
        (day_of[one.id], one.title or one.url, Tongue(one.language), one.message, one.url) for one in share.pickups
    ]
    made = [
        Table(
            "own-pickups",
            Said("Your re-publications"),
            each("found on", "title", "language", "message", "address"),
            tuple(rows),
        ),
        Table(
            "own-visits",
            Said("Visits that came by your links"),
            each("language", "campaign", "visits"),
            tuple(_visits(share)),
        ),
    ]
    if share.downloads:
        made.append(
            Table(
                "own-kits",
                Said("Kits downloaded by your links"),
                each("kit", "language", "downloads"),
                tuple(_downloads(share)),
            )
        )
    if share.links:
        rows = ((Said("links of yours to what is not public yet"), share.links),)
        made.append(Table("own-links", Said("Your links"), each("what", "number"), tuple(rows)))
    return [one for one in made if one.rows]


def _visits(share: Share) -> Iterable[tuple[Cell, ...]]:
    sums: dict[tuple[str, str], int] = {}
    for row in share.visits:
        key = (row["language"], row["campaign"])
        sums[key] = sums.get(key, 0) + row["visits"]
    names = {f"{language}/{campaign}": (language, campaign) for language, campaign in sums}
    # Their total stands in the report too, so a hidden cell must not be what is left over.
    hidden = one_line({name: sums[key] for name, key in names.items()})
    for name, (language, campaign) in sorted(names.items()):
        number: Cell = HIDDEN if name in hidden else sums[language, campaign]
        yield Tongue(language) if language else "", campaign, number


def _downloads(share: Share) -> Iterable[tuple[Cell, ...]]:
    """Yield the kits. Files that were taken over are no number of people, so small ones are shown."""
    for path, number in share.downloads:
        kit, _, language = path.rsplit("/kits/", 1)[-1].removesuffix(".zip").rpartition("-")
        yield kit, Tongue(language), number


def letter(report: Report, form: Form) -> tuple[str, str]:
    """Return the title and the text of the mail in which a partner is told of its share."""
    title = form.say(report.title)
    lines = [title, about(report.found, form), ""]
    for one in (*report.found.funnel, *report.found.beside):
        told = step(one, form, strict=report.for_partner)
        lines.append(f"- {told['number']} {told['unit']} ({told['kind']})")
        lines += [f"  {reason}" for reason in told["refused"]]
    for table in report.more:
        lines += ["", form.say(table.title), ""]
        for row in table.rows:
            lines.append("- " + ", ".join(cell for cell in map(form.cell, row) if cell))
    if report.found.missing:
        lines += ["", form.say(Said("What is missing, and why")), ""]
        lines += [f"- {form.say(one)}" for one in report.found.missing]
    return title, "\n".join(lines)
