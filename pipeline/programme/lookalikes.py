"""Which people are held to which others, so that one who stands twice under two spellings is seen. Pure.

Everybody held to everybody would take four times as long for twice as many. So people are held to those only with whom
they share a key, and the keys are narrow: what two spellings of one name have in common, within one institution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from pipeline.programme.people import Person, folded

_VOWELS = re.compile("[aeiouy]")
_DOUBLED = re.compile(r"(.)\1+")


def candidates(people: Mapping[int, Person]) -> set[tuple[int, int]]:
    """Return the pairs that are to be looked at, the smaller number first.

    Pairs that share an address or a name are all there. Of nearly the same names in one institution those are that
    differ by one letter that is wrong, missing, too much or exchanged with its neighbour; by a word that was left out;
    or by vowels and doubled letters, and one letter more.
    """
    blocks: dict[str, list[int]] = {}
    for number, one in people.items():
        for key in set(_keys(one)):
            blocks.setdefault(key, []).append(number)
    return {pair for block in blocks.values() if len(block) > 1 for pair in combinations(sorted(block), 2)}


def _keys(one: Person) -> Iterator[str]:
    name, institution = folded(one.name), folded(one.institution)
    if one.mail:
        yield f"@{one.mail.casefold()}"
    yield f"={name}"
    for first, second in combinations(sorted(set(name.split())), 2):
        yield f"{institution}|+{first} {second}"
    for kind, text in (("-", name), ("~", _DOUBLED.sub(r"\1", _VOWELS.sub("", name)))):
        yield f"{institution}|{kind}{text}"
        # Two texts that are one slip apart come to the same when a letter is taken out of one, or one out of each.
        yield from (f"{institution}|{kind}{text[:place]}{text[place + 1 :]}" for place in range(len(text)))
