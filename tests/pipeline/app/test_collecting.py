"""Collecting keeps to what networks take, and to what it may cost; what is left is left, and said."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bench.crash import scene
from bench.crash.play import SQLITE
from channels.contract import About, Part, Post, Price, Receipt
from channels.mastodon import Mastodon
from channels.testing.http_simulator import Answer
from channels.testing.simulators.mastodon import OLDER_MASTODON, MastodonSimulator, Refusal
from pipeline.app.collecting import from_networks
from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.model import State
from pipeline.store import Result, Sheet

SENT = datetime(2026, 12, 10, 9, tzinfo=UTC)
LIMIT, WINDOW = 40, timedelta(minutes=5)
PRICE = Price(Decimal("0.005"), "USD", "https://docs.x.com/x-api/getting-started/pricing", date(2026, 11, 21))


class Crowd(MastodonSimulator):
    """A server that knows every post, and takes 40 requests in five minutes."""

    refusals = 0

    def answer(self, request):
        if "/statuses/" not in request.path:
            return super().answer(request)
        try:
            headers = self._spend("fediverse", "api", LIMIT, WINDOW)
        except Refusal as refusal:
            self.refusals += 1
            return refusal.answer
        return Answer(body={"id": request.path.rsplit("/", 1)[-1], "favourites_count": 3}, headers=headers)

    @property
    def asked(self):
        return sum("/statuses/" in request.path for request in self.wire)


@pytest.fixture
def opened(tmp_path):
    clock = VirtualClock(SENT)
    with Crowd(clock.now, OLDER_MASTODON) as server:
        accounts = {"fediverse": {"kind": "mastodon", **server.settings("fediverse")}}
        secrets = scene.write(tmp_path, 1, [], SQLITE, accounts)
        with House(tmp_path, clock, secrets) as house:
            yield house, server, clock


def publish(house, count):
    store = house.store
    sheets = [
        Sheet(
            key=f"trial/message-1/en/fediverse/{number}",
            campaign="trial",
            message="message-1",
            language="en",
            account="fediverse",
            occurrence=str(number),
            due_at=SENT,
            late_at=SENT + timedelta(days=1),
            not_after=None,
            post=Post("fediverse", (Part("Offer", "en", about=About("trial", "message-1")),)),
            approval="none",
            authors=(),
            place="campaign.yml",
        )
        for number in range(count)
    ]
    store.plans.apply(added=sheets, who="test", now=SENT)
    rows = store.deliveries.claim("fediverse", "test", SENT, SENT + timedelta(hours=1), 1000)
    store.deliveries.begin(rows, "test", SENT, SENT + timedelta(hours=1))
    results = [Result(row, 0, State.SENT, "sent", SENT, receipt=Receipt(str(row.id), None, SENT)) for row in rows]
    store.deliveries.record(results, "test", SENT)


def test_the_limit_is_used_but_for_the_reserve_and_the_rest_waits_for_the_next_window(opened):
    house, server, clock = opened
    publish(house, 100)
    clock.advance(timedelta(hours=1, minutes=1))
    read, rounds = 0, 0
    while read < 100:
        found = from_networks(house)["fediverse"]
        assert found.read + found.left == 100 - read, "each post is read, or said to be left"
        assert server.asked <= LIMIT * (rounds + 1)
        read, rounds = read + found.read, rounds + 1
        assert from_networks(house) == {}, "nothing is asked for before the window is over"
        clock.advance(WINDOW)
    assert server.refusals == 0
    assert rounds == 3
    assert len(house.store.reach.figures(account="fediverse")) == 100


def test_after_a_refusal_in_the_middle_nothing_is_taken_as_read(opened, monkeypatch):
    house, server, clock = opened
    publish(house, 60)
    clock.advance(timedelta(hours=1, minutes=1))
    monkeypatch.setattr("channels.http.limits_of", lambda *_: None)
    found = from_networks(house)["fediverse"]
    assert (found.read, found.left) == (LIMIT, 20)
    assert server.refusals >= 1
    assert len(house.store.reach.figures(account="fediverse")) == LIMIT


def test_collecting_stays_within_what_it_may_cost_in_a_month(opened, monkeypatch):
    house, server, clock = opened
    monkeypatch.setattr(Mastodon, "traits", replace(Mastodon.traits, price_of_figures=PRICE))
    account = replace(house.settings.accounts["fediverse"], figures_budget=Decimal("0.037"))
    monkeypatch.setitem(house.settings.accounts, "fediverse", account)
    publish(house, 10)
    clock.advance(timedelta(hours=2))
    found = from_networks(house)["fediverse"]
    assert (found.read, found.left, server.asked) == (7, 3, 7)
    (said,) = found.troubles
    assert "3 posts were not read" in said
    assert "0.037 USD" in said
    assert "until 2027-01-01; they are missing, not 0" in said
    assert len(house.store.reach.figures(account="fediverse")) == 7
    assert from_networks(house) == {}, "it is said once"
    clock.advance(timedelta(hours=5))
    assert from_networks(house)["fediverse"].read == 0, "the money of the month is gone, whoever is due"
    clock.advance(timedelta(days=25))
    found = from_networks(house)["fediverse"]
    assert (found.read, server.asked) == (7, 14), "a new month, and the same budget again"


def test_without_a_budget_everything_is_read(opened, monkeypatch):
    house, _, clock = opened
    monkeypatch.setattr(Mastodon, "traits", replace(Mastodon.traits, price_of_figures=PRICE))
    publish(house, 10)
    clock.advance(timedelta(hours=2))
    assert from_networks(house)["fediverse"].read == 10
