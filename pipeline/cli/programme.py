"""The commands for the programme around the campaigns."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.app import programme as work
from pipeline.app.house import House
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out, print_json
from pipeline.programme.work_plan import Line, WorkPlan, said

_IN = click.option("--in", "language", metavar="CODE", help="The language.  [default: the first]")


@click.group(invoke_without_command=True)
@_IN
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def programme(context: click.Context, language: str | None, *, as_json: bool) -> None:
    """The work plans: activities, who sees to them, until when, for how much, and what is late."""
    if context.invoked_subcommand:
        return
    with house(context) as home:
        plans = work.work_plans(home)
        spoken = language or home.settings.programme.languages[0]
        if as_json:
            print_json([_data(line) for plan in plans.values() for line in work.standing(home, plan, spoken)])
            return
        for plan in plans.values():
            _show(home, plan, spoken)
    if not plans:
        out.print("There is no work plan; write content/activities/NAME/programme.yml.")


def _show(home: House, plan: WorkPlan, language: str) -> None:
    title = said(plan.title, language)
    if plan.cost:
        title += f" ({plan.cost.amount:,.0f} {plan.currency})"
    out.print(title, style="bold", markup=False)
    for line in work.standing(home, plan, language):
        one = line.activity
        when = f"{line.first} to {line.last}" if line.first else "no days"
        times = f", {one.count} times" if one.count and one.count > 1 else ""
        out.print(f"  {line.name}: {said(one.title, language)}{times}", markup=False)
        out.print(f"      {when}; {said(plan.roles[one.owner], language)}; {line.standing}", style="dim", markup=False)
        for reason in line.late:
            out.print(f"      late: {reason}", style="yellow", markup=False)
    if note := said(plan.note, language):
        out.print(note, style="dim", markup=False)
    out.print()


def _data(line: Line) -> dict[str, object]:
    return {
        "plan": line.plan, "activity": line.name, "sort": line.activity.sort, "count": line.activity.count,
        "from": line.first, "to": line.last, "standing": line.standing, "late": line.late,
        "planned": str(line.planned), "spent": str(line.spent),
    }  # fmt: skip


def _plan(home: House, name: str) -> WorkPlan:
    plans = work.work_plans(home)
    if name not in plans:
        raise Refusal(f"there is no work plan '{name}'; there are: {', '.join(plans) or 'none'}.", PROBLEMS)
    return plans[name]


@programme.command("show")
@click.argument("plan_name", metavar="PLAN")
@click.argument("activity")
@_IN
@click.pass_context
def show(context: click.Context, plan_name: str, activity: str, language: str | None) -> None:
    """Show one ACTIVITY of a PLAN: what it does, for whom, and where that is written."""
    with house(context) as home:
        plan = _plan(home, plan_name)
        spoken = language or home.settings.programme.languages[0]
        found = next((line for line in work.standing(home, plan, spoken) if line.name == activity), None)
        if found is None:
            raise Refusal(f"'{plan_name}' has no activity '{activity}'; see `outreach programme`.", PROBLEMS)
        one = found.activity
        out.print(said(one.title, spoken), style="bold", markup=False)
        out.print(said(one.does, spoken), markup=False)
        for name, value in (
            ("for", said(one.audience, spoken)), ("how often", one.count), ("from", found.first), ("to", found.last),
            ("owner", said(plan.roles[one.owner], spoken)), ("stands", found.standing),
        ):  # fmt: skip
            if value not in (None, ""):
                out.print(f"  {name}: {value}", markup=False)
        if found.planned:
            out.print(f"  budget: {found.spent:,.2f} of {found.planned:,.2f} {plan.currency} spent", markup=False)
        for reason in found.late:
            out.print(f"  late: {reason}", style="yellow", markup=False)
        for source in one.sources:
            out.print(f"  source: {source.title}, {source.url}, read {source.read_on}", style="dim", markup=False)


@programme.command("gantt")
@click.argument("plan_name", metavar="PLAN")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_IN
@click.pass_context
def gantt(context: click.Context, plan_name: str, file: Path, language: str | None) -> None:
    """Draw a PLAN into FILE (SVG)."""
    with house(context) as home:
        drawn = work.as_svg(home, _plan(home, plan_name), language or home.settings.programme.languages[0])
        file.write_text(drawn, "utf-8")
        out.print(f"written: {file}", markup=False)


@programme.command("ics")
@click.argument("plan_name", metavar="PLAN")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_IN
@click.pass_context
def ics(context: click.Context, plan_name: str, file: Path, language: str | None) -> None:
    """Write the activities and milestones of a PLAN into FILE (iCalendar)."""
    with house(context) as home:
        file.write_bytes(work.as_ics(home, _plan(home, plan_name), language or home.settings.programme.languages[0]))
        out.print(f"written: {file}", markup=False)


COMMANDS = (programme,)
