"""The commands for the assistance centre."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from pipeline.app import centre as app
from pipeline.app import centre_counts
from pipeline.app.house import House
from pipeline.cli.plans import counted, of_plan
from pipeline.cli.terminal import house, out, print_json, who
from pipeline.programme.centre import counts
from pipeline.programme.centre.centre_file import Centre
from pipeline.programme.work_plan import said
from pipeline.reports.tables import HIDDEN

_PLAN = click.option("--plan", metavar="NAME", help="Whose centre, where several plans have one.")


@click.group(invoke_without_command=True)
@_PLAN
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def centre(context: click.Context, plan: str | None, *, as_json: bool) -> None:
    """The assistance centre: its contacts by month, small counts hidden together with what would give them away.

    There are counts of whole months and nothing else: no case can be held anywhere.
    """
    if context.invoked_subcommand:
        return
    with house(context) as home:
        found = [_chosen(home, plan)] if plan else list(app.centres(home).values())
        if as_json:
            print_json([_data(home, one) for one in found])
            return
        for one in found:
            _show(home, one)
    if not found:
        out.print("There is no centre; write content/activities/PLAN/centre.yml.")


def _rows(home: House, one: Centre) -> list[counts.Shown]:
    return counts.shown(centre_counts.recorded(home, one.plan))


def _data(home: House, one: Centre) -> dict[str, object]:
    rows = [
        {"month": row.month, "by": row.by, "value": row.value, "contacts": row.contacts, "hidden": row.contacts is None}
        for row in _rows(home, one)
    ]
    return {"plan": one.plan, "title": one.title, "hours": one.hours, "unit": "contacts", "counts": rows}


def _show(home: House, one: Centre) -> None:
    out.print(f"{said(one.title, home.settings.programme.languages[0])} ({one.plan})", style="bold", markup=False)
    rows = _rows(home, one)
    if not rows:
        out.print("  no counts yet: `outreach centre record FILE`\n", markup=False)
        return
    table = Table("month", "by", "value", "contacts", box=None)
    for row in rows:
        table.add_row(row.month, row.by, row.value, HIDDEN if row.contacts is None else f"{row.contacts:,}")
    out.print(table)
    if any(row.contacts is None for row in rows):
        out.print(f"  {HIDDEN}: small, or it would give a small one away", style="dim", markup=False)
    out.print()


def _chosen(home: House, plan: str | None) -> Centre:
    return of_plan(app.centres(home), plan, "centre")


@centre.command("record")
@click.argument("file", required=False, type=click.Path(dir_okay=False, exists=True, path_type=Path))
@_PLAN
@click.option("--month", metavar="YYYY-MM", help="Without a FILE: the month.")
@click.option("--total", metavar="N", help="Without a FILE: all contacts of the month.")
@click.option("--referred", metavar="N", help="Without a FILE: contacts that were referred.")
@click.option("--part", "parts", multiple=True, metavar="BY:VALUE=N", help="Such as channel:telephone=80; repeatable.")
@click.option("--correct", "reason", default="", metavar="REASON", help="Replace the counts of months that have some.")
@click.option("--by", "name", metavar="NAME", help="Who records it.  [default: you]")
@click.pass_context
def record(
    context: click.Context,
    file: Path | None,
    plan: str | None,
    month: str | None,
    total: str | None,
    referred: str | None,
    parts: tuple[str, ...],
    reason: str,
    name: str | None,
) -> None:
    """Record counts of whole months from FILE (CSV or XLSX), or one month by options.

    The columns are month, by, value, contacts. `by` is total (once for each month), referred, channel, language or
    caller. With one problem anywhere nothing is recorded.
    """
    if (file is None) == (month is None):
        raise click.UsageError("give a FILE, or --month and --total.")
    with house(context) as home:
        one = _chosen(home, plan)
        given = file if file else _from_options(month or "", total, referred, parts)
        done = centre_counts.record(home, one, given, who(name), reason.strip())
        out.print(f"{counted(done, 'month')} recorded", markup=False)


def _from_options(month: str, total: str | None, referred: str | None, parts: tuple[str, ...]) -> list[dict[str, str]]:
    rows = [
        {"month": month, "by": by, "value": "", "contacts": count}
        for by, count in ((counts.TOTAL, total), (counts.REFERRED, referred))
        if count is not None
    ]
    for part in parts:
        by, _, rest = part.partition(":")
        value, _, count = rest.partition("=")
        rows.append({"month": month, "by": by, "value": value, "contacts": count})
    if not rows:
        raise click.UsageError("say how many contacts there were with --total.")
    return rows


COMMANDS = (centre,)
