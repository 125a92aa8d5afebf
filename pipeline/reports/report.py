"""A report as every form of it is made from: what was found, its charts, and every table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pipeline.reports.charts import Chart, over_time
from pipeline.reports.comparisons import comparisons, week
from pipeline.reports.findings import Findings
from pipeline.reports.tables import Table, tables


@dataclass(frozen=True)
class Report:
    """What was found for a programme, under a title; ``more`` are tables that others add, and come first."""

    found: Findings
    programme: str
    title: str
    more: tuple[Table, ...] = ()
    for_partner: bool = False
    """It goes to a partner: small numbers of visits and actions are hidden too, and single figures are left out."""

    @cached_property
    def charts(self) -> tuple[Chart, ...]:
        """The charts for which enough is known."""
        return () if self.for_partner else tuple(self._charts())

    def _charts(self) -> Iterator[Chart]:
        if (series := over_time(self.found.growth, self.found.sent)) is not None:
            yield series
        yield from comparisons(self.found)
        if (map_of_week := week(self.found)) is not None:
            yield map_of_week

    @cached_property
    def own(self) -> tuple[Table, ...]:
        """The tables of the findings themselves."""
        # The visits by language and campaign stand by themselves: beside sums by language a hidden one would be known.
        kept = {"funnel", "missing"} if self.for_partner else None
        made = tables(self.found, strict=self.for_partner)
        return tuple(one for one in made if kept is None or one.name in kept)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, those of the charts among them."""
        return (*self.own, *(chart.table for chart in self.charts), *self.more)

    @property
    def beside_charts(self) -> tuple[Table, ...]:
        """The tables that a page shows by themselves; the rest stands in the page's own words and under its charts."""
        return (*self.more, *(one for one in self.own if one.name not in {"funnel", "missing"}))
