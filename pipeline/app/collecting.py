"""Collecting what is known of a campaign's reach: from the networks, and from the site's own logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from channels import registry
from channels.contract import Measures
from pipeline.app.house import House
from pipeline.model import Problem
from pipeline.outbox.equipment import Unusable
from pipeline.reach import networks
from pipeline.reach.networks import Collected
from pipeline.reach.units import Kind, People
from pipeline.reach.weblog.formats import recognise
from pipeline.reach.weblog.stream import Mark, begin
from pipeline.store import Consent, LogMark, Reading
from pipeline.website import addresses
from pipeline.website.policy import PRIVATE


def measuring(house: House) -> list[str]:
    """Return the accounts whose network tells figures."""
    return [
        name for name, account in house.settings.accounts.items() if issubclass(registry.load(account.kind), Measures)
    ]


def from_networks(house: House, only: Iterable[str] = ()) -> dict[str, Collected]:
    """Read every figure that is due at the networks; an account that fails costs the others nothing."""
    wanted = set(only)
    accounts = [name for name in measuring(house) if not wanted or name in wanted]
    networks.enlist(house.store.reach, accounts)
    found: dict[str, Collected] = {}
    for name in accounts:
        if not house.store.reach.due(name, house.clock.now(), 1):
            continue
        try:
            channel = house.channels.usable(name)
        except Unusable as error:
            found[name] = Collected(troubles=[f"{name}: {error}."])
            continue
        found[name] = networks.collect(
            house.store.reach,
            name,
            channel,
            house.clock.now,
            audience_of=lambda campaign, message: _audience(house, campaign, message),
            partner=house.settings.accounts[name].partner or "",
            budget=house.settings.accounts[name].figures_budget,
        )
    return found


def _audience(house: House, campaign: str, message: str) -> str:
    known = house.project.messages.get((campaign, message))
    return known.audience if known else ""


RETURNS = timedelta(days=5)
"""How long a server tries before it gives a mail back: at least four to five days (RFC 5321 §4.5.4.1)."""
DELIVERED = (
    "mails that the sending server took, less those known as refused for good when the mailbox of returns was read "
    f"{RETURNS.days} days after the last of them or later; that nothing came back is no proof"
)
DEPARTURES = {
    Consent.BOUNCED: "readers whose address was refused for good after this mail",
    Consent.COMPLAINED: "readers who reported this mail as unwanted",
    Consent.UNSUBSCRIBED: "readers who left the list after this mail",
}
"""How a reader is lost, and what the number of them counts."""


def from_outbox(house: House) -> int:
    """Write down what became of newsletters; return what is new.

    Mails handed in and refused, and readers who bounced, complained or left after a mail; once the mailbox of returns
    was read long enough after, an estimate of how many mails were delivered. A mail that was handed in is
    no exposure: whether it was opened is not collected. Numbers of readers are numbers of people, so small ones are
    hidden wherever they are shown; somebody who is deleted later does not lessen them.
    """
    ledger = house.store.reach
    fresh: list[Reading] = []
    departed = ledger.departures()
    bounced = {row["parent_id"]: row["number"] for row in departed if row["how"] == Consent.BOUNCED}
    for row in ledger.mailings():
        known = _known_of(house, row)
        for metric in ("handed_in", "refused"):
            if known.get(metric) != row[metric]:
                fresh.append(_of_mailing(house, row, metric, row[metric], f"mails {metric.replace('_', ' ')}"))
        if _returns_are_known(house, row):
            delivered = row["handed_in"] - max(bounced.get(row["parent_id"], 0), known.get(Consent.BOUNCED, 0))
            if known.get("delivered") != delivered >= 0:
                fresh.append(replace(_of_mailing(house, row, "delivered", delivered, DELIVERED), kind=Kind.ESTIMATED))
    for row in departed:
        how, number = Consent(row["how"]), row["number"]
        if number > _known_of(house, row).get(how, 0):
            lost = _of_mailing(house, row, how.value, number, DEPARTURES[how])
            fresh.append(replace(lost, unit=People.word))
    return ledger.add(fresh)


def _returns_are_known(house: House, row: Mapping[str, Any]) -> bool:
    """Whether the mailbox of returns was read when every mail that would come back had had the time for it."""
    read = house.store.subscribers.returns_read_at(row["account"])
    return read is not None and row["last_sent"] is not None and read >= row["last_sent"] + RETURNS


def _known_of(house: House, row: Mapping[str, Any]) -> dict[str, int]:
    subject = f"post:{row['parent_id']}"
    return house.store.reach.newest_of(f"outbox {row['account']}", [subject]).get(subject, {})


def _of_mailing(house: House, row: Mapping[str, Any], metric: str, value: int, definition: str) -> Reading:
    return Reading(
        source=f"outbox {row['account']}",
        subject=f"post:{row['parent_id']}",
        metric=metric,
        at=house.clock.now(),
        value=value,
        kind=Kind.MEASURED,
        counts=False,
        definition=definition,
        campaign=row["campaign"],
        message=row["message"],
        language=row["language"],
        account=row["account"],
        channel="mail",
        audience=_audience(house, row["campaign"], row["message"]),
    )


@dataclass
class LogsRead:
    """What a reading of log files brought, by file: new lines and those that were broken."""

    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    days: set[date] = field(default_factory=set)


def from_logs(house: House, paths: Iterable[Path]) -> LogsRead:
    """Count what log files hold that was not counted yet. A folder stands for the files in it, the oldest first.

    Reading a file twice counts once; one that grew, or was rotated and packed since, counts the rest.
    """
    # Loaded here, since DuckDB takes room that the service, which reads no logs, would hold for as long as it runs.
    from pipeline.reach.weblog import counting  # noqa: PLC0415

    done = LogsRead()
    web, now = house.store.web, house.clock.now()
    zone = ZoneInfo(house.settings.programme.timezone)
    today = now.astimezone(zone).date()
    # A day is over when no server in any zone can still write to it.
    web.forget_visitors(today - timedelta(days=1))
    open_days = [today - timedelta(days=1), today, today + timedelta(days=1)]
    salts, key = web.salts(open_days), web.key()
    site = counting.Site(
        host=urlsplit(house.settings.programme.site).hostname or "",
        languages=house.settings.languages,
        help_pages=addresses.HELP_PAGES,
        passed_over=(addresses.FRAMES, PRIVATE),
        kits=addresses.KITS,
    )
    for path in _files(paths, done):
        marks = {head: Mark(head, mark.read, mark.tail) for head, mark in web.marks().items()}
        stream = begin(path, key, marks)
        if stream is None:
            done.files[str(path)] = (0, 0)
            continue
        form = recognise(stream.first_lines)
        if form is None:
            what = "this is no log of a web server that is known here"
            todo = "combined, common, Caddy's JSON and CloudFront's can be read"
            done.problems.append(Problem(path=str(path), rule="weblog", message=what, todo=todo))
            continue
        counted = counting.count(stream, form, site, salt_of=salts.get, seen=web.visitors(open_days))
        mark = stream.mark
        written = LogMark(mark.head, path.name, mark.read, mark.tail, counted.lines, counted.broken)
        web.add(written, now, counted.days, counted.visits, counted.seen)
        done.files[str(path)] = (counted.lines, counted.broken)
        done.samples += list(counted.samples)
        done.days |= {row[0] for row in counted.days}
    return done


def _files(paths: Iterable[Path], done: LogsRead) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [one for one in path.iterdir() if one.is_file() and not one.name.startswith(".")]
            found += sorted(inside, key=lambda one: (one.stat().st_mtime, one.name))
        elif path.is_file():
            found.append(path)
        else:
            done.problems.append(Problem(path=str(path), rule="weblog", message="no such file or folder"))
    return found
