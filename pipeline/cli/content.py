"""The commands for what people write: `check`, `init`, `translated`, `helplines`."""

from __future__ import annotations

import sys
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from pipeline.app import verifying
from pipeline.app.checking import check_project
from pipeline.app.links import ask, link_checker
from pipeline.cli.terminal import (
    ATTENTION,
    OK,
    PROBLEMS,
    Refusal,
    err,
    house,
    out,
    print_json,
    sentences,
    show_problems,
)
from pipeline.content import stamp
from pipeline.content.check.report import as_github, as_json, exit_code, summary
from pipeline.content.init import InitRefused, write_project
from pipeline.content.verify import VerifyRefused
from pipeline.model import Verification


@click.command()
@click.option("--online", is_flag=True, help="Also ask whether external links answer.")
@click.option("--strict", is_flag=True, help="End with exit code 1 when there are warnings.")
@click.option("--json", "form", flag_value="json", help="Print the problems as JSON.")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--all", "with_notes", is_flag=True, help="Also print notes, which ask for nothing.")
@click.pass_context
def check(context: click.Context, form: str, *, online: bool, strict: bool, with_notes: bool) -> None:
    """Look at everything that was written, and say what is wrong, where, and what to do.

    Exit codes: 0 nothing to mend; 1 warnings, with --strict; 2 errors.
    """
    with house(context) as home:
        door = link_checker(home.clock)
        problems = check_project(home, online=partial(ask, door) if online else None).problems
        door.close()
    if form == "text":
        show_problems(problem for problem in problems if with_notes or problem.severity != "info")
        err.print(summary(problems), style="bold", markup=False)
    else:
        sys.stdout.write((as_json if form == "json" else as_github)(problems) + "\n")
    code = exit_code(problems, strict=strict)
    if code != OK:
        raise SystemExit(code)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", prompt="Name of the programme", help="Name of the programme.")
@click.option("--languages", prompt="Languages, the source language first (such as: ro en)", help="Such as 'ro en'.")
@click.option("--zone", prompt="Time zone (such as Europe/Bucharest)", help="Time zone, such as Europe/Bucharest.")
@click.option("--country", prompt="Country, two letters (such as RO)", help="Country, two letters, such as RO.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def init(
    context: click.Context, folder: Path, name: str, languages: str, zone: str, country: str, *, as_json: bool
) -> None:
    """Write a new project for another place into FOLDER, ready for its own messages."""
    codes = languages.replace(",", " ").split()
    with sentences():
        try:
            today = context.obj["clock"].now().date()
            written = write_project(folder, name=name, languages=codes, zone=zone, country=country, today=today)
        except InitRefused as refused:
            raise Refusal(str(refused), PROBLEMS) from None
    if as_json:
        print_json({"files": [str(path) for path in written.files], "to_verify": list(written.to_verify)})
        return
    for path in written.files:
        out.print(f"wrote {path}", markup=False)
    out.print("\nA person has to verify these helplines before anything can be published:", style="bold")
    for line in written.to_verify:
        out.print(f"- {line}", markup=False)


@click.command()
@click.argument("message")
@click.argument("language")
@click.pass_context
def translated(context: click.Context, message: str, language: str) -> None:
    """Say that the text of MESSAGE in LANGUAGE was brought up to date with today's source text."""
    with house(context) as home:
        found = home.project.find(message)
        if len(found) != 1:
            raise Refusal(f"there is no message '{message}' that can be read; see `outreach check`.", PROBLEMS)
        try:
            path = stamp.stamp_translation(home.root, found[0], language)
        except stamp.StampRefused as refused:
            raise Refusal(str(refused), PROBLEMS) from None
        out.print(f"{path}: now counts as made from today's text in '{found[0].source_language}'.", markup=False)


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def helplines(context: click.Context, *, as_json: bool) -> None:
    """Show the registry of helplines: which may be published, which not, and why.

    Ends with exit code 3 when one may not be published today.
    """
    if context.invoked_subcommand:
        return
    with house(context) as home:
        found = verifying.standings(home)
    if as_json:
        print_json([standing.to_dict() for standing in found])
    for standing in [] if as_json else found:
        mark = "✗" if standing.unfit else "!" if standing.soon else "✓"
        style = "red" if standing.unfit else "yellow" if standing.soon else ""
        line = standing.helpline
        out.print(f"{mark} {line.id}  {line.number} ({line.country})  {standing}", style=style, markup=False)
    if not found and not as_json:
        out.print("content/helplines.yml has no helpline that can be read; see `outreach check`.")
    if any(standing.unfit for standing in found):
        raise SystemExit(ATTENTION)


@helplines.command()
@click.argument("helpline")
@click.option("--by", required=True, metavar="PERSON", help="Who verified it: a name under [people] that may verify.")
@click.option(
    "--how",
    required=True,
    type=click.Choice([how.value for how in Verification]),
    help="'source': read on the page of an authority or the operator; 'called': dialled.",
)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day it holds.  [default: in 180 days]")
@click.pass_context
def verify(context: click.Context, helpline: str, by: str, how: str, expires: datetime | None) -> None:
    """Write into content/helplines.yml that HELPLINE was verified today."""
    with house(context) as home:
        try:
            line = verifying.verify(
                home, helpline, by=by, how=Verification(how), expires=expires.date() if expires else None
            )
        except VerifyRefused as refused:
            raise Refusal(f"{refused}.", PROBLEMS) from None
        out.print(f"{line.id} ({line.number}): verified on {line.verified_on} by {by}, expires {line.expires}.")


COMMANDS = (check, init, translated, helplines)
