"""One person under two spellings is seen, and not everybody is held to everybody for it."""

from __future__ import annotations

import itertools

from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.programme.lookalikes import candidates
from pipeline.programme.people import Person, folded, near

WORDS = st.text("abcdefghilmnoprstuvz", min_size=3, max_size=9)
NAMES = st.lists(WORDS, min_size=2, max_size=4, unique=True)


def two(one: str, other: str, institution: str = "Inspectoratul Exemplu") -> dict[int, Person]:
    return {4: Person(name=one, institution=institution), 9: Person(name=other, institution=institution.upper())}


@given(NAMES, st.data())
def test_a_slip_of_a_letter_is_looked_at_wherever_it_is(words: list[str], data: st.DataObject) -> None:
    name = folded(" ".join(words))
    place = data.draw(st.integers(0, len(name) - 1))
    assume(name[place] != " ")
    put = data.draw(st.sampled_from(["", "x", "a", name[place] * 2]))
    other = name[:place] + put + name[place + 1 :]
    # Who writes the first letter wrong may move the word among the sorted ones; the names are then not alike either.
    people = two(name, other)
    assume(near(people[4], people[9]))
    assume(folded(other) == other)
    assert candidates(people) == {(4, 9)}


@given(NAMES.filter(lambda words: len(words) > 2), st.data())
def test_a_name_that_was_left_out_is_looked_at(words: list[str], data: st.DataObject) -> None:
    fewer = data.draw(st.lists(st.sampled_from(words), min_size=2, max_size=len(words) - 1, unique=True))
    assert candidates(two(" ".join(words), " ".join(fewer))) == {(4, 9)}


@given(NAMES)
def test_vowels_and_doubled_letters_are_no_other_name(words: list[str]) -> None:
    name = folded(" ".join(words))
    assert candidates(two(name, name.replace("s", "ss"))) == {(4, 9)}


def test_the_same_address_or_name_is_looked_at_in_whatever_institution() -> None:
    people = {
        1: Person(name="Ana Exemplu", institution="A", mail="one@x.example"),
        2: Person(name="Exemplu, ANA", institution="B"),
        3: Person(name="Vasile Schiță", institution="C", mail="ONE@x.example"),
    }
    assert candidates(people) == {(1, 2), (1, 3)}


def test_people_are_held_to_few_others_however_many_they_are() -> None:
    syllables = ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru"]
    lasts = ["".join(parts) for parts in itertools.product(syllables, repeat=3)]
    firsts = ["Ana", "Ion", "Radu", "Vlad"]
    people = {
        number: Person(name=f"{first} {last}scu", institution="Inspectoratul Exemplu")
        for number, (first, last) in enumerate(itertools.product(firsts, lasts))
    }
    # Four thousand in one institution, each first name a thousand times: 8 million pairs in all.
    assert len(candidates(people)) < 60 * len(people)
