"""Studies, put together: the questionnaire checked and made, answers taken in, results reckoned and released."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.app.house import House
from pipeline.app.programme import work_plans
from pipeline.content.yaml import Places
from pipeline.model import Problem, Severity
from pipeline.programme.study.build_form import fill, notices
from pipeline.programme.study.form import Form, read_form
from pipeline.programme.study.form_check import check_form, convert, waiting
from pipeline.programme.study.study_file import RULE, Study, missing_for_import, read_studies
from pipeline.programme.work_plan import WorkPlan
from pipeline.settings import ProblemsFound

if TYPE_CHECKING:
    from pipeline.store.answers import Answers, Taken, WaveOnFile, WrongCell


class NotPossible(Exception):
    """What a person asked for cannot be done; one sentence."""


def check_studies(house: House, plans: dict[str, WorkPlan]) -> list[Problem]:
    """Return everything that is wrong with the studies of these plans and their questionnaires."""
    problems: list[Problem] = []
    for study, places in read_studies(house.root, problems, plans=plans, helplines=house.project.helplines).values():
        _read_and_check(house, study, places, problems)
    return problems


def _read_and_check(
    house: House, study: Study, places: Places, problems: list[Problem], *, convert_too: bool = True
) -> Form:
    """Return the questionnaire of a study; what is wrong with it is added to ``problems``."""
    try:
        data = (house.root / study.form_path).read_bytes()
    except OSError as error:
        what = f"the questionnaire '{study.form}' cannot be read ({error.strerror})"
        problems.append(Problem(path=study.path, line=places.line(("form",)), rule=RULE, message=what))
        return Form()
    form = read_form(data)
    problems += _check_form(house, study, places, form, data if convert_too else None)
    return form


def _check_form(house: House, study: Study, places: Places, form: Form, data: bytes | None) -> Iterator[Problem]:
    regions = sorted({one.country for one in house.project.helplines.values()} | {house.settings.programme.country})
    regions = [region for region in regions if len(region) == 2]
    yield from check_form(study, form, places, regions)
    if data and not form.faults:
        yield from _convert(house, study, data)
    _, unfit = notices(study, house.project.helplines, house.today)
    yield from unfit


def _convert(house: House, study: Study, data: bytes) -> list[Problem]:
    """Ask pyxform, which takes a second, unless it was asked about the same bytes before."""
    digest, key = hashlib.sha256(data).hexdigest(), f"study:{study.plan}"
    known = house.cache.get(key, digest)
    if known is None:
        problems = convert(data, study.form_path)
        house.cache.put(key, digest, [one.model_dump(mode="json") for one in problems])
        return problems
    return [Problem.model_validate(one) for one in known]


def find_study(house: House, plan: str, *, convert_too: bool = False) -> tuple[Study, Form]:
    """Return the study of a plan and its questionnaire.

    :param convert_too: whether pyxform is asked as well, which takes a second; forms that are handed on need it.

    :raises ProblemsFound: when anything is wrong with either.
    :raises NotPossible: when the plan has no study.
    """
    problems: list[Problem] = []
    plans = work_plans(house, problems)
    mine = f"content/activities/{plan}/"
    if wrong := [one for one in problems if one.path.startswith(mine)]:
        raise ProblemsFound(wrong)
    studies = read_studies(house.root, problems, plans=plans, helplines=house.project.helplines)
    if plan not in studies:
        wrong = [one for one in problems if one.path.startswith(mine)]
        if wrong:
            raise ProblemsFound(wrong)
        raise NotPossible(f"there is no study of '{plan}'; there are: {', '.join(studies) or 'none'}.")
    study, places = studies[plan]
    problems = [one for one in problems if one.path.startswith(mine)]
    form = _read_and_check(house, study, places, problems, convert_too=convert_too)
    if wrong := [one for one in problems if one.severity is Severity.ERROR]:
        raise ProblemsFound(wrong)
    return study, form


def make_form(house: House, plan: str) -> bytes:
    """Return a study's questionnaire with the registry's numbers and the distress notice in their places.

    :raises ProblemsFound: when it must not be handed on: something is wrong with it, or no number can be put in.
    """
    study, form = find_study(house, plan, convert_too=True)
    said, unfit = notices(study, house.project.helplines, house.today)
    # What the check only warns of must not reach anybody who is asked.
    waits = (one.model_copy(update={"severity": Severity.ERROR}) for one in waiting(study, form))
    if wrong := [*unfit, *waits]:
        raise ProblemsFound(wrong)
    made = fill(study, (house.root / study.form_path).read_bytes(), house.project.helplines, said)
    if wrong := convert(made, study.form_path):
        raise ProblemsFound(wrong)
    return made


# --- answers ---


@dataclass(frozen=True)
class TakenIn:
    """What taking in a file came to, and which columns about persons were left unread."""

    taken: Taken
    dropped: tuple[str, ...]


def answers_of(house: House, study: Study, wave: str) -> Answers:
    """Return the answers of a wave, which may not be there yet.

    :raises NotPossible: when the study has no such wave.
    """
    from pipeline.store.answers import Answers  # noqa: PLC0415  (the check does without the store)

    if wave not in study.waves:
        raise NotPossible(f"the study of '{study.plan}' has no wave '{wave}'; there are: {', '.join(study.waves)}.")
    return Answers(house.settings.state / "studies" / study.plan / f"{wave}.duckdb")


def take_in(house: House, plan: str, wave: str, file: Path, by: str) -> TakenIn:
    """Take the answers of an export (CSV of ODK or LimeSurvey) into a wave: all of them, or none.

    :param by: who does it, for the journal.
    :raises ProblemsFound: with everything that does not fit, by row and column.
    :raises NotPossible: when the wave cannot take any in.
    """
    from pipeline.programme.study.exports import read_header  # noqa: PLC0415
    from pipeline.store.answers import Entry, Taken  # noqa: PLC0415

    study, form = find_study(house, plan)
    answers = answers_of(house, study, wave)
    if lacking := missing_for_import(study, wave, house.today):
        raise NotPossible(f"{'; '.join(lacking)}.")
    data = file.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    before = answers.wave()
    if before and digest in before.sha256:
        return TakenIn(Taken(known_file=True), ())
    wording = {name: form.wording(name, study.languages) for one in study.blocks.values() for name in one.questions}
    mode = str(study.waves[wave].mode)
    if before:
        _same_as_before(study, wave, before, mode, wording)
    try:
        first_line = data.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError:
        what, todo = "the file is not UTF-8", "export it as CSV in UTF-8"
        raise ProblemsFound([Problem(path=file.name, line=1, rule=RULE, message=what, todo=todo)]) from None
    header = read_header(study, form, first_line, file.name)
    if header.layout is None:
        raise ProblemsFound(header.problems)
    entry = Entry(digest, header.program, house.clock.now(), by, mode, wording)
    taken = answers.take_in(file, header.layout, entry)
    if taken.wrong:
        raise ProblemsFound(_told(taken, file.name))
    return TakenIn(taken, tuple(header.dropped))


def _same_as_before(study: Study, wave: str, before: WaveOnFile, mode: str, wording: dict[str, dict[str, str]]) -> None:
    """Refuse to mix answers to other words, or given in another mode, into a wave."""
    if before.mode != mode:
        raise NotPossible(f"the wave '{wave}' was asked {before.mode}, and study.yml says {mode} now; keep them apart.")
    if other := [name for name in {**before.wording, **wording} if before.wording.get(name) != wording.get(name)]:
        what = f"the wave '{wave}' has answers to other words of {', '.join(sorted(other))}"
        problem = Problem(path=study.form_path, rule=RULE, message=what, todo="make the new words a wave of their own")
        raise ProblemsFound([problem])


def _told(taken: Taken, name: str) -> list[Problem]:
    problems = [Problem(path=name, line=one.row, rule=RULE, message=_of_cell(one)) for one in taken.wrong]
    if (more := taken.wrong_count - len(problems)) > 0:
        what = f"and {more:,} more cells that do not fit; nothing was taken in"
        problems.append(Problem(path=name, rule=RULE, message=what))
    return problems


def _of_cell(one: WrongCell) -> str:
    value = one.value if len(one.value) <= 40 else f"{one.value[:39]}…"
    return f"column '{one.column}': '{value}' is no answer; {one.why}" if one.column else one.why
