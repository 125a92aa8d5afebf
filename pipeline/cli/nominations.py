"""The commands by which institutions nominate from outside: links, and what comes in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from pipeline.app import nominating, training, training_letters
from pipeline.app.nominating import Received
from pipeline.cli.desk import BY
from pipeline.cli.people import messages
from pipeline.cli.terminal import PROBLEMS, err, out, print_json, who
from pipeline.cli.trained import at_work, letters


@click.command("link")
@click.argument("session")
@click.option("--for", "institution", required=True, metavar="PARTNER", help="The institution, as in outreach.toml.")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How long it can be used.")
@click.option("--send", is_flag=True, help="Send it to the institution through the outbox.")
@click.option("--webhook", is_flag=True, help="Print the secret too that signs the institution's webhooks.")
@BY
@click.pass_context
def link(
    context: click.Context, session: str, institution: str, days: int, by: str | None, *, send: bool, webhook: bool
) -> None:
    """Make a signed link by which an institution nominates for SESSION: it opens a prepared mail.

    What comes back with its token is taken over by `outreach training receive`. Exit code 3: with --send, the letter
    has to be sent by hand, and is printed.
    """
    with at_work(context) as home:
        one = training.session(home, session)
        words = training_letters.words(home)
        made = nominating.make(home, one, institution, days, who(by))
        out.print(f"{made.token}  until {made.link.expires_at:%Y-%m-%d}", markup=False)
        out.print(made.address, markup=False)
        if webhook:
            out.print(f"secret of its webhooks: {made.secret}", markup=False)
        if send:
            letters([training_letters.invite(home, one, made, words)])


@click.command("links")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def links(context: click.Context, *, as_json: bool) -> None:
    """List the links of institutions: whose, for which session, until when."""
    with at_work(context) as home:
        found, now = home.store.trainings.links(), home.clock.now()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        stands = "revoked" if one.revoked_at else "expired" if one.expires_at <= now else "open"
        told = f"{one.id}  {one.plan}/{one.session}  {one.institution}  until {one.expires_at:%Y-%m-%d}  {stands}"
        out.print(told, markup=False)
    if not found:
        out.print("There is no link; make one with `outreach training link`.")


@click.command("unlink")
@click.argument("ids", nargs=-1, required=True)
@BY
@click.pass_context
def unlink(context: click.Context, ids: tuple[str, ...], by: str | None) -> None:
    """Revoke links, by their IDS; what comes with their token is refused from now on."""
    with at_work(context) as home:
        done = home.store.trainings.revoke_links(ids, who(by), home.clock.now())
        out.print(f"{done} revoked.")


@click.command("receive")
@click.argument("source", type=click.Path(exists=True, path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True)
@BY
@click.pass_context
def receive(context: click.Context, source: Path, by: str | None, *, as_json: bool) -> None:
    """Take over nominations that came in: SOURCE is a mail, a Maildir, an mbox, '-', or a webhook kept as .json.

    Each is taken whole or not at all, and only with the token of a link that is open. Exit code 2: something was not
    taken over.
    """
    with at_work(context) as home:
        if source.suffix.lower() == ".json":
            found = [nominating.take_webhook(home, source.name, source.read_bytes(), who(by))]
        else:
            found = nominating.take_mails(home, messages(source), who(by))
    if as_json:
        print_json([asdict(one) for one in found])
    for one in () if as_json else found:
        _show(one)
    if any(one.problems for one in found):
        raise SystemExit(PROBLEMS)


def _show(one: Received) -> None:
    if not one.problems:
        told = f"{one.what}: {one.new} nominated for {one.session} by {one.institution}, {one.known} were already."
        out.print(told, markup=False)
    for problem in one.problems:
        err.print(f"{one.what}: {problem}", style="red", markup=False)


OF_TRAINING = (link, links, unlink, receive)
