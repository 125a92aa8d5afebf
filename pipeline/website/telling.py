"""Every public message with its pages: made by two processes, and only where something changed since the last build.

What was made of a message holds while its folder's bytes, what every page depends on, its corrections, what others add
to it, the helplines that it names and the places to which its links lead are the same.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import to_json

from pipeline.content.halves import in_two
from pipeline.content.project import MessageKey
from pipeline.model import Message, Problem
from pipeline.placeholders import placeholders
from pipeline.website import messages, written
from pipeline.website.cards import Brief, brief
from pipeline.website.pictures import Picture, picture
from pipeline.website.pieces import pack
from pipeline.website.shell import Shell, companion_piece
from pipeline.website.tree import Asset, Kept, KeptAsset, Page, digest, files_as_rows, files_of_rows, row_of


@dataclass(frozen=True)
class Told:
    """A message as the site tells it: for lists, its pages, its picture, what is wrong with it, where it links to.

    ``helplines`` are those that it names, with a mark for what was known of each; ``files`` and ``texts`` what others
    made of it (:class:`~pipeline.website.extras.Companion`), the texts packed, and only until they are put away.
    """

    brief: Brief
    pages: tuple[Page, ...]
    picture: Picture | None = None
    problems: tuple[Problem, ...] = ()
    links: tuple[tuple[str, str, str, str | None], ...] = ()
    helplines: tuple[tuple[str, str], ...] = ()
    files: tuple[Asset, ...] = ()
    texts: Mapping[str, bytes] = field(default_factory=dict)
    mark: str = ""
    """A name for all that anybody can make of the message: while it stays, so does what others made of it."""


def tell(shown: Shell) -> dict[MessageKey, Told]:
    """Return the public messages in the order of the folders; problems, pictures and texts go to what is shown."""
    known: dict[MessageKey, Told] = {}
    digests: dict[MessageKey, str] = {}
    for key in shown.public.messages:
        if shown.memory is not None and (name := _depends(shown, key, shown.public.project.digests.get(key) or "")):
            digests[key] = name
            row = shown.memory.get(_name(key), name)
            if row is not None and _holds(shown, row):
                known[key] = _of_row(shown, key, row)
    for key, told, row in _anew(shown, [key for key in shown.public.messages if key not in known]):
        marked = known[key] = _marked(shown, key, digests.get(key), told)
        for language, text in told.texts.items():
            shown.pieces.put(key, companion_piece(language), marked.mark, text)
        if shown.memory is not None and key in digests:
            shown.memory.put(_name(key), digests[key], row)
        shown.anew = True
    shown.public.let_go()
    found = {
        key: told if (told := known[key]).mark else _marked(shown, key, digests.get(key), told)
        for key in shown.public.messages
    }
    for key, told in found.items():
        shown.problems += told.problems
        shown.keep_picture(key, told.picture)
    return found


def _name(key: MessageKey) -> str:
    return f"message:{key[0]}/{key[1]}"


def _marked(shown: Shell, key: MessageKey, depends: str | None, told: Told) -> Told:
    depends = depends or _looked_at(shown, key)
    return replace(told, mark=digest([depends, told.links, told.helplines]), texts={})


def _looked_at(shown: Shell, key: MessageKey) -> str:
    """Return the name of a message whose bytes are unknown: by what was read of it."""
    return _depends(shown, key, digest(shown.public.messages[key].model_dump(mode="json"))) if shown.memory else ""


def _depends(shown: Shell, key: MessageKey, bytes_of: str) -> str:
    """Return a name for all that a message's pages depend on, but for links and helplines; ``""`` when its bytes are
    unknown."""
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
    companion = extras.companion.mark if extras.companion else ""
    return digest([shown.world, bytes_of, corrections, added, companion])


def _holds(shown: Shell, row: Mapping[str, Any]) -> bool:
    """Whether the links of what an earlier build made lead where they led, and its helplines are what they were."""
    return all(
        written.place(shown, path, language, target) == place for path, language, target, place in row["links"]
    ) and all(shown.helpline_mark(name) == mark for name, mark in row["helplines"])


# --- making ------------------------------------------------------------------------------------------------


def _anew(shown: Shell, keys: list[MessageKey]) -> Iterator[tuple[MessageKey, Told, _Row]]:
    """Make messages, and yield each with what is kept of it."""
    out = shown.out
    if not keys:
        return
    if out is None:
        # Whoever wants pages with their texts has them in memory, and a second process would have to send them.
        for key in keys:
            told = _make(shown, key)
            yield key, told, _row(told)
        return
    out.ready()

    def make(key: MessageKey) -> tuple[_Row, Mapping[str, bytes]]:
        told = _make(shown, key)
        for page in told.pages:
            out.page(page)
        for file in (*told.files, *([told.picture.asset] if told.picture else ())):
            out.file(file)
        return _row(told), told.texts

    for key, (row, texts), _ in in_two(keys, make, _with_texts, lambda _key, sent: (sent, _texts(sent))):
        yield key, _of_row(shown, key, row, texts), row


def _make(shown: Shell, key: MessageKey) -> Told:
    message = shown.public.messages[key]
    problems, shown.problems = shown.problems, []
    links, shown.links = shown.links, []
    try:
        pages = tuple(messages.page(shown, message, language) for language in shown.programme_languages)
        companion = shown.extras.companion
        files, texts = companion.make(shown, message) if companion else ((), {})
        return Told(
            brief(shown, message),
            pages,
            shown.picture(message),
            tuple(shown.problems),
            tuple(dict.fromkeys(shown.links)),
            tuple((name, shown.helpline_mark(name)) for name in _named(message)),
            files,
            {language: pack(text) for language, text in texts.items()},
        )
    finally:
        shown.problems, shown.links = problems, links
        # Their bytes go where they are kept; thousands of them in memory would be too many.
        shown.forget_picture(key)
        if shown.memory is not None:
            shown.public.let_go(key)


def _named(message: Message) -> list[str]:
    """Return the ids of all helplines that a message names, be they in the registry or not."""
    texts = [text.model_dump_json() for text in message.translations.values()]
    found = {one.helpline for text in texts for one in placeholders(text)}
    return sorted((found | {message.helpline or ""}) - {""})


# --- as plain data -----------------------------------------------------------------------------------------


_Row = dict[str, Any]


def _row(told: Told) -> _Row:
    return {
        "brief": told.brief.as_data(),
        "pages": [[page.path, row_of(page)] for page in told.pages],
        "picture": _of_picture(told.picture),
        "problems": [problem.model_dump(mode="json") for problem in told.problems],
        "links": told.links,
        "helplines": told.helplines,
        "files": files_as_rows(told.files),
    }


def _with_texts(found: tuple[_Row, Mapping[str, bytes]]) -> str:
    """Return what is kept of a message with the texts of this build, on one line."""
    row, texts = found
    return to_json(row | {"texts": texts}, bytes_mode="base64").decode()


def _texts(sent: _Row) -> Mapping[str, bytes]:
    """Take the texts out of what the other process sent."""
    return {language: urlsafe_b64decode(text) for language, text in sent.pop("texts").items()}


def _of_picture(one: Picture | None) -> list[Any] | None:
    return [one.asset.path, one.asset.digest, one.asset.sources, one.width, one.height, one.size] if one else None


def _of_row(shown: Shell, key: MessageKey, row: Mapping[str, Any], texts: Mapping[str, bytes] | None = None) -> Told:
    """Return what was made of a message, but for the texts of its pages, which are made again for whoever asks."""
    pages = [
        Kept(path, kept, _page_again(shown, key, language))
        for language, (path, kept) in zip(shown.programme_languages, row["pages"], strict=True)
    ]
    return Told(
        Brief.of_data(row["brief"]),
        tuple(pages),
        _picture_again(shown, key, row["picture"]) if row["picture"] else None,
        tuple(Problem.model_validate(problem) for problem in row["problems"]),
        tuple((path, language, target, place) for path, language, target, place in row["links"]),
        tuple((name, mark) for name, mark in row["helplines"]),
        tuple(files_of_rows(row["files"], lambda: _files_again(shown, key))),
        texts or {},
    )


def _page_again(shown: Shell, key: MessageKey, language: str) -> Callable[[], Page]:
    def again() -> Page:
        page = messages.page(shown, shown.public.messages[key], language)
        if language == shown.programme_languages[-1]:
            # Pages are asked for in the order of languages, and perhaps those of thousands of messages.
            shown.public.let_go(key)
        return page

    return again


def _picture_again(shown: Shell, key: MessageKey, row: list[Any]) -> Picture:
    def again() -> Asset:
        found, _ = picture(shown.root, shown.public.messages[key])
        assert found is not None
        return found.asset

    path, name, sources, *sizes = row
    return Picture(KeptAsset(path, name, tuple(sources), again), *sizes)


def _files_again(shown: Shell, key: MessageKey) -> tuple[Asset, ...]:
    companion = shown.extras.companion
    assert companion is not None
    if shown.again is None or shown.again[0] != key:
        shown.again = key, companion.make(shown, shown.public.messages[key])[0]
        shown.public.let_go(key)
    return shown.again[1]
