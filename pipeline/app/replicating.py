"""A new place after the model of another: the shape of its plans and networks, without anything that happened there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from pipeline.content import frontmatter, read_project
from pipeline.content.check.untranslated import MARK
from pipeline.content.files import MAX_MESSAGE, Refused, read_text
from pipeline.content.init import InitRefused, Written, helpline_of, write_project
from pipeline.content.listing import read_yaml
from pipeline.content.yaml import YamlProblem, load
from pipeline.model import Problem
from pipeline.programme.networks.reading import read_networks
from pipeline.programme.plan_files import Surroundings
from pipeline.programme.shapes import There, shape_of
from pipeline.programme.study.form import read_form
from pipeline.programme.study.study_file import RULE, Study, read_studies
from pipeline.programme.work_plan import ACTIVITIES, FILE, read_work_plans
from pipeline.settings import ProblemsFound

WRITTEN = (
    "# Written by `outreach init --from`: the shape of another place's file, without its {empty}.\n"
    "# Read every text: it may still speak of the place that it comes from.\n"
)


@dataclass(frozen=True)
class Replica:
    """What was written; the files of the model that were taken or left; the new ones that wait for a translation."""

    written: Written
    taken: tuple[str, ...]
    left: tuple[str, ...]
    marked: tuple[str, ...]


@dataclass(frozen=True)
class _Model:
    root: Path
    plans: tuple[str, ...]


def replicate(
    folder: Path, model: str, here: Path, *, name: str, languages: list[str], zone: str, country: str, today: date
) -> Replica:
    """Write a new project into ``folder`` with the shape of another.

    :param model: a plan of the project ``here``, the folder of another project, or the folder of a plan in it.
    :raises ProblemsFound: when a file of the model is wrong: its shape would be too.
    :raises InitRefused: when there is no such plan, or as :func:`pipeline.content.init.write_project` does.
    """
    found = _model(model, here)
    studies = _sound(found, today)
    there = There(name, tuple(languages), zone, country, helpline_of(country.upper()))
    more: dict[str, str | bytes] = {}
    taken, left = [], []
    for plan in found.plans:
        target = _slug(name) if len(found.plans) == 1 else plan
        forms = {studies[plan].form_path: studies[plan]} if plan in studies else {}
        for path in _files(found.root / ACTIVITIES / plan):
            whole = f"{ACTIVITIES}/{plan}/{path}"
            if whole in forms:
                made: str | bytes | None = _form(found.root, forms[whole], there, today)
            else:
                made = _shaped(found.root, whole, path, there)
            if made is None:
                left.append(whole)
            else:
                taken.append(whole)
                more[f"{ACTIVITIES}/{target}/{path}"] = made
    written = write_project(folder, name=name, languages=languages, zone=zone, country=country, today=today, more=more)
    marked = tuple(path for path, made in more.items() if _waits(made))
    return Replica(written, tuple(taken), tuple(left), marked)


def _model(model: str, here: Path) -> _Model:
    known = _plans(here)
    if model in known:
        return _Model(here, (model,))
    place = Path(model).resolve()
    if (place / FILE).is_file() and place.parent.as_posix().endswith(ACTIVITIES):
        return _Model(place.parents[2], (place.name,))
    if plans := _plans(place):
        return _Model(place, plans)
    raise InitRefused(
        f"'{model}' is neither a plan of this project ({', '.join(known) or 'it has none'}) nor a folder with plans in "
        f"{ACTIVITIES}"
    )


def _plans(root: Path) -> tuple[str, ...]:
    return tuple(sorted(place.parent.name for place in (root / ACTIVITIES).glob(f"*/{FILE}")))


def _sound(model: _Model, today: date) -> dict[str, Study]:
    """Make sure that what is taken holds where it is; return its studies, by plan."""
    problems: list[Problem] = []
    project = read_project(model.root)
    plans = read_work_plans(model.root, problems, campaigns=project.campaigns, funders=project.funders)
    read_networks(model.root, problems, Surroundings(plans, project.helplines, (), today))
    studies = read_studies(model.root, problems, plans=plans, helplines=project.helplines)
    for study, _ in studies.values():
        if not (model.root / study.form_path).is_file():
            problems.append(Problem(path=study.form_path, rule=RULE, message="the questionnaire is not there"))
    taken = tuple(f"{ACTIVITIES}/{plan}/" for plan in model.plans)
    if wrong := [one for one in problems if one.severity == "error" and one.path.startswith(taken)]:
        raise ProblemsFound(wrong)
    return {plan: study for plan, (study, _) in studies.items()}


def _form(root: Path, study: Study, there: There, today: date) -> bytes:
    """Return a study's questionnaire for the other place."""
    from pipeline.programme.study.form_shape import shaped  # noqa: PLC0415  (only who takes over a study needs it)

    path = study.form_path
    form = read_form((root / path).read_bytes())
    if form.faults:
        raise ProblemsFound([Problem(path=path, rule=RULE, message=fault) for fault in form.faults])
    return shaped(form, there.languages, there.every(study.title)[there.languages[0]], today)


def _waits(made: str | bytes) -> bool:
    """Whether a text of a new file waits for its translation."""
    if isinstance(made, str):
        return MARK in made
    rows = read_form(made)
    return any(MARK in text for row in (*rows.survey, *rows.choice_rows) for text in row.cells.values())


def _files(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
            yield file.relative_to(folder).as_posix()


def _shaped(root: Path, whole: str, path: str, there: There) -> str | None:
    """Return the text of a file for the other place, or ``None`` where its kind does not go along."""
    shape = shape_of(path)
    if shape is None:
        return None
    problems: list[Problem] = []
    head = _head(root, whole, problems)
    if not isinstance(head, dict):
        raise ProblemsFound(problems or [Problem(path=whole, rule="schema", message="there is nothing in it")])
    try:
        made = shape.of(head, there)
    except (KeyError, TypeError, AttributeError):
        what = "this file lacks what its kind has to say"
        raise ProblemsFound([Problem(path=whole, rule="schema", message=what, todo="see `outreach check`")]) from None
    if not made:
        return None
    told = yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=110)
    text = WRITTEN.format(empty=shape.empty) + told
    return f"---\n{text}---\n" if path.endswith(".md") else text


def _head(root: Path, whole: str, problems: list[Problem]) -> Any:
    if not whole.endswith(".md"):
        return read_yaml(root, whole, problems)[0]
    try:
        return load(frontmatter.split(read_text(root / whole, whole, MAX_MESSAGE), whole).head)
    except Refused as refused:
        raise ProblemsFound([refused.problem]) from None
    except YamlProblem as wrong:
        raise ProblemsFound([Problem(path=whole, line=wrong.line, rule="yaml", message=wrong.what)]) from None


def _slug(name: str) -> str:
    """Return the name of a plan's folder made from the programme's name."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "programme"
