"""The released figures on the public site: for a line ``{list:results}`` in a written page.

Each with what it counts, who counted it and how it is known. Nothing is summed that has no sum, small numbers are not
shown, and there is nothing in the chart that its words and its table do not say as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from pipeline.content.results import Release
from pipeline.reach.figures import Figure
from pipeline.reach.saying import Said, each
from pipeline.reports.findings import SITE_LOG, Findings, Total
from pipeline.reports.form import SOURCE, Form
from pipeline.reports.page import shown, step
from pipeline.reports.released import Row, alternative, released
from pipeline.website.shell import Shell

MOST = 6
"""Definitions that are named beside a figure."""
DEFINITIONS = each("re-publications that a person confirmed")
"""Definitions that the ledger holds in words; networks' own names of metrics are names."""


@dataclass(frozen=True)
class Block:
    """The released figures of one campaign, or of everything (no ``title``)."""

    title: Mapping[str, str]
    found: Findings
    units: tuple[str, ...]

    @property
    def steps(self) -> tuple[Total, ...]:
        """The totals that are released, in the order of the funnel."""
        return tuple(one for one in (*self.found.funnel, *self.found.beside) if one.unit.word in self.units)


@dataclass(frozen=True)
class Results:
    """What is released, with its figures; ``zone`` is the programme's."""

    release: Release
    blocks: Sequence[Block]
    zone: ZoneInfo

    def section(self, shown: Shell, language: str, here: str) -> str:
        """Return the figures as they stand on the page at ``here``."""
        form = Form(language, self.zone)
        several = len(self.blocks) > 1
        rows = [(_title(block, language) if several else "", one) for block in self.blocks for one in block.steps]
        return shown.parts.render(
            "results",
            here,
            days=self._days(form),
            released=form.say(Said("Released on {day}.", day=self.release.released_on)),
            note=self.release.note.get(language, ""),
            lang="" if form.words_in == language else form.words_in,
            chart=_drawn(rows, form),
            blocks=[self._block(block, form, language) for block in self.blocks],
        )

    def _days(self, form: Form) -> str:
        release = self.release
        if release.since:
            return form.say(Said("{first} to {last}", first=release.since, last=release.until))
        return form.say(Said("until {last}", last=release.until))

    def _block(self, block: Block, form: Form, language: str) -> dict[str, object]:
        title = _title(block, language)
        rows = []
        for one in block.steps:
            told = step(one, form, strict=True)
            told["unit"] = _unit(one.unit.word, form)
            told["read"] = form.say(Said("Read last on {day}.", day=max(_day(part, self.zone) for part in one.parts)))
            names = sorted({part.definition.name for part in one.parts if part.definition.name})
            told["defined"] = [_defined(name, form) for name in names[:MOST]]
            rows.append(told)
        lacking = [_unit(word, form) for word in block.units if word not in {one.unit.word for one in block.steps}]
        missing = form.say(Said("Not counted: {units}.", units=", ".join(lacking))) if lacking else ""
        return {"title": title, "rows": rows, "missing": missing}


def _unit(word: str, form: Form) -> str:
    """Return what a unit is called, without the hyphen of its name where it is not translated."""
    told = form.say(Said(word))
    return told.replace("-", " ") if told == word else told


def _title(block: Block, language: str) -> str:
    return block.title.get(language) or next(iter(block.title.values()), "")


def _drawn(rows: Sequence[Row], form: Form) -> dict[str, Any] | None:
    """Return the chart with its table, or ``None`` where there is nothing to draw."""
    chart = released(rows)
    if chart is None:
        return None
    svg = Markup(chart.on_site(form, alternative(rows, form)))  # noqa: S704  (drawn and escaped by us)
    table = shown(chart.table, form, len(rows))
    return {**table, "svg": svg, "says": form.say(chart.says), "numbers": form.say(Said("The numbers"))}


def _defined(name: str, form: Form) -> tuple[str, str]:
    """Return what a definition is called, and the language of that where it is not the page's."""
    told = form.say(Said(name))
    return told, "" if told != name or form.words_in == SOURCE else SOURCE


def _day(part: Figure[Any], zone: ZoneInfo) -> date:
    # The log's visits are reckoned anew at every build; what they tell is as old as their last day.
    if part.source == SITE_LOG and part.period:
        return part.period.last
    return part.at.astimezone(zone).date()
