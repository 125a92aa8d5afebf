"""The house: one project, its settings, its memory, its channels and its clock, put together once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from channels.contract import Channel
from pipeline import settings as settings_file
from pipeline.app.kinds import settings_of
from pipeline.clock import Clock, SystemClock
from pipeline.content import Cache, Project, read_project
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.app.accounts import Channels
    from pipeline.app.pictures import Pictures
    from pipeline.store import Store
    from pipeline.website.pieces import Pieces

__all__ = ["House"]


class House:
    """Everything that the commands work with. What is costly is opened when it is first used.

    :param root: the project's folder.
    :param environment: where secrets are read, instead of the process's environment.
    :raises ProblemsFound: when ``outreach.toml`` cannot be used.
    """

    def __init__(
        self,
        root: Path,
        clock: Clock | None = None,
        environment: Mapping[str, str] | None = None,
        change: Callable[[Settings], Settings] = lambda settings: settings,
    ) -> None:
        self.root = root.resolve()
        self.clock: Clock = clock or SystemClock()
        self.settings = change(settings_file.load(self.root, settings_of, environment))
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The memory; opening it raises :class:`pipeline.store.StoreError` where it cannot be used."""
        if self._store is None:
            # What commands do not all need is imported where it is used: the store alone takes half a second.
            from pipeline.store import Store  # noqa: PLC0415

            self._store = Store(self.settings.store.url, self.root)
        return self._store

    @cached_property
    def project(self) -> Project:
        """The content as it was when it was first asked for."""
        return read_project(self.root, self.cache)

    def read_again(self) -> None:
        """Forget the content that was read, after a command has changed it."""
        self.__dict__.pop("project", None)

    @cached_property
    def cache(self) -> Cache:
        """What earlier runs found out about content that has not changed since."""
        return Cache(self.settings.build / "cache")

    @cached_property
    def memory(self) -> Cache:
        """What earlier builds of the site made that would be the same today."""
        return Cache(self.settings.build / "cache", "site.jsonl")

    @cached_property
    def pieces(self) -> Pieces:
        """The longer texts that earlier builds of the site made of messages."""
        from pipeline.website.pieces import Pieces  # noqa: PLC0415

        return Pieces(self.settings.build / "cache")

    @cached_property
    def channels(self) -> Channels:
        """The channels of all accounts."""
        from pipeline.app.accounts import Channels  # noqa: PLC0415

        return Channels(self.settings, self.clock, lambda: self.store)

    @cached_property
    def pictures(self) -> Pictures:
        """The rendered pictures."""
        from pipeline.app.pictures import Pictures  # noqa: PLC0415

        return Pictures(self.store, self.settings.state / "media")

    def channel(self, account: str) -> Channel[Any]:
        """Return an account's channel for counting and previews."""
        return self.channels.offline(self.settings.accounts[account])

    @property
    def today(self) -> date:
        """The day in the programme's zone."""
        return self.clock.now().astimezone(ZoneInfo(self.settings.programme.timezone)).date()

    def close(self) -> None:
        """Let go of the store, of every connection, and of what a build that failed left open."""
        if "channels" in self.__dict__:
            self.channels.close()
        if "pieces" in self.__dict__:
            self.pieces.close()
        if self._store is not None:
            self._store.close()
            self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
