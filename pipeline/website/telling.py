"""Every public message with its pages: made by two processes, and only where something changed since the last build.

What was made of a message holds while its folder's bytes, what every page depends on, its corrections, what others add
to it and the places to which its links lead are the same.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import to_json

from pipeline.content.halves import in_two
from pipeline.content.project import MessageKey
from pipeline.model import Problem
from pipeline.website import messages, written
from pipeline.website.cards import Brief, brief
from pipeline.website.pictures import Picture, picture
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Kept, KeptAsset, Page, digest, row_of


@dataclass(frozen=True)
class Told:
    """A message as the site tells it: for lists, its pages, its picture, what is wrong with it, where it links to."""

    brief: Brief
    pages: tuple[Page, ...]
    picture: Picture | None = None
    problems: tuple[Problem, ...] = ()
    links: tuple[tuple[str, str, str, str | None], ...] = ()
    mark: str = ""
    """A name for all that anybody can make of the message: while it stays, so does what others made of it."""


def tell(shown: Shell) -> dict[MessageKey, Told]:
    """Return the public messages in the order of the folders; problems and pictures are added to what is shown."""
    known: dict[MessageKey, Told] = {}
    digests: dict[MessageKey, str] = {}
    for key in shown.public.messages:
        if shown.memory is not None and (name := _depends(shown, key, shown.public.project.digests.get(key) or "")):
            digests[key] = name
            row = shown.memory.get(_name(key), name)
            if row is not None and (told := _of_row(shown, key, row)) is not None:
                known[key] = told
    anew = [key for key in shown.public.messages if key not in known]
    for key, told, _ in in_two(anew, lambda key: _make(shown, key), _whole, lambda key, row: _sent(shown, key, row)):
        seen = told.picture and replace(told.picture, asset=shown.spool.put_file(told.picture.asset))
        known[key] = replace(told, pages=tuple(map(shown.spool.put, told.pages)), picture=seen)
        if shown.memory is not None and key in digests:
            shown.memory.put(_name(key), digests[key], _row(told))
    shown.public.let_go()
    found = {
        key: replace(known[key], mark=digest([digests.get(key) or _looked_at(shown, key), known[key].links]))
        for key in shown.public.messages
    }
    for key, told in found.items():
        shown.problems += told.problems
        shown.keep_picture(key, told.picture)
    return found


def _name(key: MessageKey) -> str:
    return f"message:{key[0]}/{key[1]}"


def _looked_at(shown: Shell, key: MessageKey) -> str:
    """Return the name of a message whose bytes are unknown: by what was read of it."""
    return _depends(shown, key, digest(shown.public.messages[key].model_dump(mode="json"))) if shown.memory else ""


def _depends(shown: Shell, key: MessageKey, bytes_of: str) -> str:
    """Return a name for all that a message's pages depend on, but for its links; ``""`` when its bytes are unknown."""
    if not bytes_of:
        return ""
    extras = shown.extras
    corrections = [one.model_dump(mode="json") for one in shown.public.corrections_of(key)]
    added = [
        [
            language,
            [vars(one) for one in extras.downloads.get((key, language), ())],
            vars(card) if (card := extras.cards.get((key, language))) else None,
        ]
        for language in shown.programme_languages
    ]
    return digest([shown.world, bytes_of, corrections, added])


def _make(shown: Shell, key: MessageKey) -> Told:
    message = shown.public.messages[key]
    problems, shown.problems = shown.problems, []
    links, shown.links = shown.links, []
    try:
        pages = tuple(messages.page(shown, message, language) for language in shown.programme_languages)
        told = brief(shown, message)
        return Told(told, pages, shown.picture(message), tuple(shown.problems), tuple(dict.fromkeys(shown.links)))
    finally:
        shown.problems, shown.links = problems, links
        # Their bytes go where they are kept; thousands of them in memory would be too many.
        shown.forget_picture(key)
        if shown.memory is not None:
            shown.public.let_go(key)


# --- as plain data -----------------------------------------------------------------------------------------


def _row(told: Told) -> dict[str, Any]:
    return {
        "brief": told.brief.as_data(),
        "pages": [[page.path, row_of(page)] for page in told.pages],
        "picture": _of_picture(told.picture),
        "problems": [problem.model_dump(mode="json") for problem in told.problems],
        "links": told.links,
    }


def _whole(told: Told) -> str:
    """Return it with the pages' texts and the bytes of its picture, on one line."""
    texts = [[page.text, dict(page.meta)] for page in told.pages]
    file = b64encode(told.picture.asset.read()).decode() if told.picture else ""
    return to_json(_row(told) | {"texts": texts, "file": file}).decode()


def _of_picture(one: Picture | None) -> list[Any] | None:
    return [one.asset.path, one.asset.digest, one.asset.sources, one.width, one.height] if one else None


def _of_row(shown: Shell, key: MessageKey, row: Mapping[str, Any]) -> Told | None:
    """Return what an earlier build made of a message, unless a link of it leads elsewhere today."""
    for path, language, target, place in row["links"]:
        if written.place(shown, path, language, target) != place:
            return None
    pages = [
        Kept(path, kept, _again(shown, key, language))
        for language, (path, kept) in zip(shown.programme_languages, row["pages"], strict=True)
    ]
    return _told(shown, key, row, pages)


def _sent(shown: Shell, key: MessageKey, row: Mapping[str, Any]) -> Told:
    """Return what the other process made."""
    pages = [
        Page(path, text, meta, tuple(kept["sources"]))
        for (path, kept), (text, meta) in zip(row["pages"], row["texts"], strict=True)
    ]
    told = _told(shown, key, row, pages)
    if told.picture is None:
        return told
    seen = told.picture.asset
    return replace(
        told, picture=replace(told.picture, asset=Asset(seen.path, b64decode(row["file"]), None, seen.sources))
    )


def _told(shown: Shell, key: MessageKey, row: Mapping[str, Any], pages: Sequence[Page]) -> Told:
    def again() -> Asset:
        found, _ = picture(shown.root, shown.public.messages[key])
        assert found is not None
        return found.asset

    seen = None
    if row["picture"]:
        path, name, sources, width, height = row["picture"]
        seen = Picture(KeptAsset(path, name, tuple(sources), again), width, height)
    return Told(
        Brief.of_data(row["brief"]),
        tuple(pages),
        seen,
        tuple(Problem.model_validate(problem) for problem in row["problems"]),
        tuple((path, language, target, place) for path, language, target, place in row["links"]),
    )


def _again(shown: Shell, key: MessageKey, language: str) -> Any:
    return lambda: messages.page(shown, shown.public.messages[key], language)


def shown_in(told: Mapping[MessageKey, Told], language: str) -> Iterator[Brief]:
    """Yield the messages that lists of a language show."""
    return (one.brief for one in told.values() if one.brief.shown_in(language))
