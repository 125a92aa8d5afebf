"""Taking a message back: everywhere it went, for good, and with a ledger that says how each place stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from channels.contract import Post
from channels.registry import ChannelProblem
from pipeline.app.attending import NotPossible
from pipeline.app.house import House
from pipeline.app.notice_posts import notice
from pipeline.app.places_on_site import entries
from pipeline.app.places_on_site import recalled as recalled_on_site
from pipeline.model import POSTS, Deed, State
from pipeline.outbox import deeds
from pipeline.outbox.deeds import Line, Means, Row, Stands
from pipeline.store import Act, Recalled

LATE_AFTER = timedelta(days=30)
"""For so long a correction or deletion is tried without anybody being asked: what is wrong does not become right."""
_UNKNOWN = Means(label="an account that is no longer in outreach.toml")


class Place(NamedTuple):
    """One place where a message is or was, and how it stands. ``number`` is that of its delivery, if it has one."""

    kind: str
    """``post``, ``list`` (a newsletter's readers), ``partner``, ``task`` (by hand), or what the site's build makes:
    ``page``, ``feed``, ``kit``."""
    name: str
    language: str
    line: Line
    url: str | None = None
    number: int | None = None
    acts: tuple[int, ...] = ()
    """The numbers of the deliveries that were made about it."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "kind": self.kind,
            "place": self.name,
            "language": self.language,
            "stands": self.line.stands.value,
            "what": self.line.what,
            "todo": self.line.todo,
            "url": self.url,
            "delivery": self.number,
            "acts": list(self.acts),
        }


@dataclass
class Ledger:
    """Every place of one message. ``recalled`` is there once it was taken back."""

    campaign: str
    message: str
    recalled: Recalled | None = None
    places: list[Place] = field(default_factory=list)

    @property
    def open(self) -> list[Place]:
        """The places that are not settled: something is still live, under way or in doubt."""
        return [place for place in self.places if place.line.stands in _OPEN]

    def told(self) -> str:
        """Return how many places stand how, as one clause for a person."""
        counts = Counter(place.line.stands.value for place in self.places)
        return f"{self.message}: " + (", ".join(f"{count} {what}" for what, count in counts.items()) or "went nowhere")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        told = self.recalled
        return {
            "campaign": self.campaign,
            "message": self.message,
            "recalled": {"why": told.why, "by": told.by, "at": told.at.isoformat()} if told else None,
            "places": [place.to_dict() for place in self.places],
        }


_OPEN = frozenset({Stands.STILL_LIVE, Stands.UNDER_WAY, Stands.IN_DOUBT})


def which(house: House, name: str) -> tuple[str, str]:
    """Return campaign and message of a message's name, which may be written ``campaign/message``.

    Its files may be gone: what went out is in the outbox.

    :raises NotPossible: when there is none, or when two campaigns have one.
    """
    campaign, _, message = name.rpartition("/")
    known = {*house.store.recalls.campaigns_of(message), *(one.campaign for one in house.project.find(message))}
    found = sorted(known & {campaign} if campaign else known)
    if not found:
        raise NotPossible(f"there is no message '{name}', neither in content/ nor in the outbox.")
    if len(found) > 1:
        names = " or ".join(f"{one}/{message}" for one in found)
        raise NotPossible(f"'{name}' is a message of several campaigns; say which: {names}.")
    return found[0], message


class Everywhere:
    """A message's rows as they are now, and what can be done about them."""

    def __init__(self, house: House, campaign: str, message: str) -> None:
        self.house = house
        self.campaign, self.message = campaign, message
        rows = [_typed(row) for row in house.store.recalls.rows_of(campaign, message)]
        self.rows = [row for row in rows if row.of_id is None or row.deed in POSTS]
        self.acts: dict[int, list[Row]] = {}
        for row in rows:
            if row.of_id is not None:
                self.acts.setdefault(row.of_id, []).append(row)
        self.accounts = {row.account for row in self.rows}
        self._means: dict[str, Means] = {}

    def means(self, account: str) -> Means:
        """Return what can be done about the posts of an account."""
        means = self._means.get(account)
        if means is None:
            means = self._means[account] = self._ask(account)
        return means

    def _ask(self, account: str) -> Means:
        known = self.house.settings.accounts.get(account)
        if known is None:
            return _UNKNOWN
        try:
            return deeds.means_of(self.house.channel(account), known.partner)
        except ChannelProblem:
            return _UNKNOWN


_STATES = {state.value: state for state in State}
_DEEDS = {deed.value: deed for deed in Deed}


def _typed(row: Any) -> Row:
    number, of_id, deed, account, language, occurrence, state, *rest = row
    return Row(number, of_id, _DEEDS[deed], account, language, occurrence, _STATES[state], *rest)


# --- the ledger ----------------------------------------------------------------------------------------------


def ledger(house: House, campaign: str, message: str) -> Ledger:
    """Return how every place of a message stands, or would stand if it were taken back now."""
    store = house.store.recalls
    there = Everywhere(house, campaign, message)
    told = Ledger(campaign, message, store.get(campaign, message))
    acknowledged = store.acknowledged(campaign, message)
    told.places = list(_posts(there, acknowledged, store.recipients_of(campaign, message)))
    for one in recalled_on_site(house, campaign, message):
        told.places.append(Place(one.kind, one.name, one.language, one.line, one.url))
    told.places += _partners(house, there, told, acknowledged)
    return told


def _posts(
    there: Everywhere, acknowledged: Mapping[str, datetime], recipients: Mapping[int, Mapping[str, int]]
) -> Iterator[Place]:
    for row in there.rows:
        means, acts = there.means(row.account), there.acts.get(row.id, ())
        line = deeds.recalled(row, acts, means, acknowledged.get(means.partner))
        if means.fans_out:
            line = _of_a_list(line, recipients.get(row.id, {}))
        numbers = tuple([act.id for act in acts]) if acts else ()
        yield Place(means.kind, row.account, row.language, line, row.url, row.id, numbers)


def _of_a_list(line: Line, states: Mapping[str, int]) -> Line:
    """Return how a newsletter stands, from how its readers' mails do."""
    out = sum(states.get(state, 0) for state in (State.SENT, State.UNCONFIRMED, State.SENDING))
    stopped = states.get(State.CANCELLED, 0)
    if line.stands is not Stands.IMPOSSIBLE:
        return line
    if not states:
        return Line(Stands.NEVER_OUT, "it had no readers")
    if not out:
        return Line(Stands.NEVER_OUT, f"stopped before it went out to any of its {stopped} readers")
    rest = f"; {stopped} were stopped" if stopped else ""
    return Line(Stands.IMPOSSIBLE, f"{out} readers have it and it cannot be taken back{rest}", line.todo)


def _partners(house: House, there: Everywhere, told: Ledger, acknowledged: Mapping[str, datetime]) -> Iterator[Place]:
    """Yield the campaign's partners that no account reaches: whether they took it over, nobody but they can say."""
    partners = {account: name for account in there.accounts if (name := there.means(account).partner)}
    reached = {partners[row.account] for row in there.rows if row.account in partners and deeds.is_out(row)}
    campaign = house.project.campaigns.get(told.campaign)
    for name in campaign.partners if campaign else ():
        if name in reached:
            continue
        if name in acknowledged:
            line = Line(Stands.ACKNOWLEDGED, f"{name} said on {acknowledged[name]:%Y-%m-%d} that it is down")
        else:
            ask = f"ask {name}, then `outreach recall {told.message} --acknowledged {name}`"
            line = Line(Stands.STILL_LIVE, "may have taken it over from the site, a feed or a kit", ask)
        partner = house.settings.partners.get(name)
        yield Place("partner", name, partner.languages[0] if partner else "", line)


# --- taking back ---------------------------------------------------------------------------------------------


def recall(house: House, campaign: str, message: str, why: str, who: str) -> int:
    """Take a message back for good; return how many rows were put into the outbox for it.

    What has not gone out is cancelled in the same moment in which the recall is written down. What is in doubt, or
    being sent just now, is taken back by :func:`pursue` as soon as it is known to be there.
    """
    now = house.clock.now()
    house.store.recalls.stop(campaign, message, why, who, now)
    return house.store.recalls.act(_to_take_back(Everywhere(house, campaign, message), now), who, now)


def notify_readers(house: House, campaign: str, message: str, who: str) -> int:
    """Tell readers from whom a message cannot be taken back, once it is approved; return for how many lists."""
    now = house.clock.now()
    return house.store.recalls.act(_notices(Everywhere(house, campaign, message), now), who, now)


def pursue(house: House) -> int:
    """Take back what has come to light since of messages that were recalled; return how many rows that made."""
    store, now = house.store.recalls, house.clock.now()
    recalled = store.all()
    if not recalled:
        return 0
    store.stop_what_came_since(now)
    acts = [act for one in recalled for act in _to_take_back(Everywhere(house, one.campaign, one.message), now)]
    return store.act(acts, "outreach", now) if acts else 0


def _to_take_back(there: Everywhere, now: datetime) -> Iterator[Act]:
    """Yield what takes a message back where that has not been asked for yet."""
    groups: dict[tuple[Deed, str], list[int]] = {}
    for row in there.rows:
        means = there.means(row.account)
        deed = deeds.to_take_back(means)
        if deed is not None and deeds.has_to_be_taken_back(row, there.acts.get(row.id, []), means):
            told = row.post_digest if deed is Deed.TELL_RECALLED else ""
            groups.setdefault((deed, told), []).append(row.id)
    for (deed, digest), ids in groups.items():
        post = Post.from_json(there.house.store.desk.body_of(digest)).telling("recalled") if digest else None
        yield Act(deed, tuple(ids), "recalled", now, now + LATE_AFTER, post)


def _notices(there: Everywhere, now: datetime) -> Iterator[Act]:
    """Yield the notices to readers of what cannot be taken back."""
    campaign = there.house.project.campaigns.get(there.campaign)
    approval = campaign.approval if campaign else "one"
    for row in there.rows:
        if deeds.to_take_back(there.means(row.account)) is not None or not deeds.is_out(row):
            continue
        wrong = Post.from_json(there.house.store.desk.body_of(row.post_digest))
        entry = next((one for one in entries(there.house, there.campaign, there.message) if one.recalled), None)
        what = entry.what.get(row.language, "") if entry else ""
        post = notice(there.house.channel(row.account), wrong, recalled=True, what=what)
        yield Act(Deed.NOTICE_RECALLED, (row.id,), "recalled-notice", now, now + LATE_AFTER, post, approval, ())


def unsettled(house: House) -> list[Ledger]:
    """Return the ledgers of recalled messages of which some place is not settled yet."""
    ledgers = (ledger(house, one.campaign, one.message) for one in house.store.recalls.all())
    return [one for one in ledgers if one.open]
