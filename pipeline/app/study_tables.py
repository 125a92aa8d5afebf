"""A study's results as tables: the same rows for the terminal, CSV, spreadsheet and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.programme.study.results import ASSUMPTIONS, Comparison, WaveResults
from pipeline.programme.work_plan import said
from pipeline.reports.form import Cell
from pipeline.reports.tables import HIDDEN, Table

_SHARES = (
    "result", "question", "asked", "answer", "share", "at least", "at most", "people", "answered", "no answer",
    "effective size",
)  # fmt: skip
_CHANGES = (
    "result", "question", "asked", "answer", "before", "after", "change", "at least", "at most", "p", "p corrected",
    "sure", "not compared",
)  # fmt: skip


def result_tables(waves: Sequence[WaveResults], language: str) -> list[Table]:
    """Return a table of shares for each wave, and one of how they came about."""
    made = [
        Table(f"results-{one.wave}", said(one.title, language), _SHARES, tuple(_shares(one, language))) for one in waves
    ]
    rows = tuple(row for one in waves for row in method(one, language))
    return [*made, Table("method", "How it was done", ("wave", "what", "says"), rows)]


def _shares(wave: WaveResults, language: str) -> Iterator[tuple[Cell, ...]]:
    for result in wave.results:
        for asked in result.asked:
            for part in asked.parts:
                yield (
                    result.result, asked.question, said(asked.label, language), said(part.label, language),
                    *(_known(value) for value in (part.share, part.low, part.high)),
                    HIDDEN if part.count is None else part.count,
                    HIDDEN if asked.answered is None else asked.answered,
                    asked.missing,
                    None if part.effective is None else int(part.effective),
                )  # fmt: skip


def _known(value: float | None) -> Cell:
    return HIDDEN if value is None else round(value, 6)


def method(wave: WaveResults, language: str) -> Iterator[tuple[Cell, ...]]:
    """Yield what has to be known of a wave to judge its results: wave, what, and what there is to say."""
    response = f"{wave.rows / wave.invited:.0%} of {wave.invited:,} invited" if wave.invited else "not known"
    weighted = f"to the population's {', '.join(wave.weighted_by)}" if wave.weighted else "none"
    for what, says in (
        ("period", f"{wave.first} to {wave.last}"),
        ("mode", str(wave.mode)),
        ("answered", f"{wave.rows:,}"),
        ("response", response),
        ("sampling", f"{wave.sample}: {said(wave.sampling, language)}"),
        ("design effect", f"{wave.design:.2f}"),
        ("weights", weighted),
        ("effect of weights", f"{wave.weight_effect:.2f}" if wave.weighted else "none"),
        ("left out of weighted shares", f"{wave.unweighted:,}"),
        ("intervals", "Wilson, 95 per cent, with the effective size of the sample"),
        ("taken in", f"{wave.imported_on}, SHA-256 {', '.join(wave.imports)}"),
    ):
        yield wave.wave, what, says


def comparison_tables(made: Comparison, language: str) -> list[Table]:
    """Return the changes between two waves, and what they take for granted."""
    rows = tuple(
        (
            one.result, one.question, said(one.label, language), said(one.answer, language),
            *(
                None if value is None else round(value, 6)
                for value in (one.before, one.after, one.change, one.low, one.high, one.p, one.p_corrected)
            ),
            "yes" if one.sure else "no" if one.p is not None else None,
            one.why_not,
        )
        for one in made.rows
    )  # fmt: skip
    taken = tuple((ASSUMPTIONS[one].format(count=made.compared),) for one in made.assumptions)
    return [
        Table("comparison", f"{made.before} and {made.after}", _CHANGES, rows),
        Table("assumptions", "What this takes for granted", ("what",), taken),
    ]
