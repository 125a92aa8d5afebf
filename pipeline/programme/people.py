"""Who the people of trainings are: sealed with a key that is nowhere in the project, found again without opening all.

Sealing is Fernet of the library ``cryptography`` (AES-128-CBC with HMAC-SHA256,
https://github.com/fernet/spec/blob/master/Spec.md, read 2026-11-21), of several keys for a change of key. What finds a
person again is a *mark*: a keyed hash (HMAC-SHA256) of what their name comes to once accents, capitals and the order of
its words are left out, together with the institution; and one of the mail address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from pipeline.model import Frozen

_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
"""Letters that are no accented form of another to Unicode, and are written as that other where it is lacking."""
_WORD = re.compile(r"[^\W\d_]+")
ALIKE = 0.85
"""How alike two names of one institution have to be for a person to look at them; a slip of one letter in seven."""


class NoKey(Exception):
    """People cannot be sealed or opened: one sentence says why and what to do."""


class Person(Frozen):
    """What is kept of somebody who was nominated: what a letter and a list of those present need, and no more."""

    name: str
    institution: str
    """The partner's name in the settings, or the institution as a list of those present calls it."""
    mail: str = ""
    function: str = ""


def new_key() -> str:
    """Return a new key."""
    return Fernet.generate_key().decode()


@lru_cache(maxsize=16_384)
def folded(text: str) -> str:
    """Return what a name comes to without accents, capitals, punctuation and the order of its words."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return " ".join(sorted(_WORD.findall(plain.translate(_LETTERS))))


def near(one: Person, other: Person) -> str:
    """Return why two people may be one, in a clause for a person; ``""`` where nothing says so."""
    names = folded(one.name), folded(other.name)
    if one.mail and one.mail.casefold() == other.mail.casefold():
        return "the same address"
    if names[0] == names[1]:
        return "the same name"
    if folded(one.institution) == folded(other.institution) and similar(*names):
        return "nearly the same name in the same institution"
    return ""


def similar(one: str, other: str) -> bool:
    """Whether two folded names may be one: a slip of a letter, or a name that was left out."""
    words = set(one.split()), set(other.split())
    shorter, longer = sorted(words, key=len)
    if len(shorter) >= 2 and shorter < longer:
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # The quick ratios are never less than the true one, and most pairs end there.
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


class Vault:
    """Seals and opens people, and makes their marks.

    :param keys: the keys, the newest first: it seals, and all of them open.
    :param index_key: the key of the marks, sealed; :meth:`new_index_key` gives one.
    :raises NoKey: where a key is none, or the keys do not open ``index_key``.
    """

    def __init__(self, keys: Sequence[str], index_key: str) -> None:
        self._fernet = _fernet(keys)
        self._index = base64.urlsafe_b64decode(self._open(index_key))

    @staticmethod
    def new_index_key(keys: Sequence[str]) -> str:
        """Return a new key for marks, sealed."""
        return _fernet(keys).encrypt(base64.urlsafe_b64encode(secrets.token_bytes(32))).decode()

    def seal(self, person: Person) -> str:
        """Return a person as the store keeps them."""
        return self._fernet.encrypt(person.model_dump_json(exclude_defaults=True).encode()).decode()

    def open(self, sealed: str) -> Person:
        """Return the person whom :meth:`seal` sealed."""
        return Person.model_validate(json.loads(self._open(sealed)))

    def again(self, sealed: str) -> str:
        """Return the same, sealed with the newest key."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise NoKey(_WRONG) from None

    def marks(self, person: Person) -> tuple[tuple[str, str], ...]:
        """Return by what a person is found again, each with its kind: ``person``, ``name``, ``mail``."""
        found = [self.of_person(person.name, person.institution), self.of_name(person.name)]
        if person.mail:
            found.append(self.of_mail(person.mail))
        return tuple(found)

    def of_person(self, name: str, institution: str) -> tuple[str, str]:
        """Return the mark of a name in an institution."""
        return "person", self.sign("person", f"{folded(name)}|{folded(institution)}")

    def of_name(self, name: str) -> tuple[str, str]:
        """Return the mark of a name wherever its bearer works."""
        return "name", self.sign("name", folded(name))

    def of_mail(self, address: str) -> tuple[str, str]:
        """Return the mark of an address."""
        return "mail", self.sign("mail", address.strip().casefold())

    def sign(self, what: str, text: str) -> str:
        """Return a keyed hash; ``what`` keeps hashes of one purpose from being used for another."""
        return hmac.new(self._index, f"{what}|{text}".encode(), hashlib.sha256).hexdigest()

    def _open(self, sealed: str) -> bytes:
        try:
            return self._fernet.decrypt(sealed.encode())
        except InvalidToken:
            raise NoKey(_WRONG) from None


_WRONG = (
    "the key in OUTREACH_PEOPLE_KEY is not the one with which the people of this store were sealed; "
    "put the earlier one after it, with a comma."
)


def _fernet(keys: Sequence[str]) -> MultiFernet:
    if not keys:
        raise NoKey(
            "there is no key for the people of trainings; make one with `outreach training key` and put it into the "
            "environment as OUTREACH_PEOPLE_KEY, or into a file that OUTREACH_PEOPLE_KEY_FILE names."
        )
    made = []
    for place, key in enumerate(keys, start=1):
        try:
            made.append(Fernet(key))
        except ValueError:
            raise NoKey(
                f"key {place} of OUTREACH_PEOPLE_KEY is none; one made with `outreach training key` has 44 characters."
            ) from None
    return MultiFernet(made)
