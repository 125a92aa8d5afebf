"""The commands for trainings: sessions, the people nominated for them, their seats, who was present."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from pipeline.app import trained, training, training_letters
from pipeline.app.house import House
from pipeline.app.trained import NotPossible
from pipeline.cli import certificates, learning, nominations, session_kit
from pipeline.cli.desk import BY
from pipeline.cli.terminal import PROBLEMS, Refusal, err, out, print_json, who
from pipeline.cli.trained import at_work, letters
from pipeline.programme import lists
from pipeline.programme.people import new_key
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import said
from pipeline.store import Nomination, Seat

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("training", invoke_without_command=True)
@click.option("--in", "language", metavar="CODE", help="The language.  [default: the first]")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def trainings(context: click.Context, language: str | None, *, as_json: bool) -> None:
    """Training sessions: seats, nominated, confirmed, waiting, present, trained.

    A person who comes to two sessions is counted as trained once, where they first were present for enough half-days.
    """
    if context.invoked_subcommand:
        return
    with at_work(context) as home:
        spoken = language or home.settings.programme.languages[0]
        found = training.overview(home)
        if as_json:
            print_json([_data(stand) for stand in found])
            return
        for stand in found:
            one = stand.training
            times = f", {one.head.count} times" if one.head.count > 1 else ""
            out.print(f"{one.name}: {said(one.head.title, spoken)}{times}", markup=False)
            out.print(f"    {_told(stand)}", style="dim", markup=False)
        if len(found) > 1 and (sum_trained := sum(stand.trained for stand in found)):
            out.print(f"Persons trained: {sum_trained}.")
        if not found:
            out.print("There is no session; write content/activities/PLAN/trainings/NAME.md.")


def _told(stand: training.Stand) -> str:
    head, starts = stand.training.head, stand.training.starts
    if head.cancelled_on:
        return f"cancelled on {head.cancelled_on}"
    pieces = [f"{starts:%Y-%m-%d %H:%M} ({stand.training.zone})" if starts else "to be announced"]
    if head.seats is not None:
        pieces.append(f"{head.seats} seats")
    pieces += [f"{stand.seats[state]} {state}" for state in Seat if stand.seats.get(state)]
    if stand.present:
        pieces.append(f"{stand.present} present, {stand.trained} trained")
    return "; ".join(pieces)


def _data(stand: training.Stand) -> dict[str, object]:
    one = stand.training
    return {
        "session": one.name, "activity": one.head.activity, "count": one.head.count,
        "starts": one.starts and one.starts.isoformat(), "ends": one.ends and one.ends.isoformat(),
        "seats": one.head.seats, **{state.value: stand.seats.get(state, 0) for state in Seat},
        "present": stand.present, "trained": stand.trained,
    }  # fmt: skip


@trainings.command("key")
def key() -> None:
    """Make a key that seals the people of trainings, and print it.

    Put it into the environment as OUTREACH_PEOPLE_KEY, or into a file outside Git that OUTREACH_PEOPLE_KEY_FILE names.
    Whoever loses it loses the people; the counts stay.
    """
    out.print(new_key(), markup=False)


@trainings.command("rekey")
@BY
@click.pass_context
def rekey(context: click.Context, by: str | None) -> None:
    """Seal everybody anew with the first key of OUTREACH_PEOPLE_KEY; the others can go then."""
    with at_work(context) as home:
        done = trained.change_key(home, who(by))
        out.print(f"{done} people are sealed with the first key.")


@trainings.command("template")
@click.argument("session")
@click.option("--present", is_flag=True, help="The list of those present; otherwise that of nominations.")
@click.option("--names", is_flag=True, help="With those who are confirmed; needs the key.")
@click.pass_context
def template(context: click.Context, session: str, *, present: bool, names: bool) -> None:
    """Write a list for SESSION to be filled in (CSV) to standard output."""
    with at_work(context) as home:
        one = training.session(home, session)
        people = []
        if names:
            rows = home.store.trainings.nominations((one.plan, one.id))
            there = [row.person for row in rows if row.state is Seat.CONFIRMED]
            found = trained.opened(home, trained.vault(home), there)
            people = [{"name": p.name, "institution": p.institution, "mail": p.mail} for p in found.values()]
        columns = (*lists.PRESENT, *one.labels) if present or names else lists.NOMINATED
        click.echo(lists.template(columns, people), nl=False)


@trainings.command("nominate")
@click.argument("session")
@click.argument("file", type=_FILE)
@click.option("--by", "institution", required=True, metavar="INSTITUTION", help="The partner, as in outreach.toml.")
@click.option("--late", is_flag=True, help="Although the day until which one could nominate has passed.")
@click.pass_context
def nominate(context: click.Context, session: str, file: Path, institution: str, *, late: bool) -> None:
    """Take over whom an institution nominates for SESSION: FILE is a table (CSV or XLSX; see `template`).

    Every row is checked, and nothing is taken over while one has a problem. Whoever is known already, in whatever
    spelling, stays one person.
    """
    with at_work(context) as home:
        one = training.session(home, session)
        done = training.nominate(home, one, file, institution, who(None), late=late)
        out.print(f"{done['new']} nominated for {one.name}, {done['known']} were already.", markup=False)
        _ask_for_alike(home)


def _ask_for_alike(home: House) -> None:
    if found := len(trained.alike(home, trained.vault(home))):
        err.print(
            f"{found} {'pairs look' if found > 1 else 'pair looks'} like one person; "
            "see `outreach training people --alike`.",
            style="yellow",
        )


@trainings.command("confirm")
@click.argument("session")
@BY
@click.pass_context
def confirm(context: click.Context, session: str, by: str | None) -> None:
    """Give the free seats of SESSION to those who were nominated first; the rest is on the waiting list.

    Each institution gets a letter through the outbox that names the rows of its list. Exit code 3: a letter has to be
    sent by hand, and is printed.
    """
    with at_work(context) as home:
        one = training.session(home, session)
        words = training_letters.words(home)
        changed = training.confirm(home, one, who(by))
        _counted(changed)
        letters(training_letters.tell(home, one, changed, words))


@trainings.command("withdraw")
@click.argument("session")
@click.argument("numbers", nargs=-1, required=True, type=int)
@BY
@click.pass_context
def withdraw(context: click.Context, session: str, numbers: tuple[int, ...], by: str | None) -> None:
    """Take nominations for SESSION back, by their NUMBERS; `confirm` gives their seats to those who wait."""
    with at_work(context) as home:
        one = training.session(home, session)
        mine = {row.id for row in home.store.trainings.nominations((one.plan, one.id))}
        if strange := sorted(set(numbers) - mine):
            raise NotPossible(f"{one.name} has no nomination {strange[0]}; `outreach training people` lists them.")
        words = training_letters.words(home)
        changed = home.store.trainings.withdraw(numbers, who(by), home.clock.now())
        _counted(changed)
        letters(training_letters.tell(home, one, changed, words))


def _counted(changed: list[Nomination]) -> None:
    counts = {state: sum(one.state is state for one in changed) for state in Seat}
    out.print(", ".join(f"{count} {state}" for state, count in counts.items() if count) or "Nothing changed.")


@trainings.command("attend")
@click.argument("session")
@click.argument("file", type=_FILE)
@BY
@click.pass_context
def attend(context: click.Context, session: str, file: Path, by: str | None) -> None:
    """Take over who was present at each half-day of SESSION: FILE is a table (CSV or XLSX; see `template --present`).

    A list given again takes the earlier one's place. Once the session is over, it and the persons trained stand in the
    ledger, with the checksum of the list; the list itself stays with whoever held the session.
    """
    with at_work(context) as home:
        one = training.session(home, session)
        done = training.attend(home, one, file, who(by))
        for half_day, count in done.present.items():
            out.print(f"{half_day}: {count} present", markup=False)
        if done.unforeseen:
            err.print(f"{done.unforeseen} of them had no confirmed seat.", style="yellow")
        stands = "written into the ledger" if done.counted else "counted once the session is over"
        out.print(f"{done.trained} trained here who were not before; {stands}.")
        _ask_for_alike(home)


@trainings.command("count")
@BY
@click.pass_context
def count(context: click.Context, by: str | None) -> None:
    """Write sessions that are over, and the persons trained in them, into the ledger anew."""
    with at_work(context) as home:
        done = training.count(home, who(by))
        out.print(f"{len(done)} session{'s' if len(done) != 1 else ''} in the ledger.")


@trainings.command("people")
@click.argument("session", required=False)
@click.option("--alike", is_flag=True, help="Pairs that may be one person.")
@click.option("--same", nargs=2, type=int, metavar="STAYS GOES", help="Make one person of two.")
@click.option("--apart", nargs=2, type=int, metavar="ONE OTHER", help="They are two; do not ask again.")
@click.option("--json", "as_json", is_flag=True, help="For --alike and SESSION.")
@BY
@click.pass_context
def people(
    context: click.Context,
    session: str | None,
    same: tuple[int, int] | None,
    apart: tuple[int, int] | None,
    by: str | None,
    *,
    alike: bool,
    as_json: bool,
) -> None:
    """Show who was nominated for SESSION, or whom the list holds twice. Needs the key; shows names on the terminal."""
    with at_work(context) as home:
        if same:
            trained.merge(home, *same, who(by))
            training.count(home, who(by))
            out.print("They are one person now.")
        elif apart:
            trained.keep_apart(home, *apart)
            out.print("They are two people.")
        elif alike:
            _show_alike(trained.alike(home, trained.vault(home)), as_json=as_json)
        elif session:
            _show_people(home, training.session(home, session), as_json=as_json)
        else:
            raise Refusal("name a SESSION, or ask for --alike.", PROBLEMS)


def _show_alike(pairs: list[trained.Alike], *, as_json: bool) -> None:
    if as_json:
        print_json([{"first": p.first, "second": p.second, "why": p.why} for p in pairs])
        return
    for pair in pairs:
        out.print(f"{pair.first} and {pair.second}: {pair.why}", markup=False)
        for number, one in zip((pair.first, pair.second), pair.people, strict=True):
            out.print(f"    {number}  {one.name}, {one.institution} {one.mail}".rstrip(), markup=False)
    if pairs:
        out.print("Decide on each with --same STAYS GOES or --apart ONE OTHER.", style="dim")
    else:
        out.print("Nobody stands there twice, as far as names and addresses tell.")


def _show_people(home: House, one: Training, *, as_json: bool) -> None:
    rows = home.store.trainings.nominations((one.plan, one.id))
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    known = trained.opened(home, trained.vault(home), [row.person for row in rows])
    for row in rows:
        person = known.get(row.person)
        named = f"{person.name}, {row.institution}" if person else f"forgotten, {row.institution}"
        out.print(f"{row.id}  {row.state}  {named} (row {row.row} of its list)", markup=False)
    if not rows:
        out.print("Nobody was nominated yet.")


for _command in (*nominations.OF_TRAINING, *certificates.OF_TRAINING, *learning.OF_TRAINING, *session_kit.OF_TRAINING):
    trainings.add_command(_command)

COMMANDS = (trainings,)
