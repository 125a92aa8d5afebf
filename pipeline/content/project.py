"""What was read of a project: its words, its problems, and where everything stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from pipeline.content import frontmatter
from pipeline.content.files import MAX_MESSAGE, MAX_YAML, Refused, read_text
from pipeline.content.yaml import Path as KeyPath
from pipeline.content.yaml import Places
from pipeline.model import Boilerplate, Campaign, Correction, Funder, Helpline, Message, Problem, WrittenPage

CONTENT = "content"
CAMPAIGNS = "content/campaigns"
HELPLINES = "content/helplines.yml"
TERMS = "content/terms"
PAGES = "content/pages"
FUNDERS = "content/funders.yml"
CORRECTIONS = "content/corrections.yml"
BOILERPLATE = "content/boilerplate.yml"

MessageKey = tuple[str, str]
"""Campaign and message."""


class Messages(Mapping[MessageKey, Message]):
    """Messages by campaign and id, each made when it is first asked for: most commands look at few of them.

    :param ready: the messages, or what makes them, in their order.
    :param embargoes: what stands under ``embargo`` in the source of each message that has one.
    :param makers: what makes messages that are ready already again, once they were let go of.
    """

    def __init__(
        self,
        ready: Mapping[MessageKey, Message | Callable[[], Message]],
        embargoes: Mapping[MessageKey, str],
        makers: Mapping[MessageKey, Callable[[], Message]] | None = None,
    ) -> None:
        self._ready = dict(ready)
        self._makers = {key: make for key, make in ready.items() if not isinstance(make, Message)} | dict(makers or {})
        self.embargoes = embargoes

    def __getitem__(self, key: MessageKey) -> Message:
        found = self._ready[key]
        if not isinstance(found, Message):
            found = self._ready[key] = found()
        return found

    def __iter__(self) -> Iterator[MessageKey]:
        return iter(self._ready)

    def __len__(self) -> int:
        return len(self._ready)

    def __contains__(self, key: object) -> bool:
        return key in self._ready

    def release(self, keys: Iterable[MessageKey] | None = None) -> None:
        """Keep no message in memory that can be made again, or none of ``keys``."""
        if keys is None:
            self._ready.update(self._makers)
        else:
            self._ready.update({key: self._makers[key] for key in keys if key in self._makers})

    def only(self, keys: Iterable[MessageKey]) -> Messages:
        """Return some of the messages, in the order of ``keys``."""
        some = {key: partial(self.__getitem__, key) for key in keys}
        return Messages(some, {key: self.embargoes[key] for key in some if key in self.embargoes})


def embargoes(messages: Mapping[MessageKey, Message]) -> Mapping[MessageKey, str]:
    """Return what stands under ``embargo`` in the source of each message that has one."""
    if isinstance(messages, Messages):
        return messages.embargoes
    return {key: written for key, one in messages.items() if (written := one.source.head.embargo)}


class Lines:
    """The line of every key of every file, looked up in the file when it is asked for.

    Most lines are never asked for, and keeping them all would cost more than reading the files.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._places: dict[str, Places] = {}
        self._starts: dict[str, int] = {}

    def places(self, path: str) -> Places:
        """Return where things stand in the YAML of a file (of a language file: in its front matter)."""
        if path not in self._places:
            if len(self._places) > 64:
                self._places.clear()
            self._places[path] = self._look(path)
        return self._places[path]

    def of(self, path: str, key: KeyPath) -> int:
        """Return the line of a key or list item, such as ``("calendar", 3, "at")``; lists count from 0."""
        return self.places(path).line(key)

    def find(self, path: str, key: KeyPath, phrase: str) -> int:
        """Return the line on which ``phrase`` stands in the value of a key."""
        return self.places(path).find(key, phrase)

    def body(self, path: str) -> int:
        """Return the line on which a language file's body begins."""
        if path not in self._starts:
            try:
                text = read_text(self._root / path, path, MAX_MESSAGE)
                self._starts[path] = frontmatter.split(text, path).body_line
            except Refused:
                self._starts[path] = 1
        return self._starts[path]

    def _look(self, path: str) -> Places:
        try:
            if path.endswith(".md"):
                parts = frontmatter.split(read_text(self._root / path, path, MAX_MESSAGE), path)
                return Places(parts.head, 2)
            return Places(read_text(self._root / path, path, MAX_YAML))
        except Refused:
            return Places("")


@dataclass(frozen=True)
class Project:
    """The content of a project as it was read. What could not be read is missing here, and stands in ``problems``.

    ``root`` is the project's folder. ``digests`` say which bytes each message was made from.
    """

    root: Path
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
    messages: Mapping[MessageKey, Message] = field(default_factory=dict)
    helplines: Mapping[str, Helpline] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    digests: Mapping[MessageKey, str] = field(default_factory=dict)
    pages: Mapping[str, WrittenPage] = field(default_factory=dict)
    funders: Mapping[str, Funder] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    boilerplate: Boilerplate | None = None

    @cached_property
    def lines(self) -> Lines:
        """Where everything stands."""
        return Lines(self.root)

    def campaign_path(self, campaign: str) -> str:
        """Return the path of a campaign's file, relative to the project."""
        return f"{CAMPAIGNS}/{campaign}/campaign.yml"

    def entry_line(self, campaign: str, position: int) -> int:
        """Return the line of a calendar entry; ``position`` counts from 0 as in :attr:`Campaign.calendar`."""
        return self.lines.of(self.campaign_path(campaign), ("calendar", position))

    def find(self, message: str) -> list[Message]:
        """Return the messages with this id (one, unless two campaigns use it)."""
        return [self.messages[key] for key in self.messages if key[1] == message]
