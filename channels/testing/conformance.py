"""The suite that every channel passes, the same for built-in channels and for a stranger's.

Ten points are for all, two more for networks that correct and take back.

A channel's test module subclasses :class:`Conformance` and says little more than which channel it is::

    from channels.testing.conformance import Conformance

    class TestMastodon(Conformance):
        channel = Mastodon
        golden = Path(__file__).parent / "golden" / "mastodon"

What a channel can do is seen from its abilities and traits; points that ask for more than that are skipped with the
reason. Whatever differs otherwise (how its simulator is made, what can go wrong on its wire) is overridden in the
subclass; see the attributes and the methods of the section "the harness".

The points are those of the project's design, and each test's name begins with its number.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import importlib
import json
import logging
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from pydantic import SecretStr, ValidationError

from channels.contract import (
    Channel,
    ChannelSettings,
    Deletes,
    Edits,
    Finds,
    ForgetfulSteps,
    Measures,
    Media,
    Outcome,
    Part,
    Receipt,
    Rejected,
    Replay,
    StillThere,
    Throttled,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.registry import connect
from channels.testing import samples
from channels.testing.http_simulator import HttpSimulator
from channels.testing.simulator import (
    DOWN,
    LOGIN_PAGE,
    LOGIN_REDIRECT,
    Arrived,
    Fault,
    How,
    Simulator,
    answers,
)
from channels.text import cut

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LANGUAGES = ("ro", "en", "pt", "uk", "ar")


class HandedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time it shows (UTC)."""
        return self.now

    def forward(self, **by: float) -> None:
        """Move it on, by what ``timedelta`` takes."""
        self.now += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the error table: what goes wrong while publishing, and the outcome that it must give.

    ``waits`` is until when a throttled account must wait, in seconds from now.
    """

    name: str
    fault: Fault | Callable[[datetime], Fault]
    """What goes wrong; a function of the time now where the answer names a time."""
    outcome: type[Outcome]
    waits: float | None = None

    def fault_at(self, now: datetime) -> Fault:
        """Return what goes wrong at this time."""
        return self.fault if isinstance(self.fault, Fault) else self.fault(now)


def _status(status: int, outcome: type[Outcome]) -> Case:
    return Case(str(status), answers(status, {"error": "refused"}), outcome)


def _throttled(name: str, waits: float, header: str = "", value: Callable[[datetime], str] = lambda _: "") -> Case:
    def fault(now: datetime) -> Fault:
        return answers(429, {"error": "slowly"}, {header: value(now)} if header else {})

    return Case(f"429 {name}", fault, Throttled, waits)


HTTP_CASES = (
    *(_status(status, Rejected) for status in (400, 404, 409, 410, 413, 415, 422)),
    *(_status(status, Unauthorized) for status in (401, 403)),
    *(_status(status, Unconfirmed) for status in (302, 408, 500, 502, 504, 522)),
    _status(503, Unavailable),
    _throttled("without a time", 60),
    _throttled("in seconds", 90, "Retry-After", lambda _: "90"),
    _throttled("as a date", 600, "Retry-After", lambda now: format_datetime(now + timedelta(minutes=10), usegmt=True)),
    _throttled("in ISO 8601", 300, "X-RateLimit-Reset", lambda now: (now + timedelta(minutes=5)).isoformat()),
    _throttled("since 1970", 240, "X-RateLimit-Reset", lambda now: str((now + timedelta(minutes=4)).timestamp())),
    Case("refused", DOWN, Unavailable),
    Case("a login page with status 200", LOGIN_PAGE, Unconfirmed),
    Case("a redirect to a login page", LOGIN_REDIRECT, Unconfirmed),
    Case("an error with status 200", answers(200, {"error": "refused"}), Unconfirmed),
    Case("an answer of another type", Fault(How.MISLABEL, accepts=True), Unconfirmed),
    Case("an answer of megabytes", Fault(How.FLOOD, accepts=True), Unconfirmed),
    Case("silence after the body", Fault(How.HANG, accepts=True), Unconfirmed),
    Case("an answer that drips", Fault(How.DRIP, accepts=True), Unconfirmed),
    Case("reset before accepting", Fault(How.RESET), Unconfirmed),
    Case("reset after accepting", Fault(How.RESET, accepts=True), Unconfirmed),
    Case("closed after accepting", Fault(How.CLOSE, accepts=True), Unconfirmed),
    Case("an answer that breaks off", Fault(How.TRUNCATE, accepts=True), Unconfirmed),
    Case("an answer that cannot be read", Fault(How.GARBLE, accepts=True), Unconfirmed),
    Case("500 after accepting", answers(500, accepts=True), Unconfirmed),
)
"""What can go wrong with HTTP. TLS is a test of its own, because it needs other settings."""

BAD_ANSWERS = (
    Case("a login page with status 200", LOGIN_PAGE, Unavailable),
    Case("a redirect to a login page", LOGIN_REDIRECT, Unavailable),
    Case("an error with status 200", answers(200, {"error": "refused"}), Unavailable),
    Case("an answer of another type", Fault(How.MISLABEL, accepts=True), Unavailable),
    Case("an answer of megabytes", Fault(How.FLOOD, accepts=True), Unavailable),
    Case("an answer that breaks off", Fault(How.TRUNCATE, accepts=True), Unavailable),
    Case("an answer that cannot be read", Fault(How.GARBLE, accepts=True), Unavailable),
)
"""Answers that are not what a network's documentation says, to requests that come before publishing or beside it."""


class Conformance:
    """The ten points. Subclass it under a name that pytest collects, and set at least ``channel``."""

    __test__ = False

    channel: ClassVar[type[Channel[Any]]]
    """The channel under test."""
    server: ClassVar[str] = "simulator"
    """What it is tried on, for the report; tests on a real server carry pytest's marker ``servers`` as well."""
    golden: ClassVar[Path | None] = None
    """The folder of golden posts; see :meth:`test_03_golden`."""
    languages: ClassVar[Sequence[str]] = LANGUAGES
    cases: ClassVar[Sequence[Case]] = HTTP_CASES
    """The error table of this wire."""
    lost_change: ClassVar[str] = "any"
    """Which request of a correction or a taking back loses its answer: ``any`` is the first one, ``publish`` the first
    that changes something, for channels that have to read before."""
    bad_answers: ClassVar[Sequence[Case]] = BAD_ANSWERS
    """What a network that speaks HTTP may answer instead of what was asked for."""
    lost_reply: ClassVar[Fault] = Fault(How.RESET, accepts=True)
    """The fault of a network that accepts a post while its answer is lost."""
    idle_success: ClassVar[Fault] = answers(200, {"ok": True})
    """The answer of a network that says yes to a deletion and does nothing."""
    door: ClassVar[Mapping[str, Any]] = {"connect": 1.0, "read": 0.6, "total": 1.0}
    """Arguments for the door: time-outs that are short, because the machine is near."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.__test__ = cls.__dict__.get("__test__", True)

    # --- the harness: what a subclass may override ---

    def make_simulator(self, clock: Callable[[], datetime], folder: Path) -> Simulator:
        """Return the network, not yet started. ``folder`` is empty and goes away after the test."""
        module, _, name = self.channel.simulator.partition(":")
        simulator: Simulator = getattr(importlib.import_module(module), name)(clock)
        return simulator

    def make_settings(self, network: Simulator) -> dict[str, Any]:
        """Return what an account's settings say, secrets included."""
        return network.settings("account")

    def make_clock(self) -> Callable[[], datetime]:
        """Return the clock; it is handed to the channel and to the network."""
        return HandedClock()

    def make_channel(self, network: Simulator, clock: Callable[[], datetime], **changed: Any) -> Channel[Any]:
        """Return the channel, connected to the network as after a restart of the process."""
        settings = self.channel.Settings(**{**self.make_settings(network), **changed})
        return connect(self.channel, "account", settings, clock, self.facts(network), **self.door)

    def facts(self, network: Simulator) -> dict[str, Any] | None:
        """Return what ``learn()`` found out earlier."""
        return None

    def sample(self, language: str, *pictures: Media) -> Part:
        """Return a part in a language, as the composer would make it: with a picture where the network wants one."""
        traits = self.channel.traits
        if traits.media.required and not pictures:
            pictures = (self.make_picture(_own_folder(), samples.ALT_TEXTS[language]),)
        return samples.part(language, *pictures, link_in_text=traits.link_in_text)

    def make_picture(self, folder: Path, alt: str, shade: int = 128) -> Media:
        """Return a picture as this network takes it, its bytes in ``folder``."""
        return samples.fitting(folder, alt, self.channel.traits.media, shade=shade)

    def same_text(self, shown: str, previewed: str) -> bool:
        """Whether the text that the network shows is the previewed one."""
        return shown == previewed

    def wire_key(self, key: str) -> str:
        """Return the form in which the key goes over the wire, where the network wants one of its own."""
        return key

    def broken_tls(self, settings: dict[str, Any]) -> dict[str, Any] | None:
        """Return settings with which the handshake fails; ``None`` where there is no TLS."""
        changed = {
            name: value.replace("http://", "https://") if isinstance(value, str) else value
            for name, value in settings.items()
        }
        return changed if changed != settings else None

    # --- fixtures ---

    @pytest.fixture
    def clock(self) -> Callable[[], datetime]:
        """Time, as it is handed in."""
        return self.make_clock()

    @pytest.fixture
    def network(self, clock: Callable[[], datetime], tmp_path: Path) -> Iterator[Simulator]:
        """The network, listening."""
        folder = tmp_path / "network"
        folder.mkdir()
        with self.make_simulator(clock, folder) as simulator:
            yield simulator

    @pytest.fixture
    def account(self, network: Simulator, clock: Callable[[], datetime]) -> Iterator[Channel[Any]]:
        """The channel under test."""
        channel = self.make_channel(network, clock)
        yield channel
        channel.close()
        channel.door.close()

    @pytest.fixture
    def picture(self, tmp_path: Path, account: Channel[Any]) -> Callable[..., Media]:
        """Make pictures."""
        if account.traits.media.max_count == 0:
            pytest.skip("this channel takes no pictures")
        return lambda alt, **more: self.make_picture(tmp_path, alt, **more)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test of each language, row of the error table, and golden file."""
        if "language" in metafunc.fixturenames:
            metafunc.parametrize("language", self.languages)
        if "case" in metafunc.fixturenames:
            metafunc.parametrize("case", self.cases, ids=lambda case: case.name)
        if "bad_answer" in metafunc.fixturenames:
            metafunc.parametrize("bad_answer", self.bad_answers, ids=lambda case: case.name)
        if "golden_file" in metafunc.fixturenames:
            files = sorted(self.golden.glob("*.yml")) if self.golden else []
            none = pytest.param(None, marks=pytest.mark.skip(reason="this class names no golden posts"), id="none")
            metafunc.parametrize("golden_file", [pytest.param(file, id=file.stem) for file in files] or [none])

    # --- 1. settings and secrets ---

    def test_01_settings_tell_every_fault_at_once(self, network: Simulator) -> None:
        """An unknown key is refused, and so is every missing one, in one go."""
        given = self.make_settings(network)
        with pytest.raises(ValidationError) as caught:
            self.channel.Settings(**{**given, "no_such_key": 1})
        assert [error["loc"] for error in caught.value.errors()] == [("no_such_key",)], "an unknown key must be refused"
        required = {name for name, field in self.channel.Settings.model_fields.items() if field.is_required()}
        if required:
            with pytest.raises(ValidationError) as caught:
                self.channel.Settings()
            told = {error["loc"][0] for error in caught.value.errors()}
            assert told == required, "every missing key must be told, not the first alone"

    def test_01_secrets_are_never_shown(
        self, network: Simulator, account: Channel[Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        """No token in a repr, a dump, a log, an outcome or a traceback, even when the network repeats it."""
        secrets = account.settings.secrets()
        fields = type(account.settings).model_fields
        assert len(secrets) == sum(isinstance(getattr(account.settings, name), SecretStr) for name in fields)
        caplog.set_level(logging.DEBUG)
        seen = [repr(account), repr(account.settings), str(account.settings), repr(account.door)]
        seen.append(account.settings.model_dump_json())
        for case in self.cases:
            said = case.fault_at(account.door.clock())
            if said.how is How.ANSWER and said.body:
                said = replace(said, body=json.dumps({"error": " ".join(["seen", *secrets])}).encode())
            outcome = self._outcome(network, account, said)
            seen += ["".join(traceback.format_exception(outcome)), repr(outcome), repr(outcome.__context__)]
        seen.append(caplog.text)
        for secret in secrets:
            shown = [text for text in seen if secret in text]
            assert not shown, f"a secret is shown: {shown[0].replace(secret, '<the secret>')[:2000]}"

    # --- 2. importing ---

    def test_02_importing_does_nothing_and_traits_are_data(self) -> None:
        """Importing connects to nothing and starts nothing; traits can be read and printed without an account."""
        script = (
            "import socket, threading, time\n"
            "def refuse(*_, **__): raise SystemExit('importing the channel does I/O')\n"
            "class Socket(socket.socket):\n    connect = connect_ex = sendto = refuse\n"
            "socket.socket, socket.getaddrinfo = Socket, refuse\n"
            "threading.Thread.start = time.sleep = refuse\n"
            f"import {self.channel.__module__}\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        traits = self.channel.traits
        assert isinstance(traits, Traits), "traits must be readable from the class"
        assert traits.label
        assert traits.counted_as
        assert traits.facts_from, "say where the facts come from"
        assert json.dumps(dataclasses.asdict(traits), default=str)
        assert issubclass(self.channel.Settings, ChannelSettings)
        finds = issubclass(self.channel, Finds)
        assert traits.replay is not Replay.FINDABLE or finds, "a findable channel must have find()"

    # --- 3. length ---

    def test_03_what_fits_by_count_is_accepted(self, network: Simulator, account: Channel[Any], language: str) -> None:
        """A text cut to the limit is accepted, and one that is too long is refused before anything is published."""
        limit = account.traits.max_length
        if limit is None:
            pytest.skip("this network has no limit of length")
        long = f"{self.sample(language).text} " * (limit // 20 + 1)
        fitting = cut(long, limit, account.count)
        assert account.count(fitting) <= limit
        part = replace(self.sample(language), text=fitting)
        assert account.preview(part).length <= limit, "count() and preview() disagree"
        account.send(part, "fits")
        assert len(network.posts) == 1, "a text that fits by the channel's count must be accepted"
        with pytest.raises(Rejected):
            account.send(replace(part, text=long), "too-long")
        assert len(network.posts) == 1, "a text that is too long must not be published"

    def test_03_length_is_counted_in_whole_characters(self, account: Channel[Any]) -> None:
        """Counting never gets less by adding; an empty text has no length."""
        assert account.count("") == 0
        for language in self.languages:
            text = self.sample(language).text
            lengths = [account.count(text[:end]) for end in range(0, len(text), 7)]
            assert all(0 <= length <= account.count(text) + 4 for length in lengths)

    def test_03_golden(self, network: Simulator, account: Channel[Any], golden_file: Path, tmp_path: Path) -> None:
        """A golden file holds parts, and what is previewed and transmitted for them.

        ``parts`` is a list of the fields of a part, where ``media`` lists ``alt`` and optionally ``shade``;
        ``previews`` what :meth:`Channel.preview` gives; ``transmitted`` what :meth:`Simulator.transmitted` then gives.
        """
        golden = yaml.safe_load(golden_file.read_text(encoding="utf-8"))
        parts = [self._golden_part(fields, tmp_path) for fields in golden["parts"]]
        previews = [_plain(account.preview(part)) for part in parts]
        receipt = None
        for place, part in enumerate(parts):
            receipt = account.send(part, f"golden-{place}", after=receipt)
        got = {"previews": previews, "transmitted": network.transmitted()}
        expected = {name: golden[name] for name in got}
        assert json.loads(json.dumps(got)) == expected, (
            f"differs from {golden_file}; got\n{yaml.safe_dump(got, allow_unicode=True)}"
        )

    def _golden_part(self, fields: dict[str, Any], folder: Path) -> Part:
        media = [self.make_picture(folder, one["alt"], one.get("shade", 128)) for one in fields.get("media", ())]
        return Part(**{**fields, "media": tuple(media)})

    # --- 4. what arrives ---

    def test_04_what_arrives_is_what_was_previewed(
        self, network: Simulator, account: Channel[Any], language: str, tmp_path: Path
    ) -> None:
        """Text and alternative text arrive as previewed; no picture is lost."""
        count = account.traits.media.max_count
        pictures = [self.make_picture(tmp_path, samples.ALT_TEXTS[language], shade) for shade in range(min(count, 2))]
        part = self.sample(language, *pictures)
        preview = account.preview(part)
        receipt = account.send(part, f"key-{language}")
        arrived = self._only(network)
        assert self.same_text(arrived.text, preview.text), "the text that arrived is not the previewed one"
        assert arrived.alt_texts == preview.alt_texts, "alternative texts must arrive as previewed"
        if pictures:
            assert preview.alt_texts == tuple(picture.alt for picture in pictures)
        if arrived.media:
            assert arrived.media == tuple(picture.sha256 for picture in pictures), "the pictures arrived changed"
        assert receipt.remote_id == arrived.remote_id
        assert receipt.at.utcoffset() == timedelta(0), "a receipt's time is in UTC"

    def test_04_a_picture_is_never_dropped(
        self, network: Simulator, account: Channel[Any], picture: Callable[..., Media]
    ) -> None:
        """A picture that cannot go along keeps the post from going out."""
        traits = account.traits.media
        good = picture("Un desen")
        bad = {
            "a file that is gone": replace(good, path=good.path / "gone"),
            "another file than was approved": replace(good, sha256="0" * 64),
        }
        if traits.fetched:
            bad["no public address to fetch it from"] = replace(good, url=None)
        if traits.mime_types:
            bad["a type that is not taken"] = replace(good, mime="image/x-unheard-of")
        if traits.max_alt is not None:
            bad["an alternative text that is too long"] = replace(good, alt="x" * (traits.max_alt + 1))
        for name, media in bad.items():
            with pytest.raises(Rejected):
                account.send(self.sample("ro", media), f"bad {name}")
            assert not network.posts, f"published in spite of {name}"
        many = [picture(f"Desen {number}", shade=number) for number in range(traits.max_count + 1)]
        with pytest.raises(Rejected):
            account.send(self.sample("ro", *many), "too-many")
        assert not network.posts, "published in spite of too many pictures"

    # --- 5. the key ---

    def test_05_the_key_goes_over_the_wire(self, network: Simulator, account: Channel[Any]) -> None:
        """The key arrives with the post; sent again it is the same post, and another key is another post."""
        if account.traits.replay is not Replay.IDEMPOTENT:
            pytest.skip("this network knows no idempotency keys")
        first = account.send(self.sample("ro"), "key-1")
        assert self._only(network).key == self.wire_key("key-1")
        assert account.send(self.sample("ro"), "key-1").remote_id == first.remote_id
        assert len(network.posts) == 1, "the same key must not post twice"
        assert account.send(self.sample("ro"), "key-2").remote_id != first.remote_id

    # --- 6. the error table ---

    def test_06_error_table(
        self, network: Simulator, account: Channel[Any], clock: Callable[[], datetime], case: Case
    ) -> None:
        """What goes wrong gives the prescribed outcome, one sentence for a person, and no second request."""
        before = network.publishing_requests
        outcome = self._outcome(network, account, case.fault_at(clock()))
        assert type(outcome) is case.outcome, f"{case.name} gave {type(outcome).__name__}: {outcome}"
        sentence = str(outcome)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert "Traceback" not in sentence
        assert "object at 0x" not in sentence
        assert network.publishing_requests - before <= 1, "a channel never repeats a request"
        if isinstance(outcome, Throttled):
            assert outcome.until == clock() + timedelta(seconds=case.waits or 60)
        if isinstance(outcome, (Rejected, Unauthorized, Throttled, Unavailable)):
            assert not network.posts, "this outcome says that nothing was accepted"
        account.send(self.sample("ro"), "after the fault")

    def test_06_bad_answers_before_publishing(
        self, network: Simulator, clock: Callable[[], datetime], bad_answer: Case, tmp_path: Path
    ) -> None:
        """An answer that cannot be true keeps a post from going out half, and is no proof that one is not there."""
        if not isinstance(network, HttpSimulator):
            pytest.skip("this wire has no answers of that kind")
        fault, started = bad_answer.fault_at(clock()), clock()
        count = min(self.channel.traits.media.max_count, 1)
        part = self.sample("ro", *(self.make_picture(tmp_path, "Un desen") for _ in range(count)))

        def send(account: Any) -> None:
            before = len(network.posts)
            try:
                account.send(part, f"key {before}")
            except Outcome:
                assert len(network.posts) == before, "what came before publishing failed, and it was published"
                raise
            first, last = network.posts[0], network.posts[-1]
            whole = (first.text, first.alt_texts, first.media)
            assert (last.text, last.alt_texts, last.media) == whole, "the post went out half"

        def find(account: Any) -> None:
            assert account.find(part, "key 0", since=started), "a bad answer was taken for 'it is not there'"

        for act in (send, find) if issubclass(self.channel, Finds) else (send,):
            for place in range(self._asks(network, clock, act)):
                outcome = self._with_fresh(network, clock, act, fault, place)
                told = f"request {place + 1} gave {type(outcome).__name__}: {outcome}"
                assert outcome is None or type(outcome) in (bad_answer.outcome, Throttled), told

    def _asks(self, network: Simulator, clock: Callable[[], datetime], act: Callable[[Channel[Any]], Any]) -> int:
        """Do it once with good answers, and return how many requests came before something became public."""
        assert isinstance(network, HttpSimulator)
        start = len(network.wire)
        outcome = self._with_fresh(network, clock, act)
        assert outcome is None, f"with good answers it gave {type(outcome).__name__}: {outcome}"
        new = [network.is_publishing(request) for request in network.wire[start:]]
        return new.index(True) if True in new else len(new)

    def _with_fresh(
        self,
        network: Simulator,
        clock: Callable[[], datetime],
        act: Callable[[Channel[Any]], Any],
        fault: Fault | None = None,
        after: int = 0,
    ) -> Outcome | None:
        """Do it with a channel as after a restart, while the network fails once if there is a fault."""
        account = self.make_channel(network, clock)
        try:
            with network.failing(fault, on="ask", after=after) if fault else contextlib.nullcontext():
                act(account)
        except Outcome as outcome:
            return outcome
        finally:
            account.close()
            account.door.close()
        return None

    def test_06_no_secure_connection(self, network: Simulator, clock: Callable[[], datetime]) -> None:
        """A failed handshake proves that nothing was sent."""
        settings = self.broken_tls(self.make_settings(network))
        if settings is None:
            pytest.skip("this channel has no TLS of its own")
        channel = connect(self.channel, "account", self.channel.Settings(**settings), clock, **self.door)
        with pytest.raises(Unavailable):
            channel.send(self.sample("ro"), "key")
        channel.close()
        channel.door.close()
        assert not network.posts

    # --- 7. one request, no sleep ---

    def test_07_one_send_is_one_publishing_request_without_sleep(
        self, network: Simulator, account: Channel[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Neither success nor failure sends twice, and nothing sleeps."""

        def sleep(seconds: float) -> None:
            pytest.fail(f"the channel slept {seconds} s")

        monkeypatch.setattr(time, "sleep", sleep)
        pictures = [self.make_picture(tmp_path, "Un desen")] if account.traits.media.max_count else []
        account.send(self.sample("ro", *pictures), "key")
        assert network.publishing_requests == 1
        assert len(network.posts) == 1

    # --- 8. accepted, reply lost ---

    def test_08_an_accepted_post_whose_reply_was_lost_is_settled(
        self, network: Simulator, account: Channel[Any], clock: Callable[[], datetime]
    ) -> None:
        """After a restart there is exactly one post, or it is known that nothing can be known."""
        part, started = self.sample("ro"), clock()
        outcome = self._outcome(network, account, self.lost_reply, part, "key")
        assert type(outcome) is Unconfirmed
        arrived = self._only(network)
        restarted = self.make_channel(network, clock)
        try:
            replay = restarted.traits.replay
            if replay is Replay.IDEMPOTENT:
                receipt = restarted.send(part, "key")
                assert receipt.remote_id == arrived.remote_id, "the same key must lead to the same post"
            if isinstance(restarted, Finds):
                found = restarted.find(part, "key", since=started)
                assert found is not None, "the post is there and was not found"
                assert found.remote_id == arrived.remote_id
            assert len(network.posts) == 1, "settling must not publish"
            if replay is Replay.BLIND:
                assert not isinstance(restarted, Finds), "who can look it up is not blind"
        finally:
            restarted.close()
            restarted.door.close()

    def test_08_what_never_arrived_is_not_found(
        self, network: Simulator, account: Channel[Any], clock: Callable[[], datetime]
    ) -> None:
        """Looking up gives nothing for a post that is not there, another one, or one of another delivery."""
        if not isinstance(account, Finds):
            pytest.skip("this channel cannot look up")
        started = clock()
        assert account.find(self.sample("ro"), "key", since=started) is None
        other = account.send(self.sample("en"), "other")
        assert account.find(self.sample("ro"), "key", since=started) is None
        known = frozenset({other.remote_id})
        assert account.find(self.sample("en"), "key", since=started, known=known) is None, "known posts are not it"
        with network.failing(answers(503), on="ask"), pytest.raises(Unavailable):
            account.find(self.sample("ro"), "key", since=started)

    # --- 9. threads ---

    def test_09_a_thread_resumes_where_it_failed(self, network: Simulator, account: Channel[Any]) -> None:
        """Part 1 stays; part 2 fails, is sent again and hangs on part 1."""
        if account.traits.max_parts < 2:
            pytest.skip("this channel has no threads")
        parts = [replace(self.sample(language), text=self.sample(language).text) for language in ("ro", "en")]
        first = account.send(parts[0], "part-1")
        with network.failing(self._unavailable(account)), pytest.raises(Unavailable):
            account.send(parts[1], "part-2", after=first)
        second = account.send(parts[1], "part-2", after=first)
        posts = network.posts
        assert [post.remote_id for post in posts] == [first.remote_id, second.remote_id]
        assert [post.after for post in posts] == [None, first.remote_id]
        if isinstance(account, Finds):
            found = account.find(parts[1], "part-2", since=first.at, known=frozenset({first.remote_id}), after=first)
            assert found is not None
            assert found.remote_id == second.remote_id
            assert account.find(parts[1], "part-2", since=first.at) is None, "an answer is not a post of its own"

    def test_09_finished_steps_are_not_repeated(
        self, network: Simulator, account: Channel[Any], picture: Callable[..., Media]
    ) -> None:
        """What was uploaded before the failure is not uploaded again."""
        steps = ForgetfulSteps()
        part = self.sample("ro", picture("Un desen"))
        unavailable = self._unavailable(account)
        if unavailable.how is How.DOWN:
            pytest.skip("on this wire nothing can fail between two steps")
        with network.failing(unavailable), pytest.raises(Unavailable):
            account.send(part, "key", steps=steps)
        before = _changes(network)
        account.send(part, "key", steps=steps)
        assert _changes(network) - before == 1, "only the publishing request was missing"
        assert self._only(network).alt_texts == ("Un desen",)

    # --- 10. figures ---

    def test_10_missing_figures_stay_missing(self, network: Simulator, account: Channel[Any]) -> None:
        """A post that is gone has no figures, the others have theirs, and what the network hides is not zero."""
        if not isinstance(account, Measures):
            pytest.skip("this network gives no figures")
        receipts = [account.send(self.sample(language), language) for language in ("ro", "en")]
        gone = Receipt("999999999999", None, receipts[0].at)
        figures = account.measure([receipts[0], gone, receipts[1]])
        assert set(figures) == {receipt.remote_id for receipt in receipts}
        assert all(type(value) is int for metrics in figures.values() for value in metrics.values())
        with network.failing(answers(500), on="ask"):
            rest = account.measure(receipts)
        assert rest, "one dead figure must not take the others with it"
        if hasattr(network, "hidden_figures"):
            name = next(iter(figures[receipts[0].remote_id]))
            network.hidden_figures.add(name)
            assert name not in account.measure(receipts)[receipts[0].remote_id], "missing is not zero"

    # --- 11. correcting ---

    def test_11_a_correction_arrives_as_previewed(
        self, network: Simulator, account: Channel[Any], language: str, tmp_path: Path
    ) -> None:
        """The post shows the new text, is still one post, and is the same after a second time."""
        changing = self._editing(account)
        receipt = account.send(self._changeable(account, "ro", tmp_path), "key")
        part = self._changeable(account, language, tmp_path)
        part = replace(part, text=part.text.replace("?", "?!", 1).replace("؟", "؟!", 1))
        edited = changing.edit(receipt, part, "correction")
        arrived = self._only(network)
        assert self.same_text(arrived.text, account.preview(part).text), "the correction is not what was previewed"
        assert arrived.alt_texts == account.preview(part).alt_texts
        assert edited.remote_id == arrived.remote_id, "the receipt must name the post as it is now"
        again = changing.edit(edited, part, "correction")
        assert self._only(network).text == arrived.text
        assert again.remote_id == self._only(network).remote_id

    def test_11_a_correction_that_does_not_fit_leaves_the_post(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """A text that is too long is refused, and the old one stays."""
        changing, limit = self._editing(account), account.traits.max_length
        if limit is None:
            pytest.skip("this network has no limit of length")
        part = self._changeable(account, "ro", tmp_path)
        receipt = account.send(part, "key")
        before = self._only(network).text
        with pytest.raises(Rejected):
            changing.edit(receipt, replace(part, text=f"{part.text} " * (limit // 20 + 9)), "correction")
        assert self._only(network).text == before

    def test_11_what_goes_wrong_while_correcting(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """Outcomes are those of a sending; a correction whose answer was lost is made again."""
        changing = self._editing(account)
        receipt = account.send(self._changeable(account, "ro", tmp_path), "key")
        part = self._changeable(account, "en", tmp_path)
        self._refused_change(network, account, lambda: changing.edit(receipt, part, "correction"))
        again = changing.edit(receipt, part, "correction")
        assert self._only(network).remote_id == again.remote_id
        assert self.same_text(self._only(network).text, account.preview(part).text)

    # --- 12. taking back ---

    def test_12_taken_back_is_gone_and_stays_so(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """The post is gone, another one stays, and a second time is done as well."""
        taking = self._deleting(account)
        receipt = account.send(self._changeable(account, "ro", tmp_path), "one")
        other = account.send(self._changeable(account, "en", tmp_path), "two")
        if isinstance(account, StillThere):
            assert account.still_there(receipt)
        if not account.traits.takes_back:
            with pytest.raises(Rejected):
                taking.delete(receipt)
            assert len(network.posts) == 2
            return
        taking.delete(receipt)
        assert [post.remote_id for post in network.posts] == [other.remote_id]
        if isinstance(account, StillThere):
            assert not account.still_there(receipt)
            assert account.still_there(other)
        taking.delete(receipt)
        assert len(network.posts) == 1, "what is gone already counts as done"

    def test_12_what_is_still_there_is_not_called_gone(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """Gone is what was read, not what the network answered."""
        taking = self._deleting(account)
        if not isinstance(account, StillThere):
            pytest.skip("this network cannot be read")
        receipt = account.send(self._changeable(account, "ro", tmp_path), "key")
        with network.failing(self.idle_success, on="any"), pytest.raises(Outcome):
            taking.delete(receipt)
        assert len(network.posts) == 1
        with network.failing(answers(500), on="any"), pytest.raises(Unavailable):
            account.still_there(receipt)

    def test_12_what_goes_wrong_while_taking_back(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """Outcomes are those of a sending; a deletion whose answer was lost is asked for again."""
        taking = self._deleting(account)
        if not account.traits.takes_back:
            pytest.skip("this server takes nothing back")
        receipt = account.send(self._changeable(account, "ro", tmp_path), "key")
        self._refused_change(network, account, lambda: taking.delete(receipt))
        taking.delete(receipt)
        assert not network.posts

    # --- how ---

    def _editing(self, account: Channel[Any]) -> Edits:
        if not isinstance(account, Edits):
            pytest.skip("this network does not correct in place")
        return account

    def _deleting(self, account: Channel[Any]) -> Deletes:
        if not isinstance(account, Deletes):
            pytest.skip("this network takes nothing back")
        return account

    def _changeable(self, account: Channel[Any], language: str, folder: Path) -> Part:
        """Return a part without a picture, or with one where the network wants one: some keep pictures for ever."""
        pictures = [self.make_picture(folder, samples.ALT_TEXTS["ro"])] if account.traits.media.required else []
        return self.sample(language, *pictures)

    def _refused_change(self, network: Simulator, account: Channel[Any], change: Callable[[], object]) -> None:
        """Let a change be refused in each way that says nothing about the post, and lose its answer at last."""
        for outcome in (Unauthorized, Throttled, Unavailable):
            fault = next(case.fault_at(account.door.clock()) for case in self.cases if case.outcome is outcome)
            with network.failing(fault, on="any"), pytest.raises(outcome):
                change()
            assert len(network.posts) == 1
        with network.failing(self.lost_reply, on=self.lost_change), pytest.raises(Unconfirmed):
            change()

    def _outcome(
        self, network: Simulator, account: Channel[Any], fault: Fault, part: Part | None = None, key: str = "faulty"
    ) -> Outcome:
        with network.failing(fault), pytest.raises(Outcome) as caught:
            account.send(part or self.sample("ro"), key)
        return caught.value

    def _unavailable(self, account: Channel[Any]) -> Fault:
        return next(case.fault_at(account.door.clock()) for case in self.cases if case.outcome is Unavailable)

    def _only(self, network: Simulator) -> Arrived:
        (arrived,) = network.posts
        return arrived


@functools.cache
def _own_folder() -> Path:
    """Return a folder for the pictures of samples that a network does not take without; it goes at the end."""
    folder = tempfile.TemporaryDirectory(prefix="outreach-samples-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _plain(preview: Any) -> dict[str, Any]:
    plain = {name: getattr(preview, name) for name in ("text", "length", "limit")}
    if preview.alt_texts:
        plain["alt_texts"] = list(preview.alt_texts)
    return {**plain, "fields": dict(preview.fields)}


def _changes(network: Simulator) -> int:
    return len(network.transmitted())
