"""The commands for the local networks."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.app import networks as app
from pipeline.app.house import House
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out, print_json
from pipeline.programme.networks import standing
from pipeline.programme.networks.network_file import Network
from pipeline.programme.work_plan import said

_IN = click.option("--in", "language", metavar="CODE", help="The language.  [default: the first that it has]")


@click.group(invoke_without_command=True)
@_IN
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def network(context: click.Context, language: str | None, *, as_json: bool) -> None:
    """The local networks: members, meetings, actions, and when the referral pathway was last reviewed."""
    if context.invoked_subcommand:
        return
    with house(context) as home:
        found = app.networks(home)
        if as_json:
            print_json([_data(home, one) for one in found.values()])
            return
        for one in found.values():
            _show(home, one, _spoken(home, one, language))
    if not found:
        out.print("There is no network; write content/activities/PLAN/networks/COMMUNITY/network.yml.")


def _show(home: House, one: Network, language: str) -> None:
    today = home.today
    out.print(f"{said(one.title, language)} ({one.key})", style="bold", markup=False)
    members = standing.members(one, today)
    overdue = sum(line.overdue for line in standing.actions(one, today))
    reviewed = one.pathway.reviewed or "never"
    lines = (
        f"members: {len(members)}, named in public: {sum(members.values())}",
        f"meetings: {len(standing.held(one, today))} held, {len(standing.planned(one, today))} planned",
        f"actions: {len(one.actions)}, overdue: {overdue}",
        f"pathway: {len(one.pathway.steps)} steps, version {one.pathway.version}, reviewed: {reviewed}",
    )
    for line in lines:
        out.print(f"  {line}", markup=False)
    for what in standing.late(one, today, language):
        out.print(f"  late: {what}", style="yellow", markup=False)
    out.print()


def _data(home: House, one: Network) -> dict[str, object]:
    today = home.today
    members = standing.members(one, today)
    return {
        "network": one.key,
        "title": one.title,
        "members": len(members),
        "named_in_public": sum(members.values()),
        "meetings_held": len(standing.held(one, today)),
        "meetings_planned": [meeting.date for meeting in standing.planned(one, today)],
        "actions": {
            line.name: "overdue" if line.overdue else line.action.status for line in standing.actions(one, today)
        },
        "pathway": {"version": one.pathway.version, "reviewed": one.pathway.reviewed, "steps": len(one.pathway.steps)},
        "late": standing.late(one, today, home.settings.programme.languages[0]),
        "missing": standing.missing(one, today),
    }


def _spoken(home: House, one: Network, language: str | None) -> str:
    there = [code for code in home.settings.programme.languages if code in one.title]
    return language or next(iter(there), next(iter(one.title)))


def _found(home: House, community: str) -> Network:
    """Return the network that a person named: ``plan/community``, or the community alone where that is clear."""
    every = app.networks(home)
    fitting = [one for key, one in every.items() if community in {key, one.id}]
    if len(fitting) != 1:
        what = f"there is no network '{community}'" if not fitting else f"there are several networks '{community}'"
        raise Refusal(f"{what}; there are: {', '.join(every) or 'none'}.", PROBLEMS)
    return fitting[0]


@network.command("board")
@click.argument("community")
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The HTML file.")
@_IN
@click.pass_context
def board(context: click.Context, community: str, file: Path, language: str | None) -> None:
    """Write the coordinator's board of COMMUNITY into one HTML file; it is never on the site.

    It shows the actions with the overdue first, attendance by organisation, and what is missing.
    """
    with house(context) as home:
        one = _found(home, community)
        built = (home.settings.build / "site").resolve()
        if built in file.resolve().parents:
            raise Refusal("a board is private, and that folder is the public site; name another file.", PROBLEMS)
        file.write_text(app.as_board(home, one, _spoken(home, one, language)), "utf-8")
        out.print(f"written: {file}", markup=False)


@network.command("ics")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--community", metavar="NAME", help="Only this network.")
@_IN
@click.pass_context
def ics(context: click.Context, file: Path, community: str | None, language: str | None) -> None:
    """Write the meetings and the days of open actions into FILE (iCalendar)."""
    with house(context) as home:
        chosen = [_found(home, community)] if community else list(app.networks(home).values())
        file.write_bytes(app.as_ics(home, chosen, language or home.settings.programme.languages[0]))
        out.print(f"written: {file}", markup=False)


COMMANDS = (network,)
