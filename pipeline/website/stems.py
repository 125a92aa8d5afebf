"""What words have in common however they are inflected: folded and stemmed by libraries when the site is built.

The browser has no stemmer. It is given, for each word of the index, where its stem ends, and finds a word that
somebody types by the stems with which it begins (`site/theme/assets/outreach/search.js` does the same folding).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipeline.content import Cache
from pipeline.website import made_with
from pipeline.website.tree import digest

if TYPE_CHECKING:
    import simplemma
    import snowballstemmer

_SNOWBALL = {"ar": "arabic", "en": "english", "pt": "portuguese", "ro": "romanian"}
"""Snowball has no Ukrainian; there the dictionary's form without its last vowels does."""
_LEMMAS = frozenset({"ar", "en", "pt", "ro", "uk"})
_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640'’ʼ]")
_LIKE = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ґ": "г"})
_LAST_VOWELS = re.compile(r"[аеєиіїоуюяйь]+$")
_SYNTAX = re.compile(r"\]\([^)]*\)|\{[^}]*\}|<[^>]*>|https?://\S+|&\w+;")
SHORTEST = 3
"""Letters of a stem: fewer say nothing."""


def words(text: str) -> list[str]:
    """Return the words of a text, in small letters."""
    return _WORD.findall(text.lower())


def spoken(body: str, most: int | None = None) -> str:
    """Return the words of a Markdown text by which it may be looked for, the ``most`` frequent first."""
    counted = Counter(word for word in words(_SYNTAX.sub(" ", body)) if len(word) > SHORTEST)
    return " ".join(word for word, _ in counted.most_common(most))


@cache
def folded(word: str) -> str:
    """Return a word without accents and the like: who types on a phone leaves them out."""
    # Letters such as й are letters of their own, and decomposing would make another one of them.
    kept = word.replace("й", "\ue000").replace("ї", "\ue001")
    bare = _MARKS.sub("", unicodedata.normalize("NFD", kept.translate(_LIKE)))
    return unicodedata.normalize("NFC", bare).replace("\ue000", "й").replace("\ue001", "ї")


class Stems:
    """The stems of a language, remembered from build to build: loading the dictionaries takes longer than a build."""

    def __init__(self, language: str, memory: Cache | None) -> None:
        self._language = language
        self._memory = memory
        libraries = [f"{name} {version(name)}" for name in ("simplemma", "snowballstemmer")]
        self._digest = digest([made_with.program(), libraries])
        self._known: dict[str, list[str]] = (memory.get(self._key, self._digest) if memory else None) or {}

    @property
    def _key(self) -> str:
        return f"stems:{self._language}"

    def of(self, forms: Iterable[str]) -> dict[str, list[str]]:
        """Return the folded stems of each word (small letters), the best known first."""
        found = {form: self._known.get(form) or self._make(form) for form in sorted(set(forms))}
        if self._memory:
            # What is no longer on the site is forgotten.
            self._memory.put(self._key, self._digest, found)
        return found

    def _make(self, form: str) -> list[str]:
        lemma = _lemmatizer().lemmatize(form, lang=self._language).lower() if self._language in _LEMMAS else form
        stems = [self._stem(form), self._stem(lemma)]
        return list(dict.fromkeys(stem for stem in stems if stem))

    def _stem(self, word: str) -> str:
        if name := _SNOWBALL.get(self._language):
            bare = folded(_stemmer(name).stemWord(word))
        else:
            bare = _LAST_VOWELS.sub("", folded(word)) if self._language == "uk" else folded(word)
        return bare if len(bare) >= SHORTEST else folded(word)


@cache
def _lemmatizer() -> simplemma.Lemmatizer:
    # Most builds know all words already, and need none of it.
    import simplemma  # noqa: PLC0415
    from simplemma.strategies import DefaultStrategy  # noqa: PLC0415
    from simplemma.strategies.dictionaries import StreamDictionaryFactory  # noqa: PLC0415

    # A few hundred words are looked up: reading the dictionary takes less time than unfolding it, and no room.
    factory = StreamDictionaryFactory(cache_max_size=1)
    return simplemma.Lemmatizer(cache_max_size=1, lemmatization_strategy=DefaultStrategy(dictionary_factory=factory))


@cache
def _stemmer(name: str) -> snowballstemmer.stemmer:
    import snowballstemmer  # noqa: PLC0415

    return snowballstemmer.stemmer(name)
