"""Channels are found through entry points, and a broken one does not take the others down."""

import subprocess
import sys
from datetime import UTC, date, datetime
from importlib.metadata import EntryPoint

import pytest

from channels import registry
from channels.contract import Channel, ChannelSettings, Preview, Traits
from channels.registry import ChannelProblem, connect, kinds, load, load_all


class Stranger(Channel[ChannelSettings]):
    """What a third party might bring."""

    kind = "stranger"
    Settings = ChannelSettings
    traits = Traits(label="Stranger", counted_as="characters", facts_from="a page", facts_read_on=date(2026, 11, 22))

    def count(self, text):
        return len(text)

    def preview(self, part):
        return Preview(part.text, len(part.text), None)

    def send(self, part, key, *, after=None, steps=None):
        raise NotImplementedError


class Unfinished(Channel[ChannelSettings]):
    """Lacks everything that is abstract."""

    kind = "unfinished"
    Settings = ChannelSettings
    traits = Stranger.traits


NO_CHANNEL = 3


@pytest.fixture
def installed(monkeypatch):
    """Pretend that packages offer these channels beside the built-in ones."""

    def install(**channels):
        before = registry.entry_points(group=registry.GROUP)
        added = [EntryPoint(name, f"{__name__}:{value}", registry.GROUP) for name, value in channels.items()]
        monkeypatch.setattr(registry, "entry_points", lambda group: [*before, *added])

    return install


def test_the_built_in_channels_come_through_the_same_door():
    assert {"mastodon", "mail", "webhook", "folder"} <= set(kinds())


def test_a_strangers_channel_is_found_and_connected(installed):
    installed(stranger="Stranger")
    channel = connect(load("stranger"), "ours", ChannelSettings(), lambda: datetime(2026, 12, 1, tzinfo=UTC))
    assert repr(channel) == "<stranger account 'ours'>"
    assert channel.door.account == "ours"
    channel.door.close()


def test_an_unknown_kind_gets_a_suggestion():
    with pytest.raises(ChannelProblem) as caught:
        load("mastodont")
    assert str(caught.value) == "there is no channel of the kind 'mastodont'; did you mean 'mastodon'?"
    with pytest.raises(ChannelProblem, match=r"'zzz'; there are: .*webhook"):
        load("zzz")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("gone", "Gone", "cannot be loaded"),
        ("other", "Stranger", "calls itself 'stranger'"),
        ("unfinished", "Unfinished", "lacks count, preview, send"),
        ("number", "NO_CHANNEL", "is not a subclass of channels.contract.Channel"),
    ],
)
def test_a_broken_one_is_one_sentence_and_the_others_stay(installed, name, value, said):
    installed(stranger="Stranger", **{name: value})
    usable, problems = load_all()
    assert usable["stranger"] is Stranger
    assert name not in usable
    (problem,) = [one for one in problems if f"'{name}'" in one]
    assert said in problem
    assert problem.count(". ") == 0
    assert problem.endswith("update or uninstall it.")


def test_two_packages_with_one_kind_are_refused(installed):
    installed(mastodon="Stranger")
    with pytest.raises(ChannelProblem, match="offered by 2 packages"):
        load("mastodon")


def test_importing_opens_no_socket_and_reads_no_clock():
    script = """
import socket, sys
def refuse(*_): raise SystemExit("something was connected to while importing")
class Socket(socket.socket):
    connect = connect_ex = sendto = refuse
socket.socket = Socket
socket.getaddrinfo = refuse
import channels.contract, channels.http, channels.registry, channels.text
assert not [name for name in sys.modules if name.startswith(("pipeline", "pytest", "sqlalchemy"))]
"""
    subprocess.run([sys.executable, "-c", script], check=True)
