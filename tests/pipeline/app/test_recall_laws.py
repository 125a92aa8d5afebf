"""Whatever goes wrong and wherever a worker dies, a recall ends with every place in one state, and nothing posted anew."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from bench.crash import scene
from channels.testing.simulator import Fault, How, answers
from channels.testing.simulators.bluesky import BlueskySimulator
from channels.testing.simulators.mastodon import MastodonSimulator, SnacLikeSimulator
from channels.testing.simulators.webhook import PartnerSimulator
from pipeline.app import planning, recalling, service
from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.outbox.deeds import Stands
from pipeline.store.deliveries import Deliveries
from pipeline.store.steps import Steps

NETWORKS = {
    "fedi": ("mastodon", MastodonSimulator),
    "small": ("mastodon", SnacLikeSimulator),
    "sky": ("bluesky", BlueskySimulator),
    "hook": ("webhook", PartnerSimulator),
}
ENTRY = f"  - message: message-1\n    at: 2026-12-01 10:00\n    accounts: [{', '.join(NETWORKS)}]\n"
FAULTS = {
    "lost": Fault(How.RESET, accepts=True),
    "broken": Fault(How.RESET),
    "busy": answers(503),
    "slow": answers(429, {"error": "slowly"}, {"Retry-After": "30"}),
    "wrong": answers(500),
    "swallowed": answers(500, accepts=True),
}
STEPS = {
    **dict.fromkeys(("begin", "record", "turn_over", "claim", "claim_unconfirmed", "record_found"), Deliveries),
    "put": Steps,
}

faults = st.lists(st.tuples(st.sampled_from(sorted(NETWORKS)), st.sampled_from(sorted(FAULTS))), max_size=4)
crashes = st.lists(
    st.one_of(st.none(), st.tuples(st.sampled_from(sorted(STEPS)), st.integers(1, 4), st.booleans())), max_size=4
)


class Died(BaseException):
    """The worker's process came to its end."""


def deliver(root, clock, secrets, crash) -> None:
    """Deliver once; at the n-th time that a step is written down the worker dies, before or after it is."""
    with ExitStack() as stack:
        if crash:
            name, count, after = crash
            original, calls = getattr(STEPS[name], name), [0]

            def dying(*given, **named):
                calls[0] += 1
                if calls[0] == count and not after:
                    raise Died
                result = original(*given, **named)
                if calls[0] == count:
                    raise Died
                return result

            setattr(STEPS[name], name, dying)
            stack.callback(setattr, STEPS[name], name, original)
        with House(root, clock, secrets) as house, suppress(Died):
            service.deliver(house)


@example(before=[("record", 1, False)], wrong_before=[("fedi", "lost")], after=[("record", 1, False)], wrong_after=[])
@example(
    before=[None], wrong_before=[], after=[("begin", 2, True), ("record", 2, False)], wrong_after=[("fedi", "lost")]
)
@settings(
    max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(before=crashes, wrong_before=faults, after=crashes, wrong_after=faults)
def test_a_recall_ends_with_every_place_in_one_state(before, wrong_before, after, wrong_after):
    clock = VirtualClock(scene.ALL_DUE_AT)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        networks = {name: stack.enter_context(simulator(clock.now)) for name, (_, simulator) in NETWORKS.items()}
        accounts = {name: {"kind": kind, **networks[name].settings(name)} for name, (kind, _) in NETWORKS.items()}
        accounts["sky"]["sessions"] = "state/sessions"
        password = accounts["sky"].pop("app_password")
        secrets = scene.write(root, 1, [ENTRY], "sqlite:///state/outreach.db", accounts)
        secrets["OUTREACH_SKY_APP_PASSWORD"] = password
        with House(root, VirtualClock(scene.PLANNED_AT), secrets) as house:
            planned = planning.make_plan(house)
            assert planned.errors == []
            planning.apply(house, planned, "test")

        for name, fault in wrong_before:
            networks[name].fail_next(FAULTS[fault], on="any")
        for crash in before:
            deliver(root, clock, secrets, crash)
            clock.advance(timedelta(minutes=4))

        with House(root, clock, secrets) as house:
            recalling.recall(house, "trial", "message-1", "it was wrong", "desk")
        published = {name: networks[name].publishing_requests for name in ("fedi", "small", "sky")}
        for name, fault in wrong_after:
            networks[name].fail_next(FAULTS[fault], on="any")
        for crash in [*after, *[None] * 8]:
            clock.advance(timedelta(minutes=40))
            deliver(root, clock, secrets, crash)

        with House(root, clock, secrets) as house:
            ledger = recalling.ledger(house, "trial", "message-1")
        stands = {place.name: place.line.stands for place in ledger.places}
        assert {name: networks[name].publishing_requests for name in published} == published, "posted anew"
        for name in ("fedi", "sky"):
            assert not networks[name].posts, (name, stands)
            assert stands[name] in (Stands.REMOVED, Stands.NEVER_OUT), ledger
        if networks["small"].posts:
            assert stands["small"] is Stands.STILL_LIVE, "this server has no way to delete"
        else:
            assert stands["small"] is Stands.NEVER_OUT
        notices = [notice.fields["type"] for notice in networks["hook"].posts]
        assert notices.count("message.recalled") <= 1
        assert notices.count("message.published") <= 1
        if "message.published" in notices:
            assert "message.recalled" in notices, ledger
            assert stands["hook"] is Stands.STILL_LIVE, "until the partner says that it is down"
