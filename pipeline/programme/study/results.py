"""What came of a study, as it may be told: shares with intervals, changes, and what both rest on.

Small counts of people are hidden, with what would give them away. How many left a question out is shown: it is a
measure of the data and says nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from pydantic import Field

from pipeline.model import Frozen
from pipeline.programme.study.form import Form, Kind
from pipeline.programme.study.shares import Share, design_effect, difference, holm, rake, share_of
from pipeline.programme.study.study_file import Mode, Result, Sample, Study
from pipeline.reach.suppression import TOTAL, one_line
from pipeline.store.answers import Answers

WRITTEN = dict[str, str]
"""A text by language."""
TOGETHER = "+"
"""Stands for the answers that a result looks at together."""
SURE = 0.05
"""Below this (corrected for many comparisons) a change is more than chance would bring."""


class Part(Frozen):
    """The share of one answer, or of those that are looked at together. ``None``: too few people, not shown."""

    code: str
    label: WRITTEN
    count: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    effective: float | None = None


class Asked(Frozen):
    """What was answered to one question. ``answered`` is ``None`` where too few did."""

    question: str
    label: WRITTEN
    many: bool
    answered: int | None
    missing: int
    parts: tuple[Part, ...]


class Shown(Frozen):
    """A result of the study file, in one wave."""

    result: str
    title: WRITTEN
    says: WRITTEN = Field(default_factory=dict)
    asked: tuple[Asked, ...]


class WaveResults(Frozen):
    """Everything that is shown of one wave, and how it came about."""

    wave: str
    title: WRITTEN
    first: date
    last: date
    mode: Mode
    sample: Sample
    sampling: WRITTEN
    design: float
    rows: int
    invited: int | None = None
    weighted: bool
    weighted_by: tuple[str, ...] = ()
    unweighted: int = 0
    """Those who are left out of weighted shares, because they gave no answer to a question that is weighted by."""
    weight_effect: float = 1.0
    imports: tuple[str, ...]
    """SHA-256 of the files that the answers came in."""
    imported_on: date
    results: tuple[Shown, ...]


class Changed(Frozen):
    """How one share changed. ``why_not`` says why it is not compared."""

    result: str
    question: str
    label: WRITTEN
    code: str
    answer: WRITTEN
    before: float | None = None
    after: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_corrected: float | None = None
    why_not: str = ""

    @property
    def sure(self) -> bool:
        """Whether so large a change would hardly come by chance."""
        return self.p_corrected is not None and self.p_corrected < SURE


class Comparison(Frozen):
    """Two waves beside each other, and what the comparison takes for granted."""

    before: str
    after: str
    rows: tuple[Changed, ...]
    compared: int
    assumptions: tuple[str, ...]
    """Names of sentences in :data:`ASSUMPTIONS`."""


class Released(Frozen):
    """What the team has released: results by wave, oldest first, and comparisons."""

    title: WRITTEN
    population: WRITTEN = Field(default_factory=dict)
    made_on: date
    waves: tuple[WaveResults, ...]
    comparisons: tuple[Comparison, ...] = ()


# --- reckoning ---


class _Weighing:
    """The cells by which a wave is weighted, and the weight of one person in each."""

    def __init__(self, study: Study, answers: Answers) -> None:
        self.by: tuple[str, ...] = ()
        self.weights: Mapping[tuple[str | None, ...], float] = {(): 1.0}
        self.left_out, self.effect = 0, 1.0
        if study.weights is None:
            return
        margins = list(study.weights.margins.items())
        self.by = tuple(name for name, _ in margins)
        counts = answers.counts(self.by[-1], self.by[:-1])
        whole = {
            tuple(str(one) for one in cell): count
            for cell, count in counts.items()
            if all(answer in shares for answer, (_, shares) in zip(cell, margins, strict=True))
        }
        weights = rake(whole, margins)
        self.left_out = sum(counts.values()) - sum(whole.values())
        self.effect = design_effect(whole, weights)
        self.weights = {tuple(cell): weight for cell, weight in weights.items()}


def wave_results(study: Study, form: Form, wave: str, answers: Answers) -> WaveResults:
    """Reckon a wave. The caller has seen that answers are there and the wave's days, mode and sampling are written.

    :raises CannotWeight: when the study is to be weighted and cannot be.
    """
    one, on_file = study.waves[wave], answers.wave()
    assert on_file is not None and one.period is not None and one.sampling is not None  # noqa: PT018
    weighing = _Weighing(study, answers)
    design = one.sampling.design_effect
    shown = tuple(
        Shown(
            result=key,
            title=result.title,
            says=result.says,
            asked=tuple(_asked(study, form, name, result, answers, weighing, design) for name in result.questions),
        )
        for key, result in study.results.items()
    )
    return WaveResults(
        wave=wave,
        title=one.title,
        first=one.period.first,
        last=one.period.last,
        mode=Mode(on_file.mode),
        sample=one.sampling.kind,
        sampling=one.sampling.says,
        design=design,
        rows=on_file.rows,
        invited=one.invited,
        weighted=bool(weighing.by),
        weighted_by=weighing.by,
        unweighted=weighing.left_out,
        weight_effect=weighing.effect,
        imports=on_file.sha256,
        imported_on=on_file.imported_on.date(),
        results=shown,
    )


def _asked(
    study: Study, form: Form, name: str, result: Result, answers: Answers, weighing: _Weighing, design: float
) -> Asked:
    question, together = form.questions[name], result.counts
    codes = [code for code in form.codes(name) if code not in study.apart]
    # Of each cell: those who answered, and those who gave each answer.
    cells = (_many if question.kind is Kind.MANY else _single)(name, codes, answers, weighing)
    everybody = {code: sum(chose[code] for _, chose in cells.values()) for code in codes}
    answered = sum(count for count, _ in cells.values())
    hidden = _hidden(everybody, answered, together=together, many=question.kind is Kind.MANY)

    def groups(chosen: Sequence[str]) -> list[tuple[int, int, float]]:
        weighted = [(cell, row) for cell, row in cells.items() if cell in weighing.weights]
        return [(row[0], sum(row[1][code] for code in chosen), weighing.weights[cell]) for cell, row in weighted]

    def part(code: str, label: WRITTEN, chosen: Sequence[str]) -> Part:
        share = None if code in hidden or TOTAL in hidden else share_of(groups(chosen), design_effect=design)
        if share is None:
            return Part(code=code, label=label)
        count = sum(everybody[one] for one in chosen)
        return Part(
            code=code, label=label, count=count, share=share.value, low=share.low, high=share.high,
            effective=share.effective,
        )  # fmt: skip

    if together:
        parts = [part(TOGETHER, result.says, together)]
    else:
        parts = [part(code, form.choice_labels(name, code, study.languages), [code]) for code in codes]
    return Asked(
        question=name,
        label=form.labels(name, study.languages),
        many=question.kind is Kind.MANY,
        answered=None if TOTAL in hidden else answered,
        missing=_rows(answers) - answered,
        parts=tuple(parts),
    )


def _rows(answers: Answers) -> int:
    wave = answers.wave()
    return wave.rows if wave else 0


_Cells = dict[tuple[str | None, ...], tuple[int, dict[str, int]]]


def _single(name: str, codes: Sequence[str], answers: Answers, weighing: _Weighing) -> _Cells:
    cells: _Cells = {}
    by = tuple(one for one in weighing.by if one != name)
    for key, count in answers.counts(name, by).items():
        code = key[-1]
        said = dict(zip(by, key, strict=False)) | {name: code}
        cell = tuple(said[one] for one in weighing.by)
        answered, chose = cells.setdefault(cell, (0, dict.fromkeys(codes, 0)))
        if code in chose:
            chose[code] += count
            cells[cell] = answered + count, chose
    return cells


def _many(name: str, codes: Sequence[str], answers: Answers, weighing: _Weighing) -> _Cells:
    return {
        cell: (row[0], dict(zip(codes, row[1:], strict=True)))
        for cell, row in answers.counts_of_many(name, codes, weighing.by).items()
    }


def _hidden(counts: Mapping[str, int], answered: int, *, together: Sequence[str], many: bool) -> set[str]:
    """Return the answers that too few people gave, and those that would give them away."""
    if together:
        chose = sum(counts[code] for code in together)
        return one_line({TOGETHER: chose, "rest": answered - chose})
    if not many:
        return one_line(counts)
    # Each answer of several has a complement of its own.
    return {name for code, count in counts.items() for name in one_line({code: count, "rest": answered - count})}


# --- comparing ---


def compare(
    before: WaveResults, after: WaveResults, wording: Callable[[str], Mapping[str, Mapping[str, str]]]
) -> Comparison:
    """Set two waves beside each other. What was not asked alike is not compared, and says so.

    :param wording: gives the hashes of a wave's words, by question and language, as they were when it was asked.
    """
    words = wording(before.wave), wording(after.wave)
    rows: list[Changed] = []
    for one, other in zip(before.results, after.results, strict=True):
        for first, second in zip(one.asked, other.asked, strict=True):
            why = _why_not(first.question, before, after, words)
            rows += [
                _change(one.result, first, part, again, why)
                for part, again in zip(first.parts, second.parts, strict=True)
            ]
    places = [place for place, row in enumerate(rows) if row.p is not None]
    corrected = holm([row.p for row in rows if row.p is not None])
    for place, value in zip(places, corrected, strict=True):
        rows[place] = rows[place].model_copy(update={"p_corrected": value})
    return Comparison(
        before=before.wave,
        after=after.wave,
        rows=tuple(rows),
        compared=len(places),
        assumptions=tuple(_assumptions(before, after)),
    )


def _why_not(
    question: str, before: WaveResults, after: WaveResults, words: tuple[Mapping[str, Mapping[str, str]], ...]
) -> str:
    if before.mode != after.mode:
        return f"asked {before.mode} before and {after.mode} after"
    first, second = (one.get(question, {}) for one in words)
    if first.keys() != second.keys():
        return "asked in other languages"
    if other := [language for language in first if first[language] != second[language]]:
        return f"other words in {', '.join(other)}"
    return ""


def _change(result: str, asked: Asked, part: Part, again: Part, why: str) -> Changed:
    row = Changed(result=result, question=asked.question, label=asked.label, code=part.code, answer=part.label)
    if why:
        return row.model_copy(update={"why_not": why})
    shares = [_share(one) for one in (part, again)]
    if shares[0] is None or shares[1] is None:
        return row.model_copy(update={"why_not": "too few people"})
    found = difference(shares[0], shares[1])
    return row.model_copy(
        update={
            "before": part.share, "after": again.share, "change": found.value, "low": found.low, "high": found.high,
            "p": found.p,
        }
    )  # fmt: skip


def _share(part: Part) -> Share | None:
    if part.share is None or part.low is None or part.high is None or part.effective is None:
        return None
    return Share(part.share, part.low, part.high, part.effective)


ASSUMPTIONS: Mapping[str, str] = {
    "samples": "Both waves are samples of the same population, drawn independently: "
    "nobody is followed from one to the other.",
    "causes": "A change between two times has more than one cause; "
    "this comparison does not show that a campaign made it.",
    "holm": "{count} shares were compared; values of p are corrected for that by Holm's method, at 5 per cent in all.",
    "words": "Only questions with the same words, translations, answers and mode in both waves are compared.",
    "random": "At least one sample is not random: intervals and tests show chance only, and not who was left out.",
    "differs": "The two samples were drawn or weighted in different ways, which can look like a change.",
}
"""What a reader has to take for granted, one sentence each."""


def _assumptions(before: WaveResults, after: WaveResults) -> Iterator[str]:
    yield from ("samples", "causes", "holm", "words")
    if not all(one.sample in {Sample.RANDOM, Sample.STRATIFIED, Sample.CLUSTERED} for one in (before, after)):
        yield "random"
    if before.sample != after.sample or before.weighted != after.weighted:
        yield "differs"
