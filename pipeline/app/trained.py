"""The people of trainings, with the key at hand: who is whom, who looks like whom, and a change of the key."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pipeline.app.house import House
from pipeline.programme.lists import PeopleList, Row
from pipeline.programme.lookalikes import candidates
from pipeline.programme.people import NoKey, Person, Vault, folded, near, similar
from pipeline.store import Entrant


class NotPossible(Exception):
    """What was asked for cannot be done; one sentence."""


def keys(house: House) -> list[str]:
    """Return the keys that the environment gives, the newest first.

    :raises NoKey: where the file of keys cannot be read.
    """
    settings = house.settings
    text = settings.people_key
    if not text and settings.people_key_file:
        try:
            text = (house.root / settings.people_key_file).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise NoKey("the file that OUTREACH_PEOPLE_KEY_FILE names cannot be read.") from None
    return [key for key in text.replace(",", " ").split() if key]


def vault(house: House) -> Vault:
    """Return what seals and opens people.

    :raises NoKey: with one sentence, where there is no key or not the right one.
    """
    given = keys(house)
    sealed = house.store.people.index_key() or house.store.people.keep_index_key(Vault.new_index_key(given))
    return Vault(given, sealed)


def change_key(house: House, who: str) -> int:
    """Seal everybody with the newest key, so that the earlier ones can go; return how many people it is."""
    safe, people = vault(house), house.store.people
    index_key = people.index_key() or ""
    texts = {one.id: safe.again(one.text) for one in people.sealed() if one.text}
    people.reseal(texts, safe.again(index_key), who, house.clock.now())
    return len(texts)


def opened(house: House, safe: Vault, people: Collection[int] | None = None) -> dict[int, Person]:
    """Return who people are, by number; those who were forgotten are left out."""
    return {one.id: safe.open(one.text) for one in house.store.people.sealed(people) if one.text}


def entrants(
    house: House, safe: Vault, given: PeopleList, name: str, nominated: Collection[int] = ()
) -> dict[int, Entrant]:
    """Return who each row of a list is: somebody who is known, in whatever spelling, or somebody new.

    Somebody is known by name and institution, or by the mail address where the names are alike; and by the name
    alone where one person of that name was nominated for the session. What cannot be told is added to the problems.

    :param name: what problems call the list.
    :param nominated: the people who were nominated for the session.
    """
    wanted = [mark for row in given.rows for mark in safe.marks(row.person)]
    bearers = house.store.people.with_mark(wanted)
    found: dict[int, Entrant] = {}
    rows_of: dict[int, int] = {}
    for row in given.rows:
        person = _known(house, safe, row, bearers, set(nominated))
        if person is None and not row.person.institution:
            given.wrong(name, row.number, "nobody of this name was nominated", "say of which institution they are")
            continue
        if person is not None and person in rows_of:
            what = f"this is the same person as in row {rows_of[person]}"
            given.wrong(name, row.number, what, "leave one of the rows")
            continue
        if person is None:
            found[row.number] = Entrant(row.number, sealed=safe.seal(row.person), marks=safe.marks(row.person))
        else:
            rows_of[person] = row.number
            found[row.number] = Entrant(row.number, person)
    return found


def _known(
    house: House, safe: Vault, row: Row, bearers: dict[tuple[str, str], list[int]], nominated: set[int]
) -> int | None:
    one = row.person
    if same := bearers.get(safe.of_person(one.name, one.institution)):
        return same[0]
    if one.mail and (sharing := bearers.get(safe.of_mail(one.mail))):
        # Several people may share an address of their institution: their names decide.
        for number, other in opened(house, safe, sharing).items():
            if similar(folded(one.name), folded(other.name)):
                return number
    called = [number for number in bearers.get(safe.of_name(one.name), ()) if number in nominated]
    return called[0] if len(called) == 1 and not one.institution else None


@dataclass(frozen=True)
class Alike:
    """Two people who may be one."""

    first: int
    second: int
    people: tuple[Person, Person]
    why: str


def alike(house: House, safe: Vault) -> list[Alike]:
    """Return the pairs that a person has to decide on. Everybody is opened for it, in memory."""
    people = opened(house, safe)
    apart = house.store.people.apart()
    return [
        Alike(first, second, (people[first], people[second]), why)
        for first, second in sorted(candidates(people) - apart)
        if (why := near(people[first], people[second]))
    ]


def merge(house: House, stays: int, goes: int, who: str) -> None:
    """Make one person of two.

    :raises NotPossible: where one of them is not there.
    """
    there = {one.id for one in house.store.people.sealed([stays, goes])}
    if len(there) < 2:
        raise NotPossible(f"there are no two people {stays} and {goes}; `outreach training people --alike` lists them.")
    house.store.people.merge(stays, goes, who, house.clock.now())


def keep_apart(house: House, one: int, other: int) -> None:
    """Write down that two people are two, so that nobody is asked again.

    :raises NotPossible: where one of them is not there.
    """
    if len(house.store.people.sealed([one, other])) < 2:
        raise NotPossible(f"there are no two people {one} and {other}; `outreach training people --alike` lists them.")
    house.store.people.keep_apart(one, other)


def institution(house: House, said: str) -> str:
    """Return an institution by its name as a partner, where it is one; otherwise as it was given."""
    for name, partner in house.settings.partners.items():
        if said == name or folded(said) in {folded(name), folded(partner.name)}:
            return name
    return said
