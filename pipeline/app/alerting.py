"""Alerts: the rules of each campaign held against what is known now, and told once for as long as each lasts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from channels.contract import About, Part, Recipient
from pipeline.app.checking import check_project, expand_calendar
from pipeline.app.gate import HOUSE
from pipeline.app.house import House
from pipeline.app.indicators import indicators, rows_of
from pipeline.app.links import ask, link_checker
from pipeline.app.notifying import LATE_AFTER
from pipeline.app.own_sheets import own_sheet
from pipeline.content.check.links import DEAD
from pipeline.model import Alerts, Campaign, Delivery, State
from pipeline.reach import alerts as rules_of
from pipeline.reach.achieved import in_ledger
from pipeline.reach.alerts import Alert
from pipeline.reach.falling import read_at_age
from pipeline.reach.units import Engagements
from pipeline.store import Sheet

MARK = "alerted/"
"""Stands before the mark of what the team was told of."""


def find_alerts(house: House, *, online: bool = False) -> list[Alert]:
    """Return what the campaigns' rules find now.

    :param online: whether links out of the content are asked for, where a campaign wants that.
    """
    found: list[Alert] = []
    for campaign in house.project.campaigns.values():
        if campaign.alerts:
            found += rules_of.unusual(posts_of(house, campaign, campaign.alerts), campaign.alerts)
            found += _silent(house, campaign, campaign.alerts)
            found += _behind(house, campaign, campaign.alerts)
    if online and any(one.alerts and one.alerts.broken_links for one in house.project.campaigns.values()):
        found += _broken(house)
    return list({one.mark: one for one in found}.values())


def tell(house: House, found: list[Alert], *, online: bool = False) -> int:
    """Queue a notice to the team about what it was not told of yet; return of how many alerts.

    What is over may be told of again when it comes back. Without an account for notices nobody is told.

    :param online: whether links were asked for; otherwise what is known of them stays.
    """
    notices, set_already = house.settings.notices, house.store.marks
    marks = {f"{MARK}{one.mark}": one for one in found}
    over = set_already.marked(MARK) - marks.keys()
    set_already.unmark(one for one in over if online or not one.startswith(f"{MARK}link/"))
    if notices is None or not marks:
        return 0
    fresh = sorted(set_already.unmarked(list(marks)))
    if not fresh:
        return 0
    sentences = [marks[name].what for name in fresh]
    day = house.clock.now().date().isoformat()
    name = hashlib.sha256("|".join([*fresh, day]).encode()).hexdigest()[:16]
    for address in notices.to or ("",):
        house.store.plans.enqueue(_sheet(house, notices.account, sentences, address, name), house.clock.now())
    set_already.mark(fresh)
    return len(fresh)


def look(house: House, *, online: bool = False) -> int:
    """Hold the rules against what is known, and tell; return of how many alerts."""
    return tell(house, find_alerts(house, online=online), online=online)


def posts_of(house: House, campaign: Campaign, rules: Alerts) -> Iterator[rules_of.Post]:
    """Yield what is out on the accounts of a campaign, other campaigns' posts on them included."""
    if rules.unusual is None:
        return
    rows = {row.id: row for row in house.store.desk.find(states=[State.SENT]) if row.sent_at}
    accounts = sorted({row.account for row in rows.values() if row.campaign == campaign.id})
    histories = house.store.reach.histories(accounts, Engagements.word)
    parts: dict[int, dict[str, list[tuple[datetime, int | None]]]] = {}
    for subject, metrics in histories.items():
        delivery = int(subject.removeprefix("post:").partition("/")[0])
        for metric, readings in metrics.items():
            parts.setdefault(delivery, {})[f"{subject} {metric}"] = readings
    for number, history in parts.items():
        row = rows.get(number)
        if row is not None and row.sent_at is not None:
            last = row.sent_at + read_at_age(rules.unusual.after) * rules_of.LATE
            engagements = rules_of.at_age(history, row.sent_at + rules.unusual.after, last)
            yield rules_of.Post(row.key, row.account, row.message, row.language, row.sent_at, engagements)


def _silent(house: House, campaign: Campaign, rules: Alerts) -> Iterator[Alert]:
    today = house.clock.now().astimezone(ZoneInfo(campaign.timezone)).date()
    if rules.silent_after is None or not campaign.starts <= today <= campaign.ends:
        return
    now, last = house.clock.now(), dict[str, datetime]()
    opening = datetime.combine(campaign.starts, time(0), ZoneInfo(campaign.timezone))
    for slot in expand_calendar(house, campaign).slots:
        last.setdefault(slot.account, opening)
    out: list[Delivery] = house.store.desk.find(states=[State.SENT], campaign=campaign.id)
    for row in out:
        if row.sent_at and row.account in last:
            last[row.account] = max(last[row.account], row.sent_at)
    yield from rules_of.silent(last, now, rules)


def _behind(house: House, campaign: Campaign, rules: Alerts) -> Iterator[Alert]:
    if rules.behind_path is None:
        return
    for name, one in indicators(house, []).items():
        if one.ledger is None or one.ledger.campaign != campaign.id or one.target is None:
            continue
        reached = in_ledger(one.ledger, partial(rows_of, house))
        # Nothing reported is nothing known: no alert can be made of it but one about the silence.
        if reached.value is not None:
            baseline = one.baseline.value if one.baseline else 0
            period = (campaign.starts, campaign.ends)
            yield from rules_of.behind(name, reached.value, baseline, one.target.value, period, house.today, rules)


def _broken(house: House) -> Iterator[Alert]:
    door = link_checker(house.clock)
    try:
        problems = check_project(house, online=partial(ask, door), lengths=False, programme=False).problems
    finally:
        door.close()
    for problem in problems:
        if problem.rule == DEAD.name:
            yield Alert("link", f"link/{problem.path}/{problem.message}", f"{problem}.")


def _sheet(house: House, account_name: str, sentences: list[str], address: str, name: str) -> Sheet:
    account = house.settings.accounts[account_name]
    count = len(sentences)
    title = f"{house.settings.programme.name}: {count} thing{'s' if count != 1 else ''} to look at"
    part = Part(
        text="\n\n".join([title, *sentences, "`outreach alerts` shows what still holds."]),
        language="en",
        title=title,
        about=About(campaign=HOUSE, message="alert"),
        recipient=Recipient(address, "team") if address else None,
    )
    occurrence = f"{name}@{address}" if address else name
    return own_sheet(house, "alert", part, account.name, occurrence, late_after=LATE_AFTER)
