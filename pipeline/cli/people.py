"""The commands for subscribers: people who asked for a newsletter. They live in the store, never in the content."""

from __future__ import annotations

import mailbox
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from pipeline.app import subscribing
from pipeline.cli.desk import BY
from pipeline.cli.terminal import PROBLEMS, Refusal, err, house, out, print_json, who
from pipeline.store import Consent

_ACCOUNT = click.option("--account", required=True, metavar="NAME", help="The mail account whose list it is.")


@click.group()
def subscribers() -> None:
    """Keep the lists of the newsletters: who is on them, who confirmed, who left."""


@subscribers.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@_ACCOUNT
@BY
@click.pass_context
def import_list(context: click.Context, file: TextIO, account: str, by: str | None) -> None:
    """Add the addresses of FILE (CSV: address, confirmed_at, consent_from; '-' reads standard input).

    Without confirmed_at an address is pending and receives nothing. Who left or was forgotten does not come back.
    Nothing is imported while a row has a problem.
    """
    with house(context) as home:
        known = home.settings.accounts.get(account)
        if known is None or known.kind != "mail":
            raise Refusal(f"'{account}' is not a mail account in outreach.toml.", PROBLEMS)
        found = subscribing.read_csv(file.read())
        for problem in found.problems:
            err.print(f"{file.name}: {problem}", style="red", markup=False)
        if found.problems:
            raise Refusal(f"Nothing was imported: {len(found.problems)} rows to mend first.", PROBLEMS)
        done = home.store.subscribers.add(account, found.newcomers, who(by), home.clock.now())
        out.print(", ".join(f"{count} {what}" for what, count in done.items()))


@subscribers.command("export")
@click.option("--account", metavar="NAME", help="Only this list.")
@click.pass_context
def export_list(context: click.Context, account: str | None) -> None:
    """Write everybody as CSV to standard output."""
    with house(context) as home:
        for line in subscribing.write_csv(home.store.subscribers.export(account)):
            sys.stdout.write(line)


@subscribers.command("count")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def count(context: click.Context, *, as_json: bool) -> None:
    """Show how many people each list has, by state."""
    with house(context) as home:
        counts = home.store.subscribers.counts()
    if as_json:
        print_json([{"account": name, "state": state, "count": number} for (name, state), number in counts.items()])
        return
    for (name, state), number in sorted(counts.items()):
        out.print(f"{name}: {number} {state}", markup=False)
    if not counts:
        out.print("Nobody is on a list yet; add people with `outreach subscribers import`.")


@subscribers.command()
@click.argument("token")
@click.pass_context
def confirm(context: click.Context, token: str) -> None:
    """Write down that the person for whom TOKEN stands opened their confirmation link."""
    with house(context) as home:
        if not home.store.subscribers.confirm(token, home.clock.now()):
            raise Refusal("nobody who waits for confirmation is known by this token.")
        out.print("Confirmed.")


@subscribers.command()
@click.argument("token")
@click.pass_context
def unsubscribe(context: click.Context, token: str) -> None:
    """Take off the person for whom TOKEN stands, as their unsubscribe link asks."""
    with house(context) as home:
        home.store.subscribers.leave(token, Consent.UNSUBSCRIBED, home.clock.now())
        out.print("Whoever this token stood for receives nothing any more.")


@subscribers.command()
@click.argument("address")
@BY
@click.pass_context
def forget(context: click.Context, address: str, by: str | None) -> None:
    """Delete everything that is kept about ADDRESS; importing an old list will not bring it back."""
    with house(context) as home:
        lists = home.store.subscribers.forget(_normal(address), who(by), home.clock.now())
        out.print(f"Forgotten; it was on {lists} list{'s' if lists != 1 else ''}." if lists else "It was on no list.")


def _normal(address: str) -> str:
    try:
        return subscribing.normalise(address)
    except ValueError as error:
        raise Refusal(f"{error}.", PROBLEMS) from None


@subscribers.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path, allow_dash=True))
@click.pass_context
def bounces(context: click.Context, source: Path) -> None:
    """Read the bounce mailbox: SOURCE is a message, a Maildir, an mbox, or '-' for standard input."""
    with house(context) as home:
        done: Counter[str] = Counter()
        for raw in messages(source):
            done[subscribing.take_mail(home, raw)] += 1
        if _is_mailbox(source):
            subscribing.returns_were_read(home)
        out.print(", ".join(f"{number} {what}" for what, number in sorted(done.items())) or "Nothing to read.")


def _is_mailbox(source: Path) -> bool:
    """Whether this is all that came back, and not one mail: a Maildir or an mbox, which may be empty."""
    return str(source) != "-" and (source.is_dir() or source.read_bytes()[:5] in {b"From ", b""})


def messages(source: Path) -> Iterator[bytes]:
    """Yield the mails of a message, a Maildir, an mbox, or of standard input (``-``)."""
    if str(source) == "-":
        yield sys.stdin.buffer.read()
    elif source.is_dir():
        folder = mailbox.Maildir(str(source), create=False)
        yield from (folder.get_bytes(key) for key in folder.iterkeys())
    elif source.read_bytes()[:5] == b"From ":
        file = mailbox.mbox(str(source), create=False)
        yield from (file.get_bytes(key) for key in file.iterkeys())
    else:
        yield source.read_bytes()


COMMANDS = (subscribers,)
