"""The commands for advocacy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from pipeline.app import advocacy as app
from pipeline.app import letters
from pipeline.app.house import House
from pipeline.cli.desk import BY
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out, print_json, who
from pipeline.programme.advocacy.advocacy_file import Advocacy, Stance
from pipeline.programme.work_plan import said


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except app.NotPossible as refused:
        raise Refusal(str(refused), PROBLEMS) from None


@click.group(invoke_without_command=True)
@click.option("--in", "language", metavar="CODE", help="The language.  [default: the first]")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def advocacy(context: click.Context, language: str | None, *, as_json: bool) -> None:
    """The asks, who said what about them in public, and how the letters stand."""
    if context.invoked_subcommand:
        return
    with house(context) as home:
        every = app.advocacy(home)
        spoken = language or home.settings.programme.languages[0]
        if as_json:
            print_json([_data(home, one) for one in every.values()])
            return
        for one in every.values():
            _show(home, one, spoken)
    if not every:
        out.print("There is no advocacy; write content/activities/PLAN/advocacy/advocacy.yml.")


def _show(home: House, one: Advocacy, language: str) -> None:
    out.print(one.file.plan, style="bold", markup=False)
    for name, ask in one.file.asks.items():
        out.print(f"  {name}: {said(ask.what, language)} ({ask.status})", markup=False)
        mine = [position.stance for position in one.file.positions if position.ask == name]
        told = ", ".join(f"{mine.count(stance)} {stance}" for stance in Stance if stance in mine)
        out.print(f"      positions: {told or 'none'}", style="dim", markup=False)
    for name, letter in one.file.letters.items():
        out.print(f"  {letter.sort} {one.name(name)}: {said(letter.title, language)}", markup=False)
        rows = letters.states(home, one, name)
        for office in letter.to:
            replies = [reply for reply in one.replies if (reply.letter, reply.office) == (name, office)]
            state = rows[office].state if office in rows else "not in the outbox"
            answered = f", replied on {replies[-1].on}" if replies else ""
            out.print(f"      {office}: {state}{answered}", style="dim", markup=False)
    out.print()


def _data(home: House, one: Advocacy) -> dict[str, object]:
    return {
        "plan": one.file.plan,
        "asks": {name: ask.status for name, ask in one.file.asks.items()},
        "positions": [
            {"office": each.office, "ask": each.ask, "on": each.on, "stance": each.stance, "public": each.public}
            for each in one.file.positions
        ],
        "letters": {
            one.name(name): {office: row.state for office, row in letters.states(home, one, name).items()}
            for name in one.file.letters
        },
        "replies": [{"letter": each.letter, "office": each.office, "on": each.on} for each in one.replies],
    }


@advocacy.command("print")
@click.argument("letter")
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder.")
@click.pass_context
def print_(context: click.Context, letter: str, folder: Path) -> None:
    """Write LETTER as a DOCX file for each of its offices, to be read, printed and posted."""
    with house(context) as home, _in_words():
        one, name = app.named(home, letter)
        for file in app.as_docx(home, one, name, folder):
            out.print(f"written: {file}", markup=False)


@advocacy.command("send")
@click.argument("letter")
@click.option("--account", required=True, metavar="NAME", help="An account for mail, or a folder for what is posted.")
@BY
@click.pass_context
def send(context: click.Context, letter: str, account: str, by: str | None) -> None:
    """Put LETTER into the outbox, once for each of its offices; it goes out when it is approved."""
    with house(context) as home, _in_words():
        one, name = app.named(home, letter)
        done = letters.send(home, one, name, account, who(by))
        out.print(f"In the outbox: {done.added} new, {done.changed} with a new text, {done.kept} as they were.")
        if done.added or done.changed:
            out.print(f"Let them out with `outreach approve {one.name(name)} --by …`.", markup=False)


@advocacy.command("reply")
@click.argument("letter")
@click.option("--from", "office", required=True, metavar="OFFICE", help="Which office replied.")
@click.option("--on", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day of the reply.")
@click.option("--says", required=True, help="What it says, in a sentence.")
@click.option("--evidence", default="", metavar="FILE", help="A file of the project; its checksum is kept.")
@BY
@click.pass_context
def reply(
    context: click.Context, letter: str, office: str, day: datetime, says: str, evidence: str, by: str | None
) -> None:
    """Log what an OFFICE replied to LETTER; it is appended and never changed."""
    with house(context) as home, _in_words():
        one, name = app.named(home, letter)
        path = app.log_reply(home, one, name, office=office, on=day.date(), says=says, evidence=evidence, by=who(by))
        out.print(f"Logged in {path}.", markup=False)


COMMANDS = (advocacy,)
