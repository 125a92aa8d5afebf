"""What came of a study: reckoned from its answers, set beside another wave, released to the site and to indicators."""

from __future__ import annotations

from itertools import pairwise

from pipeline.app.atomic import replace_file
from pipeline.app.house import House
from pipeline.app.programme import work_plans
from pipeline.app.studying import NotPossible, answers_of, find_study
from pipeline.content.indicators import FromStudy
from pipeline.model import Problem
from pipeline.programme.on_site import studies as on_site
from pipeline.programme.study.form import Form
from pipeline.programme.study.results import TOGETHER, Comparison, Released, WaveResults, compare, wave_results
from pipeline.programme.study.shares import CannotWeight
from pipeline.programme.study.study_file import FOLDER, RULE, Study, read_studies
from pipeline.programme.work_plan import ACTIVITIES, WorkPlan
from pipeline.store import Reading
from pipeline.website.words import read_words

RELEASED = "results.json"
"""What was released lies beside the study file: shares only, with small counts hidden, for everybody to read."""


def results(house: House, plan: str, wave: str | None = None) -> list[WaveResults]:
    """Return what came of a wave, or of every wave of which there are answers, in the order of the study file.

    :raises NotPossible: when there are no answers, or no weights can be reckoned.
    """
    study, form = find_study(house, plan)
    return _results(house, study, form, wave)


def _results(house: House, study: Study, form: Form, wave: str | None) -> list[WaveResults]:
    wanted = [wave] if wave else list(study.waves)
    found = []
    for name in wanted:
        answers = answers_of(house, study, name)
        if answers.wave() is None:
            if wave:
                raise NotPossible(f"nothing was taken in for the wave '{name}' yet; see `outreach study import`.")
            continue
        if study.waves[name].period is None or study.waves[name].sampling is None:
            raise NotPossible(f"the wave '{name}' has lost its period or sampling in study.yml; write them again.")
        try:
            with answers.reading():
                found.append(wave_results(study, form, name, answers))
        except CannotWeight as error:
            raise NotPossible(f"the wave '{name}' cannot be weighted: {error}.") from None
    if not found:
        raise NotPossible(f"nothing was taken in for the study of '{study.plan}' yet; see `outreach study import`.")
    return found


def comparison(house: House, plan: str, before: str, after: str) -> Comparison:
    """Set two waves of a study beside each other.

    :raises NotPossible: when they are the same, or were asked in different modes.
    """
    if before == after:
        raise NotPossible("a wave is not compared with itself; name two.")
    study, form = find_study(house, plan)
    (first,), (second,) = (_results(house, study, form, name) for name in (before, after))
    if first.mode != second.mode:
        what = f"'{before}' was asked {first.mode} and '{after}' {second.mode}"
        raise NotPossible(f"{what}; answers given in different modes are not compared.")
    return _compared(house, study, first, second)


def _compared(house: House, study: Study, first: WaveResults, second: WaveResults) -> Comparison:
    on_file = {name: answers_of(house, study, name).wave() for name in (first.wave, second.wave)}
    return compare(first, second, lambda name: wave.wording if (wave := on_file[name]) else {})


def release(house: House, plan: str) -> Released:
    """Write what came of a study beside its file, for the site: results by wave, and each beside the one before.

    :raises NotPossible: when ``study.yml`` does not say ``released: true``; that is for people to decide.
    """
    study, form = find_study(house, plan)
    if not study.released:
        raise NotPossible("study.yml does not say 'released: true'; write it when the results may be published.")
    waves = _results(house, study, form, None)
    made = Released(
        title=study.title,
        population=study.population.says if study.population else {},
        made_on=house.today,
        waves=tuple(waves),
        comparisons=tuple(_compared(house, study, one, two) for one, two in pairwise(waves) if one.mode == two.mode),
    )
    path = house.root / ACTIVITIES / plan / FOLDER / RELEASED
    replace_file(path, (made.model_dump_json(indent=1) + "\n").encode())
    return made


def shown_studies(house: House, problems: list[Problem], plans: dict[str, WorkPlan]) -> on_site.Studies:
    """Return what makes the pages of studies whose results are released; the rest has none."""
    found: list[Problem] = []
    studies = read_studies(house.root, found, plans=plans, helplines=house.project.helplines)
    wrong = {problem.path for problem in found}
    released = {
        name: (study, made)
        for name, (study, _) in studies.items()
        if study.path not in wrong and (made := read_released(house, study, found))
    }
    languages = house.settings.programme.languages
    words = read_words(house.root, languages, found, on_site.FOLDER) if released else {}
    problems += found
    return on_site.Studies(released, plans, words)


def released_share(house: House, wanted: FromStudy) -> list[Reading]:
    """Return the share that an indicator takes from a study, in per cent; nothing while it is not released.

    Its value is ``None`` where too few people are counted. The evidence is the checksum of the files of answers.
    """
    problems: list[Problem] = []
    plans = work_plans(house, problems)
    found = read_studies(house.root, problems, plans=plans, helplines=house.project.helplines).get(wanted.plan)
    made = read_released(house, found[0], problems) if found else None
    return [
        Reading(
            source="study",
            subject=f"{wanted.plan}/{wanted.wave}/{wanted.question}",
            metric=part.code,
            at=house.clock.now(),
            value=None if part.share is None else round(100 * part.share),
            kind="measured",
            period_first=wave.first,
            period_last=wave.last,
            evidence=f"study of {wanted.plan}, wave {wanted.wave}, SHA-256 of its answers: {', '.join(wave.imports)}",
            note=f"95 per cent interval {part.low:.0%} to {part.high:.0%}; sample: {wave.sample}"
            if part.low is not None and part.high is not None
            else "",
        )
        for wave in (made.waves if made else ())
        for result in wave.results
        for asked in result.asked
        for part in asked.parts
        if (wave.wave, asked.question, part.code) == (wanted.wave, wanted.question, wanted.answer or TOGETHER)
    ]


def read_released(house: House, study: Study, problems: list[Problem]) -> Released | None:
    """Return what was released of a study, or ``None``; a file that cannot be read is added to ``problems``."""
    path = f"{ACTIVITIES}/{study.plan}/{FOLDER}/{RELEASED}"
    if not study.released or not (house.root / path).exists():
        return None
    try:
        return Released.model_validate_json((house.root / path).read_bytes())
    except (OSError, ValueError):
        what, todo = "the released results cannot be read", f"make them anew with `outreach study release {study.plan}`"
        problems.append(Problem(path=path, rule=RULE, message=what, todo=todo))
        return None
