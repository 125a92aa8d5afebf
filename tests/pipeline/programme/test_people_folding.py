"""Laws of names: spelling, order and accents do not make another person; sealing gives back what went in."""

from __future__ import annotations

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.programme.people import Person, Vault, folded, near, new_key, similar

KEY = new_key()
VAULT = Vault([KEY], Vault.new_index_key([KEY]))
WORD = st.text("abcdeăâîșțşţéçãñüA", min_size=1, max_size=8)
NAMES = st.lists(WORD, min_size=1, max_size=4)


def bare(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


@given(NAMES, st.randoms(use_true_random=False))
def test_one_name_has_one_mark_however_it_is_written(words: list[str], chance: random.Random) -> None:
    other = [chance.choice([str.upper, str.lower, bare])(word) for word in words]
    chance.shuffle(other)
    one, two = " ".join(words), chance.choice([" ", "-", ", "]).join(other)
    assert VAULT.of_person(one, "Poliția") == VAULT.of_person(two, "POLITIA")
    assert near(Person(name=one, institution="a"), Person(name=two, institution="b")) == "the same name"


@given(NAMES, NAMES)
def test_other_names_have_other_marks(words: list[str], others: list[str]) -> None:
    same = folded(" ".join(words)) == folded(" ".join(others))
    assert (VAULT.of_name(" ".join(words)) == VAULT.of_name(" ".join(others))) is same


@given(st.builds(Person, name=NAMES.map(" ".join), institution=WORD, mail=st.just("a@b.example"), function=st.just("")))
def test_what_was_sealed_is_opened_and_shows_nothing(person: Person) -> None:
    sealed = VAULT.seal(person)
    assert VAULT.open(sealed) == person
    assert VAULT.open(VAULT.again(sealed)) == person
    assert "b.example" not in sealed


def test_marks_of_one_purpose_are_none_of_another_and_of_another_key() -> None:
    assert VAULT.of_name("Ana Exemplu") != VAULT.of_mail("Ana Exemplu")
    other = Vault([KEY], Vault.new_index_key([KEY]))
    assert other.of_name("Ana Exemplu") != VAULT.of_name("Ana Exemplu")


def test_a_slip_is_alike_and_another_person_is_not() -> None:
    assert similar(folded("Ana Exemplu"), folded("Ana Exempla"))
    assert similar(folded("Ana Maria Exemplu"), folded("Exemplu Ana"))
    assert not similar(folded("Ana Exemplu"), folded("Ion Schiță"))
