"""Putting a report together: what the ledger has, and what it lacks and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from channels import registry
from channels.contract import Measures
from channels.placement import PLACES
from pipeline.app.costing import costs
from pipeline.app.house import House
from pipeline.app.indicators import indicators as indicators_of
from pipeline.app.indicators import rows_of
from pipeline.app.report_filters import check_names
from pipeline.app.sharing import share_report
from pipeline.model import Delivery, Problem, State
from pipeline.reach.saying import Said
from pipeline.reports.compared import post_of
from pipeline.reports.files import as_json, write_csv, write_xlsx
from pipeline.reports.findings import Findings, Query, Rows, findings
from pipeline.reports.form import Form
from pipeline.reports.indicators import funder_table
from pipeline.reports.page import as_html
from pipeline.reports.paper import write_pdf
from pipeline.reports.report import Report
from pipeline.reports.tables import Table
from pipeline.store import Reading

LOOKED_INTO = Said(
    "Clicks in mails: programs that look into links before a reader does are counted too, where they call themselves "
    "browsers."
)


def zone(house: House) -> ZoneInfo:
    """Return the programme's zone."""
    return ZoneInfo(house.settings.programme.timezone)


def make_report(house: House, query: Query, *, whole_periods: bool = False) -> Findings:
    """Return what is known of what was asked.

    :param whole_periods: whether figures whose own days reach beyond those asked for are left out.

    :raises UnknownName: when it names something that is nowhere.
    """
    check_names(house, query)
    store, words = house.store, query.words
    before = query.since
    if query.since:
        # The period before is needed too, for what changed since.
        last = query.until or house.today
        before = query.since - (last - query.since + timedelta(days=1))
    # What each day brought is kept by campaign, language and channel alone.
    by_day = not (words.keys() - {"campaign", "language", "channel"})
    sent = _sent(house, query)
    visits, pages = _site(house, query)
    figures = store.reach.figures(since=query.since, until=query.until, **words)
    if whole_periods:
        figures = [one for one in figures if _inside(query, one)]
    mail_links = _mail_links(house, query)
    missing = [*_missing(house, query, sent), *([LOOKED_INTO] if mail_links else [])]
    rows = Rows(
        figures=_within(house, query, figures),
        growth=store.reach.growth(since=before, until=query.until, **words) if by_day else [],
        visits=visits,
        pages=pages,
        mail_links=mail_links,
        sent={row.id: row.sent_at for row in sent if row.sent_at},
        missing=missing,
    )
    return findings(query, rows, house.clock.now(), zone(house))


def _site(house: House, query: Query) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the site's visits and pages, as far as its log tells what was asked: language, campaign, partner."""
    source = _source(house, query.partner)
    if query.words.keys() - {"language", "campaign", "partner"} or (query.partner and not source):
        return [], []
    web = house.store.web
    visits = web.visits(
        since=query.since, until=query.until, language=query.language, campaign=query.campaign, source=source
    )
    pages = web.days(since=query.since, until=query.until, language=query.language, source=source)
    if query.campaign:
        pages = [row for row in pages if f"/{query.campaign}/" in row["path"]]
    return visits, pages


def _mail_links(house: House, query: Query) -> list[tuple[str, str, int]]:
    """Return how often pages were opened by links in mails, which say where they stood. A partner is not told."""
    if query.words.keys() - {"language", "campaign"}:
        return []
    return house.store.web.placed(
        PLACES, since=query.since, until=query.until, language=query.language, campaign=query.campaign
    )


def _within(house: House, query: Query, figures: list[Reading]) -> list[Reading]:
    """Leave out figures of posts that went out on other days than those asked for: such a figure has no period."""
    if not (query.since or query.until):
        return figures
    posts = house.store.desk.find(states=[State.SENT, State.RECALLED])
    days = {row.id: row.sent_at.astimezone(zone(house)).date() for row in posts if row.sent_at}

    def fits(one: Reading) -> bool:
        day = days.get(post_of(one.subject) or 0)
        if one.period_first or day is None:
            return True
        return (query.since is None or query.since <= day) and (query.until is None or day <= query.until)

    return [one for one in figures if fits(one)]


def _inside(query: Query, one: Reading) -> bool:
    begins = query.since is None or one.period_first is None or query.since <= one.period_first
    return begins and (query.until is None or one.period_last is None or one.period_last <= query.until)


def _sent(house: House, query: Query) -> list[Delivery]:
    """Return what went out, as far as it was asked for."""
    rows = house.store.desk.find(states=[State.SENT], campaign=query.campaign or None, language=query.language or None)
    accounts, messages = house.settings.accounts, house.project.messages

    def fits(row: Delivery) -> bool:
        account = accounts.get(row.account)
        if (query.channel or query.partner) and account is None:
            return False
        if account and query.channel and account.kind != query.channel:
            return False
        if account and query.partner and account.partner != query.partner:
            return False
        message = messages.get((row.campaign, row.message))
        return not query.audience or (message is not None and message.audience == query.audience)

    return [row for row in rows if row.campaign in house.project.campaigns and fits(row)]


def _missing(house: House, query: Query, sent: list[Delivery]) -> Iterator[Said]:
    """Yield what a report lacks, and why, one sentence each."""
    if query.since or query.until:
        yield Said("Posts count in the period in which they went out, with their newest figures.")
    if query.partner or query.audience:
        yield Said("What each day brought is not kept by partner or audience, so growth is not shown.")
    for name in sorted({row.account for row in sent}):
        account = house.settings.accounts.get(name)
        if account is None:
            continue
        kind = registry.load(account.kind)
        if not issubclass(kind, Measures):
            label = kind.traits.label
            yield Said("{account}: {channel} tells no figures about what was published.", account=name, channel=label)
    waiting = house.store.reach.waiting(house.clock.now())
    for name, count in waiting.items():
        account = house.settings.accounts.get(name)
        if account and query.partner not in {"", account.partner}:
            continue
        yield Said(
            "{account}: figures are due and were not read yet (posts: {number}); run `outreach collect`.",
            account=name,
            number=count,
        )
    yield from _missing_of_site(house, query)


def _missing_of_site(house: House, query: Query) -> Iterator[Said]:
    span = house.store.web.span()
    if span is None:
        yield Said("The site: no log was read; run `outreach collect weblog`.")
    elif span[1] < house.today - timedelta(days=1):
        yield Said("The site: its log was read up to {day} only.", day=span[1])
    if query.channel or query.audience:
        yield Said("The site: its log knows neither channels nor audiences, so visits are not shown.")
    elif query.partner and not _source(house, query.partner):
        yield Said("The site: {partner} has no utm source in outreach.toml, so its visits are not known.",
                   partner=query.partner)  # fmt: skip
    yield Said("Help pages of the site are not counted, so that nobody's way to help is.")


def _source(house: House, name: str) -> str:
    partner = house.settings.partners.get(name)
    return partner.utm.get("source", "") if partner else ""


def indicators(house: House, language: str, problems: list[Problem] | None = None) -> Table:
    """Return the funder's table; what is wrong with the indicators is added to ``problems``."""
    found: list[Problem] = [] if problems is None else problems
    return funder_table(indicators_of(house, found), lambda wanted: rows_of(house, wanted), language)


@dataclass(frozen=True)
class Written:
    """The files of a report."""

    files: tuple[Path, ...]


def whole(house: House, found: Findings, language: str) -> Report:
    """Return a report with everything that belongs to it: the title, the funder's table, what one unit cost.

    What is about one partner is made so that it may be shown to it.
    """
    if found.query.partner:
        return share_report(house, found)
    campaign = house.project.campaigns.get(found.query.campaign)
    name = campaign.title.get(language, campaign.title[campaign.source_language]) if campaign else ""
    more = [costs(house, found.query, language)]
    if not (found.query.words or found.query.since or found.query.until):
        more.insert(0, indicators(house, language))
    title = Said("Reach: {campaign}", campaign=name) if name else Said("Reach")
    return Report(found, house.settings.programme.name, title, tuple(table for table in more if table.rows))


def write(house: House, report: Report, folder: Path, forms: tuple[str, ...], language: str) -> Written:
    """Write a report into ``folder`` in the forms that are wanted: html, pdf, csv, xlsx, json."""
    folder.mkdir(parents=True, exist_ok=True)
    form = Form(language, zone(house))
    written: list[Path] = []
    if "html" in forms:
        written.append(folder / "report.html")
        written[-1].write_text(as_html(report, form), "utf-8")
    if "pdf" in forms:
        written.append(folder / "report.pdf")
        write_pdf(report, form, written[-1])
    if "csv" in forms:
        written += write_csv(report, folder / "csv")
    if "xlsx" in forms:
        written.append(folder / "report.xlsx")
        write_xlsx(report, form, written[-1])
    if "json" in forms:
        written.append(folder / "report.json")
        written[-1].write_text(as_json(report), "utf-8")
    return Written(tuple(written))
