"""The command `alerts`: what the campaigns' rules find now."""

from __future__ import annotations

from dataclasses import asdict

import click

from pipeline.app import alerting
from pipeline.cli.terminal import ATTENTION, house, out, print_json


@click.command()
@click.option("--online", is_flag=True, help="Also ask whether links out of the content answer.")
@click.option("--tell", is_flag=True, help="Tell the team what it was not told of yet, as `outreach run` does.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def alerts(context: click.Context, *, online: bool, tell: bool, as_json: bool) -> None:
    """Show what the rules under `alerts` of each campaign.yml find now.

    Exit codes: 0 nothing; 3 something to look at.
    """
    with house(context) as home:
        found = alerting.find_alerts(home, online=online)
        if as_json:
            print_json([asdict(one) for one in found])
        for one in found if not as_json else ():
            out.print(f"{one.rule}: {one.what}", markup=False)
        if not found and not as_json:
            out.print("Nothing is unusual.")
        if tell and (told := alerting.tell(home, found, online=online)) and not as_json:
            out.print(f"queued: a notice about {told} of them")
    if found:
        raise SystemExit(ATTENTION)


COMMANDS = (alerts,)
