"""The commands for what is kept of people: the register, one person's data, forgetting, retention."""

from __future__ import annotations

import click

from pipeline.app import privacy as private
from pipeline.cli.desk import BY
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, err, out, print_json, who
from pipeline.cli.trained import at_work


@click.group("privacy")
def privacy() -> None:
    """What is kept of people: why, where, how long; give it out, delete it, let time delete it."""


@privacy.command("report")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def report(context: click.Context, *, as_json: bool) -> None:
    """Print the register of personal data, with how much there is now and since when. It shows nobody."""
    with at_work(context) as home:
        found = private.report(home)
    if as_json:
        print_json([_data(one) for one in found])
        return
    for one in found:
        line = one.line
        out.print(f"{one.name}: {line.what}", style="bold", markup=False)
        out.print(f"    why: {line.why}", markup=False)
        out.print(f"    how: {line.how}", markup=False)
        out.print(f"    how long: {_how_long(one)}", markup=False)
        out.print(f"    there is: {_there_is(one)}", markup=False)


def _how_long(one: private.Told) -> str:
    if one.keep is None:
        return one.line.after
    return f"{one.keep} days from {one.line.since}; then: {one.line.after}"


def _there_is(one: private.Told) -> str:
    pieces = [f"{count} in {table}" for table, count in one.tables.items() if count]
    if one.settings:
        pieces.append(f"{one.settings} in outreach.toml")
    if one.oldest:
        pieces.append(f"the oldest of {one.oldest:%Y-%m-%d}")
    return ", ".join(pieces) or "nothing"


def _data(one: private.Told) -> dict[str, object]:
    line = one.line
    return {
        "line": one.name, "what": line.what, "why": line.why, "how": line.how, "keep_days": one.keep,
        "since": line.since, "after": line.after, "counts": dict(one.tables), "oldest": one.oldest,
        "settings": one.settings,
    }  # fmt: skip


@privacy.command("export")
@click.argument("person")
@click.pass_context
def export(context: click.Context, person: str) -> None:
    """Print everything that is kept of PERSON (a mail address, or a name) as JSON. Needs the key of the people."""
    with at_work(context) as home:
        print_json(private.export(home, person))


@privacy.command("forget")
@click.argument("person")
@click.option("--number", "numbers", multiple=True, type=int, help="Which of several people of that name.")
@BY
@click.pass_context
def forget(context: click.Context, person: str, numbers: tuple[int, ...], by: str | None) -> None:
    """Delete what is kept of PERSON (a mail address, or a name), as a subscriber and as somebody trained.

    Counts stay as they were. Exit code 3: they stand in a file too, and have to be taken out there by hand.
    """
    with at_work(context) as home:
        found = private.held(home, person)
        if numbers:
            found.people = {number: one for number, one in found.people.items() if number in numbers}
        elif len(found.people) > 1:
            told = "; ".join(f"{number} of {one.institution}" for number, one in found.people.items())
            raise Refusal(f"these are {len(found.people)} people ({told}); say which with --number.", PROBLEMS)
        lists, people = private.forget(home, found, who(by))
        if lists or people:
            out.print(f"Forgotten: on {lists} lists of subscribers, {people} among those trained.")
        else:
            out.print("Nothing is kept under this name or address.")
        for place in found.settings:
            err.print(f"still in outreach.toml, {place}: take it out there.", style="yellow", markup=False)
    if found.settings:
        raise SystemExit(ATTENTION)


@privacy.command("sweep")
@click.pass_context
def sweep(context: click.Context) -> None:
    """Delete what was kept long enough. `outreach run` does the same by itself."""
    with at_work(context) as home:
        done = private.sweep(home)
    out.print(", ".join(f"{name}: {count}" for name, count in done.items() if count) or "Nothing was kept too long.")


COMMANDS = (privacy,)
