"""Writing into a translation from which source text it was made."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.model import Message, WrittenPage

_LINE = re.compile(rb"^source_hash:[^\r\n]*", re.MULTILINE)


class StampRefused(Exception):
    """The translation cannot be stamped; one sentence for a person."""


def stamp_translation(root: Path, message: Message | WrittenPage, language: str) -> str:
    """Write the hash of today's source text into the translation's file, and leave every other byte as it is.

    :returns: the file's path, relative to the project.
    :raises StampRefused: when there is no such translation, or its file cannot be written.
    """
    if language == message.source_language:
        raise StampRefused(f"'{language}' is the source language of '{message.id}'; the others are made from it.")
    texts = message.texts if isinstance(message, WrittenPage) else message.translations
    translation = texts.get(language)
    if translation is None:
        raise StampRefused(f"'{message.id}' has no text in '{language}' that can be read; see `outreach check`.")
    line = f'source_hash: "{message.source.text_hash}"'.encode()
    path = root / translation.path
    try:
        data = path.read_bytes()
        head_end = re.search(rb"\r?\n---[ \t]*(?:\r?\n|\Z)", data)
        if head_end is None:
            raise StampRefused(f"{translation.path}: the front matter has no closing '---'; see `outreach check`.")
        head, rest = data[: head_end.start()], data[head_end.start() :]
        newline = b"\r\n" if rest.startswith(b"\r\n") else b"\n"
        stamped = _LINE.sub(line, head, count=1) if _LINE.search(head) else head + newline + line
        path.write_bytes(stamped + rest)
    except OSError as error:
        raise StampRefused(f"{translation.path}: cannot be written ({error.strerror}).") from error
    return translation.path


def stamp_sheet(root: Path, message: Message, language: str) -> str | None:
    """Write the hash of today's kit sheet in the source language into the translated sheet.

    :returns: the file's path, or ``None`` when one of the two sheets is not there.
    :raises StampRefused: when the file cannot be written.
    """
    sheet, source = message.sheets.get(language), message.sheets.get(message.source_language)
    if sheet is None or source is None or language == message.source_language:
        return None
    line = f'source_hash: "{source.text_hash}"'.encode()
    path = root / sheet.path
    try:
        data = path.read_bytes()
        newline = b"\r\n" if b"\r\n" in data else b"\n"
        has_line = _LINE.search(data) is not None
        path.write_bytes(_LINE.sub(line, data, count=1) if has_line else data.rstrip() + newline + line + newline)
    except OSError as error:
        raise StampRefused(f"{sheet.path}: cannot be written ({error.strerror}).") from error
    return sheet.path
