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
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pipeline.content.check.fold import fold
from pipeline.content.check.reading import Reading
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.files import Refused, entries
from pipeline.content.listing import read_yaml
from pipeline.content.project import TERMS, Project
from pipeline.content.schema import validate
from pipeline.content.yaml import load
from pipeline.model import Allowed, Frozen, Language, Problem, Severity, Text

TERM = rule("term", Severity.ERROR, "No word stigmatises people or makes a sensation; each term has its own weight.")
ALLOW_UNUSED = rule("allow-unused", Severity.WARNING, "What 'allow' permits stands in the text.")

_GROUP = re.compile(r"\(([^()]*)\)(\??)")
_QUOTED = re.compile(r"„[^”“\"\0]{0,400}[”“\"]|“[^”\0]{0,400}”|«[^»\0]{0,400}»|\"[^\"\0\n]{0,400}\"|‘[^’\0\n]{0,400}’")


def _phrase(value: str) -> str:
    if not _literal(value):
        raise ValueError(f"'{value}' has no word of at least three letters to look for")
    try:
        _expression(value)
    except re.error as error:
        raise ValueError(f"'{value}' cannot be understood ({error}); see docs/terms.md") from error
    return value


def _expression(phrase: str) -> str:
    escaped = re.sub(r"[.+^$\[\]{}\\]", r"\\\g<0>", fold(phrase))
    return escaped.replace("*", r"\w*").replace(" ", r"[\s¤_-]+").replace("(", "(?:")


def _literal(phrase: str) -> tuple[str, ...]:
    """Return words of which at least one stands in every text that the phrase matches, for a first quick look."""
    folded = fold(phrase)

    def longest(part: str) -> str:
        return max(re.findall(r"[^\s*()|?-]{3,}", part), key=len, default="")

    if outside := longest(_GROUP.sub(" ", folded)):
        return (outside,)
    for group in _GROUP.finditer(folded):
        words = tuple(longest(choice) for choice in group[1].split("|"))
        if not group[2] and all(words):
            return words
    return ()


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
        """Words of which one stands in every text that has the term."""
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


@dataclass(frozen=True)
class Terms:
    """All terms by language, the shipped ones and the project's own."""

    by_language: dict[str, tuple[Term, ...]] = field(default_factory=dict)

    def of(self, language: str) -> tuple[Term, ...]:
        """Return the terms of a language; a region (``pt-BR``) adds to those of its language."""
        base = language.partition("-")[0]
        return self.by_language.get(base, ()) + (self.by_language.get(language, ()) if base != language else ())


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
                    problems += wrong
                    lists += [made] if made else []
    return _by_language(lists), problems


def _by_language(lists: Sequence[TermList]) -> Terms:
    by_language: dict[str, tuple[Term, ...]] = {}
    for one in lists:
        by_language[one.language] = by_language.get(one.language, ()) + one.terms
    return Terms(by_language)


# --- looking -----------------------------------------------------------------------------------------------


def find(reading: Reading, terms: Sequence[Term]) -> list[tuple[int, int, Term]]:
    """Return where terms stand in a text, in order; of two that overlap the longer one."""
    folded, hits = reading.folded, list[tuple[int, int, Term]]()
    for term in terms:
        for word in term.literals:
            if word in folded:
                hits += [
                    (*found.span(), term)
                    for found in term.pattern.finditer(folded)
                    if not term.stands_right(reading, *found.span())
                ]
                break
    hits.sort(key=lambda hit: (hit[0], -hit[1]))
    kept: list[tuple[int, int, Term]] = []
    for hit in hits:
        if not kept or hit[0] >= kept[-1][1]:
            kept.append(hit)
    return kept


def check(reading: Reading, terms: Sequence[Term], allowed: Sequence[Allowed]) -> Iterator[Finding]:
    """Tell every term of a text that is not allowed, and every permission that is not used."""
    permits = [fold(" ".join(permit.term.split())) for permit in allowed]
    used: set[int] = set()
    for start, end, term in find(reading, terms):
        folded = " ".join(reading.folded[start:end].split())
        permit = next((at for at, words in enumerate(permits) if folded in words or words in folded), None)
        if permit is not None:
            used.add(permit)
            continue
        said = " ".join(reading.raw[start:end].split())
        place = reading.place(start, reading.raw[start:end])
        message = f"'{said}': {term.why}"
        yield Finding(TERM, place, message, f"say instead: {term.instead}", term.severity)
    for at, permit_words in enumerate(permits):
        if at not in used and permit_words not in " ".join(reading.folded.split()):
            place = Place(reading.path, ("allow", at))
            message = f"'allow' permits '{allowed[at].term}', which does not stand in the text"
            yield Finding(ALLOW_UNUSED, place, message, "delete the entry")
