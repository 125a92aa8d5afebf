"""One message's folder: a language is a file, and what the languages share stands in the source language."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from pipeline.content import frontmatter, sheets
from pipeline.content.files import MAX_MESSAGE, MAX_PICTURE, Refused, decode, entries, read_bytes
from pipeline.content.project import CAMPAIGNS, Lines
from pipeline.content.schema import named, validate
from pipeline.content.yaml import Path as KeyPath
from pipeline.content.yaml import Places, YamlProblem, load
from pipeline.model import LANGUAGE, Campaign, FrontMatter, Message, Problem, Sheet, SheetText, Translation
from pipeline.settings import ProblemsFound

PICTURES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp"})
_FORM = b"2"
"""Part of every digest: raised when the same bytes are read differently."""

SHARED: tuple[KeyPath, ...] = (
    ("audience",),
    ("topic",),
    ("action", "helpline"),
    ("picture", "file"),
    ("sources",),
    ("author",),
    ("embargo",),
    ("uid",),
)
"""What stands in the source language; a translation may only repeat it."""
NEEDED: tuple[KeyPath, ...] = SHARED[:4]


@dataclass(slots=True)
class Found:
    """What one folder gave: the message if there is one, what is wrong, and the digest of all its bytes."""

    id: str
    message: Message | None = None
    later: Callable[[], Message] | None = None
    """Makes the message from its bytes and what was parsed of them; alone, where it was not made yet."""
    embargo: str | None = None
    uid: str | None = None
    problems: list[Problem] = field(default_factory=list)
    digest: str = ""
    parsed: Any = None
    """What a later run may be told instead of parsing the same bytes again: plain data."""
    anew: bool = False
    """Whether the bytes were parsed this time."""


Known = Callable[[str], Any]


@dataclass(slots=True)
class _File:
    language: str
    path: str
    data: bytes
    is_sheet: bool = False


_Read = tuple[dict[str, Translation], dict[str, Sheet]]
"""A message's texts and kit sheets by language."""


def read_folder(root: Path, campaign: Campaign, name: str, known: Known = lambda _digest: None) -> Found:
    """Read the message in the folder ``name`` of a campaign.

    :param known: asked with the digest of the folder's bytes for what was parsed of these (:attr:`Found.parsed`).
    """
    folder = f"{CAMPAIGNS}/{campaign.id}/messages/{name}"
    found = Found(name)
    files = list(_files(root, folder, campaign, found))
    found.parsed = known(found.digest)
    if _known(campaign, name, files, found):
        return found
    found.anew = True
    translations, kit_sheets = _parse(root, campaign, folder, files, found)
    if campaign.source_language in translations:
        found.message = Message(
            campaign=campaign.id,
            id=name,
            folder=folder,
            source_language=campaign.source_language,
            translations=translations,
            sheets=kit_sheets,
        )
        found.embargo = found.message.source.head.embargo
        found.uid = found.message.source.head.uid
        kept = found.parsed
        found.later = _later(campaign, name, files, kept["heads"], kept["sheets"])
    return found


def _parse(root: Path, campaign: Campaign, folder: str, files: list[_File], found: Found) -> _Read:
    heads: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    translations = {}
    kit_sheets = {}
    for file in files:
        if file.is_sheet:
            sheet = sheets.parse(file.language, file.path, file.data, found.problems, texts)
            if sheet is not None:
                kit_sheets[file.language] = sheet
        elif (made := _translation(file, found.problems, heads)) is not None:
            translations[file.language] = made
    present = {file.language for file in files if not file.is_sheet}
    found.problems += _agree(Lines(root), campaign, folder, translations, present)
    told = [problem.model_dump(mode="json") for problem in found.problems]
    found.parsed = {"heads": heads, "sheets": texts, "problems": told}
    return translations, kit_sheets


def _files(root: Path, folder: str, campaign: Campaign, found: Found) -> Iterator[_File]:
    try:
        listing, links = entries(root, folder)
    except Refused as refused:
        found.problems.append(refused.problem)
        return
    found.problems += links
    digest = hashlib.blake2b(_FORM, digest_size=12)
    digest.update(repr((campaign.languages, campaign.source_language, campaign.approval)).encode())
    for entry in listing:
        stem, dot, suffix = entry.name.rpartition(".")
        kind = (dot + suffix).lower()
        path = f"{folder}/{entry.name}"
        try:
            if kind == ".md" or (kind == ".yml" and stem.startswith(sheets.PREFIX)):
                language = stem.removeprefix(sheets.PREFIX)
                if problem := _language_problem(campaign, language, path):
                    found.problems.append(problem)
                    continue
                data = read_bytes(entry.path, path, MAX_MESSAGE)
                yield _File(language, path, data, is_sheet=kind == ".yml")
            elif kind in PICTURES:
                data = read_bytes(entry.path, path, MAX_PICTURE)
            else:
                continue
        except Refused as refused:
            found.problems.append(refused.problem)
            continue
        digest.update(f"\0{entry.name}\0{len(data)}\0".encode(errors="surrogateescape"))
        digest.update(data)
    for problem in found.problems:
        digest.update(str(problem).encode(errors="surrogateescape"))
    found.digest = digest.hexdigest()


def _language_problem(campaign: Campaign, stem: str, path: str) -> Problem | None:
    known = ", ".join(campaign.languages)
    if stem in campaign.languages:
        return None
    if not LANGUAGE.fullmatch(stem):
        what, todo = f"'{stem}' is not a language code", f"name a language file {known.split(', ')[0]}.md"
    else:
        what = f"the campaign has no language '{stem}' (it has {known})"
        todo = "add it to 'languages' in campaign.yml or delete the file"
    return Problem(path=path, rule="unknown-language", message=what, todo=todo)


def _known(campaign: Campaign, name: str, files: list[_File], found: Found) -> bool:
    """Take what an earlier run parsed of these bytes; return whether that is possible."""
    kept = found.parsed
    if kept is None:
        return False
    source = campaign.source_language
    try:
        heads = {str(language): dict(head) for language, head in kept["heads"].items()}
        texts = {str(language): dict(text) for language, text in kept["sheets"].items()}
        embargo, uid = (heads.get(source, {}).get(name) for name in ("embargo", "uid"))
        problems = [Problem.model_validate(problem) for problem in kept["problems"]]
    except (TypeError, KeyError, AttributeError, ValueError):
        return False
    found.problems = problems
    if source in heads:
        found.embargo = embargo if isinstance(embargo, str) else None
        found.uid = uid if isinstance(uid, str) else None
        found.later = _later(campaign, name, files, heads, texts)
    return True


def _later(
    campaign: Campaign, name: str, files: list[_File], heads: Mapping[str, Any], texts: Mapping[str, Any]
) -> Callable[[], Message]:
    """Return what makes a message again. There may be thousands, and as JSON what was parsed takes a fifth of it."""
    try:
        kept = to_json([heads, texts])
    except ValueError:
        return partial(_made, campaign.id, name, campaign.source_language, files, heads, texts)

    def make() -> Message:
        return _made(campaign.id, name, campaign.source_language, files, *from_json(kept))

    return make


def _made(
    campaign: str, name: str, source: str, files: list[_File], heads: Mapping[str, Any], texts: Mapping[str, Any]
) -> Message:
    folder = f"{CAMPAIGNS}/{campaign}/messages/{name}"
    translations = {}
    kit_sheets = {}
    for file in files:
        if file.is_sheet:
            if (sheet := _sheet(file, texts)) is not None:
                kit_sheets[file.language] = sheet
            continue
        if file.language not in heads:
            continue
        try:
            parts = frontmatter.split(decode(file.data, file.path), file.path)
            head = FrontMatter.model_validate(heads[file.language])
            made = Translation(language=file.language, path=file.path, head=head, body=parts.body)
        except (ValidationError, Refused):
            # What was kept is damaged; the bytes are not.
            found = _translation(file, [], {})
            if found is None:
                what = "what an earlier run kept of this file is damaged"
                raise ProblemsFound(
                    [Problem(path=file.path, rule="cache", message=what, todo="delete build/cache")]
                ) from None
            made = found
        translations[file.language] = made
    return Message(
        campaign=campaign,
        id=name,
        folder=folder,
        source_language=source,
        translations=translations,
        sheets=kit_sheets,
    )


def _sheet(file: _File, texts: Mapping[str, Any]) -> Sheet | None:
    if file.language not in texts:
        return None
    try:
        text = SheetText.model_validate(texts[file.language])
    except ValidationError:
        # What was kept is damaged; the bytes are not.
        return sheets.parse(file.language, file.path, file.data, [], {})
    return Sheet(language=file.language, path=file.path, text=text)


def _translation(file: _File, problems: list[Problem], heads: dict[str, Any]) -> Translation | None:
    try:
        parts = frontmatter.split(decode(file.data, file.path), file.path)
        data = load(parts.head)
    except Refused as refused:
        problems.append(refused.problem)
        return None
    except YamlProblem as wrong:
        problems.append(Problem(path=file.path, line=wrong.line + 1, rule="yaml", message=wrong.what))
        return None
    head, wrongs = validate(FrontMatter, data, file.path, lambda: Places(parts.head, 2))
    problems += wrongs
    if head is None:
        return None
    heads[file.language] = data
    return Translation(language=file.language, path=file.path, head=head, body=parts.body)


# --- what the languages share ------------------------------------------------------------------------------


def _value(head: FrontMatter, key: KeyPath) -> Any:
    value: Any = head
    for step in key:
        value = getattr(value, str(step))
    return value


def _agree(
    lines: Lines, campaign: Campaign, folder: str, translations: dict[str, Translation], present: set[str]
) -> Iterator[Problem]:
    """Tell which languages are missing and where the languages do not agree with their source."""
    for language in campaign.languages:
        if language not in present:
            path = f"{folder}/{language}.md"
            what = f"there is no text in '{language}', which is a language of the campaign"
            is_source = language == campaign.source_language
            todo = "write it; it is the source of the others" if is_source else "translate the message"
            yield Problem(path=path, rule="missing-language", message=what, todo=todo)
    if campaign.source_language not in translations:
        return
    source = translations[campaign.source_language]
    needed = (*NEEDED, ("author",)) if campaign.approval == "two" else NEEDED
    for key in needed:
        if not _value(source.head, key):
            what = f"the key '{named(key)}' is missing; the source language has to name it"
            yield Problem(path=source.path, line=1, rule="schema", message=what, todo="add it")
    if source.head.source_hash:
        what = "'source_hash' belongs into a translation, and this is the source"
        line = lines.of(source.path, ("source_hash",))
        yield Problem(path=source.path, line=line, rule="schema", message=what, todo="delete the line")
    for translation in translations.values():
        if translation is not source:
            yield from _differences(lines, source, translation)


def _differences(lines: Lines, source: Translation, translation: Translation) -> Iterator[Problem]:
    for key in SHARED:
        here = _value(translation.head, key)
        if here and here != _value(source.head, key):
            there = source.path.rpartition("/")[2]
            what = f"'{named(key)}' is not what stands in {there}"
            todo = f"delete it here; all languages share it from {there}"
            line = lines.of(translation.path, key)
            yield Problem(path=translation.path, line=line, rule="shared-key", message=what, todo=todo)
