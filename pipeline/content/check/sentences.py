"""Plain language: sentences that can be read on a borrowed phone, by somebody in a hurry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.content.check.language import Speech, speech
from pipeline.content.check.message import Subject
from pipeline.content.check.reading import Reading
from pipeline.content.check.rules import Finding, rule
from pipeline.model import Severity

LONG_SENTENCE = rule("long-sentence", Severity.WARNING, "No sentence is so long that it has to be read twice.")
LONG_AVERAGE = rule("long-sentences", Severity.WARNING, "Sentences are short on the whole.")

_SPLIT = re.compile(r"(?<=[.!?…])[\"”“»’)\]*_]*\s+|\n[ \t]*\n|\n(?=\s*(?:[-*+#>|]|\d+[.)])\s)|\n?\0\n?")
MIN_SENTENCES = 5
"""Below this an average says nothing."""


def sentences(text: str, known: Speech) -> Iterator[str]:
    """Yield the sentences of a text; the point of an abbreviation or of a number ends none."""
    held = ""
    for part in _SPLIT.split(text):
        if not part:
            continue
        piece = f"{held} {part}" if held else part
        last = piece.rsplit(None, 1)[-1] if piece.strip() else ""
        word = last.strip("(„“\"'«*_")
        if word.endswith(".") and (word[:-1].lower() in known.abbreviations or (len(word) == 2 and word[0].isupper())):
            held = piece
            continue
        held = ""
        yield piece
    if held:
        yield held


def check(subject: Subject) -> Iterator[Finding]:
    """Tell the sentences that are too long, and texts whose sentences are too long on average."""
    for reading in subject.readings.values():
        yield from _check(reading, speech(reading.language))


def _check(reading: Reading, known: Speech) -> Iterator[Finding]:
    count = total = 0
    for sentence in sentences(reading.text, known):
        words = len(sentence.split())
        if words < 3:
            continue
        count += 1
        total += words
        if words > known.longest:
            first = sentence.split()[:6]
            at = max(0, _find(reading.text, sentence))
            what = f"the sentence '{' '.join(first)} …' has {words} words; {known.longest} are too many already"
            yield Finding(LONG_SENTENCE, reading.place(at, " ".join(first[:2])), what, "make two of it")
    if count >= MIN_SENTENCES and total / count > known.average:
        what = f"a sentence has {total / count:.0f} words on average; {known.average} is the aim"
        yield Finding(LONG_AVERAGE, reading.place(0)._replace(key=None, file_line=1), what, "shorten the longest ones")


def _find(text: str, sentence: str) -> int:
    at = text.find(sentence)
    return at + len(sentence) - len(sentence.lstrip()) if at >= 0 else text.find(" ".join(sentence.split()[:3]))
