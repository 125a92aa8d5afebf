"""The commands for partners: who takes messages over, what they are told, what they may read under embargo."""

from __future__ import annotations

from typing import TextIO

import click

from pipeline.app import announcing, partner_links, partner_notices, partners
from pipeline.cli.desk import BY
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, house, out, print_json, who
from pipeline.model import SLUG


@click.group()
def partner() -> None:
    """Partners, who take messages over: add and list them, tell them of changes, let them read under embargo."""


@partner.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def list_partners(context: click.Context, *, as_json: bool) -> None:
    """Show the partners: how they are told, what they take over, and what is wrong with how they are written down."""
    with house(context) as home:
        found = partners.rows(home)
    if as_json:
        fields = ("name", "title", "languages", "tell", "contact", "campaigns", "embargoed", "links", "wrong")
        print_json([{field: getattr(row, field) for field in fields} for row in found])
        return
    for row in found:
        out.print(f"{row.name}: {row.title}", style="bold", markup=False)
        told = f"told by {', '.join(row.tell)}" + (f" ({row.contact})" if row.contact else "")
        under = f"; reads under embargo, {row.links} open link{'' if row.links == 1 else 's'}" if row.embargoed else ""
        out.print(
            f"    {', '.join(row.languages)}; {', '.join(row.campaigns) or 'all campaigns'}; {told}{under}",
            markup=False,
        )
        for wrong in row.wrong:
            out.print(f"    {wrong}", style="yellow", markup=False)
    if not found:
        out.print("There is no partner yet; add one with `outreach partner add`.")


@partner.command()
@click.argument("name")
@click.option("--title", required=True, help="The organisation's name as it is written.")
@click.option(
    "--language", "languages", multiple=True, required=True, help="A language it takes over; may be repeated."
)
@click.option("--contact", help="A functional e-mail address, not a person's.")
@click.option(
    "--tell", multiple=True, type=click.Choice(["mail", "webhook", "feed"]), help="How it is told of changes."
)
@click.option("--campaign", "campaigns", multiple=True, help="A campaign it takes over.  [default: all]")
@click.option("--embargoed", is_flag=True, help="It may read messages before their embargo ends.")
@click.pass_context
def add(
    context: click.Context,
    name: str,
    title: str,
    languages: tuple[str, ...],
    contact: str | None,
    tell: tuple[str, ...],
    campaigns: tuple[str, ...],
    *,
    embargoed: bool,
) -> None:
    """Write a new partner with the short name NAME into outreach.toml; the file's other text stays as it is."""
    if not SLUG.fullmatch(name):
        raise Refusal(f"'{name}' is not a short name: use small letters, digits and single hyphens.", PROBLEMS)
    values: dict[str, object] = {"name": title, "languages": list(languages)}
    given = {"contact": contact, "tell": list(tell), "campaigns": list(campaigns), "embargoed": embargoed}
    values |= {key: value for key, value in given.items() if value}
    with house(context) as home:
        try:
            partners.add(home, name, values)
        except partners.AlreadyThere as there:
            raise Refusal(str(there), PROBLEMS) from None
        out.print(f"[partners.{name}] now stands in outreach.toml.", markup=False)


@partner.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be told.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def notify(context: click.Context, *, dry_run: bool, as_json: bool) -> None:
    """Tell partners of new, changed and recalled messages, each change once, in the way that each chose.

    The notices go into the outbox; `outreach deliver` or `outreach run` sends them. Ends with exit code 3 when
    something could not be told.
    """
    with house(context) as home:
        try:
            found = partner_notices.notices(home) if dry_run else partner_notices.notify(home)
        except partner_notices.CannotTell as missing:
            raise Refusal(str(missing), PROBLEMS) from None
        if as_json:
            print_json(
                [
                    {
                        "partner": one.partner,
                        "way": one.way,
                        "changes": [
                            {"event": each.event, "message": each.entry.message.id, "language": each.entry.language}
                            for each in one.changes
                        ],
                        "not_told": one.kept,
                    }
                    for one in found
                ]
            )
        for one in [] if as_json else found:
            if one.changes or one.kept:
                out.print(f"{one.partner} by {one.way}:", style="bold", markup=False)
            for line in partner_notices.lines(one):
                out.print(f"    {line}", markup=False)
        if not as_json and not any(one.changes or one.kept for one in found):
            out.print("Nothing to tell.")
        if any(one.kept for one in found):
            raise SystemExit(ATTENTION)


@partner.group(invoke_without_command=True)
@click.pass_context
def links(context: click.Context) -> None:
    """Show the links by which partners read what is under embargo. Keep them as you keep passwords."""
    if context.invoked_subcommand:
        return
    with house(context) as home:
        found = partner_links.links(home)
        for one in found:
            state = "open" if one.opens else "revoked" if one.link.revoked_at else "opens nothing: not embargoed = true"
            note = f" ({one.link.note})" if one.link.note else ""
            out.print(
                f"{one.link.partner}{note}: {state}, made {one.link.made_at:%Y-%m-%d} by {one.link.made_by}",
                markup=False,
            )
            out.print(f"    {one.address}", markup=False)
        if not found:
            out.print("There is no link yet; make one with `outreach partner links make PARTNER`.")


@links.command("make")
@click.argument("name", metavar="PARTNER")
@click.option("--note", default="", help="For whom or for what it is.")
@BY
@click.pass_context
def make_link(context: click.Context, name: str, note: str, by: str | None) -> None:
    """Make a link for PARTNER, which nobody can guess, and write what it opens into build/partners."""
    with house(context) as home:
        try:
            made = partner_links.make(home, name, who(by), note)
        except partner_links.NotPossible as refused:
            raise Refusal(str(refused), PROBLEMS) from None
        out.print(made.address, markup=False)


@links.command("revoke")
@click.argument("names", metavar="LINK|PARTNER...", nargs=-1, required=True)
@BY
@click.pass_context
def revoke_link(context: click.Context, names: tuple[str, ...], by: str | None) -> None:
    """Revoke links: named by the token, by its first letters (at least six), or all of a PARTNER.

    What they opened is deleted here at once; take the new build/partners to your web server.
    """
    with house(context) as home:
        gone = partner_links.revoke(home, names, who(by))
        if not gone:
            raise Refusal("no open link fits that name; see `outreach partner links`.")
        out.print(f"{len(gone)} link{'' if len(gone) == 1 else 's'} revoked.")


@partner.command()
@click.argument("log", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def opened(context: click.Context, log: TextIO, *, as_json: bool) -> None:
    """Count what was opened behind each link, from a web server's LOG ('-' reads standard input).

    The log is in the common or the combined format; no address of a visitor is kept or shown.
    """
    with house(context) as home:
        found = partner_links.counted(home, log)
    if as_json:
        print_json(
            [
                {"partner": link.partner, "note": link.note, "opened": told.count if told else 0,
                 "first": told.first if told else None, "last": told.last if told else None}
                for link, told in found
            ]
        )  # fmt: skip
        return
    for link, told in found:
        note = f" ({link.note})" if link.note else ""
        if told:
            times = "once" if told.count == 1 else f"{told.count} times"
            when = f", first {told.first:%Y-%m-%d %H:%M %z}, last {told.last:%Y-%m-%d %H:%M %z}"
            out.print(f"{link.partner}{note}: opened {times}{when}", markup=False)
        else:
            out.print(f"{link.partner}{note}: not opened", markup=False)
    if not found:
        out.print("There is no link yet.")


@partner.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def announce(context: click.Context, *, as_json: bool) -> None:
    """Tell the WebSub hub which feeds changed since it was told last; after the site was taken to its server."""
    with house(context) as home:
        try:
            done = announcing.announce(home)
        except announcing.NoHub as missing:
            raise Refusal(str(missing), PROBLEMS) from None
    if as_json:
        print_json({"told": done.told, "failed": done.failed})
    else:
        count = len(done.told)
        out.print(f"told the hub of {count} feed{'' if count == 1 else 's'}" if count else "no feed has changed")
        for path, why in done.failed.items():
            out.print(f"{path}: {why}", style="yellow", markup=False)
    if done.failed:
        raise SystemExit(ATTENTION)


COMMANDS = (partner,)
