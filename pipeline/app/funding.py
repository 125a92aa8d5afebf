"""Whether the site says who pays for it: the funder's statement on every page of a funded campaign, in its language."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.content.project import FUNDERS, Project
from pipeline.model import Problem
from pipeline.programme.work_plan import ACTIVITIES, FILE, WorkPlan
from pipeline.website.built import Fault
from pipeline.website.tree import Site

_TAG = re.compile(r"<[^>]*>")


def statements(project: Project, plans: Mapping[str, WorkPlan], languages: tuple[str, ...]) -> Iterator[Problem]:
    """Yield where a funder's profile lacks what the pages that it pays for would have to carry.

    :param languages: those of the programme.
    """
    for name, funder in project.funders.items():
        wanted = dict.fromkeys(funder.also_in, "it asks to be named in it (also_in)")
        for campaign in funder.campaigns:
            if campaign in project.campaigns:
                for language in project.campaigns[campaign].title:
                    if language in languages:
                        wanted.setdefault(language, f"the campaign '{campaign}' that it pays for has pages in it")
        line = project.lines.of(FUNDERS, (name, "statement"))
        for language, why in wanted.items():
            if language not in funder.statement:
                what = f"'{name}' has no statement in '{language}': {why}"
                todo = "take it word by word from the funder's manual of its period"
                yield Problem(path=FUNDERS, line=line, rule="funder", message=what, todo=todo)
    for plan, one in plans.items():
        funded = project.funders.get(one.funder or "")
        lacking = [language for language in one.title if funded and language not in funded.statement]
        if lacking and funded:
            path = f"{ACTIVITIES}/{plan}/{FILE}"
            what = f"its funder '{funded.id}' has no statement in {', '.join(lacking)}, and its pages are in it"
            line = project.lines.of(path, ("funder",))
            yield Problem(path=path, line=line, rule="funder", message=what, todo=f"add it to {FUNDERS}")


def unsaid(project: Project, plans: Mapping[str, WorkPlan], site: Site, folder: Path) -> Iterator[Fault]:
    """Yield the pages of a built site that ought to say who pays for them and do not.

    Those are the pages of funded campaigns, of their messages, and of programmes that name a funder.

    :param folder: where the site was built.
    """
    for page in site.pages.values():
        steps = page.url.strip("/").split("/")
        if len(steps) < 2 or page.made().meta.get("kind") == "missing":
            continue
        language, where = steps[0], steps[1]
        names = [one.id for one in project.funders.values() if where in one.campaigns]
        if where == "programme" and len(steps) == 3 and steps[2] in plans:
            names += [plans[steps[2]].funder or ""]
        for name in filter(None, names):
            funder = project.funders[name]
            statement = funder.statement.get(language) or next(iter(funder.statement.values()))
            if _plain(statement) not in _words_of(folder / page.url / "index.html"):
                what = f"it does not carry the statement of '{name}': {statement}"
                yield Fault(f"{page.url}index.html", "funder", what)


def _words_of(file: Path) -> str:
    return _plain(html.unescape(_TAG.sub("", file.read_text("utf-8")))) if file.is_file() else ""


def _plain(text: str) -> str:
    return " ".join(text.split())
