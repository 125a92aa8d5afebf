"""Plain language: sentences that can be read on a borrowed phone, by somebody in a hurry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pipeline.content.check.language import Speech, speech
from pipeline.content.check.message import Subject
from pipeline.content.check.reading import Reading
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.model import Severity

LONG_SENTENCE = rule("long-sentence", Severity.WARNING, "No sentence is so long that it has to be read twice.")
LONG_AVERAGE = rule("long-sentences", Severity.WARNING, "Sentences are short on the whole.")

_END = re.compile(r"[.!?…][.!?…]*[\"”“»’)\]*_]*\s+|\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*+#>|]|\d+[.)])\s)|\0")
"""Where a sentence ends: at its mark, at a blank line, before an item or heading, at the end of a passage."""
_ONE_MARK = bytes.maketrans(b"!?", b"..")
MIN_SENTENCES = 5
"""Below this an average says nothing."""


def sentences(text: str, known: Speech) -> Iterator[tuple[int, int]]:
    """Yield where each sentence begins and ends; the point of an abbreviation or of an initial ends none."""
    start = 0
    for found in _END.finditer(text):
        at = found.start()
        if text[at] == "." and _is_abbreviated(text, at, known):
            continue
        yield start, at
        start = found.end()
    yield start, len(text)


def _is_abbreviated(text: str, at: int, known: Speech) -> bool:
    word = text[max(0, at - 16) : at].rsplit(None, 1)[-1:]
    bare = word[0].lstrip("(„“\"'«*_") if word else ""
    return bare.lower() in known.abbreviations or (len(bare) == 1 and bare.isupper())


def check(subject: Subject) -> Iterator[Finding]:
    """Tell the sentences that are too long, and texts whose sentences are too long on average."""
    for reading, _ in subject.everything:
        yield from _check(reading, speech(reading.language))


def _check(reading: Reading, known: Speech) -> Iterator[Finding]:
    if _is_plain(reading.plain, known):
        return
    count = total = 0
    text = reading.text
    for start, end in sentences(text, known):
        words = text.count(" ", start, end) + text.count("\n", start, end) + 1
        if words < 3:
            continue
        if words > known.longest and (words := len(text[start:end].split())) > known.longest:
            first = text[start:end].split()[:6]
            begins = text.index(first[0], start)
            what = f"the sentence '{' '.join(first)} …' has {words} words; {known.longest} are too many already"
            yield Finding(LONG_SENTENCE, reading.place(begins, " ".join(first[:2])), what, "make two of it")
        count += 1
        total += words
    if count >= MIN_SENTENCES and total / count > known.average:
        what = f"a sentence has {total / count:.0f} words on average; {known.average} is the aim"
        yield Finding(LONG_AVERAGE, Place(reading.path, file_line=1), what, "shorten the longest ones")


def _is_plain(plain: bytes, known: Speech) -> bool:
    """Whether it is clear at a glance that all sentences are short; most texts are done with this.

    What is split here is never shorter than a sentence, except after an abbreviation, and then the answer is no.
    """
    text = plain.translate(_ONE_MARK)
    for end in (b".\n", b"\n\n", b"\n- ", b"\0"):
        text = text.replace(end, b". ")
    pieces = text.replace(b"\n", b" ").split(b". ")
    if not _abbreviated(known).isdisjoint([piece[piece.rfind(b" ") + 1 :] for piece in pieces]):
        return False
    counts = [count for piece in pieces if (count := piece.count(b" ")) > 1]
    return not counts or (max(counts) < known.longest and sum(counts) < (known.average - 1) * len(counts))


@lru_cache(maxsize=64)
def _abbreviated(known: Speech) -> frozenset[bytes]:
    single = {bytes([letter]) for letter in b"abcdefghijklmnopqrstuvwxyz"} - {b"a", b"e", b"o"}
    return frozenset({word.encode("ascii", "replace") for word in known.abbreviations} | single)
