"""A partner's share of what was reached: put together, and sent to it through the outbox, approved, once a period."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from channels.contract import About, Part, Recipient
from pipeline.app.gate import HOUSE
from pipeline.app.house import House
from pipeline.app.own_sheets import own_sheet
from pipeline.app.partner_notices import CannotTell, mail_account
from pipeline.partners.kits.page import zip_name
from pipeline.reach.saying import Said
from pipeline.reports.findings import Findings, Query
from pipeline.reports.form import Form, spoken
from pipeline.reports.report import Report
from pipeline.reports.share import Share, letter, share_tables
from pipeline.store import PickupState
from pipeline.website.addresses import KITS

LATE_AFTER = timedelta(days=30)
"""How long a report that waits for approval may still go out."""


def share_report(house: House, found: Findings) -> Report:
    """Return the report about one partner, as it may see it."""
    query, zone = found.query, ZoneInfo(house.settings.programme.timezone)
    partner = house.settings.partners.get(query.partner)
    name = partner.name if partner else query.partner
    day_of = {
        one.id: one.found_at.astimezone(zone).date()
        for one in house.store.pickups.all(PickupState.CONFIRMED, query.partner)
    }
    pickups = [
        one
        for one in house.store.pickups.all(PickupState.CONFIRMED, query.partner)
        if (query.since is None or query.since <= day_of[one.id])
        and (query.until is None or day_of[one.id] <= query.until)
        and query.campaign in {"", one.campaign}
        and query.language in {"", one.language}
    ]
    links = [one for one in house.store.partners.links() if one.partner == query.partner and one.revoked_at is None]
    share = Share(query.partner, name, tuple(pickups), found.web_visits, len(links), _downloads(house, query))
    said = (*found.missing, *_about_kits(house, query.partner))
    return Report(
        replace(found, missing=said),
        house.settings.programme.name,
        Said("What {partner} passed on", partner=name),
        tuple(share_tables(share, day_of)),
        for_partner=True,
    )


def _mark(house: House, partner: str) -> str:
    known = house.settings.partners.get(partner)
    return known.utm.get("source", "") if known else ""


def _downloads(house: House, query: Query) -> list[tuple[str, int]]:
    """Return the kits that were downloaded by links with the partner's mark, as far as they were asked for."""
    mark = _mark(house, query.partner)
    if not mark:
        return []
    rows = house.store.web.downloads(since=query.since, until=query.until, source=mark)
    campaign, language = query.campaign, query.language
    return [
        (path, number)
        for path, number in rows
        if (not campaign or path.startswith((f"/{KITS}/{campaign}/", f"/{KITS}/{campaign}-")))
        and (not language or path.endswith(zip_name("", language)))
    ]


def _about_kits(house: House, partner: str) -> tuple[Said, ...]:
    """Say what is known of downloads: without a mark nothing, else those of whole files by links that carry it."""
    mark = _mark(house, partner)
    if not mark:
        return (Said("Without a utm source in outreach.toml, downloads of kits by your links cannot be told apart."),)
    return (
        Said(
            "Downloads of kits are counted where the link to the kit ends in {mark}: whole files, without robots.",
            mark=f"?utm_source={mark}",
        ),
    )


def send(house: House, report: Report) -> str:
    """Queue the mail that tells a partner of its share; return what was done, as one sentence.

    It waits for approval, and a period is told of once.

    :raises CannotTell: when there is no address to write to, or no account that sends.
    """
    query = report.found.query
    partner = house.settings.partners.get(query.partner)
    if partner is None or not partner.contact:
        raise CannotTell(f"'{query.partner}' has no contact in outreach.toml; give it one to send this to.")
    if query.words.keys() - {"partner"}:
        raise CannotTell("a partner is sent its whole share; leave out the campaign, the language and the audience.")
    account = mail_account(house)
    language = next((one for one in partner.languages if one in spoken()), "en")
    zone = ZoneInfo(house.settings.programme.timezone)
    title, text = letter(report, Form(language, zone))
    now = house.clock.now()
    last = query.until or now.astimezone(zone).date()
    occurrence = f"{query.since or 'start'}-{last}@{query.partner}"
    message = f"report-{query.partner}"
    part = Part(
        text=text,
        language=language,
        title=title,
        about=About(campaign=HOUSE, message=message),
        recipient=Recipient(partner.contact, f"partner-{query.partner}"[:64]),
    )
    sheet = own_sheet(house, message, part, account.name, occurrence, late_after=LATE_AFTER, approval="one")
    if not house.store.plans.enqueue(sheet, now):
        return f"{query.partner} was told of the days up to {last} already; nothing is queued again."
    return f"Queued for {partner.contact}; it goes out once somebody approves it: outreach approve {message} --by …"
