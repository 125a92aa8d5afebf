"""What the tools that count a site's readers tell, in one form, and what of it may be kept.

A tool counts by its own rules: its figures stand in the ledger beside those of the site's own log and are never added
to them. Pages for people who need help, pages shown in partners' frames and links under embargo, which are secrets, are
left out; so is what stands behind a question mark, which may be about a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from channels.contract import Outcome, Unavailable

WORD = r"[A-Za-z0-9_-]{1,80}"
"""What may stand in a tracking parameter, wherever it is counted."""


@dataclass(frozen=True, slots=True)
class Page:
    """How often a page was viewed on one day (or, where the tool counts them so, in how many visits)."""

    day: date
    path: str
    views: int


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits of one day that came by links with these parameters; empty where there were none."""

    day: date
    source: str
    medium: str
    campaign: str
    visits: int


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a tool can be asked for.

    ``metric`` is its name in the ledger, ``unit`` that of the ledger or none; ``ask`` takes the first and the last day
    (both included) and raises :class:`~channels.contract.Outcome` where nothing can be known.
    """

    metric: str
    unit: str
    definition: str
    ask: Callable[[date, date], Iterable[Page | Visits]]


class Counter(Protocol):
    """A tool that counts readers of one site."""

    def questions(self) -> Sequence[Question]:
        """Return what it can be asked for. What it cannot tell is missing."""
        ...


@dataclass(frozen=True, slots=True)
class Hidden:
    """Which pages are never counted.

    :param help_pages: the names of the pages for people who need help.
    :param frames: the folder of what partners show in a frame; ``private``: that of the links under embargo.
    """

    help_pages: Sequence[str]
    frames: str
    private: str

    @property
    def words(self) -> list[str]:
        """What stands in the path of every page for people who need help, for tools that leave it out themselves."""
        return [f"/{name}" for name in self.help_pages]

    def hides(self, path: str) -> bool:
        """Whether this page is none of ours to count."""
        whole = f"{clean(path)}/"
        return any(f"{word}/" in whole for word in self.words) or bool(
            re.search(
                rf"/{re.escape(self.frames)}/[a-z]{{2,3}}/|/{re.escape(self.private)}/[A-Za-z0-9_-]{{20,}}/", whole
            )
        )


def clean(path: str) -> str:
    """Return a page's path without what stands behind it."""
    return re.split(r"[?#]", path)[0][:500]


def word(said: Any) -> str:
    """Return a word of a link as our own log takes it: anybody can write anything into a link, a mail address too."""
    return said.lower() if isinstance(said, str) and re.fullmatch(WORD, said) else ""


def number(said: Any) -> int:
    """Return a count. Databases hand large ones over as text.

    :raises Outcome: where it is none.
    """
    if isinstance(said, str) and said.isascii() and said.isdecimal():
        return int(said)
    if type(said) is not int or said < 0:
        raise strange()
    return said


def day(said: Any) -> date:
    """Return the day that a tool named.

    :raises Outcome: where it named none.
    """
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        raise strange() from None


def strange(tool: str = "it") -> Outcome:
    """Return what is raised when a tool answers with something other than its interface says."""
    return Unavailable(f"{tool} answered in a form that is not its interface's", next_step="see which version it is")


def pages(rows: Iterable[Page], hidden: Hidden) -> list[Page]:
    """Return the pages that may be kept. What only a question mark's rest told apart becomes one."""
    sums: dict[Page, int] = {}
    for one in rows:
        if not hidden.hides(one.path):
            key = replace(one, path=clean(one.path), views=0)
            sums[key] = sums.get(key, 0) + one.views
    return [replace(key, views=views) for key, views in sums.items()]


def visits(rows: Iterable[Visits]) -> list[Visits]:
    """Return the visits by link; several rows become one where what is no word of ours was left out."""
    sums: dict[Visits, int] = {}
    for one in rows:
        key = replace(one, source=word(one.source), medium=word(one.medium), campaign=word(one.campaign), visits=0)
        sums[key] = sums.get(key, 0) + one.visits
    return [replace(key, visits=number_) for key, number_ in sums.items()]
