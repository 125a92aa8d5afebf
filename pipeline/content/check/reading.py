"""A text as the checks read it: all passages in one string, with what is not prose blanked out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from pipeline.content.check.fold import fold
from pipeline.content.check.rules import Place
from pipeline.content.yaml import Path as KeyPath
from pipeline.model import Sheet, Translation
from pipeline.placeholders import Placeholder, placeholders

BREAK = "\n\0\n"
"""Between two passages, so that nothing is found across them."""
_BLANK = "¤"
"""What stands for a character that is not prose: neither letter nor digit nor space."""
_FENCE = re.compile(r"^(?P<mark>```+|~~~+).*?(?:^(?P=mark)|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_ADDRESS = re.compile(r"(?:https?://|www\.|mailto:)[^\s<>()\"'„”“]+")
_TARGET = re.compile(r"\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:\s*\S+", re.MULTILINE)


def _blank(found: re.Match[str]) -> str:
    return "\n".join(_BLANK * len(row) for row in found[0].split("\n"))


def mask(text: str, found_in_it: Sequence[Placeholder]) -> str:
    """Blank out code, addresses, the targets of links and the placeholders; every character stays at its place."""
    for found in found_in_it:
        text = f"{text[: found.start]}{_BLANK * (found.end - found.start)}{text[found.end :]}"
    if "`" in text or "~~~" in text:
        text = _CODE.sub(_blank, _FENCE.sub(_blank, text))
    if "](" in text:
        text = _TARGET.sub(_blank, text)
    if "]:" in text:
        text = _DEFINITION.sub(_blank, text)
    if "://" in text or "www." in text or "mailto:" in text:
        text = _ADDRESS.sub(_blank, text)
    return text


class Reading:
    """The passages of one file. Every character stands at the same place in all forms.

    ``raw`` is what was written, ``text`` has what is not prose blanked out, ``folded`` is that in small letters
    without diacritics, and ``plain`` that as ASCII, with ``?`` for every other character.
    """

    def __init__(self, path: str, language: str, passages: Iterable[tuple[KeyPath | int, str]]) -> None:
        """``passages`` are the texts with their keys; a number is the line in the file on which the text stands."""
        self.path = path
        self.language = language
        self.keys: list[KeyPath | int] = []
        self._starts: list[int] = []
        texts, position = [], 0
        for key, text in passages:
            if text:
                self.keys.append(key)
                self._starts.append(position)
                texts.append(text)
                position += len(text) + len(BREAK)
        self.raw = BREAK.join(texts)
        self.placeholders = placeholders(self.raw)
        self.text = mask(self.raw, self.placeholders)
        self.folded = fold(self.text)
        self.plain = self.folded.encode("ascii", "replace")

    def key(self, position: int) -> KeyPath | int:
        """Return the key of the passage at ``position``."""
        return self.keys[bisect_right(self._starts, position) - 1]

    def passage(self, key: KeyPath | int) -> tuple[int, int]:
        """Return where a passage begins and ends; ``(0, 0)`` when it is empty."""
        if key not in self.keys:
            return 0, 0
        at = self.keys.index(key)
        after = self._starts[at + 1] - len(BREAK) if at + 1 < len(self._starts) else len(self.raw)
        return self._starts[at], after

    def place(self, position: int, phrase: str = "") -> Place:
        """Return where in the file ``position`` is; ``phrase`` is what stands there."""
        at = bisect_right(self._starts, position) - 1
        key = self.keys[at]
        if key == BODY:
            return Place(self.path, body_line=self.raw.count("\n", self._starts[at], position))
        if isinstance(key, int):
            return Place(self.path, file_line=key + self.raw.count("\n", self._starts[at], position))
        return Place(self.path, key, phrase)

    def sentence(self, position: int) -> tuple[int, int]:
        """Return where the sentence around ``position`` begins and ends, roughly: abbreviations end it too."""
        start = max(self.folded.rfind(mark, 0, position) for mark in (". ", "! ", "? ", "\n\n", "\0")) + 1
        ends = [at for mark in (". ", ".\n", "!", "?", "\n\n", "\0") if (at := self.folded.find(mark, position)) >= 0]
        return start, min(ends, default=len(self.folded))


BODY: KeyPath = ("body",)
SHORT: KeyPath = ("short",)
LONG: KeyPath = ("long",)
ACTION: KeyPath = ("action", "text")
ALT: KeyPath = ("picture", "alt")


def read(translation: Translation) -> Reading:
    """Return everything that a reader of the translation will see."""
    head = translation.head
    return Reading(
        translation.path,
        translation.language,
        (
            (("title",), head.title),
            (("summary",), head.summary),
            (ACTION, head.action.text),
            (ALT, head.picture.alt),
            (SHORT, head.short),
            (LONG, head.long),
            (("content_warning",), head.content_warning),
            (BODY, translation.body),
        ),
    )


def read_sheet(sheet: Sheet) -> Reading:
    """Return everything that a kit shows of a kit sheet."""
    text = sheet.text
    passages: list[tuple[KeyPath | int, str]] = []
    passages += [(("key_messages", at), one) for at, one in enumerate(text.key_messages)]
    for at, one in enumerate(text.questions):
        passages += [(("questions", at, "question"), one.question), (("questions", at, "answer"), one.answer)]
    passages += [(("notes", at), one) for at, one in enumerate(text.notes)]
    passages += [(("radio_20",), text.radio_20), (("radio_30",), text.radio_30)]
    for at, scene in enumerate(text.television):
        passages += [(("television", at, "seen"), scene.seen), (("television", at, "said"), scene.said)]
    return Reading(sheet.path, sheet.language, passages)
