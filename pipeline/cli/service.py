"""The commands that deliver: `deliver`, `run`, `doctor`."""

from __future__ import annotations

from collections import Counter

import click

from pipeline.app import doctoring
from pipeline.app import service as delivering
from pipeline.app.attending import status
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, house, out, print_json


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def deliver(context: click.Context, *, as_json: bool) -> None:
    """Send what is due now, once, and end: for cron.

    Ends with exit code 3 when something needs a person; `outreach status` says what.
    """
    with house(context) as home:
        tally = delivering.deliver(home)
        attention = len(status(home).attention)
    if as_json:
        print_json({"outcomes": dict(tally), "attention": attention})
    else:
        out.print(_told(tally))
        if attention:
            out.print(f"{attention} need a person; see `outreach status`.", style="yellow")
    if attention:
        raise SystemExit(ATTENTION)


def _told(tally: Counter[str]) -> str:
    return "Nothing was due." if not tally else ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))


@click.command()
@click.option("--tick", type=click.IntRange(1, 3600), default=delivering.TICK, show_default=True, help="Seconds.")
@click.pass_context
def run(context: click.Context, tick: int) -> None:
    """Keep on sending what is due, until SIGTERM or Ctrl-C; what is open then is finished first.

    Several may run at once against one store.
    """
    with house(context) as home:
        out.print(f"Running: a round every {tick} s. Stop with Ctrl-C or SIGTERM.")
        delivering.run(home, lambda tally: out.print(_told(tally)) if tally else None, tick)
        out.print("Stopped; nothing is left open.")


@click.command()
@click.argument("accounts", nargs=-1)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def doctor(context: click.Context, accounts: tuple[str, ...], *, as_json: bool) -> None:
    """Ask every network whether each account could publish now, before its slot comes."""
    with house(context) as home:
        if unknown := sorted(set(accounts) - set(home.settings.accounts)):
            raise Refusal(f"there is no account '{unknown[0]}' in outreach.toml.", PROBLEMS)
        findings = doctoring.examine(home, accounts)
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    for finding in [] if as_json else findings:
        out.print(f"{'✓' if finding.well else '✗'} {finding.account} ({finding.kind})", markup=False)
        for line in finding.troubles:
            out.print(f"    {line}", style="yellow", markup=False)
        for line in finding.hints:
            out.print(f"    {line}", style="dim", markup=False)
    if not all(finding.well for finding in findings):
        raise SystemExit(ATTENTION)


COMMANDS = (deliver, run, doctor)
