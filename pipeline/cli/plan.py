"""The commands of the calendar: `plan`, `calendar`, `preview`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import click
from rich.panel import Panel
from rich.text import Text

from pipeline.app import calendars, planning, previewing
from pipeline.app.atomic import replace_file
from pipeline.app.house import House
from pipeline.cli.terminal import (
    ATTENTION,
    PROBLEMS,
    Refusal,
    house,
    out,
    print_json,
    progress,
    show_problems,
    who,
)
from pipeline.model import Campaign


@click.command()
@click.argument("campaigns", nargs=-1)
@click.option("--apply", "write", is_flag=True, help="Write the plan into the outbox.")
@click.option("--include-past", is_flag=True, help="Also plan what is already past its time but may still go out.")
@click.option("--all", "with_unchanged", is_flag=True, help="List unchanged rows too.")
@click.option("--by", metavar="NAME", help="Who applies it.  [default: $OUTREACH_USER, else git's user.name]")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@click.pass_context
def plan(
    context: click.Context,
    campaigns: tuple[str, ...],
    *,
    write: bool,
    include_past: bool,
    with_unchanged: bool,
    by: str | None,
    as_json: bool,
) -> None:
    """Show what the calendars would change in the outbox; --apply writes it.

    Nothing is planned while `outreach check` finds an error. Applying twice changes nothing.
    """
    with house(context) as home:
        _known(home, campaigns)
        with progress("Planning") as told:
            planned = planning.make_plan(home, campaigns, include_past=include_past, progress=told)
        if planned.errors:
            show_problems(planned.errors)
            raise Refusal(f"Nothing was planned: {len(planned.errors)} to mend first.", PROBLEMS)
        zones = {name: campaign.timezone for name, campaign in home.project.campaigns.items()}
        written = planning.apply(home, planned, who(by)) if write else None
        if as_json:
            costs = {key: cost.to_dict() for key, cost in planned.costs.items()}
            bills = [bill.to_dict() for bill in planned.bills]
            more = {"notes": planned.notes, "costs": costs, "bills": bills, "written": written}
            print_json({**planned.plan.to_dict(), **more})
            return
        for line in planned.plan.lines(zones, with_unchanged=with_unchanged):
            out.print(line, markup=False, style=_STYLES.get(line[:1], ""))
        for skipped in planned.skipped:
            out.print(f"x {skipped}", style="dim", markup=False)
        for key, notes in planned.notes.items():
            out.print(f"  {key}: {'; '.join(notes)}", style="yellow", markup=False)
        for bill in planned.bills:
            out.print(str(bill), markup=False)
        if written is not None:
            done = ", ".join(f"{count} {what}" for what, count in written.items() if count)
            out.print(f"Written: {done or 'nothing, it was so already'}.", style="bold")
        elif planned.plan.writes:
            out.print("Nothing is written yet; do that with `outreach plan --apply`.")


def _known(home: House, campaigns: tuple[str, ...]) -> None:
    if unknown := sorted(set(campaigns) - set(home.project.campaigns)):
        known = ", ".join(sorted(home.project.campaigns)) or "none"
        raise Refusal(f"there is no campaign '{unknown[0]}' that can be read; there are: {known}.", PROBLEMS)


_STYLES = {"+": "green", "~": "cyan", "^": "cyan", "-": "red", "!": "yellow", ".": "dim", "=": "dim"}


_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


@click.command()
@click.argument("campaigns", nargs=-1)
@click.option("--ics", type=_FILE, metavar="FILE", help="Write an iCalendar file for a calendar program.")
@click.option("--csv", type=_FILE, metavar="FILE", help="Write the one named campaign's entries as a table.")
@click.option("--semicolons", is_flag=True, help="With --csv: semicolons between the cells, for some spreadsheets.")
@click.option("--import", "source", type=click.File("rb"), metavar="FILE", help="Take a table's rows over.")
@click.option("--remove-others", is_flag=True, help="With --import: take out the entries that are not in the table.")
@click.pass_context
def calendar(
    context: click.Context,
    campaigns: tuple[str, ...],
    *,
    ics: Path | None,
    csv: Path | None,
    semicolons: bool,
    source: IO[bytes] | None,
    remove_others: bool,
) -> None:
    """Show the calendars; hand them to a calendar program or a spreadsheet; take a spreadsheet's table back.

    FILE may be '-' for standard output or input. --import writes the rows into the named campaign's campaign.yml and
    leaves all else there as it is; nothing is written while a row has a problem. What it changes in the outbox shows
    `outreach plan`.
    """
    if sum(given is not None for given in (ics, csv, source)) > 1:
        raise click.UsageError("--ics, --csv and --import are three different things; name one of them.")
    with house(context) as home:
        _known(home, campaigns)
        if ics:
            _write(ics, calendars.as_ics(home, campaigns))
        elif csv:
            _write(csv, calendars.as_csv(_only(home, campaigns), delimiter=";" if semicolons else ","))
        elif source:
            _take(home, _only(home, campaigns), source, remove_others=remove_others)
        else:
            _show(home, campaigns)


def _only(home: House, campaigns: tuple[str, ...]) -> Campaign:
    if len(campaigns) != 1:
        known = ", ".join(sorted(home.project.campaigns)) or "none"
        raise Refusal(f"name one campaign, its table has no others; there are: {known}.", PROBLEMS)
    return home.project.campaigns[campaigns[0]]


def _write(path: Path, data: bytes) -> None:
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        return
    replace_file(path, data)
    out.print(f"wrote {path}", markup=False)


def _take(home: House, campaign: Campaign, source: IO[bytes], *, remove_others: bool) -> None:
    taken = calendars.take_csv(home, campaign, source.read(), name=source.name, remove_others=remove_others)
    show_problems(taken.warnings)
    merged = taken.merged
    told = {
        "added": merged.added,
        "changed": merged.changed,
        "removed": merged.removed,
        "unchanged": merged.unchanged,
        "left alone": merged.left_alone,
    }
    for what in ("added", "changed", "removed"):
        for key in told[what]:
            out.print(f"{what}: {key}", markup=False)
    counts = ", ".join(f"{len(keys)} {what}" for what, keys in told.items() if keys)
    out.print(f"{home.project.campaign_path(campaign.id)}: {counts or 'the table is empty'}.", markup=False)


def _show(home: House, campaigns: tuple[str, ...]) -> None:
    nothing = True
    for item in calendars.appointments(home, campaigns):
        nothing = False
        slot = item.slot
        zone = ZoneInfo(home.project.campaigns[slot.campaign].timezone)
        state = item.state.value if item.state else "not planned"
        told = f"{slot.due_at.astimezone(zone):%a %Y-%m-%d %H:%M}  {slot.account}  {slot.message} ({slot.language})"
        out.print(f"{told}: {state}", markup=False)
    if nothing:
        out.print("The calendars are empty; write entries under 'calendar' in campaign.yml.")


@click.command()
@click.argument("message", required=False)
@click.option("--account", metavar="NAME", help="Only as this account would show it.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def preview(context: click.Context, message: str | None, account: str | None, *, as_json: bool) -> None:
    """Show what each network would show of MESSAGE (of every message, when none is named), with its own count."""
    with house(context) as home:
        if account and account not in home.settings.accounts:
            raise Refusal(f"there is no account '{account}' in outreach.toml.", PROBLEMS)
        if message and not home.project.find(message):
            raise Refusal(f"there is no message '{message}' that can be read; see `outreach check`.", PROBLEMS)
        shown = list(previewing.previews(home, message, account))
        if as_json:
            print_json([view.to_dict() for view in shown])
        for view in [] if as_json else shown:
            out.print(_panel(view), soft_wrap=False)
        if not as_json and not shown:
            out.print("The calendar names no account for it yet; name one with --account.")
        if any(view.faults for view in shown):
            raise SystemExit(ATTENTION)


def _panel(view: previewing.View) -> Panel:
    body = Text()
    for number, part in enumerate(view.parts):
        if number:
            body.append("\n\n— next part —\n\n", style="dim")
        for name, value in part.fields.items():
            body.append(f"{name}: {value}\n", style="cyan")
        body.append(part.text)
        for alt in part.alt_texts:
            body.append(f"\n[picture: {alt}]", style="italic dim")
        limit = f" of {part.limit}" if part.limit else ""
        over = part.limit is not None and part.length > part.limit
        body.append(f"\n{part.length}{limit} {view.counted_as}", style="red" if over else "dim")
    for fault in view.faults:
        body.append(f"\n✗ {fault}", style="red")
    for note in view.notes:
        body.append(f"\n! {note}", style="yellow")
    return Panel(
        body, title=f"{view.account} · {view.label} · {view.language}", subtitle=view.message, title_align="left"
    )


COMMANDS = (plan, calendar, preview)
