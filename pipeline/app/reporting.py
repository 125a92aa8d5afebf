"""Putting a report together: what the ledger has, and what it lacks and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from channels import registry
from channels.contract import Measures
from pipeline.app.house import House
from pipeline.app.study_results import released_share
from pipeline.content.indicators import FromLedger, FromStudy, read_indicators
from pipeline.model import Problem, State
from pipeline.reach.units import UNITS
from pipeline.reports.files import as_json, write_csv, write_xlsx
from pipeline.reports.findings import Findings, Query, Rows, findings
from pipeline.reports.indicators import funder_table
from pipeline.reports.page import Form, as_html
from pipeline.reports.paper import write_pdf
from pipeline.reports.tables import Table
from pipeline.store import Reading


def zone(house: House) -> ZoneInfo:
    """Return the programme's zone."""
    return ZoneInfo(house.settings.programme.timezone)


def make_report(house: House, query: Query) -> Findings:
    """Return what is known of what was asked."""
    store, words = house.store, query.words
    before = query.since
    if query.since:
        # The period before is needed too, for what changed since.
        last = query.until or house.today
        before = query.since - (last - query.since + timedelta(days=1))
    grown = {name: value for name, value in words.items() if name in {"campaign", "language", "channel"}}
    of_site = not (words.keys() - {"language", "campaign"})
    visits = store.web.visits(since=query.since, until=query.until, language=query.language) if of_site else []
    pages = store.web.days(since=query.since, until=query.until, language=query.language) if of_site else []
    if query.campaign:
        visits = [row for row in visits if row["campaign"] == query.campaign]
        pages = [row for row in pages if f"/{query.campaign}/" in row["path"]]
    rows = Rows(
        figures=store.reach.figures(since=query.since, until=query.until, **words),
        growth=store.reach.growth(since=before, until=query.until, **grown),
        visits=visits,
        pages=pages,
        sent=_sent(house, query),
        missing=list(_missing(house, query)),
    )
    return findings(query, rows, house.clock.now())


def _sent(house: House, query: Query) -> list[tuple[datetime, str]]:
    rows = house.store.desk.find(states=[State.SENT], campaign=query.campaign or None, language=query.language or None)
    return [(row.sent_at, row.account) for row in rows if row.sent_at]


def _missing(house: House, query: Query) -> Iterator[str]:
    """Yield what a report lacks, and why, one sentence each."""
    sent = house.store.desk.find(states=[State.SENT], campaign=query.campaign or None)
    used = {row.account for row in sent if row.campaign in house.project.campaigns}
    for name in sorted(used):
        account = house.settings.accounts.get(name)
        if account is None or (query.language and account.language != query.language):
            continue
        kind = registry.load(account.kind)
        if not issubclass(kind, Measures):
            yield f"{name}: {kind.traits.label} tells no figures about what was published."
    waiting = house.store.reach.waiting(house.clock.now())
    for name, count in waiting.items():
        yield f"{name}: the figures of {count} posts are due and were not read yet; run `outreach collect`."
    span = house.store.web.span()
    if span is None:
        yield "The site: no log was read; run `outreach collect weblog`."
    elif span[1] < house.today - timedelta(days=1):
        yield f"The site: its log was read up to {span[1]} only."
    yield "Help pages of the site are not counted, so that nobody's way to help is."


def indicators(house: House, language: str, problems: list[Problem] | None = None) -> Table:
    """Return the funder's table; what is wrong with the indicators is added to ``problems``."""
    found: list[Problem] = [] if problems is None else problems
    known = read_indicators(
        house.root, found, units=UNITS, campaigns=house.project.campaigns, funders=house.project.funders
    )
    return funder_table(known, lambda wanted: rows_of(house, wanted), language)


def rows_of(house: House, wanted: FromLedger | FromStudy) -> list[Reading]:
    """Return the rows of the ledger that an indicator adds up, or the share of a study that was released."""
    if isinstance(wanted, FromStudy):
        return released_share(house, wanted)
    names = ("unit", "campaign", "partner", "audience", "channel")
    words = {name: value for name in names if (value := getattr(wanted, name))}
    return house.store.reach.figures(since=wanted.since, until=wanted.until, **words)


@dataclass(frozen=True)
class Written:
    """The files of a report."""

    files: tuple[Path, ...]


def write(house: House, found: Findings, folder: Path, forms: tuple[str, ...], language: str) -> Written:
    """Write a report into ``folder`` in the forms that are wanted: html, csv, xlsx, json."""
    folder.mkdir(parents=True, exist_ok=True)
    form = Form(language, zone(house))
    campaign = house.project.campaigns.get(found.query.campaign)
    name = campaign.title.get(language, campaign.title[campaign.source_language]) if campaign else ""
    more = [] if found.query.words else [indicators(house, language)]
    more = [table for table in more if table.rows]
    written: list[Path] = []
    if "html" in forms:
        path = folder / "report.html"
        title = f"Reach: {name}" if name else "Reach"
        path.write_text(as_html(found, form, house.settings.programme.name, title, more), "utf-8")
        written.append(path)
    if "pdf" in forms:
        path = folder / "report.pdf"
        title = f"Reach: {name}" if name else "Reach"
        write_pdf(found, form, house.settings.programme.name, title, path, more)
        written.append(path)
    if "csv" in forms:
        written += write_csv(found, folder / "csv", more)
    if "xlsx" in forms:
        path = folder / "report.xlsx"
        write_xlsx(found, path, more)
        written.append(path)
    if "json" in forms:
        path = folder / "report.json"
        path.write_text(as_json(found, more), "utf-8")
        written.append(path)
    return Written(tuple(written))
