"""The people of trainings in the store: one transaction for each list, merging and forgetting on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.store import Consent, Entrant, Newcomer, NominationLink, Seat

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
HERE, THERE = ("plan", "first"), ("plan", "second")


def new(row: int, name: str) -> Entrant:
    return Entrant(row, sealed=f"sealed-{name}", marks=(("person", f"mark-{name}"), ("name", "shared")))


def test_seats_go_to_those_who_came_first_and_a_known_person_is_not_added(store) -> None:
    done = store.trainings.nominate(HERE, "police", [new(2, "a"), new(3, "b")], "who", NOW)
    assert done == {"new": 2, "known": 0}
    again = [Entrant(2, 1), new(3, "c")]
    assert store.trainings.nominate(HERE, "agency", again, "who", NOW + timedelta(hours=1)) == {"new": 1, "known": 1}
    assert [one.state for one in store.trainings.confirm(HERE, 2, "who", NOW)] == ["confirmed", "confirmed", "waiting"]
    assert store.trainings.confirm(HERE, 2, "who", NOW) == []
    assert [one.person for one in store.trainings.withdraw([1], "who", NOW)] == [1]
    assert [(one.person, one.state) for one in store.trainings.confirm(HERE, 2, "who", NOW)] == [(3, Seat.CONFIRMED)]
    # Whoever was withdrawn can be nominated anew, and comes last.
    assert store.trainings.nominate(HERE, "police", [Entrant(9, 1)], "who", NOW + timedelta(days=1))["new"] == 1
    assert [one.person for one in store.trainings.nominations(HERE)] == [2, 3, 1]


def test_a_list_that_fails_leaves_nothing(store) -> None:
    twice = [new(2, "a"), Entrant(3, sealed="b", marks=(("person", None),))]  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)null"):
        store.trainings.nominate(HERE, "police", twice, "who", NOW)
    assert store.people.sealed() == []
    assert store.trainings.nominations() == []


def test_two_become_one_with_everything_that_both_have(store) -> None:
    store.trainings.nominate(HERE, "police", [new(2, "a"), new(3, "b")], "who", NOW)
    store.trainings.nominate(THERE, "police", [Entrant(2, 2)], "who", NOW)
    both = [Entrant(2, 1), Entrant(3, 2)]
    store.trainings.attend(HERE, {"2026-12-01 09:00": both, "2026-12-01 13:30": both[1:]}, "sum", "who", NOW)
    store.people.keep_apart(2, 1)
    assert store.people.apart() == {(1, 2)}
    store.people.merge(1, 2, "who", NOW)
    assert [one.id for one in store.people.sealed()] == [1]
    assert store.trainings.attendance() == {HERE: {"2026-12-01 09:00": {1}, "2026-12-01 13:30": {1}}}
    assert [(one.session, one.person) for one in store.trainings.nominations()] == [("first", 1), ("second", 1)]
    assert store.people.with_mark([("person", "mark-b"), ("name", "shared")]) == {
        ("person", "mark-b"): [1], ("name", "shared"): [1]
    }  # fmt: skip
    assert store.people.apart() == set()


def test_who_is_forgotten_stays_a_number(store) -> None:
    store.trainings.nominate(HERE, "police", [new(2, "a"), new(3, "b")], "who", NOW)
    store.trainings.attend(HERE, {"2026-12-01 09:00": [Entrant(2, 1)]}, "sum", "who", NOW + timedelta(days=9))
    assert store.people.last_seen() == {1: NOW + timedelta(days=9), 2: NOW}
    assert store.people.forget([1], "who", NOW) == 1
    assert store.people.forget([1], "who", NOW) == 0
    assert [one.text for one in store.people.sealed()] == ["", "sealed-b"]
    assert store.people.with_mark([("person", "mark-a")]) == {}
    assert store.trainings.attendance() == {HERE: {"2026-12-01 09:00": {1}}}
    assert store.people.last_seen() == {2: NOW}
    assert store.personal.count("training_people", ["sealed"], "added_at") == (1, NOW)


def test_the_key_of_the_marks_is_kept_once_and_changed_with_the_people(store) -> None:
    assert store.people.index_key() is None
    assert store.people.keep_index_key("one") == "one"
    assert store.people.keep_index_key("two") == "one"
    store.trainings.nominate(HERE, "police", [new(2, "a")], "who", NOW)
    store.people.reseal({1: "anew"}, "three", "who", NOW)
    assert (store.people.index_key(), store.people.sealed([1])[0].text) == ("three", "anew")


def test_links_are_revoked_once(store) -> None:
    link = NominationLink("abcd", "plan", "first", "police", NOW + timedelta(days=30), NOW)
    store.trainings.make_link(link, "who")
    assert store.trainings.links() == [link]
    assert store.trainings.revoke_links(["abcd", "none"], "who", NOW) == 1
    assert store.trainings.revoke_links(["abcd"], "who", NOW) == 0
    assert store.trainings.links()[0].revoked_at == NOW


def test_time_is_over_for_each_address_by_its_own_state(store) -> None:
    store.subscribers.add("list", [Newcomer("a@here.example", "", NOW), Newcomer("b@here.example", "")], "who", NOW)
    later = NOW + timedelta(days=40)
    assert store.subscribers.expire([Consent.CONFIRMED, Consent.PENDING], NOW, "who", later) == 0
    assert store.subscribers.expire([Consent.PENDING], later, "who", later) == 1
    assert store.personal.count("subscribers", ["address"], "added_at", {"state": ["confirmed"]}) == (1, NOW)
    # Nobody who only waited is remembered.
    assert store.subscribers.add("list", [Newcomer("b@here.example", "")], "who", later)["added"] == 1
