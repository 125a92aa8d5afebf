"""Runs every check over a project, and remembers what it found about messages that have not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Self

import phonenumbers
from pydantic import ValidationError

from pipeline.content.cache import Cache, as_json
from pipeline.content.check import (
    actions,
    alt,
    figures,
    helplines,
    links,
    persons,
    pictures,
    sentences,
    sheets,
    terms,
    translations,
    untranslated,
)
from pipeline.content.check.links import Fetch
from pipeline.content.check.message import Registry, Subject
from pipeline.content.check.rules import Finding, Place
from pipeline.content.check.terms import Terms
from pipeline.content.halves import in_two
from pipeline.content.project import MessageKey, Project
from pipeline.model import Campaign, Problem

MESSAGE_CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    translations.check,
    pictures.check,
    helplines.check,
    actions.check,
    alt.check,
    figures.check,
    links.check,
    sentences.check,
    persons.check,
    terms.check,
    untranslated.check,
    sheets.check,
)
"""What is asked of each message by itself. A new check of this kind is one more line."""


@dataclass
class Found:
    """What was found about one message: its problems, and what has to be looked up for all messages together."""

    problems: list[Problem] = field(default_factory=list)
    used: list[tuple[str, Place]] = field(default_factory=list)
    linked: list[tuple[str, Place]] = field(default_factory=list)
    external: list[tuple[str, Place]] = field(default_factory=list)

    def row(self) -> str:
        """Return all this as one line of JSON."""
        told = [problem.model_dump(mode="json") for problem in self.problems]
        return as_json([told, self.used, self.linked, self.external])

    @classmethod
    def read(cls, row: Any) -> Self:
        """Return what :meth:`row` wrote, once it is parsed."""
        told, *places = row
        problems = [Problem.model_validate(problem) for problem in told]
        used, linked, external = ([(name, _place(*place)) for name, place in one] for one in places)
        return cls(problems, used, linked, external)


def check(
    project: Project,
    *,
    today: date,
    online: Fetch | None = None,
    cache: Cache | None = None,
    more: Iterable[Problem] = (),
) -> list[Problem]:
    """Return everything that is wrong with a project, sorted by file and line, what the reader found included.

    :param today: the day in the programme's zone, for helplines whose verification expires.
    :param online: asks whether an address outside answers; without it only links into the project are checked.
    :param cache: the one with which the project was read; it is saved at the end.
    :param more: problems that others found, such as texts that are too long for an account.
    """
    shared, wrong_terms = terms.read_terms(project)
    problems = [*project.problems, *wrong_terms, *more]
    together = Found()
    for found in _each(project, Registry(project.helplines), shared, cache):
        problems += found.problems
        together.used += found.used
        together.linked += found.linked
        together.external += found.external
    problems += [finding.problem(project.lines) for finding in _together(project, together, today, online)]
    if cache:
        cache.about("check")
        cache.save()
    return in_order(problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems by file and line, each once."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda problem: (problem.path, problem.line or 0, problem.rule, problem.message))


def _together(project: Project, found: Found, today: date, online: Fetch | None) -> Iterator[Finding]:
    yield from helplines.check_day(project, found.used, today)
    yield from links.check_linked(project, found.linked)
    for campaign in project.campaigns.values():
        yield from translations.check_campaign(project, campaign)
        yield from untranslated.check_campaign(project, campaign)
    if online:
        yield from links.check_online(found.external, online)


def _each(project: Project, registry: Registry, shared: Terms, cache: Cache | None) -> Iterator[Found]:
    """Yield what the checks find about each message: first what is still known, then what has to be looked at anew."""
    contexts = {name: _context(project, campaign, shared) for name, campaign in project.campaigns.items()}
    digests = {key: f"{contexts[key[0]]}{digest}" for key, digest in project.digests.items()}
    anew = []
    for key in project.messages:
        known = _kept(cache.get(_name(key), digests[key])) if cache and key in digests else None
        if known:
            yield known
        else:
            anew.append(key)

    def examine(key: MessageKey) -> Found:
        return _examine(project, key, registry, shared)

    for key, found, row in in_two(anew, examine, Found.row, lambda _key, row: Found.read(row)):
        if cache and key in digests:
            cache.put_json(_name(key), digests[key], row)
        yield found


def _name(key: MessageKey) -> str:
    return f"check:{key[0]}/{key[1]}"


def _examine(project: Project, key: MessageKey, registry: Registry, shared: Terms) -> Found:
    subject = Subject(project.messages[key], project.campaigns[key[0]], registry, shared, project.root)
    findings = [finding for one in MESSAGE_CHECKS for finding in one(subject)]
    problems = [finding.problem(project.lines) for finding in findings]
    return Found(problems, subject.used, subject.linked, subject.external)


def _kept(row: Any) -> Found | None:
    try:
        return Found.read(row)
    except (TypeError, ValueError, ValidationError):
        return None


def _place(path: str, key: list[Any] | None, phrase: str, body_line: int | None, file_line: int | None) -> Place:
    return Place(str(path), None if key is None else tuple(key), str(phrase), body_line, file_line)


# --- what the findings about a message depend on besides the message ---------------------------------------


def _context(project: Project, campaign: Campaign, shared: Terms) -> str:
    digest = hashlib.blake2b(_code(), digest_size=12)
    for helpline in project.helplines.values():
        digest.update(helpline.model_dump_json().encode())
    for language in campaign.languages:
        for term in shared.of(language):
            digest.update(term.model_dump_json().encode())
    digest.update(campaign.model_dump_json(include={"languages", "source_language", "audiences", "topics"}).encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _code() -> bytes:
    """Return the digest of the rules themselves: an edited rule makes old findings worthless."""
    digest = hashlib.blake2b(phonenumbers.__version__.encode())
    package = resources.files("pipeline")
    rooms = [package / "content", package / "content" / "check", package / "model", package / "pictures"]
    files = [package / "placeholders.py"]
    files += [file for room in rooms for file in room.iterdir() if file.name.endswith((".py", ".yml"))]
    for file in sorted(files, key=lambda file: file.name):
        digest.update(_bytes(file))
    return digest.digest()


def _bytes(file: Traversable) -> bytes:
    return file.name.encode() + file.read_bytes()
