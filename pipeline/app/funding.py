"""Whether the site says who pays for it: statement and logo on every page of a funded campaign, in its language."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.content.project import FUNDERS, Project
from pipeline.model import Funder, Problem, Severity
from pipeline.programme.work_plan import ACTIVITIES, FILE, WorkPlan
from pipeline.website.built import Fault
from pipeline.website.logos import logos
from pipeline.website.tree import Site

_TAG = re.compile(r"<[^>]*>")


def statements(project: Project, plans: Mapping[str, WorkPlan], languages: tuple[str, ...]) -> Iterator[Problem]:
    """Yield where a funder's profile lacks what the pages that it pays for would have to carry.

    :param languages: those of the programme.
    """
    for name, funder in project.funders.items():
        line = project.lines.of(FUNDERS, (name, "statement"))
        for language, why in _wanted(project, funder, languages).items():
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


def logo_rules(project: Project, plans: Mapping[str, WorkPlan], languages: tuple[str, ...]) -> Iterator[Problem]:
    """Yield where a profile says that a logo is needed and none can be shown, or not in every language.

    :param languages: those of the programme.
    """
    yield from logos(project).problems
    for name, funder in project.funders.items():
        logo = funder.logo
        if logo is None:
            if funder.logo_rule:
                what = f"'{name}' has a rule about its logo, and does not say whether the site has to show it"
                todo = "add 'logo: {needed: true, file: …, alt: …}', or 'logo: {needed: false}' where none may be shown"
                line = project.lines.of(FUNDERS, (name, "logo_rule"))
                yield _about_logo(what, todo, line).model_copy(update={"severity": Severity.WARNING})
            continue
        line = project.lines.of(FUNDERS, (name, "logo"))
        wanted = _wanted(project, funder, languages)
        for plan in plans.values():
            if plan.funder == name:
                wanted |= {one: wanted.get(one, f"the programme '{plan.id}' has pages in it") for one in plan.title}
        if logo.needed and not logo.file and wanted:
            what = f"'{name}' needs its logo on every page that it pays for, and names no file"
            yield _about_logo(
                what, "put the file that the funder publishes below content/, and name it as 'file'", line
            )
        for language, why in wanted.items() if logo.file else ():
            if not logo.alt.get(language, "").strip():
                what = f"the logo of '{name}' has no alternative text in '{language}': {why}"
                yield _about_logo(what, "say in 'alt' what it says, usually the funder's name", line)


def _about_logo(what: str, todo: str, line: int | None) -> Problem:
    return Problem(path=FUNDERS, line=line, rule="funder-logo", message=what, todo=todo)


def _wanted(project: Project, funder: Funder, languages: tuple[str, ...]) -> dict[str, str]:
    """Return the languages in which a funder has to be named, each with why."""
    wanted = dict.fromkeys(funder.also_in, "it asks to be named in it (also_in)")
    for campaign in funder.campaigns:
        if campaign in project.campaigns:
            for language in project.campaigns[campaign].title:
                if language in languages:
                    wanted.setdefault(language, f"the campaign '{campaign}' that it pays for has pages in it")
    return wanted


def unsaid(project: Project, plans: Mapping[str, WorkPlan], site: Site, folder: Path) -> Iterator[Fault]:
    """Yield the pages of a built site that ought to say who pays for them and do not, in words and by its logo.

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
            file = folder / page.url / "index.html"
            if _plain(statement) not in _words_of(file):
                what = f"it does not carry the statement of '{name}': {statement}"
                yield Fault(f"{page.url}index.html", "funder", what)
            if funder.logo and funder.logo.needed and not _shows_logo(file, folder, funder, language):
                what = f"it does not carry the logo of '{name}' with its alternative text in '{language}'"
                yield Fault(f"{page.url}index.html", "funder-logo", what)


def _shows_logo(file: Path, folder: Path, funder: Funder, language: str) -> bool:
    """Whether a page shows the logo: an ``img`` with its file, which is there, and its words."""
    alt = funder.logo.alt.get(language, "") if funder.logo else ""
    if not alt or not file.is_file():
        return False
    for image in re.findall(r"<img\b[^>]*>", file.read_text("utf-8")):
        given = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', image)}
        source = given.get("src", "")
        if f"/funders/{funder.id}." in f"/{source}" and _plain(given.get("alt", "")) == _plain(alt):
            return (file.parent / source).is_file() or (folder / source.lstrip("/")).is_file()
    return False


def _words_of(file: Path) -> str:
    return _plain(html.unescape(_TAG.sub("", file.read_text("utf-8")))) if file.is_file() else ""


def _plain(text: str) -> str:
    return " ".join(text.split())
