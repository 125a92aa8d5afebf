"""The commands for what people write: `check`, `translated`, `helplines`."""

from __future__ import annotations

import sys
from datetime import datetime
from functools import partial

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
    show_problems,
)
from pipeline.content import stamp
from pipeline.content.check.report import as_github, as_json, exit_code, summary
from pipeline.content.verify import VerifyRefused
from pipeline.model import Message, Verification, WrittenPage


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
@click.argument("message")
@click.argument("language")
@click.pass_context
def translated(context: click.Context, message: str, language: str) -> None:
    """Say that the text of MESSAGE (or page of the site) in LANGUAGE was brought up to date with today's source.

    The message's kit sheet in LANGUAGE, if there is one, counts as brought up to date too.
    """
    with house(context) as home:
        found: list[Message | WrittenPage] = [*home.project.find(message)]
        found += [page for name, page in home.project.pages.items() if name == message]
        if len(found) != 1:
            raise Refusal(f"'{message}' names no one message or page that can be read; see `outreach check`.", PROBLEMS)
        try:
            path = stamp.stamp_translation(home.root, found[0], language)
            sheet = stamp.stamp_sheet(home.root, found[0], language) if isinstance(found[0], Message) else None
        except stamp.StampRefused as refused:
            raise Refusal(str(refused), PROBLEMS) from None
        out.print(f"{path}: now counts as made from today's text in '{found[0].source_language}'.", markup=False)
        if sheet:
            out.print(f"{sheet}: now counts as made from today's kit sheet.", markup=False)


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


COMMANDS = (check, translated, helplines)
