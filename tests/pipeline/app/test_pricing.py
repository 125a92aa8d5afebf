"""What posts cost is shown in the plan, and what they would cost without their link."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner

from pipeline.app import doctoring, planning
from pipeline.app.house import House
from pipeline.cli import main

X_ACCOUNT = '\n[accounts.x-ro]\nkind = "x"\nlanguage = "ro"\n'
SECRETS = {
    f"OUTREACH_X_RO_{name}": f"12345-{name.lower()}"
    for name in ("CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")
}


@pytest.fixture
def priced(root, clock, secrets, house):
    """Return the house with an account on X in the calendar; further lines go into its section of outreach.toml."""
    file, campaign = root / "outreach.toml", root / "content" / "campaigns" / "small" / "campaign.yml"
    # An address that X knows for one; the project's own site ends in .example.
    settings = file.read_text().replace("https://small.example", "https://example.org")
    campaign.write_text(campaign.read_text().replace("[fedi-ro, fedi-en]", "[fedi-ro, fedi-en, x-ro]"))
    opened = []

    def make(more=""):
        file.write_text(settings + X_ACCOUNT + more)
        opened.append(House(root, clock, {**secrets, **SECRETS}))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_a_post_with_a_link_shows_what_it_costs_and_what_it_would_without(priced):
    planned = planning.make_plan(priced())
    assert not planned.errors
    (key,) = planned.costs
    assert "/x-ro/" in key
    assert "costs 0.200 USD, without its link 0.015" in planned.notes[key]
    (bill,) = planned.bills
    assert (bill.posts, bill.amount, bill.without_link) == (1, Decimal("0.200"), Decimal("0.015"))
    assert str(bill).endswith("without links 0.015: write `link = false` under [accounts.x-ro].")


def test_text_without_link_costs_less_and_is_what_goes_out(priced):
    planned = planning.make_plan(priced("link = false\n"))
    (key,) = planned.costs
    assert "costs 0.015 USD" in planned.notes[key]
    (part,) = planned.sheets[key].post.parts
    assert "://" not in part.text
    assert str(planned.bills[0]) == "x-ro: 1 post costs 0.015 USD by the prices of 2026-11-21."


def test_what_is_planned_already_stays_on_the_bill(priced):
    home = priced()
    planning.apply(home, planning.make_plan(home), "tester")
    again = planning.make_plan(home)
    assert not again.plan.writes
    assert [bill.amount for bill in again.bills] == [Decimal("0.200")]


def test_the_command_shows_the_bill(priced, root, secrets, monkeypatch):
    priced()
    monkeypatch.chdir(root)
    environment = {**secrets, **SECRETS, "OUTREACH_USER": "tester", "COLUMNS": "200"}
    shown = CliRunner().invoke(main, ["plan", "--include-past"], env=environment)
    assert shown.exit_code == 0, shown.output
    assert "x-ro: 1 post costs 0.200 USD by the prices of 2026-11-21" in shown.output
    data = json.loads(CliRunner().invoke(main, ["plan", "--include-past", "--json"], env=environment).output)
    assert [cost["amount"] for cost in data["costs"].values()] == ["0.200"]
    assert data["bills"] == [
        {"account": "x-ro", "posts": 1, "amount": "0.200", "without_link": "0.015", "currency": "USD"}
    ]


def test_old_prices_are_told_by_the_doctor(priced, clock, monkeypatch):
    home = priced()
    channel = home.channels.usable("x-ro")
    old = replace(channel.traits.price, read_on=clock.now().date().replace(year=2025))
    monkeypatch.setattr(type(channel), "traits", replace(channel.traits, price=old))
    monkeypatch.setattr(type(channel), "check", lambda self: [])
    (finding,) = doctoring.examine(home, ["x-ro"])
    assert any("the prices of X were read 365 days ago" in trouble for trouble in finding.troubles)


def test_old_limits_are_told_by_the_doctor_also_where_nobody_can_be_asked(priced, clock, monkeypatch):
    home = priced()
    channel = home.channels.offline(home.settings.accounts["x-ro"])
    old = replace(type(channel).traits, facts_read_on=clock.now().date().replace(year=2025))
    monkeypatch.setattr(type(channel), "traits", old)
    monkeypatch.setattr(type(channel), "check", lambda self: [])
    (finding,) = doctoring.examine(home, ["x-ro"])
    (told,) = [trouble for trouble in finding.troubles if "days ago" in trouble]
    assert told.startswith("the limits and quota of X were read 365 days ago; look at https://")
    with House(home.root, clock, {}) as without_secrets:
        (finding,) = doctoring.examine(without_secrets, ["x-ro"])
    assert told in finding.troubles
    assert any("OUTREACH_X_RO_CONSUMER_KEY" in trouble for trouble in finding.troubles)


def test_facts_that_are_half_a_year_old_are_not_told_yet(priced, clock, monkeypatch):
    home = priced()
    channel = home.channels.offline(home.settings.accounts["x-ro"])
    monkeypatch.setattr(type(channel), "check", lambda self: [])
    for days, told in ((183, False), (184, True)):
        read_on = clock.now().date() - timedelta(days=days)
        monkeypatch.setattr(type(channel), "traits", replace(type(channel).traits, facts_read_on=read_on))
        (finding,) = doctoring.examine(home, ["x-ro"])
        assert any("days ago" in trouble for trouble in finding.troubles) == told


def test_the_doctor_offers_posts_without_links_where_links_cost_money(priced, monkeypatch):
    monkeypatch.setattr(type(priced().channels.offline(priced().settings.accounts["x-ro"])), "check", lambda self: [])
    (finding,) = doctoring.examine(priced(), ["x-ro"])
    (hint,) = finding.hints
    assert hint == (
        "a post with its link costs 0.200 USD, without it 0.015; write `link = false` under [accounts.x-ro] to leave "
        "links out"
    )
    assert finding.well, "that is no trouble"
    (finding,) = doctoring.examine(priced("link = false\n"), ["x-ro"])
    assert finding.hints == ()
