"""The commands with which people see to the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import click
from rich.table import Table

from channels.contract import Post
from pipeline.app import approving, attending, recalling
from pipeline.app.house import House
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, house, out, print_json, who
from pipeline.model import Deed, Delivery

BY = click.option("--by", metavar="NAME", help="Who does it.  [default: $OUTREACH_USER, else git's user.name]")


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (attending.NotPossible, approving.ApprovalRefused) as refused:
        raise Refusal(str(refused)) from None


def _when(home: House, row: Delivery) -> str:
    campaign = home.project.campaigns.get(row.campaign)
    zone = ZoneInfo(campaign.timezone if campaign else home.settings.programme.timezone)
    return f"{row.due_at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"


def _rows(home: House, title: str, rows: list[tuple[Delivery, str]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, title_style="bold")
    for name in ("no.", "due", "account", "message", "why"):
        table.add_column(name, overflow="fold")
    for row, why in rows:
        deed = "" if row.deed is Deed.PUBLISH else f", {row.deed.value}"
        table.add_row(str(row.id), _when(home, row), row.account, f"{row.message} ({row.language}{deed})", why)
    out.print(table, soft_wrap=False)
    out.print()


@click.command()
@click.option("--all", "everything", is_flag=True, help="List everything that is due, not only the next ten.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def status(context: click.Context, *, everything: bool, as_json: bool) -> None:
    """Show what is due, late, held, unconfirmed, and why.

    Ends with exit code 3 when something needs a person.
    """
    with house(context) as home:
        found = attending.status(home, upcoming=10**6 if everything else 10)
        back = recalling.unsettled(home)
        if as_json:
            print_json(found.to_dict() | {"recalls": [ledger.to_dict() for ledger in back]})
        else:
            _show_status(home, found, back)
    if found.attention:
        raise SystemExit(ATTENTION)


def _show_status(home: House, found: attending.Status, back: list[recalling.Ledger]) -> None:
    for name, why in found.paused.items():
        out.print(f"Paused: {name}: {why}", style="yellow", markup=False)
    for ledger in back:
        out.print(f"Recalled: {ledger.told()}; see `outreach recall {ledger.message}`", style="yellow", markup=False)
    _rows(home, "Needs a person", [(item.delivery, f"{item.delivery.state}: {item.why}") for item in found.attention])
    _rows(home, "To be carried out by hand", [(row, row.reason) for row in found.tasks])
    _waiting(home, found.unapproved)
    _rows(home, "Being looked up", [(row, row.reason) for row in found.settling])
    _rows(home, "Due next", [(row, row.reason) for row in found.next_due])
    if found.late_work:
        out.print("Late in the programme's work", style="bold")
        for what in found.late_work:
            out.print(what, style="yellow", markup=False)
        out.print()
    for account, counts in found.counts.items():
        told = ", ".join(f"{count} {state}" for state, count in counts.items())
        out.print(f"{account}: {told}", markup=False)
    if not found.counts:
        out.print("The outbox is empty; fill it with `outreach plan --apply`.")
    if found.heartbeat:
        out.print(f"Last round: {found.heartbeat.get('at', '?')} by {found.heartbeat.get('worker', '?')}", style="dim")


def _waiting(home: House, rows: list[Delivery]) -> None:
    """Show what waits for approval by message, because that is how it is approved."""
    if not rows:
        return
    by_message: dict[str, list[Delivery]] = {}
    for row in rows:
        by_message.setdefault(row.message, []).append(row)
    table = Table(title="Waits for approval", title_justify="left", box=None, pad_edge=False, title_style="bold")
    for name in ("first due", "posts", "approve with"):
        table.add_column(name, overflow="fold")
    for message, waiting in by_message.items():
        table.add_row(_when(home, waiting[0]), str(len(waiting)), f"outreach approve {message} --by …")
    out.print(table, soft_wrap=False)
    out.print()


@click.command()
@click.argument("message")
@click.option("--language", metavar="CODE", help="Only the text in this language.")
@click.option("--by", required=True, metavar="PERSON", help="Who has read it: a name under [people] in outreach.toml.")
@click.option("--yes", is_flag=True, help="Do not show the texts and ask; for those who have just read them.")
@click.pass_context
def approve(context: click.Context, message: str, language: str | None, by: str, *, yes: bool) -> None:
    """Let the planned posts of MESSAGE out, exactly as they are now; an edit voids it."""
    with house(context) as home, _in_words():
        readings = approving.to_read(home, message, language)
        if not readings:
            raise Refusal(f"nothing of '{message}' is planned; see `outreach plan --apply`.", PROBLEMS)
        approving.check_approver(home, by, readings)
        if not yes:
            for reading in readings:
                _show_reading(home, reading)
            click.confirm(f"Approve these {len(readings)} texts as {by}?", abort=True)
        new = approving.approve(home, readings, by)
        count = sum(len(reading.rows) for reading in readings)
        out.print(f"Approved by {by}: {new} new of {len(readings)} texts, for {count} posts.")


def _show_reading(home: House, reading: approving.Reading) -> None:
    row = reading.first
    post = Post.from_json(home.store.desk.body_of(reading.digest))
    times = ", ".join(_when(home, found) for found in reading.rows[:3]) + (" …" if len(reading.rows) > 3 else "")
    out.rule(f"{row.account} · {row.language} · {times}", align="left")
    for part in post.parts:
        if part.content_warning:
            out.print(f"[behind the warning: {part.content_warning}]", style="italic dim", markup=False)
        if part.html and part.title:
            out.print(part.title, style="bold", markup=False)
        out.print(part.text, markup=False)
        for picture in part.media:
            out.print(f"[picture: {picture.alt}]", style="italic dim", markup=False)
        for document in part.documents:
            out.print(f"[file, the same text on paper: {document.name}]", style="italic dim", markup=False)


@click.command()
@click.argument("message")
@click.option("--language", metavar="CODE", help="Only the text in this language.")
@click.option("--why", default="", help="The reason, for the record.")
@BY
@click.pass_context
def revoke(context: click.Context, message: str, language: str | None, why: str, by: str | None) -> None:
    """Take the approval of MESSAGE back: what has not gone out stays in."""
    with house(context) as home:
        count = approving.revoke(home, approving.to_read(home, message, language), who(by), why)
        out.print(f"Revoked: {count} approvals of '{message}'." if count else f"'{message}' had no approval to revoke.")


@click.command()
@click.argument("number", type=int)
@click.option("--sent", "answer", flag_value="sent", help="It is there.")
@click.option("--again", "answer", flag_value="again", help="It is not there (or was held): send it now.")
@click.option("--cancel", "answer", flag_value="cancel", help="It shall not go out any more.")
@click.option("--url", help="With --sent: where it can be seen.")
@BY
@click.pass_context
def resolve(context: click.Context, number: int, answer: str | None, url: str | None, by: str | None) -> None:
    """Say what became of delivery NUMBER, or what shall; without an option, show what happened to it."""
    with house(context) as home, _in_words():
        row = attending.fetch(home, number)
        if answer == "sent":
            attending.tell_sent(home, row, who(by), url)
            out.print(f"No. {number} counts as sent.")
        elif answer == "again":
            count = attending.send_again(home, row, who(by))
            out.print(f"No. {number} goes out with the next round." if count == 1 else f"{count} go out again.")
        elif answer == "cancel":
            attending.cancel(home, [number], who(by), "")
            out.print(f"No. {number} is cancelled.")
        else:
            _rows(home, f"{row.key}", [(row, f"{row.state}: {row.reason}" if row.reason else row.state.value)])
            for line in attending.history(home, row):
                out.print(line, markup=False)


@click.command()
@click.argument("number", type=int)
@click.option("--url", help="Where it can be seen, if anywhere.")
@BY
@click.pass_context
def done(context: click.Context, number: int, url: str | None, by: str | None) -> None:
    """Tick off delivery NUMBER, a task that you have carried out by hand."""
    with house(context) as home, _in_words():
        attending.tell_sent(home, attending.fetch(home, number), who(by), url)
        out.print(f"No. {number} is done.")


@click.command()
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.option("--why", default="", help="The reason, for the record.")
@BY
@click.pass_context
def cancel(context: click.Context, numbers: tuple[int, ...], why: str, by: str | None) -> None:
    """Cancel deliveries that have not gone out."""
    with house(context) as home, _in_words():
        out.print(f"Cancelled: {attending.cancel(home, list(numbers), who(by), why)}.")


@click.command()
@click.option("--account", metavar="NAME", help="Only this account.")
@click.option("--why", default="", help="The reason, for the others.")
@BY
@click.pass_context
def pause(context: click.Context, account: str | None, why: str, by: str | None) -> None:
    """Stop everything at once, or one account. What is on its way just now still arrives."""
    with house(context) as home:
        _known(home, account)
        if account:
            home.store.accounts.pause(account, who(by), why or f"paused by {who(by)}", home.clock.now())
        else:
            home.store.accounts.pause_all(who(by), why or f"paused by {who(by)}", home.clock.now())
        out.print(f"Paused: {account or 'everything'}. Go on with `outreach resume`.")


@click.command()
@click.option("--account", metavar="NAME", help="Only this account.")
@BY
@click.pass_context
def resume(context: click.Context, account: str | None, by: str | None) -> None:
    """Go on. What has become too late meanwhile is held and listed, not sent."""
    with house(context) as home:
        _known(home, account)
        if account:
            home.store.accounts.resume(account, who(by), home.clock.now())
            out.print(f"{account} goes on.")
        elif home.store.accounts.resume_all(who(by), home.clock.now()):
            out.print("Everything goes on; accounts that are paused by themselves stay so.")
        else:
            out.print("Not everything was paused. Resume one account with --account.")


def _known(home: House, account: str | None) -> None:
    if account and account not in home.settings.accounts:
        raise Refusal(f"there is no account '{account}' in outreach.toml.", PROBLEMS)


COMMANDS = (status, approve, revoke, resolve, done, cancel, pause, resume)
