"""The commands for when something was wrong with what went out: `correct`, `recall`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from pipeline.app import attending, carrying, correcting, corrections_log, recalling
from pipeline.app.carrying import Carried
from pipeline.app.house import House
from pipeline.app.recalling import Ledger, Place
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, err, house, out, print_json, who
from pipeline.content.corrections_file import EntryRefused
from pipeline.model import LANGUAGE, Message
from pipeline.outbox.deeds import Stands

BY = click.option("--by", metavar="NAME", help="Who does it.  [default: $OUTREACH_USER, else git's user.name]")
APPLY = click.option("--apply", "write", is_flag=True, help="Do it.")
WHAT = click.option(
    "--what", "given", multiple=True, metavar="LANG=TEXT",
    help="For the public log of corrections: what was wrong and what is right, once for each language.",
)  # fmt: skip
_STYLES = {
    Stands.STILL_LIVE: "red",
    Stands.IN_DOUBT: "yellow",
    Stands.UNDER_WAY: "yellow",
    Stands.IMPOSSIBLE: "magenta",
}


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (attending.NotPossible, EntryRefused) as refused:
        raise Refusal(str(refused)) from None


# --- correct -------------------------------------------------------------------------------------------------


@click.command()
@click.argument("message")
@APPLY
@click.option(
    "--replace-where-needed", "replacing", is_flag=True,
    help="Where a post cannot be edited, delete it and publish the corrected one: its replies and shares are lost.",
)  # fmt: skip
@click.option(
    "--notice", "noticing", is_flag=True, help="Where nothing else is possible, send a notice to its readers."
)
@WHAT
@BY
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def correct(
    context: click.Context,
    message: str,
    *,
    write: bool,
    replacing: bool,
    noticing: bool,
    given: tuple[str, ...],
    by: str | None,
    as_json: bool,
) -> None:
    """Put today's text of MESSAGE in the place of what went out.

    Shows for every place what can be corrected; --apply does it and writes the log of corrections. The corrected texts
    need approval like new ones. Ends with exit code 3 while a place shows the old text and nothing is under way there.
    """
    with house(context) as home, _in_words():
        found = _message(home, message)
        asked = correcting.Asked(replacing=replacing, noticing=noticing)
        if home.store.recalls.get(found.campaign, found.id):
            raise Refusal(f"'{message}' was recalled, so there is nothing to correct; see `outreach recall {message}`.")
        if write:
            _log(home, found, given, recalled=False)
        made = correcting.plan(home, found, asked)
        count = correcting.apply(home, made, who(by)) if write else 0
        if write:
            # As it stands now that it is written down.
            made = correcting.plan(home, found, asked)
        if as_json:
            print_json(made.to_dict() | {"written": count})
        else:
            _show(made.places)
            _end_of_correction(found.id, made, count, write=write)
    if any(place.line.stands is Stands.STILL_LIVE for place in made.places):
        raise SystemExit(ATTENTION)


def _end_of_correction(message: str, made: correcting.Correction, count: int, *, write: bool) -> None:
    if not write:
        waiting = sum(len(act.ids) for act in made.acts)
        then = "do it with --apply" if waiting else "there is nothing that --apply would do"
        out.print(f"Nothing is corrected yet; {then}.")
    elif count:
        out.print(f"Written: {count} corrections. Let them out with `outreach approve {message} --by …`, if asked for.")
    else:
        out.print("Written: nothing, it was so already.")


def _message(home: House, name: str) -> Message:
    campaign, identity = recalling.which(home, name)
    found = home.project.messages.get((campaign, identity))
    if found is None:
        raise Refusal(f"'{name}' has no text that can be read; see `outreach check`.", PROBLEMS)
    return found


def _log(home: House, message: Message, given: Iterable[str], *, recalled: bool) -> None:
    """Write the entry of the log; ask for its words where a person is there to be asked."""
    what = _words(given)
    unknown = sorted(set(what) - set(message.translations))
    if unknown:
        raise Refusal(f"'{message.id}' has no text in {', '.join(unknown)}, so the log needs no words in it.", PROBLEMS)
    if not recalled and not what and not corrections_log.has_todays(home, message):
        for language in message.translations:
            if not sys.stdin.isatty():
                example = f'--what {message.source_language}="…"'
                raise Refusal(f"say for the public log what was wrong and what is right: {example}", PROBLEMS)
            what[language] = click.prompt(f"For the log of corrections, in {language}: what was wrong, what is right")
    if (what or recalled) and corrections_log.add(home, message, what, recalled=recalled):
        err.print("content/corrections.yml: one entry added.")


def _words(given: Iterable[str]) -> dict[str, str]:
    what = {}
    for one in given:
        language, sign, text = one.partition("=")
        if not sign or not LANGUAGE.fullmatch(language) or not text.strip():
            raise click.BadParameter(f"'{one}' is not a language and a text, such as en=\"The number was wrong.\"")
        what[language] = text.strip()
    return what


# --- recall --------------------------------------------------------------------------------------------------


@click.command()
@click.argument("message", required=False)
@click.option("--helpline", metavar="ID", help="Instead of MESSAGE: everything that ever carried this number.")
@click.option("--number", "earlier", metavar="NUMBER", help="With --helpline: the number it had before.")
@APPLY
@click.option("--why", default="", help="Why, for the record; needed with --apply.")
@click.option("--notice", "noticing", is_flag=True, help="Also tell readers from whom it cannot be taken back.")
@click.option("--acknowledged", "partner", metavar="PARTNER", help="Write down that this partner has taken it down.")
@WHAT
@BY
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def recall(
    context: click.Context,
    message: str | None,
    *,
    helpline: str | None,
    earlier: str | None,
    write: bool,
    why: str,
    noticing: bool,
    partner: str | None,
    given: tuple[str, ...],
    by: str | None,
    as_json: bool,
) -> None:
    """Take MESSAGE back everywhere it went, and show how each place stands.

    With --apply what has not gone out is stopped at once and for good, what went out is deleted where the network lets
    it, and partners are told. Run it again to see how things stand. Ends with exit code 3 while something is still
    live, under way or in doubt.
    """
    if bool(message) == bool(helpline):
        raise click.UsageError("name a MESSAGE, or a number with --helpline.")
    if earlier and not (helpline and re.fullmatch(r"\+?[\d ./()-]{3,24}", earlier)):
        raise click.UsageError("--number goes with --helpline, and is written in digits.")
    if write and not why.strip():
        raise click.UsageError("say why with --why: it is written down, and the others read it.")
    with house(context) as home, _in_words():
        if partner:
            _acknowledge(home, message, partner, who(by))
        found = carrying.carried(home, helpline, earlier) if helpline else None
        names = list(found.messages) if found else [recalling.which(home, message or "")]
        for campaign, name in names if write else ():
            _take_back(home, (campaign, name), why, who(by), given, noticing=noticing)
        ledgers = [recalling.ledger(home, campaign, name) for campaign, name in names]
        if as_json:
            _print(found, ledgers)
        else:
            if found:
                _show_carried(found)
            for ledger in ledgers:
                _show_ledger(ledger)
    if any(ledger.open for ledger in ledgers) or (found and (found.kits or found.drawings)):
        raise SystemExit(ATTENTION)


def _acknowledge(home: House, message: str | None, partner: str, by: str) -> None:
    if message is None:
        raise click.UsageError("--acknowledged goes with a MESSAGE.")
    if partner not in home.settings.partners:
        names = ", ".join(home.settings.partners) or "none"
        raise Refusal(f"there is no partner '{partner}' in outreach.toml; there are: {names}.", PROBLEMS)
    campaign, name = recalling.which(home, message)
    if home.store.recalls.get(campaign, name) is None:
        raise Refusal(f"'{message}' has not been recalled, so there is nothing to acknowledge.")
    home.store.recalls.acknowledge(campaign, name, partner, by, home.clock.now())


def _take_back(home: House, key: tuple[str, str], why: str, by: str, given: tuple[str, ...], *, noticing: bool) -> None:
    # First of all what stops it: the log can wait, and may be refused.
    recalling.recall(home, *key, why, by)
    message = home.project.messages.get(key)
    if message:
        _log(home, message, given, recalled=True)
    if noticing:
        recalling.notify_readers(home, *key, by)


def _print(found: Carried | None, ledgers: list[Ledger]) -> None:
    told = [ledger.to_dict() for ledger in ledgers]
    print_json(found.to_dict() | {"ledgers": told} if found else told[0])


def _show_carried(found: Carried) -> None:
    out.print(f"{found.helpline} ({found.number})", style="bold", markup=False)
    for (campaign, message), traces in found.messages.items():
        out.print(f"{campaign}/{message}", markup=False)
        for trace in traces:
            out.print(f"  {trace.kind} {trace.name}: {trace.where}: {trace.written}", markup=False)
    for trace in (*found.drawings, *found.kits):
        out.print(f"{trace.kind} {trace.name}: {trace.where}: {trace.written}", style="red", markup=False)
    if not (found.messages or found.drawings or found.kits):
        out.print("Nothing that went out carried it.")
    if found.unseen:
        out.print(f"Could not be looked into: {len(found.unseen)} pictures and files (--json names them).", style="dim")
    out.print()


def _show_ledger(ledger: Ledger) -> None:
    told = ledger.recalled
    out.print(f"{ledger.campaign}/{ledger.message}", style="bold", markup=False)
    if told:
        out.print(f"Recalled on {told.at:%Y-%m-%d %H:%M} UTC by {told.by}: {told.why}", markup=False)
    _show(ledger.places)
    out.print(f"{ledger.told()}.", markup=False)
    if not told:
        out.print("Nothing is taken back yet; do that with --apply --why “…”.")
    out.print()


def _show(places: Iterable[Place]) -> None:
    """Print each place: how it stands, why, what to do, and its address on a line of its own, to be copied."""
    for place in places:
        number = f", no. {place.number}" if place.number else ""
        out.print(f"{place.line.stands.value:<13}", style=_STYLES.get(place.line.stands, "green"), end="")
        out.print(f"{place.name} ({place.language}){number}: {place.line.what}", markup=False)
        for more in (place.line.todo, place.url):
            if more:
                out.print(f"{'':<13}{more}", markup=False, style="" if more == place.line.todo else "dim")


COMMANDS = (correct, recall)
