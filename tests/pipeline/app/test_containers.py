"""Networks that publish in two steps, through the whole service: what was begun is remembered, and nothing goes out twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.crash import scene
from channels.contract import Media
from channels.testing.simulator import Fault, How
from channels.testing.simulators.threads import ThreadsSimulator
from pipeline.app import planning, service
from pipeline.app.house import House
from pipeline.app.pictures import Pictures
from pipeline.clock import VirtualClock
from pipeline.model import Delivery, State

ENTRY = "  - message: message-1\n    at: 2026-12-01 10:00\n    accounts: [it]\n"
LOST_ANSWER = Fault(How.CLOSE, accepts=True)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(scene.ALL_DUE_AT)


@pytest.fixture
def network(clock: VirtualClock) -> Iterator[ThreadsSimulator]:
    with ThreadsSimulator(clock.now) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def public_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every picture a public address, wherever the site would show it."""
    render = Pictures.render

    def rendered(self: Pictures, *given: Any) -> Media:
        picture = render(self, *given)
        return replace(picture, url=f"https://outreach.example/{picture.path.name}")

    monkeypatch.setattr(Pictures, "render", rendered)


@pytest.fixture
def secrets(tmp_path: Path, network: ThreadsSimulator) -> dict[str, str]:
    settings = {"it": {"kind": "threads", **network.settings("it")}}
    secrets = scene.write(tmp_path, 1, (ENTRY,), "sqlite:///state/outreach.db", settings)
    with House(tmp_path, VirtualClock(scene.PLANNED_AT), secrets) as house:
        made = planning.make_plan(house)
        assert made.errors == []
        planning.apply(house, made, "test")
    return secrets


def after_a_round(root: Path, clock: VirtualClock, secrets: dict[str, str]) -> Delivery:
    """Let a program that was started anew deliver what is due, and return the row."""
    with House(root, clock, secrets) as house:
        service.deliver(house)
        (row,) = house.store.desk.find()
        return row


def containers(network: ThreadsSimulator) -> int:
    return sum(1 for request in network.wire if request.method == "POST" and request.path.endswith("/threads"))


def test_a_container_that_is_not_ready_is_used_again_after_a_restart(tmp_path, clock, network, secrets):
    network.polls_until_ready = 2
    for _ in range(2):
        row = after_a_round(tmp_path, clock, secrets)
        assert (row.state, row.attempts) == (State.PLANNED, 0), "waiting spends no attempt"
        assert row.next_try_at == clock.now() + timedelta(minutes=1)
        clock.move_to(row.next_try_at)
    assert after_a_round(tmp_path, clock, secrets).state is State.SENT
    assert (containers(network), network.publishing_requests, len(network.posts)) == (1, 1, 1)


def test_a_lost_answer_is_settled_by_looking(tmp_path, clock, network, secrets):
    network.fail_next(LOST_ANSWER)
    row = after_a_round(tmp_path, clock, secrets)
    assert row.state is State.UNCONFIRMED
    clock.move_to(row.next_try_at)
    assert after_a_round(tmp_path, clock, secrets).state is State.SENT
    assert (network.publishing_requests, len(network.posts)) == (1, 1)


def test_a_list_that_is_behind_does_not_let_a_post_go_out_twice(tmp_path, clock, network, secrets):
    network.fail_next(LOST_ANSWER)
    network.lists_nothing = True
    row = after_a_round(tmp_path, clock, secrets)
    for _ in range(4):
        clock.move_to(max(row.next_try_at, clock.now() + timedelta(minutes=1)))
        row = after_a_round(tmp_path, clock, secrets)
        assert row.state in (State.UNCONFIRMED, State.PLANNED)
    assert network.publishing_requests == 1, "the container says that it was published"
    network.lists_nothing = False
    for _ in range(4):
        clock.move_to(max(row.next_try_at, clock.now() + timedelta(minutes=1)))
        row = after_a_round(tmp_path, clock, secrets)
    assert row.state is State.SENT
    assert (network.publishing_requests, len(network.posts)) == (1, 1)
