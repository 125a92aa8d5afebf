"""The worst moment for a worker to die: the network has accepted the post, and nobody has written it down."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.crash import scene
from channels import registry
from channels.testing.simulator import Simulator
from channels.testing.simulators.bluesky import BlueskySimulator
from channels.testing.simulators.folder import FolderSimulator
from channels.testing.simulators.mail import MailSimulator
from channels.testing.simulators.mastodon import MastodonSimulator, SnacLikeSimulator
from channels.testing.simulators.webhook import PartnerSimulator
from pipeline.app import correcting, planning, recalling, service
from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.model import Deed, State, Why
from pipeline.outbox.deeds import Stands
from pipeline.store import Newcomer

PROCESSES = multiprocessing.get_context("forkserver")
ENTRY = "  - message: message-1\n    at: 2026-12-01 10:00\n    accounts: [it]\n"


def die_while_changing(root: str, secrets: Mapping[str, str], kind: str, what: str, at: datetime) -> None:
    """Deliver in a process that is killed as soon as the network has done what ``what`` asked for."""
    channel = registry.load(kind)
    change = getattr(channel, what)

    def change_and_die(*given: Any, **named: Any) -> None:
        change(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(channel, what, change_and_die)
    with House(Path(root), VirtualClock(at), secrets) as house:
        service.deliver(house)


def die_after_accepting(root: str, secrets: Mapping[str, str], kind: str) -> None:
    """Deliver in a process that is killed as soon as the network has accepted the first post."""
    channel = registry.load(kind)
    send, send_many = channel.send, getattr(channel, "send_many", None)

    def send_and_die(*given: Any, **named: Any) -> None:
        send(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    def send_many_and_die(*given: Any, **named: Any) -> Iterator[Any]:
        next(iter(send_many(*given, **named)))
        os.kill(os.getpid(), signal.SIGKILL)
        yield

    channel.send = send_and_die
    if send_many:
        channel.send_many = send_many_and_die
    with House(Path(root), VirtualClock(scene.ALL_DUE_AT), secrets) as house:
        service.deliver(house)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(scene.ALL_DUE_AT)


def killed_then_restarted(root: Path, kind: str, simulator: Simulator, clock: VirtualClock, **more: str) -> Any:
    """Return the one row, after a worker was killed over it and another one has done what can be done."""
    settings = {"it": {"kind": kind, **simulator.settings("it"), **more}}
    secrets = scene.write(root, 1, [ENTRY], "sqlite:///state/outreach.db", settings)
    with House(root, VirtualClock(scene.PLANNED_AT), secrets) as house:
        reader = Newcomer("reader@readers.example", "test", scene.PLANNED_AT)
        house.store.subscribers.add("it", [reader], "test", scene.PLANNED_AT)
        planned = planning.make_plan(house)
        assert planned.errors == []
        planning.apply(house, planned, "test")
    process = PROCESSES.Process(target=die_after_accepting, args=(str(root), secrets, kind))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert len(simulator.posts) == 1, "the network has it"
    with House(root, clock, secrets) as house:
        for _ in range(4):
            clock.advance(timedelta(minutes=3))
            service.deliver(house)
        (row,) = [row for row in house.store.desk.find(with_recipients=True) if not _is_list(row)]
        return row


def _is_list(row: Any) -> bool:
    return row.account == "it" and "handed on" in row.reason


@pytest.mark.parametrize("server", [MastodonSimulator, SnacLikeSimulator])
def test_mastodon_has_it_once(tmp_path, clock, server):
    with server(clock.now) as simulator:
        row = killed_then_restarted(tmp_path, "mastodon", simulator, clock)
        assert len(simulator.posts) == 1
        assert simulator.publishing_requests == 1, "it was looked up, not sent again"
    assert row.state is State.SENT


def test_a_partner_has_it_once(tmp_path, clock):
    with PartnerSimulator(clock.now) as simulator:
        row = killed_then_restarted(tmp_path, "webhook", simulator, clock)
        assert len(simulator.posts) == 1
        assert simulator.publishing_requests == 2, "the partner recognised the second one"
    assert row.state is State.SENT


def test_of_a_letter_a_person_is_asked(tmp_path, clock):
    with MailSimulator(clock.now) as simulator:
        row = killed_then_restarted(tmp_path, "mail", simulator, clock)
        assert len(simulator.posts) == 1
    assert (row.state, row.reason_kind) == (State.UNCONFIRMED, Why.PERSON)
    assert "outreach resolve" in row.reason


def test_a_folder_has_it_once(tmp_path, clock):
    with FolderSimulator(clock.now, tmp_path / "tasks") as simulator:
        row = killed_then_restarted(tmp_path, "folder", simulator, clock, path="tasks/it")
        assert len(simulator.posts) == 1
    assert (row.state, row.reason_kind) == (State.HELD, Why.TASK)


def published(root: Path, kind: str, simulator: Simulator, clock: VirtualClock, **more: str) -> dict[str, str]:
    """Publish one message without an accident; return the project's secrets."""
    settings = {"it": {"kind": kind, **simulator.settings("it"), **more}}
    password = settings["it"].pop("app_password", None)
    secrets = scene.write(root, 1, [ENTRY], "sqlite:///state/outreach.db", settings)
    if password:
        secrets["OUTREACH_IT_APP_PASSWORD"] = password
    with House(root, VirtualClock(scene.PLANNED_AT), secrets) as house:
        planning.apply(house, planning.make_plan(house), "test")
    with House(root, clock, secrets) as house:
        service.deliver(house)
    assert len(simulator.posts) == 1
    return secrets


def killed_while_changing(root: Path, secrets: dict[str, str], kind: str, what: str, clock: VirtualClock) -> None:
    """Let a worker be killed in the middle of a change, and another one do what can be done."""
    process = PROCESSES.Process(target=die_while_changing, args=(str(root), secrets, kind, what, clock.now()))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    with House(root, clock, secrets) as house:
        for _ in range(4):
            clock.advance(timedelta(minutes=3))
            service.deliver(house)


@pytest.mark.parametrize(("kind", "server"), [("mastodon", MastodonSimulator), ("bluesky", BlueskySimulator)])
def test_what_was_deleted_counts_as_removed(tmp_path, clock, kind, server):
    with server(clock.now) as simulator:
        more = {"sessions": "state/sessions"} if kind == "bluesky" else {}
        secrets = published(tmp_path, kind, simulator, clock, **more)
        with House(tmp_path, clock, secrets) as house:
            recalling.recall(house, "trial", "message-1", "wrong", "desk")
        killed_while_changing(tmp_path, secrets, kind, "delete", clock)
        assert not simulator.posts
        with House(tmp_path, clock, secrets) as house:
            (place, *_) = recalling.ledger(house, "trial", "message-1").places
        assert place.line == (Stands.REMOVED, "read back: it is gone", "")


@pytest.mark.parametrize("server", [MastodonSimulator, SnacLikeSimulator])
def test_what_was_corrected_is_corrected_once_more_and_counts_as_done(tmp_path, clock, server):
    with server(clock.now) as simulator:
        secrets = published(tmp_path, "mastodon", simulator, clock)
        path = tmp_path / "content" / "campaigns" / "trial" / "messages" / "message-1" / "en.md"
        path.write_text(path.read_text().replace("Keep your papers with you.", "Keep your papers."))
        with House(tmp_path, clock, secrets) as house:
            made = correcting.plan(house, house.project.messages["trial", "message-1"], correcting.Asked())
            assert correcting.apply(house, made, "desk") == 1
        killed_while_changing(tmp_path, secrets, "mastodon", "edit", clock)
        (post,) = simulator.posts
        assert "Keep your papers." in post.text
        with House(tmp_path, clock, secrets) as house:
            made = correcting.plan(house, house.project.messages["trial", "message-1"], correcting.Asked())
            assert made.places[0].line.stands is Stands.CORRECTED
            (edit,) = [row for row in house.store.desk.find() if row.deed is Deed.EDIT]
            assert house.store.desk.arrivals([edit.id])[0].remote_id == post.remote_id


@pytest.mark.parametrize("what", ["delete", "send"])
def test_what_is_replaced_is_there_once(tmp_path, clock, what):
    with BlueskySimulator(clock.now) as simulator:
        secrets = published(tmp_path, "bluesky", simulator, clock, sessions="state/sessions")
        path = tmp_path / "content" / "campaigns" / "trial" / "messages" / "message-1" / "en.md"
        path.write_text(path.read_text().replace("Keep your papers with you.", "Keep your papers."))
        with House(tmp_path, clock, secrets) as house:
            message = house.project.messages["trial", "message-1"]
            assert not correcting.plan(house, message, correcting.Asked()).acts, "only when it is asked for"
            made = correcting.plan(house, message, correcting.Asked(replacing=True))
            assert correcting.apply(house, made, "desk") == 2
        killed_while_changing(tmp_path, secrets, "bluesky", what, clock)
        (post,) = simulator.posts
        assert "Keep your papers." in post.text
        with House(tmp_path, clock, secrets) as house:
            made = correcting.plan(house, message, correcting.Asked())
            assert [place.line.stands for place in made.places[:1]] == [Stands.UNCHANGED]
            recalling.recall(house, "trial", "message-1", "wrong altogether", "desk")
            service.deliver(house)
            stands = [place.line.stands for place in recalling.ledger(house, "trial", "message-1").places]
            assert stands[:2] == [Stands.REMOVED, Stands.REMOVED]
        assert not simulator.posts
