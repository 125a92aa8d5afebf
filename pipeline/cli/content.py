"""The commands for what people write: `check`, `translated`."""

from __future__ import annotations

import sys
from functools import partial

import click

from pipeline.app.checking import check_project
from pipeline.app.links import ask, link_checker
from pipeline.cli.terminal import OK, PROBLEMS, Refusal, err, house, out, show_problems
from pipeline.content import stamp
from pipeline.content.check.report import as_github, as_json, exit_code, summary


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


COMMANDS = (check, translated)
