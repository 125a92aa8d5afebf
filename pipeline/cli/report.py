"""The command that shows whom a campaign reached."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table as Grid

from pipeline.app import reporting, sharing
from pipeline.app.house import House
from pipeline.app.partner_notices import CannotTell
from pipeline.app.report_filters import UnknownName
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out, show_problems
from pipeline.model import Problem
from pipeline.reports.files import as_json, schema
from pipeline.reports.findings import Query
from pipeline.reports.form import Form, spoken
from pipeline.reports.report import Report

_DAY = click.DateTime(formats=["%Y-%m-%d"])
FORMS = ("html", "pdf", "csv", "xlsx", "json")


@click.command()
@click.argument("campaign", required=False, default="")
@click.option("--from", "since", type=_DAY, help="The first day.")
@click.option("--to", "until", type=_DAY, help="The last day.")
@click.option("--partner", default="", metavar="NAME")
@click.option("--channel", default="", metavar="KIND", help="Only a kind of channel, such as mastodon.")
@click.option("--language", default="", metavar="CODE")
@click.option("--audience", default="", metavar="NAME")
@click.option("--form", "forms", multiple=True, type=click.Choice(FORMS), help="Write files too; may be repeated.")
@click.option(
    "--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where.  [default: build/report]"
)
@click.option(
    "--in",
    "written_in",
    metavar="CODE",
    help="The language of the files, and of what is shown here.  [default: the first; here English]",
)
@click.option("--send", "to_send", is_flag=True, help="With --partner: queue its share as a mail to it, for approval.")
@click.option("--indicators", is_flag=True, help="Show the funder's table instead.")
@click.option("--json", "as_data", is_flag=True, help="Print the report as JSON.")
@click.option("--schema", "show_schema", is_flag=True, help="Print the JSON schema of a report, and nothing else.")
@click.pass_context
def report(
    context: click.Context,
    /,
    campaign: str,
    since: datetime | None,
    until: datetime | None,
    forms: tuple[str, ...],
    folder: Path | None,
    written_in: str | None,
    *,
    as_data: bool,
    to_send: bool,
    indicators: bool,
    show_schema: bool,
    **words: str,
) -> None:
    """Show whom a campaign reached and what they did: what is known, how it is known, and what is missing."""
    if show_schema:
        click.echo(json.dumps(schema(), indent=2))
        return
    if to_send and not words["partner"]:
        raise click.UsageError("--send goes with --partner: it sends a partner its own share.")
    with house(context) as home:
        query = Query(campaign, since.date() if since else None, until.date() if until else None, **words)
        try:
            found = reporting.make_report(home, query)
        except UnknownName as unknown:
            raise Refusal(str(unknown), PROBLEMS) from unknown
        language = written_in or home.settings.programme.languages[0]
        _check_language(home, written_in)
        whole = reporting.whole(home, found, language)
        if indicators:
            _indicators(home, language)
        elif as_data:
            click.echo(as_json(whole))
        else:
            _show(whole, Form(written_in or "en", reporting.zone(home)))
        if to_send:
            _send(home, whole)
        if forms:
            done = reporting.write(home, whole, folder or home.settings.build / "report", forms, language)
            for path in done.files:
                out.print(f"written: {path}", markup=False, style="dim")


def _indicators(home: House, language: str) -> None:
    problems: list[Problem] = []
    table = reporting.indicators(home, language, problems)
    show_problems(problems)
    if problems:
        raise SystemExit(PROBLEMS)
    form = Form(language, reporting.zone(home))
    for row in table.rows:
        named = dict(zip(table.columns, row, strict=True))
        achieved = form.cell(named["achieved"]) or "not known"
        out.print(f"{named['programme']}: {named['indicator']}: {achieved} {named['unit']}", style="bold", markup=False)
        for name in ("date", "known", "baseline", "target", "source of verification", "note"):
            if named[name] not in (None, ""):
                out.print(f"    {name}: {form.cell(named[name])}", markup=False)


def _send(home: House, whole: Report) -> None:
    try:
        out.print(sharing.send(home, whole), markup=False)
    except CannotTell as cannot:
        raise Refusal(str(cannot), PROBLEMS) from cannot


def _check_language(home: House, written_in: str | None) -> None:
    """Refuse a language in which a report cannot be, and say when one of the programme's has no words of its own."""
    if written_in and written_in not in (known := spoken()):
        raise Refusal(f"reports are in {', '.join(known)}, not in '{written_in}'.", PROBLEMS)
    if not written_in and (first := home.settings.programme.languages[0]) not in spoken():
        out.print(f"Files are in English: there are no words for '{first}' yet.", style="dim", markup=False)


def _show(report: Report, form: Form) -> None:
    for table in (*report.own, *(one for one in report.more if one.name != "indicators")):
        if table.name == "figures":
            continue
        grid = Grid(title=form.say(table.title), title_justify="left", box=None, pad_edge=False, title_style="bold")
        for place, name in enumerate(table.columns):
            grid.add_column(
                form.say(name), justify="left" if place == 0 or name in {"note", "message", "known"} else "right"
            )
        for row in table.rows[:20]:
            grid.add_row(*(form.cell(cell) for cell in row))
        out.print(grid, soft_wrap=False)
        out.print()


COMMANDS = (report,)
