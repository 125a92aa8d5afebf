"""The commands that gather what is known of a campaign's reach."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from pipeline.app import collecting, recording, site_figures
from pipeline.app import pickups as looking
from pipeline.cli.desk import BY
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, err, house, out, print_json, show_problems, who
from pipeline.reach.records import COLUMNS, Record, What
from pipeline.reach.units import UNITS
from pipeline.store import PickupState


@click.group(invoke_without_command=True)
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only these accounts.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def collect(context: click.Context, accounts: tuple[str, ...], *, as_json: bool) -> None:
    """Gather figures: without a command, those that are due at the networks.

    A network that cannot be asked costs the others nothing, and is asked again later. Exit code 3 says so.
    """
    if context.invoked_subcommand:
        return
    with house(context) as home:
        found = collecting.from_networks(home, accounts)
        collecting.from_outbox(home)
        counted = site_figures.from_site(home)
    troubles = [trouble for one in found.values() for trouble in one.troubles]
    troubles += [trouble for tool in counted.values() for trouble in tool.troubles]
    if as_json:
        told = {name: asdict(one) for name, one in found.items()}
        print_json(told | {name: asdict(tool) for name, tool in counted.items()})
    else:
        for name, one in found.items():
            left = f"; {one.left} left for later" if one.left else ""
            out.print(f"{name}: {one.read} posts read, {one.new} figures new or changed{left}", markup=False)
        _say_counted(counted)
        if not found and not any(one.new for one in counted.values()):
            out.print("Nothing was due.")
        for trouble in troubles:
            err.print(trouble, style="yellow", markup=False)
    if troubles:
        raise SystemExit(ATTENTION)


@collect.command("weblog")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def weblog(context: click.Context, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Count the site's own web server logs: files, packed files, or folders of them.

    What was counted is not counted again. No address is kept, and pages for people who need help are not counted.
    """
    with house(context) as home:
        done = collecting.from_logs(home, paths)
    if as_json:
        files = {name: {"lines": lines, "broken": broken} for name, (lines, broken) in done.files.items()}
        problems = [problem.model_dump(mode="json") for problem in done.problems]
        print_json({"files": files, "samples": done.samples, "problems": problems})
    else:
        for name, (lines, broken) in done.files.items():
            told = f", {broken:,} of them broken" if broken else ""
            out.print(f"{name}: {lines:,} new lines{told}", markup=False)
        for sample in done.samples[:5]:
            err.print(f"broken: {sample}", style="yellow", markup=False)
        show_problems(done.problems)
    if done.problems:
        raise SystemExit(PROBLEMS)


_DAY = click.DateTime(formats=["%Y-%m-%d"])


@collect.command("site")
@click.option("--from", "first", type=_DAY, help="The first day.  [default: three days ago]")
@click.option("--to", "last", type=_DAY, help="The last day.  [default: yesterday]")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def site(context: click.Context, first: datetime | None, last: datetime | None, *, as_json: bool) -> None:
    """Read what the tools under [analytics.NAME] in outreach.toml counted on the site.

    A day that is read again is corrected. A tool that cannot be asked is said; the exit code is 3 then.
    """
    if first and last and first > last:
        raise Refusal("--from lies after --to.")
    with house(context) as home:
        found = site_figures.from_site(home, first.date() if first else None, last.date() if last else None)
    if as_json:
        print_json({name: asdict(one) for name, one in found.items()})
    else:
        _say_counted(found)
        if not found:
            out.print("No tool is named; see [analytics.NAME] in the handbook.", markup=False)
        for trouble in (one for done in found.values() for one in done.troubles):
            err.print(trouble, style="yellow", markup=False)
    if any(done.troubles for done in found.values()):
        raise SystemExit(ATTENTION)


def _say_counted(found: dict[str, site_figures.SiteRead]) -> None:
    for name, one in found.items():
        if not one.troubles:
            out.print(f"{name}: {one.read} rows read, {one.new} new or corrected", markup=False)


@collect.command("partners")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def partners(context: click.Context, *, as_json: bool) -> None:
    """Look in the feeds and pages of partners (`watch` in outreach.toml) for messages that they took over.

    A source that cannot be read is tried again later and said; the exit code is 3 then.
    """
    with house(context) as home:
        done = looking.look(home)
    if as_json:
        print_json(vars(done))
    else:
        told = "; see `outreach pickups`" if done.new else ""
        out.print(f"{done.read} sources read, {done.new} likely pickups new{told}", markup=False)
        for trouble in done.troubles:
            err.print(trouble, style="yellow", markup=False)
    if done.troubles:
        raise SystemExit(ATTENTION)


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Those that were settled too.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def pickups(context: click.Context, *, everything: bool, as_json: bool) -> None:
    """Re-publications that were found: where, which message, how it is known. A person confirms or dismisses each."""
    if context.invoked_subcommand:
        return
    with house(context) as home:
        found = home.store.pickups.all(None if everything else PickupState.FOUND)
        troubles = home.store.pickups.troubles()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        sure = {"link": "links to it", "tag": "carries the campaign's tag"}.get(
            one.how, f"{one.score / 10:.0f} % of its words"
        )
        out.print(f"{one.id}  {one.partner}  {one.campaign}/{one.message or '?'}  {one.state}: {sure}", markup=False)
        out.print(f"    {one.title}", markup=False)
        out.print(f"    {one.url}", style="dim", markup=False)
    for source in troubles:
        err.print(source.trouble, style="yellow", markup=False)
    if not found:
        out.print("Nothing waits to be settled.")


@pickups.command("confirm")
@click.argument("number", type=int)
@BY
@click.pass_context
def confirm(context: click.Context, number: int, by: str | None) -> None:
    """Say that pickup NUMBER is one: it counts from now on."""
    _settle(context, number, by, confirmed=True)


@pickups.command("dismiss")
@click.argument("number", type=int)
@BY
@click.pass_context
def dismiss(context: click.Context, number: int, by: str | None) -> None:
    """Say that pickup NUMBER is none."""
    _settle(context, number, by, confirmed=False)


def _settle(context: click.Context, number: int, by: str | None, *, confirmed: bool) -> None:
    with house(context) as home:
        try:
            done = looking.settle(home, number, confirmed=confirmed, who=who(by))
        except looking.Unknown as error:
            raise Refusal(f"{error}.") from None
        out.print(f"{done.state}: {done.url}", markup=False)


@click.group()
def record() -> None:
    """Write down what people report: prints handed out, events, broadcasts, screens, sessions, calls."""


@record.command("add")
@click.argument("what", type=click.Choice([one.value for one in What]))
@click.argument("value", type=int)
@click.option("--unit", required=True, type=click.Choice(list(UNITS)), help="What is counted.")
@click.option("--from", "first", required=True, type=_DAY, help="The first day.")
@click.option("--to", "last", type=_DAY, help="The last day.  [default: the first]")
@click.option("--estimated", is_flag=True, help="Nobody counted; somebody reckoned.")
@click.option("--method", required=True, metavar="TEXT", help="How it was counted or reckoned.")
@click.option("--evidence", default="", metavar="FILE", help="A file of the project that proves it.")
@click.option("--campaign", metavar="NAME")
@click.option("--message", metavar="NAME")
@click.option("--language", metavar="CODE")
@click.option("--partner", metavar="NAME")
@click.option("--audience", metavar="NAME")
@click.option("--place", default="", metavar="TEXT")
@click.option("--note", default="", metavar="TEXT")
@click.option("--apart", is_flag=True, help="Nobody in it stands in another report of the same unit.")
@BY
@click.pass_context
def add(context: click.Context, /, what: str, value: int, by: str | None, **given: Any) -> None:
    """Write down VALUE for WHAT. Given again for the same thing, days and place, it corrects the earlier number."""
    first: date = given.pop("first").date()
    last = given.pop("last")
    data = {name: one for name, one in given.items() if one not in (None, "")}
    data |= {"what": what, "value": value, "from": first, "to": last.date() if last else first}
    data["how"] = "estimated" if data.pop("estimated") else "reported"
    try:
        made = Record.model_validate(data)
    except ValidationError as error:
        said = "; ".join(str(fault["msg"]).removeprefix("Value error, ") for fault in error.errors())
        raise Refusal(f"{said}.", PROBLEMS) from None
    with house(context) as home:
        _take_over(home, [made], recording.faults(home, made), by)


@record.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@BY
@click.pass_context
def import_table(context: click.Context, file: Path, by: str | None) -> None:
    """Take over a table of reports, CSV or XLSX. While a row has a problem, nothing is taken over."""
    with house(context) as home:
        records, problems = recording.read_file(home, file)
        _take_over(home, records, problems, by)


@record.command("template")
def template() -> None:
    """Write an empty table (CSV) to standard output."""
    click.echo(",".join(COLUMNS))


def _take_over(home: Any, records: list[Record], problems: list[Any], by: str | None) -> None:
    show_problems(problems)
    if problems:
        raise Refusal("Nothing was written down.", PROBLEMS)
    changed = recording.write_down(home, records, who(by))
    out.print(f"{len(records)} reports, {changed} new or corrected.", markup=False)


COMMANDS = (collect, record, pickups)
