"""What the points share: a network, a clock, an account, samples; and what a channel's own suite may override."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from channels.contract import (
    Channel,
    Media,
    Outcome,
    Part,
    Unavailable,
)
from channels.registry import connect
from channels.testing import samples
from channels.testing.conformance.cases import BAD_ANSWERS, HTTP_CASES, Case
from channels.testing.documents.document import Document
from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import (
    Arrived,
    Fault,
    How,
    Simulator,
    answers,
)

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


class Harness:
    """What every point of the suite builds upon; see :class:`channels.testing.conformance.Conformance`."""

    __test__ = False

    channel: ClassVar[type[Channel[Any]]]
    """The channel under test."""
    server: ClassVar[str] = "simulator"
    """What it is tried on, for the report; tests on a real server carry pytest's marker ``servers`` as well."""
    golden: ClassVar[Path | None] = None
    """The folder of golden posts; see :meth:`test_03_golden`."""
    document: ClassVar[Path | None] = None
    """The OpenAPI document to which every request, and every answer that no test ordered, is held; a difference is an
    error of the test in which it came up. See :mod:`channels.testing.documents`."""
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
    door: ClassVar[Mapping[str, Any]] = {"connect": 5.0, "read": 10.0, "total": 20.0}
    """Arguments for the door: time-outs that a busy machine does not reach."""
    hurried: ClassVar[Mapping[str, Any]] = {"connect": 1.0, "read": 0.6, "total": 1.0}
    """Arguments for the door where the network is slow on purpose, so that nobody waits for it long."""

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

    def make_hurried_channel(self, network: Simulator, clock: Callable[[], datetime]) -> Channel[Any]:
        """Return the channel as one that soon gives up waiting."""
        settings = self.channel.Settings(**self.make_settings(network))
        return connect(self.channel, "account", settings, clock, self.facts(network), **self.hurried)

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
        with self.make_simulator(clock, folder) as simulator, self._held_to_document(simulator):
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

    # --- how ---

    @contextlib.contextmanager
    def _held_to_document(self, network: Simulator) -> Iterator[None]:
        """Look on within this context, and tell at its end what the network's document does not allow."""
        if self.document is None:
            yield
            return
        # What it needs is no business of a channel whose network publishes nothing.
        from channels.testing.documents.checker import Checker  # noqa: PLC0415

        assert isinstance(network, HttpSimulator), "a document is of a network that speaks HTTP"
        checker = Checker(_document(self.document))

        def look_on(request: Request, answer: Answer | None) -> None:
            # A figure that a test hides is missing on its order, like what a fault does to an answer.
            checker(request, None if getattr(network, "hidden_figures", None) else answer)

        network.watchers.append(look_on)
        yield
        differences = "\n".join(checker.differences)
        assert not differences, f"differs from {self.document.name}:\n{differences}"

    def _outcome(
        self, network: Simulator, account: Channel[Any], fault: Fault, part: Part | None = None, key: str = "faulty"
    ) -> Outcome:
        slow = fault.how in (How.HANG, How.DRIP)
        sender = self.make_hurried_channel(network, account.door.clock) if slow else account
        try:
            with network.failing(fault), pytest.raises(Outcome) as caught:
                sender.send(part or self.sample("ro"), key)
        finally:
            if sender is not account:
                sender.close()
                sender.door.close()
        return caught.value

    def _unavailable(self, account: Channel[Any]) -> Fault:
        return next(case.fault_at(account.door.clock()) for case in self.cases if case.outcome is Unavailable)

    def _only(self, network: Simulator) -> Arrived:
        (arrived,) = network.posts
        return arrived


_document = functools.cache(Document.read)
"""Read a document once; a class of the suite has some eighty tests."""


@functools.cache
def _own_folder() -> Path:
    """Return a folder for the pictures of samples that a network does not take without; it goes at the end."""
    folder = tempfile.TemporaryDirectory(prefix="outreach-samples-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
