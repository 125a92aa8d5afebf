"""Rows that act upon others, and messages that never go out again: on SQLite and on PostgreSQL."""

from datetime import timedelta

from outbox_rows import NOW, begin, claim, plan, receipt, sent, sheet, state_of, states, unconfirmed

from channels.contract import About, Part, Post
from pipeline.model import Deed, State, Why
from pipeline.store import Act

MONTH = NOW + timedelta(days=30)


def out(store, *names):
    """Return rows that have gone out."""
    rows = plan(store, *(sheet(name) for name in names))
    taken = claim(store)
    begin(store, taken)
    store.deliveries.record([sent(row) for row in taken], "w1", NOW)
    return rows


def delete(*rows, suffix="recalled", **other) -> Act:
    return Act(Deed.DELETE, tuple(row.id for row in rows), suffix, NOW, MONTH, **other)


def act(store, *acts) -> int:
    return store.recalls.act(acts, "desk", NOW)


def do_all(store) -> list:
    taken = claim(store)
    begun = begin(store, taken)
    done = [row for row in taken if row.id in begun]
    store.deliveries.record([sent(row) for row in done], "w1", NOW)
    return done


def test_what_is_asked_for_twice_is_there_once(store):
    [row] = out(store, "signs")
    assert [act(store, delete(row)) for _ in range(2)] == [1, 0]
    [made] = [found for found in store.desk.find() if found.deed is Deed.DELETE]
    assert (made.of_id, made.key, made.post_digest) == (row.id, f"{row.key}/recalled", row.post_digest)


def test_when_the_deletion_is_sent_the_post_is_recalled_in_the_same_moment(store):
    [row] = out(store, "signs")
    act(store, delete(row))
    assert state_of(store, row) is State.SENT
    [done] = do_all(store)
    assert done.deed is Deed.DELETE
    assert state_of(store, row) is State.RECALLED


def test_a_persons_word_recalls_as_well(store):
    [row] = out(store, "signs")
    act(store, delete(row))
    [taken] = claim(store)
    begin(store, [taken])
    store.deliveries.record([unconfirmed(taken, kind=Why.PERSON)], "w1", NOW)
    assert store.desk.resolve_sent(store.desk.get(taken.id), 0, None, "desk", NOW)
    assert state_of(store, row) is State.RECALLED


def test_a_replacement_waits_until_there_is_room(store):
    [row] = out(store, "signs")
    right = Post(row.account, (Part("Corect", "ro"),))
    act(
        store,
        delete(row, suffix="making-room-0-a", post=right),
        Act(Deed.REPLACE, (row.id,), "replaced-0-a", NOW, MONTH, right),
    )
    [first] = do_all(store)
    assert first.deed is Deed.DELETE
    [second] = do_all(store)
    assert second.deed is Deed.REPLACE
    [shown] = store.plans.rows_of(["proactiv"])
    assert (shown.id, shown.state, shown.post_digest) == (row.id, State.SENT, right.digest)


def test_the_plan_sees_what_stands_there_now(store):
    first, second = out(store, "signs", "offer")
    right = Post(first.account, (Part("Corect", "ro", about=About("proactiv", "signs")),))
    act(store, Act(Deed.EDIT, (first.id,), "corrected-0-a", NOW, MONTH, right))
    assert {row.post_digest for row in store.plans.rows_of(["proactiv"])} == {first.post_digest, second.post_digest}
    do_all(store)
    assert [row.post_digest for row in store.plans.rows_of(["proactiv"])] == [right.digest, second.post_digest]
    act(store, Act(Deed.TELL_CORRECTED, (second.id,), "corrected-0-b", NOW, MONTH, right.telling("corrected")))
    do_all(store)
    assert [row.post_digest for row in store.plans.rows_of(["proactiv"])] == [right.digest, right.digest]


def test_another_correction_takes_the_place_of_one_that_waits(store):
    [row] = out(store, "signs")
    texts = [Post(row.account, (Part(text, "ro"),)) for text in ("Unu", "Doi")]
    for number, post in enumerate(texts):
        name = f"0-{number}"
        acts = [delete(row, suffix=f"making-room-{name}", post=post, approval="one")]
        acts.append(Act(Deed.REPLACE, (row.id,), f"replaced-{name}", NOW, MONTH, post, "one"))
        assert act(store, *acts) == 2
    assert sorted(state for key, state in states(store).items() if "0-0" in key) == [State.CANCELLED] * 2
    assert sorted(state for key, state in states(store).items() if "0-1" in key) == [State.PLANNED] * 2


def test_a_recalled_message_is_neither_claimed_nor_begun(store):
    rows = plan(store, sheet("signs"), sheet("offer"))
    taken = claim(store)
    assert len(taken) == 2
    assert store.recalls.stop("proactiv", "signs", "wrong", "desk", NOW) == 0, "it is in a worker's hands"
    begun = begin(store, taken)
    assert begun == {row.id for row in rows if row.message == "offer"}
    assert claim(store) == []
    assert store.recalls.stop_what_came_since(NOW) == 1
    assert states(store)["proactiv/signs/ro/fediverse-ro/signs"] is State.CANCELLED


def test_what_takes_back_goes_on(store):
    [row] = out(store, "signs")
    right = Post(row.account, (Part("Corect", "ro"),))
    act(store, Act(Deed.EDIT, (row.id,), "corrected-0-a", NOW, MONTH, right), delete(row))
    assert store.recalls.stop("proactiv", "signs", "wrong", "desk", NOW) == 1, "the correction"
    [done] = do_all(store)
    assert done.deed is Deed.DELETE


def test_a_recall_stands_as_it_was_first_written_down(store):
    for why in ("first", "second"):
        store.recalls.stop("proactiv", "signs", why, why, NOW)
    assert [(told.why, told.by) for told in store.recalls.all()] == [("first", "first")]
    assert store.recalls.get("proactiv", "offer") is None


def test_an_edit_gives_a_post_its_new_id(store):
    [row] = out(store, "signs")
    act(store, Act(Deed.EDIT, (row.id,), "corrected-0-a", NOW, MONTH, Post(row.account, (Part("Corect", "ro"),))))
    assert store.deliveries.targets_of(row.id)[0].remote_id == receipt(row.id).remote_id
    [done] = do_all(store)
    assert store.deliveries.targets_of(row.id)[0].remote_id == receipt(done.id).remote_id


def test_what_was_sent_is_kept_under_every_text_it_had(store):
    [row] = out(store, "signs")
    plan(store, sheet("never", due_at=NOW + timedelta(days=9)))
    act(store, Act(Deed.EDIT, (row.id,), "corrected-0-a", NOW, MONTH, Post(row.account, (Part("Corect", "ro"),))))
    do_all(store)
    texts = {Post.from_json(body).parts[0].text for _, _, _, body in store.recalls.sent_bodies()}
    assert texts == {"Semne la locul de muncă", "Corect"}


def test_a_partners_word_is_written_down_once(store):
    assert [store.recalls.acknowledge("proactiv", "signs", "anitp", "desk", NOW) for _ in range(2)] == [True, False]
    assert store.recalls.acknowledged("proactiv", "signs") == {"anitp": NOW}
