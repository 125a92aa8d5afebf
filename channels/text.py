"""Text as networks measure it: graphemes, bytes, addresses, cutting and splitting. Pure functions.

Every network counts length in a way of its own, so nothing here assumes one: :func:`cut` and :func:`split` are given
the network's counting function. What they never do is break a grapheme (one character as a reader sees it, Unicode
Standard Annex 29), an address, or a string that the caller protects, such as a telephone number.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import regex

Count = Callable[[str], int]
"""How a network measures a text: never negative, and no less for a text that was made longer at its end."""

ELLIPSIS = "…"

_GRAPHEME = regex.compile(r"\X")
_ALONE = re.compile("[\n -~\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*")
"""Characters of which none ever makes one with its neighbours: most texts consist of them, and are measured at once."""
_ADDRESS = regex.compile(r"(?<![\p{L}\p{N}_])https?://[^\s<>\"«»“”„]+", regex.IGNORECASE)
_TRAILING = ".,;:!?…'\"’‘*_~`"
_CLOSES = {")": "(", "]": "[", "}": "{"}
_SENTENCE_END = regex.compile(r"[.!?…؟۔।。！？]+[\p{Pe}\p{Pf}\"'’]*(?=\s|$)|[。！？]|(?=\n)")
_WORD_END = regex.compile(r"(?<=\S)(?=\s)")


# --- measuring ---------------------------------------------------------------------------------------------


def graphemes(text: str) -> list[str]:
    """Return the characters of ``text`` as a reader sees them: a flag, a family or ``ț`` written as two is one."""
    return _GRAPHEME.findall(text)


def count_graphemes(text: str) -> int:
    """Return how many characters a reader sees in ``text`` (extended grapheme clusters, Unicode Annex 29)."""
    if _ALONE.fullmatch(text):
        return len(text)
    return sum(1 for _ in _GRAPHEME.finditer(text))


def utf8_length(text: str) -> int:
    """Return the length of ``text`` in bytes of UTF-8; a lone surrogate counts as the three bytes it would take."""
    return len(text.encode("utf-8", "surrogatepass"))


def utf16_length(text: str) -> int:
    """Return the length of ``text`` in UTF-16 code units, as JavaScript and some networks count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Address:
    """A web address inside a text: the text from ``start`` to ``end``, counted in code points."""

    url: str
    start: int
    end: int


def addresses(text: str) -> list[Address]:
    """Return the web addresses in ``text`` that begin with a scheme, in order.

    Punctuation that ends a sentence is not part of an address, nor is a closing bracket whose opening one is not.
    """
    found = []
    for match in _ADDRESS.finditer(text):
        url = _without_trailing(match.group())
        if url.split("://", 1)[1]:
            found.append(Address(url, match.start(), match.start() + len(url)))
    return found


def _without_trailing(url: str) -> str:
    while url:
        last = url[-1]
        if last in _TRAILING or (last in _CLOSES and url.count(last) > url.count(_CLOSES[last])):
            url = url[:-1]
        else:
            break
    return url


def count_with_urls(
    text: str, url_cost: int, count: Count = count_graphemes, shortens: Callable[[str], bool] = lambda _: True
) -> int:
    """Return the length of ``text`` where every web address costs ``url_cost``, however long it is.

    :param count: how the rest is counted.
    :param shortens: whether the network takes this address for one; those it does not count in full.
    """
    short = [address for address in addresses(text) if shortens(address.url)]
    if not short:
        return count(text)
    return count(_replaced(text, [(address.start, address.end, "x" * url_cost) for address in short]))


def _replaced(text: str, spans: list[tuple[int, int, str]]) -> str:
    out, at = [], 0
    for start, end, new in spans:
        out += [text[at:start], new]
        at = end
    return "".join([*out, text[at:]])


# --- cutting -----------------------------------------------------------------------------------------------


def cut(text: str, limit: int, count: Count = count_graphemes, protect: Collection[str] = ()) -> str:
    """Return ``text``, shortened if it must be so that ``count(result) <= limit``.

    It ends after a whole sentence when that keeps at least half of the room; otherwise after a whole word, followed
    by an ellipsis. Only a single word that is longer than everything allowed is cut inside. A grapheme, a web address
    and the strings in ``protect`` are kept whole or left out.
    """
    text = text.strip()
    if _fits(text, limit, count):
        return text
    head = _longest(text, limit, count, protect, "")
    for end in reversed(_ends(_SENTENCE_END, head, protect)):
        sentence = head[:end].rstrip()
        if count(sentence) * 2 >= limit and _whole(sentence, text, protect):
            return sentence
        if count(sentence) * 2 < limit:
            break
    return _at_word(text, limit, count, protect, ELLIPSIS)


def split(
    text: str,
    limit: int,
    count: Count = count_graphemes,
    *,
    number: bool = True,
    protect: Collection[str] = (),
) -> list[str]:
    """Return ``text`` as the parts of a thread, each with ``count(part) <= limit``, no word lost.

    A part ends after a paragraph or sentence when that keeps at least half of the room, otherwise after a word.

    :param number: whether each part ends in its number, ``1/3``; a text that fits is never numbered.
    :raises ValueError: when an address or a protected string is longer than a part may be.
    """
    text = text.strip()
    if not text or _fits(text, limit, count):
        return [text] if text else []
    if not number:
        return list(_parts(text, limit, count, protect))
    digits = 1
    while True:
        widest = f" {'0' * digits}/{'0' * digits}"
        parts = list(_parts(text, limit, count, protect, widest))
        if len(parts) < 10**digits:
            return [f"{part} {place}/{len(parts)}" for place, part in enumerate(parts, 1)]
        digits += 1


def _fits(text: str, limit: int, count: Count) -> bool:
    """Whether ``text`` fits; of a very long one no more is counted than shows that it does not."""
    glance = 16 * max(limit, 0) + 4096
    return (len(text) <= glance or count(text[:glance]) <= limit) and count(text) <= limit


def _parts(text: str, limit: int, count: Count, protect: Collection[str], suffix: str = "") -> Iterator[str]:
    rest = text
    while rest:
        if _fits(rest + suffix, limit, count):
            yield rest
            return
        head = _longest(rest, limit, count, protect, suffix)
        if not head.strip():
            raise ValueError(f"a part of at most {limit} cannot hold {_first_unit(rest, protect)!r} whole")
        part = _best_break(head, rest, limit, count, protect)
        yield part
        rest = rest[len(part) :].lstrip()


def _best_break(head: str, text: str, limit: int, count: Count, protect: Collection[str]) -> str:
    for end in reversed(_ends(_SENTENCE_END, head, protect)):
        sentence = head[:end].rstrip()
        if count(sentence) * 2 < limit:
            break
        if _whole(sentence, text, protect):
            return sentence
    return _last_word(head, text, protect) or head.rstrip() or head


def _at_word(text: str, limit: int, count: Count, protect: Collection[str], suffix: str) -> str:
    if count(suffix) > limit:
        return ""
    head = _longest(text, limit, count, protect, suffix)
    shortened = _last_word(head, text, protect) or head.rstrip()
    return shortened.rstrip(" \t\n,;:–—-") + suffix if shortened.strip() else suffix


def _last_word(head: str, text: str, protect: Collection[str]) -> str:
    """Return ``head`` up to its last whole word, or nothing when it has none."""
    if len(head) == len(text) or text[len(head)].isspace():
        return head.rstrip()
    ends = _ends(_WORD_END, head, protect)
    return head[: ends[-1]].rstrip() if ends else ""


def _ends(pattern: regex.Pattern[str], text: str, protect: Collection[str]) -> list[int]:
    """Return where ``pattern`` ends in ``text``, without the places inside what must stay whole."""
    whole = _kept_whole(text, protect)
    starts = [start for start, _ in whole]
    found = []
    for match in pattern.finditer(text):
        at = bisect_right(starts, match.end() - 1) - 1
        if match.end() and not (at >= 0 and whole[at][0] < match.end() < whole[at][1]):
            found.append(match.end())
    return found


def _whole(head: str, text: str, protect: Collection[str]) -> bool:
    """Whether ``text`` may be cut after ``head``: not inside something that must stay whole."""
    near = text[: len(head) + 4096]
    return not any(start < len(head) < end for start, end in _kept_whole(near, protect))


def _longest(text: str, limit: int, count: Count, protect: Collection[str], suffix: str) -> str:
    """Return the longest beginning of ``text``, in whole units, that fits together with ``suffix``.

    It looks only as far as it has to, so that a text of megabytes costs no more than what is kept of it.
    """
    ends: list[int] = []
    units = _units(text, protect)
    reach = 64
    while True:
        ends.extend(end for end, _ in zip(units, range(reach), strict=False))
        reached_end = bool(ends) and ends[-1] == len(text)
        if not ends or reached_end or count(text[: ends[-1]] + suffix) > limit:
            break
        reach = len(ends)
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[: ends[middle - 1]] + suffix) <= limit:
            low = middle
        else:
            high = middle - 1
    while low and count(text[: ends[low - 1]].rstrip() + suffix) > limit:
        low -= 1
    return text[: ends[low - 1]] if low else ""


def _units(text: str, protect: Collection[str]) -> Iterator[int]:
    """Yield the end of each thing in ``text`` that must stay whole: addresses, protected strings, graphemes."""
    whole = _whole_lazily(text, protect)
    start, end = next(whole, (len(text), len(text)))
    at = 0
    while at < len(text):
        while end <= at and start < len(text):
            start, end = next(whole, (len(text), len(text)))
        if start <= at < end:
            at = end
        else:
            match = _GRAPHEME.match(text, at)
            at = match.end() if match else at + 1
        # A mark that follows directly belongs to what stands before it.
        while at < len(text) and unicodedata.combining(text[at]):
            at += 1
        yield at


def _whole_lazily(text: str, protect: Collection[str]) -> Iterator[tuple[int, int]]:
    pattern = _whole_pattern(protect)
    for match in pattern.finditer(text):
        if match.group().lower().startswith(("http://", "https://")) and match.group() not in protect:
            yield match.start(), match.start() + len(_without_trailing(match.group()))
        else:
            yield match.span()


def _kept_whole(text: str, protect: Collection[str]) -> list[tuple[int, int]]:
    return [(start, end) for start, end in _whole_lazily(text, protect) if end > start]


def _whole_pattern(protect: Collection[str]) -> regex.Pattern[str]:
    listed = sorted((one for one in protect if one), key=len, reverse=True)
    return regex.compile("|".join([*map(regex.escape, listed), _ADDRESS.pattern]), regex.IGNORECASE)


def _first_unit(text: str, protect: Collection[str]) -> str:
    return text[: next(_units(text, protect), 0)]


# --- making harmless ---------------------------------------------------------------------------------------

_ISOLATES = "\u2066\u2067\u2068"
_END_ISOLATE = "\u2069"
_LINE_ENDS = regex.compile("\r\n|[\r\u0085\u2028\u2029]")
_UNWANTED = regex.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters, but for tab and line feed
    "\u202a-\u202e"  # bidirectional embeddings and overrides: they can show an address backwards
    "\u206a-\u206f\ufeff\ufff9-\ufffb]"  # deprecated format characters, byte order mark, annotations
)
_SURROGATES = regex.compile("[\ud800-\udfff]")
_SUSPECT = regex.compile(
    f"{_UNWANTED.pattern[:-1]}\r\u0085\u2028\u2029\ud800-\udfff{_ISOLATES}{_END_ISOLATE}]"  # one look for most texts
)


def neutralise(text: str) -> str:
    """Return ``text`` as it is safe to show anywhere: NFC, plain line ends, no control characters.

    Bidirectional embeddings and overrides are taken out (Unicode Annex 9, U+202A–U+202E); isolates (U+2066–U+2069)
    stay where each is closed in its paragraph, because mixed Arabic and Latin text needs them. A lone surrogate
    becomes the replacement character. Doing it twice changes nothing.
    """
    if not _SUSPECT.search(text):
        return unicodedata.normalize("NFC", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
    text = _UNWANTED.sub("", text)
    text = "\n".join(_balanced(paragraph) for paragraph in text.split("\n"))
    return unicodedata.normalize("NFC", text)


def _balanced(paragraph: str) -> str:
    if not any(mark in paragraph for mark in (*_ISOLATES, _END_ISOLATE)):
        return paragraph
    opened: list[int] = []
    kept: set[int] = set()
    for place, character in enumerate(paragraph):
        if character in _ISOLATES:
            opened.append(place)
        elif character == _END_ISOLATE and opened:
            kept |= {opened.pop(), place}
    marks = _ISOLATES + _END_ISOLATE
    return "".join(character for place, character in enumerate(paragraph) if character not in marks or place in kept)
