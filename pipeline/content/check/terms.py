"""Terms that stigmatise or sensationalise. The terms are data: ``pipeline/content/terms/`` and ``content/terms/``.

In a term's ``find`` a word may end in ``*`` (any ending), ``(a|b)`` means one of two, ``(a )?`` may be left out, a
space also matches a hyphen or a line break. Texts are compared without diacritics and in small letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from pipeline.content.check.fold import fold
from pipeline.content.check.reading import Reading
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.files import Refused, entries
from pipeline.content.listing import read_yaml
from pipeline.content.project import TERMS, Project
from pipeline.content.schema import validate
from pipeline.content.yaml import Places, load
from pipeline.model import Allowed, Frozen, Language, Problem, Severity, Text

if TYPE_CHECKING:
    from pipeline.content.check.message import Subject

TERM = rule("term", Severity.ERROR, "No word stigmatises people or makes a sensation; each term has its own weight.")
ALLOW_UNUSED = rule("allow-unused", Severity.WARNING, "What 'allow' permits stands in the text.")

MAX_TERM = 80
"""Characters: no term that is found is longer."""
MAX_REMEMBERED = 200_000
_GROUP = re.compile(r"\(([^()]*)\)(\??)")
_OPTIONAL_WORDS = re.compile(r"\((?:[^()|]* \|)*[^()|]* \)\?")
_CHUNK = re.compile(r"(?:^|(?<=\s))[^\W\d_]{3,}")
_WORDS = bytes(byte if chr(byte).isalnum() and byte < 128 else 32 for byte in range(256))
_QUOTED = re.compile(r"„[^”“\"\0]{0,400}[”“\"]|“[^”\0]{0,400}”|«[^»\0]{0,400}»|\"[^\"\0\n]{0,400}\"|‘[^’\0\n]{0,400}’")


def _phrase(value: str) -> str:
    if not _literal(value):
        raise ValueError(f"'{value}' has no word of at least three letters to look for")
    try:
        re.compile(_expression(value))
    except re.error as error:
        raise ValueError(f"'{value}' cannot be understood ({error}); see docs/terms.md") from error
    return value


def _expression(phrase: str) -> str:
    escaped = re.sub(r"[.+^$\[\]{}\\]", r"\\\g<0>", fold(phrase))
    return escaped.replace("*", r"\w*").replace(" ", r"[\s¤_-]+").replace("(", "(?:")


def _literal(phrase: str) -> tuple[str, ...]:
    """Return beginnings of words of which at least one stands in every text that the phrase matches."""
    folded = _OPTIONAL_WORDS.sub("", fold(phrase))

    def longest(part: str) -> str:
        return max(_CHUNK.findall(part), key=len, default="")

    groups = [
        found[1].split("|")
        for found in _GROUP.finditer(folded)
        if not found[2] and folded[: found.start()][-1:] in {"", " "}
    ]
    choices: list[tuple[str, ...]] = [(longest(_GROUP.sub("\1", folded)),)]
    choices += [tuple(longest(choice) for choice in group) for group in groups]
    rarest = max(choices, key=lambda words: min(map(len, words)))
    return rarest if all(rarest) else ()


Phrase = Annotated[str, Field(min_length=3, max_length=400), AfterValidator(_phrase)]


class Term(Frozen):
    """One term: what to find, why not, and what to say instead.

    ``unless`` are words of the same sentence with which the term is right, ``unless_before`` such words before it,
    ``but_not`` longer phrases in which it is right, ``names`` proper names as they are written. ``quoted: fine`` lets
    it stand in quotation marks. ``hits`` and ``fine`` are examples; the tests hold the term to them.
    """

    find: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    instead: Text
    why: Text
    severity: Severity
    source: Text
    row: int | None = None
    unless: tuple[Text, ...] = ()
    unless_before: tuple[Text, ...] = ()
    but_not: tuple[Text, ...] = ()
    names: tuple[Text, ...] = ()
    quoted: Literal["fine", "flagged"] = "flagged"
    hits: Annotated[tuple[Text, ...], Field(min_length=1)]
    fine: tuple[Text, ...] = ()

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """Beginnings of words of which one stands in every text that has the term."""
        return tuple(dict.fromkeys(word for phrase in self.find for word in _literal(phrase)))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The term in folded text."""
        return _compiled(self.find)

    def stands_right(self, reading: Reading, start: int, end: int) -> bool:
        """Whether what surrounds the term makes it right."""
        text, raw = reading.folded, reading.raw
        for phrases, near in ((self.but_not, text), (self.names, raw)):
            patterns = [_compiled(phrases)] if phrases is self.but_not else [re.compile(re.escape(n)) for n in phrases]
            for pattern in patterns if phrases else ():
                around = pattern.finditer(near, max(0, start - 60), min(len(near), end + 60))
                if any(found.start() <= start and end <= found.end() for found in around):
                    return True
        if self.unless or self.unless_before:
            first, last = reading.sentence(start)
            if self.unless and _compiled(self.unless).search(text, first, last):
                return True
            if self.unless_before and _compiled(self.unless_before).search(text, first, start):
                return True
        return self.quoted == "fine" and _in_quotes(raw, start, end)


@lru_cache(maxsize=1024)
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(_expression(phrase) for phrase in phrases)})(?!\w)")


def _in_quotes(raw: str, start: int, end: int) -> bool:
    from_here = max(0, raw.rfind("\0", 0, start))
    return any(quote.start() < start and end < quote.end() for quote in _QUOTED.finditer(raw, from_here, end + 420))


class TermList(Frozen):
    """One file of terms."""

    language: Language
    terms: tuple[Term, ...]


class Index:
    """Terms by the beginnings of words that they cannot be without.

    Texts repeat themselves: what a word begins is remembered, and a text whose words begin nothing is done at a glance.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        pairs = [(term, word) for term in terms for word in term.literals]
        self._starts = [(word.encode(), term, word) for term, word in pairs if word.isascii()]
        self._others = [(term, word) for term, word in pairs if not word.isascii()]
        self._harmless: set[bytes] = set()
        self._begun: dict[bytes, list[tuple[Term, str]]] = {}

    def candidates(self, plain: bytes) -> Iterator[tuple[Term, str]]:
        """Yield the terms that may stand in a text, each with the word around which to look."""
        for seen in set(plain.translate(_WORDS).split()) - self._harmless:
            begun = self._begun.get(seen)
            if begun is None:
                begun = [(term, word) for start, term, word in self._starts if seen.startswith(start)]
                self._remember(seen, begun)
            yield from begun
        yield from self._others

    def _remember(self, seen: bytes, begun: list[tuple[Term, str]]) -> None:
        if len(self._harmless) + len(self._begun) > MAX_REMEMBERED:
            self._harmless.clear()
            self._begun.clear()
        if begun:
            self._begun[seen] = begun
        else:
            self._harmless.add(seen)


@dataclass(frozen=True)
class Terms:
    """All terms by language, the shipped ones and the project's own."""

    by_language: dict[str, tuple[Term, ...]] = field(default_factory=dict)
    _indexes: dict[str, Index] = field(default_factory=dict, repr=False)

    def of(self, language: str) -> tuple[Term, ...]:
        """Return the terms of a language; a region (``pt-BR``) adds to those of its language."""
        base = language.partition("-")[0]
        return self.by_language.get(base, ()) + (self.by_language.get(language, ()) if base != language else ())

    def index(self, language: str) -> Index:
        """Return the same, made ready for looking."""
        if language not in self._indexes:
            self._indexes[language] = Index(self.of(language))
        return self._indexes[language]


@lru_cache(maxsize=1)
def shipped() -> tuple[TermList, ...]:
    """Return the lists that come with the programme."""
    folder = resources.files("pipeline.content") / "terms"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yml")), key=lambda file: file.name)
    return tuple(TermList.model_validate(load(file.read_text("utf-8"))) for file in files)


def read_terms(project: Project) -> tuple[Terms, list[Problem]]:
    """Return the shipped terms with those of the project's ``content/terms/*.yml``, and what is wrong with these."""
    lists, problems = list(shipped()), list[Problem]()
    if (project.root / TERMS).is_dir():
        try:
            found, links = entries(project.root, TERMS)
        except Refused as refused:
            return _by_language(lists), [refused.problem]
        problems += links
        for entry in found:
            if entry.name.endswith((".yml", ".yaml")):
                path = f"{TERMS}/{entry.name}"
                data, places = read_yaml(project.root, path, problems)
                if data is not None:
                    made, wrong = validate(TermList, data, path, lambda places=places: places)  # type: ignore[misc]
                    problems += [*wrong, *(_without_effect(made, path, places) if made else ())]
                    lists += [made] if made else []
    return _by_language(lists), problems


def _without_effect(made: TermList, path: str, places: Places) -> Iterator[Problem]:
    """Hold each term to its own examples: one that finds nothing protects nobody."""
    for at, term in enumerate(made.terms):
        for which, example in enumerate(term.hits):
            if not term.pattern.search(fold(example)):
                what = f"the example '{example}' is not found by 'find'"
                line = places.line(("terms", at, "hits", which))
                yield Problem(path=path, line=line, rule="schema", message=what, todo="correct one of the two")


def _by_language(lists: Sequence[TermList]) -> Terms:
    by_language: dict[str, tuple[Term, ...]] = {}
    for one in lists:
        by_language[one.language] = by_language.get(one.language, ()) + one.terms
    return Terms(by_language)


# --- looking -----------------------------------------------------------------------------------------------


def find(reading: Reading, index: Index) -> list[tuple[int, int, Term]]:
    """Return where terms stand in a text, in order; of two that overlap the longer one."""
    folded = reading.folded
    hits = [
        (*span, term)
        for term, word in index.candidates(reading.plain)
        for span in _spans(term, word, folded)
        if not term.stands_right(reading, *span)
    ]
    if not hits:
        return hits
    hits.sort(key=lambda hit: (hit[0], -hit[1]))
    kept: list[tuple[int, int, Term]] = []
    for hit in hits:
        if not kept or hit[0] >= kept[-1][1]:
            kept.append(hit)
    return kept


def _spans(term: Term, word: str, folded: str) -> Iterator[tuple[int, int]]:
    """Look for a term only around the word that it cannot be without: most texts have the word and not the term."""
    at = folded.find(word)
    while at >= 0:
        for found in term.pattern.finditer(folded, max(0, at - MAX_TERM), at + len(word) + MAX_TERM):
            if found.start() <= at < found.end():
                yield found.span()
        at = folded.find(word, at + len(word))


def check(subject: Subject) -> Iterator[Finding]:
    """Tell every term of a text that is not allowed, and every permission that is not used."""
    for language, reading in subject.readings.items():
        allowed = subject.message.translations[language].head.allow
        used: set[int] = set()
        yield from _check(reading, subject.terms.index(language), allowed, used)
        yield from _unused(reading, allowed, used)
    for language, (reading, _) in subject.sheets.items():
        own = subject.message.translations.get(language)
        yield from _check(reading, subject.terms.index(language), own.head.allow if own else (), set())


def _permits(allowed: Sequence[Allowed]) -> list[str]:
    return [fold(" ".join(permit.term.split())) for permit in allowed]


def _check(reading: Reading, index: Index, allowed: Sequence[Allowed], used: set[int]) -> Iterator[Finding]:
    permits = _permits(allowed)
    for start, end, term in find(reading, index):
        folded = " ".join(reading.folded[start:end].split())
        permit = next((at for at, words in enumerate(permits) if folded in words or words in folded), None)
        if permit is not None:
            used.add(permit)
            continue
        said = " ".join(reading.raw[start:end].split())
        place = reading.place(start, reading.raw[start:end])
        message = f"'{said}': {term.why}"
        yield Finding(TERM, place, message, f"say instead: {term.instead}", term.severity)


def _unused(reading: Reading, allowed: Sequence[Allowed], used: set[int]) -> Iterator[Finding]:
    for at, permit_words in enumerate(_permits(allowed)):
        if at not in used and permit_words not in " ".join(reading.folded.split()):
            place = Place(reading.path, ("allow", at))
            message = f"'allow' permits '{allowed[at].term}', which does not stand in the text"
            yield Finding(ALLOW_UNUSED, place, message, "delete the entry")
