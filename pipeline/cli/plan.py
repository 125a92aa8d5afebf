"""The commands of the calendar: `plan`, `calendar`, `preview`."""

from __future__ import annotations

import click
from rich.panel import Panel
from rich.text import Text

from pipeline.app import planning, previewing
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, house, out, print_json, progress, show_problems, who


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
        if unknown := sorted(set(campaigns) - set(home.project.campaigns)):
            known = ", ".join(sorted(home.project.campaigns)) or "none"
            raise Refusal(f"there is no campaign '{unknown[0]}'; there are: {known}.", PROBLEMS)
        with progress("Planning") as told:
            planned = planning.make_plan(home, campaigns, include_past=include_past, progress=told)
        if planned.errors:
            show_problems(planned.errors)
            raise Refusal(f"Nothing was planned: {len(planned.errors)} to mend first.", PROBLEMS)
        zones = {name: campaign.timezone for name, campaign in home.project.campaigns.items()}
        written = planning.apply(home, planned, who(by)) if write else None
        if as_json:
            print_json({**planned.plan.to_dict(), "notes": planned.notes, "written": written})
            return
        for line in planned.plan.lines(zones, with_unchanged=with_unchanged):
            out.print(line, markup=False, style=_STYLES.get(line[:1], ""))
        for skipped in planned.skipped:
            out.print(f"x {skipped}", style="dim", markup=False)
        for key, notes in planned.notes.items():
            out.print(f"  {key}: {'; '.join(notes)}", style="yellow", markup=False)
        if written is not None:
            done = ", ".join(f"{count} {what}" for what, count in written.items() if count)
            out.print(f"Written: {done or 'nothing, it was so already'}.", style="bold")
        elif planned.plan.writes:
            out.print("Nothing is written yet; do that with `outreach plan --apply`.")


_STYLES = {"+": "green", "~": "cyan", "^": "cyan", "-": "red", "!": "yellow", ".": "dim", "=": "dim"}


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


COMMANDS = (plan, preview)
