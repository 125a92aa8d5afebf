"""The people on the lists: who comes, who leaves, and of whom nothing stays."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from outbox_rows import NOW, begin, claim, minutes, plan, sheet
from sqlalchemy import select

from pipeline.model import State
from pipeline.store import Consent, Newcomer, Result, Store
from pipeline.store.subscribers import SOFT_BOUNCES_ALLOWED
from pipeline.store.tables import metadata

LIST = "newsletter-ro"
ADDRESS = "Ana.Example@Mail.Example"


def add(store, *addresses, account=LIST, confirmed=NOW):
    return store.subscribers.add(
        account, [Newcomer(a, "form on paper", confirmed) for a in addresses], "editor-ro", NOW
    )


def one(store, address=ADDRESS):
    [found] = store.subscribers.of_address(address)
    return found


def test_newcomers_are_counted_as_added_or_known(store):
    assert add(store, "a@mail.example", "b@mail.example", "a@mail.example") == {"added": 2, "known": 1, "forgotten": 0}
    assert add(store, "b@mail.example", "c@mail.example") == {"added": 1, "known": 1, "forgotten": 0}
    assert add(store, "a@mail.example", account="newsletter-en")["added"] == 1
    assert store.subscribers.counts() == {(LIST, "confirmed"): 3, ("newsletter-en", "confirmed"): 1}


def test_a_long_list_comes_in_without_being_held_in_memory(store):
    numbers = itertools.count()
    people = (Newcomer(f"p{next(numbers):05}@mail.example", "form", NOW) for _ in range(1250))
    assert store.subscribers.add(LIST, people, "editor-ro", NOW)["added"] == 1250
    stream = store.subscribers.export(LIST)
    assert next(stream).address == "p00000@mail.example"
    assert sum(1 for _ in stream) == 1249
    assert list(store.subscribers.export("newsletter-en")) == []


def test_an_export_that_is_broken_off_does_not_hold_the_store(store):
    add(store, *(f"p{n}@mail.example" for n in range(600)))
    stream = store.subscribers.export()
    next(stream)
    stream.close()
    assert add(store, "late@mail.example")["added"] == 1


def test_one_person_is_not_two_because_of_a_capital_letter(store):
    assert add(store, ADDRESS)["added"] == 1
    assert add(store, ADDRESS.lower(), f" {ADDRESS.upper()} ") == {"added": 0, "known": 2, "forgotten": 0}
    assert one(store, ADDRESS.upper()).address == ADDRESS


def test_a_subscriber_is_confirmed_by_their_own_link_once(store):
    add(store, ADDRESS, confirmed=None)
    person = one(store)
    assert (person.state, person.confirmed_at, person.consent_from) == (Consent.PENDING, None, "form on paper")
    assert not store.subscribers.confirm("no such token", NOW)
    assert store.subscribers.confirm(person.token, NOW + minutes(5))
    assert not store.subscribers.confirm(person.token, NOW + minutes(9))
    found = store.subscribers.by_token(person.token)
    assert (found.state, found.confirmed_at) == (Consent.CONFIRMED, NOW + minutes(5))
    assert store.subscribers.by_token("no such token") is None


@pytest.mark.parametrize("how", [Consent.UNSUBSCRIBED, Consent.BOUNCED, Consent.COMPLAINED])
def test_who_left_does_not_come_back_by_an_import_or_an_old_link(store, how):
    add(store, ADDRESS)
    token = one(store).token
    assert store.subscribers.leave(token, how, NOW + minutes(1))
    assert not store.subscribers.leave(token, Consent.UNSUBSCRIBED, NOW + minutes(2))
    assert add(store, ADDRESS)["known"] == 1
    assert not store.subscribers.confirm(token, NOW)
    assert (one(store).state, one(store).left_at) == (how, NOW + minutes(1))


def test_several_passing_bounces_make_an_address_a_bounced_one(store):
    add(store, ADDRESS)
    token = one(store).token
    told = [store.subscribers.soft_bounce(token, NOW) for _ in range(SOFT_BOUNCES_ALLOWED + 1)]
    assert told == [False] * (SOFT_BOUNCES_ALLOWED - 1) + [True, False]
    assert one(store).state is Consent.BOUNCED
    assert not store.subscribers.soft_bounce("no such token", NOW)


def test_who_left_while_a_list_goes_out_can_be_told_from_who_is_on_it(store):
    add(store, ADDRESS)
    plan(store, sheet(account=LIST))
    store.deliveries.expand(claim(store, account=LIST)[0], "w1", NOW)
    [child] = claim(store, account=LIST)
    token = one(store).token
    assert store.subscribers.addresses([child.recipient_id]) == {child.recipient_id: (ADDRESS, token, "confirmed")}
    store.subscribers.leave(token, Consent.UNSUBSCRIBED, NOW)
    assert store.subscribers.addresses([child.recipient_id])[child.recipient_id][2] == "unsubscribed"


# --- forgetting ---


def everything_in(store) -> str:
    with store.desk._in.reading() as connection:
        return "\n".join(
            repr(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )


def refused_mail(store):
    """A mail went to everybody on the list, and each server quoted the address in its answer."""
    plan(store, sheet(account=LIST), sheet("next", account=LIST, due_at=NOW + minutes(60)))
    store.deliveries.expand(claim(store, account=LIST)[0], "w1", NOW)
    children = claim(store, account=LIST)
    begin(store, children)
    people = store.subscribers.addresses([child.recipient_id for child in children])
    results = []
    for child in children:
        said = f"the server refused it (550 5.1.1 <{people[child.recipient_id][0]}> user unknown)"
        results.append(Result(child, 0, State.FAILED, "rejected", NOW, kind="refused", sentence=said))
        store.steps.put(child.id, 0, "last answer", said)
    store.deliveries.record(results, "w1", NOW)


def test_of_a_forgotten_address_nothing_stays(store):
    add(store, ADDRESS, "other@mail.example")
    add(store, ADDRESS.lower(), account="newsletter-en")
    refused_mail(store)
    assert ADDRESS.lower() in everything_in(store).lower()
    assert store.subscribers.forget(ADDRESS.upper(), "editor-ro", NOW) == 2
    left = everything_in(store).lower()
    assert ADDRESS.lower() not in left
    assert "ana" not in left
    assert store.subscribers.of_address(ADDRESS) == []
    assert [person.address for person in store.subscribers.export()] == ["other@mail.example"]
    assert store.events.latest(1)[0][1:4] == ("editor-ro", "forgot an address", f"newsletter-en, {LIST}")
    assert store.subscribers.forget(ADDRESS, "editor-ro", NOW) == 0


def test_a_forgotten_address_cannot_be_read_in_the_file_either(sqlite_url):
    path = Path(sqlite_url.removeprefix("sqlite:///"))

    def bytes_on_disk() -> bytes:
        return b"".join(file.read_bytes() for file in path.parent.glob("store.db*")).lower()

    with Store(sqlite_url, Path()) as store:
        add(store, *(f"p{n}@mail.example" for n in range(300)))
        add(store, ADDRESS)
        add(store, *(f"q{n}@mail.example" for n in range(300)))
        refused_mail(store)
        assert ADDRESS.lower().encode() in bytes_on_disk()
        store.subscribers.forget(ADDRESS, "editor-ro", NOW)
        assert ADDRESS.lower().encode() not in bytes_on_disk()
        assert b"q299@mail.example" in bytes_on_disk()


def test_a_mail_that_went_to_a_forgotten_address_still_counts(store):
    add(store, ADDRESS)
    refused_mail(store)
    before = store.desk.counts()
    store.subscribers.forget(ADDRESS, "editor-ro", NOW)
    assert store.desk.counts() == before
    [child] = [row for row in store.desk.find(with_recipients=True) if row.parent_id]
    assert (child.recipient_id, child.state) == (None, State.FAILED)


def test_a_forgotten_address_does_not_come_back_by_an_import(store):
    add(store, ADDRESS)
    store.subscribers.forget(ADDRESS, "editor-ro", NOW)
    assert add(store, ADDRESS, ADDRESS.lower(), "new@mail.example") == {"added": 1, "known": 0, "forgotten": 2}
    assert store.subscribers.of_address(ADDRESS) == []
