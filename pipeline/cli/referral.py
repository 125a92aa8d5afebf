"""The commands for monitoring a referral mechanism."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from pipeline.app import referral as app
from pipeline.app.house import House
from pipeline.cli.plans import counted, of_plan
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out, print_json, show_problems, who
from pipeline.programme.referral.referral_file import Referral
from pipeline.programme.work_plan import said

_PLAN = click.option("--plan", metavar="NAME", help="Which plan's, where several have one.")
_HIDDEN = "not shown"


@click.group(invoke_without_command=True)
@_PLAN
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def referral(context: click.Context, plan: str | None, *, as_json: bool) -> None:
    """How a referral mechanism works, by quarters: stages, referred, median days, beside the published bulletin.

    Small counts are hidden together with what would give them away. There are counts and nothing else, never a case.
    """
    if context.invoked_subcommand:
        return
    with house(context) as home:
        found = [_chosen(home, plan)] if plan else list(app.referrals(home).values())
        if as_json:
            print_json([_data(home, one) for one in found])
            return
        for one in found:
            _show(home, one)
    if not found:
        out.print("Nothing is monitored; write content/activities/PLAN/referral.yml.")


def _data(home: House, one: Referral) -> dict[str, object]:
    rows = app.shown(home, one)
    return {
        "plan": one.plan,
        "country": one.country,
        "stages": one.stages,
        "counts": [
            {"quarter": row.quarter, "by": row.by, "value": row.value, **row.counts, "median_days": row.median_days}
            for row in rows
        ],
        "bulletin": [published.model_dump(mode="json") for published in one.bulletin],
    }


def _show(home: House, one: Referral) -> None:
    language = home.settings.programme.languages[0]
    out.print(f"{said(one.title, language)} ({one.plan}, {one.country})", style="bold", markup=False)
    rows = app.shown(home, one)
    if not rows:
        out.print("  no counts yet: `outreach referral record FILE`\n", markup=False)
        return
    stages = [said(words, language) for words in one.stages.values()]
    table = Table("quarter", "by", "value", *stages, "referred", "median days", box=None)
    for row in rows:
        counts = [_HIDDEN if count is None else f"{count:,}" for count in row.counts.values()]
        table.add_row(row.quarter, row.by, row.value, *counts, "" if row.median_days is None else str(row.median_days))
    out.print(table)
    totals = {row.quarter: row.counts for row in rows if row.by == "total"}
    for published in one.bulletin:
        ours = totals.get(published.quarter, {}).get(published.stage)
        mine = _HIDDEN if ours is None else f"{ours:,}"
        what = f"{published.quarter}, {published.stage}: here {mine}, published {published.value:,}"
        source = f"{published.source.title}, {published.source.url}, read {published.source.read_on}"
        out.print(f"  {what} ({source})", markup=False)
    out.print()


def _chosen(home: House, plan: str | None) -> Referral:
    return of_plan(app.referrals(home), plan, "referral monitoring")


@referral.command("record")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@_PLAN
@click.option("--correct", "reason", default="", metavar="REASON", help="Replace counts that are there.")
@click.option("--by", "name", metavar="NAME", help="Who records it.  [default: you]")
@click.pass_context
def record(context: click.Context, file: Path, plan: str | None, reason: str, name: str | None) -> None:
    """Record counts of whole quarters from FILE (CSV or XLSX).

    The columns are quarter, by, value, the stages of referral.yml, referred, median-days. `by` is total (once for each
    quarter), source, form, sex or age; two are never crossed. With one error anywhere nothing is recorded.
    """
    with house(context) as home:
        one = _chosen(home, plan)
        done, warnings = app.record(home, one, file, who(name), reason.strip())
        show_problems(warnings)
        out.print(f"{counted(done, 'quarter')} recorded", markup=False)


@referral.command("release")
@_PLAN
@click.pass_context
def release(context: click.Context, plan: str | None) -> None:
    """Write the totals of the released quarters beside referral.yml, for the page on the site.

    referral.yml has to say `released: true`, and until which quarter (`released_until`). Only totals are published, and
    small counts are hidden in the file already.
    """
    with house(context) as home:
        one = _chosen(home, plan)
        try:
            made = app.release(home, one)
        except app.NotReleasable as error:
            raise Refusal(str(error), PROBLEMS) from None
        out.print(f"{counted(len(made.rows), 'quarter')} released", markup=False)


COMMANDS = (referral,)
