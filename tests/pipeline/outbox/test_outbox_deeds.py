"""Which deed suits which network, and how each place stands afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Receipt, Rejected, Replay, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.linkedin import LinkedIn
from channels.mastodon import Mastodon
from channels.registry import connect
from channels.telegram import Telegram
from pipeline.model import BY_HAND, POSTS, REPEATABLE, TAKES_BACK, Deed, Delivery, State, Why
from pipeline.outbox import decide, deeds
from pipeline.outbox.deeds import Means, Row, Stands

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
NETWORK = Means("A network", edits=True, deletes=True, reads_back=True)
PARTNER = Means("Partner", kind="partner", tells=True, partner="anitp")
TASK = Means("By hand", kind="task", tells=True, by_hand=True)
LIST = Means("E-mail", kind="list", fans_out=True)
MEANS = [NETWORK, PARTNER, TASK, LIST, Means("A network that takes nothing back")]


def row(**other) -> Row:
    values = {
        "id": 1, "of_id": None, "deed": Deed.PUBLISH, "account": "it", "language": "ro", "occurrence": "o",
        "state": State.SENT, "reason_kind": "", "reason": "", "post_digest": "d", "approval": "none",
        "url": "https://social.example/1", "known_by": "sent", "at": None,
    }  # fmt: skip
    return Row(**values | other)


def delivery(**other) -> Delivery:
    values = {
        "id": 2, "key": "k", "campaign": "c", "message": "m", "language": "ro", "account": "it", "occurrence": "o",
        "state": State.SENDING, "due_at": NOW, "late_at": NOW + timedelta(days=30), "next_try_at": NOW,
        "post_digest": "d", "approval": "none", "authors": (), "attempts": 0, "deed": Deed.DELETE, "of_id": 1,
    }  # fmt: skip
    return Delivery(**values | other)


# --- which deed ---


@pytest.mark.parametrize(("means", "deed"), [(NETWORK, Deed.DELETE), (PARTNER, Deed.TELL_RECALLED), (TASK, Deed.TELL_RECALLED), (LIST, None)])  # fmt: skip
def test_how_a_recall_takes_back(means, deed):
    assert deeds.to_take_back(means) is deed


@pytest.mark.parametrize(
    ("means", "given", "ways"),
    [
        (NETWORK, {}, (Deed.EDIT,)),
        (NETWORK, {"same_parts": False}, ()),
        (NETWORK, {"same_parts": False, "replacing": True}, (Deed.DELETE, Deed.REPLACE)),
        (Means("Deletes only", deletes=True), {}, ()),
        (Means("Deletes only", deletes=True), {"replacing": True}, (Deed.DELETE, Deed.REPLACE)),
        (Means("Neither"), {"replacing": True}, ()),
        (Means("Neither"), {"replacing": True, "noticing": True}, (Deed.NOTICE,)),
        (LIST, {"replacing": True}, ()),
        (LIST, {"noticing": True}, (Deed.NOTICE,)),
        (PARTNER, {"noticing": True}, (Deed.TELL_CORRECTED,)),
    ],
)
def test_how_a_correction_reaches_a_place(means, given, ways):
    asked = {"same_parts": True, "replacing": False, "noticing": False} | given
    assert deeds.to_correct(means, **asked) == ways


# --- the ledger's law ---

rows = st.builds(
    row,
    deed=st.sampled_from(sorted(POSTS)),
    state=st.sampled_from(sorted(State)),
    reason_kind=st.sampled_from(["", *Why]),
    known_by=st.sampled_from([None, "sent", "found", "person"]),
)
acts = st.lists(
    st.builds(
        row,
        deed=st.sampled_from(sorted({*TAKES_BACK, Deed.EDIT})),
        of_id=st.just(1),
        state=st.sampled_from(sorted(State)),
        reason_kind=st.sampled_from(["", *Why]),
        known_by=st.sampled_from([None, "sent", "person"]),
        approval=st.sampled_from(["none", "two"]),
    ),
    max_size=3,
)


@given(rows, acts, st.sampled_from(MEANS), st.sampled_from([None, NOW]))
def test_every_place_is_in_one_state_and_says_what_and_what_to_do(place, done, means, acknowledged):
    line = deeds.recalled(place, done, means, acknowledged)
    assert line.what
    if line.stands is Stands.REMOVED:
        assert any(act.deed in TAKES_BACK and act.state is State.SENT for act in done), "only what was done is removed"
    if line.stands is Stands.NEVER_OUT:
        assert not deeds.is_out(place)
    if line.stands is Stands.STILL_LIVE:
        assert line.todo, "whoever reads it must know what to do"


@given(rows, acts, st.sampled_from(MEANS))
def test_what_was_asked_to_be_taken_back_is_not_asked_again(place, done, means):
    asked = [act for act in done if act.deed in TAKES_BACK and act.state is not State.CANCELLED]
    if any(act.approval == "none" for act in asked):
        assert not deeds.has_to_be_taken_back(place, done, means)


# --- doing it ---


@pytest.mark.parametrize("outcome", [Rejected("no"), Unauthorized("no"), Unavailable("no"), Throttled("no", until=NOW)])
@pytest.mark.parametrize("deed", sorted(REPEATABLE))
def test_a_change_in_doubt_goes_by_the_latest_answer(outcome, deed):
    result = decide.failed(delivery(deed=deed, state=State.UNCONFIRMED), 0, outcome, Telegram.traits, NOW)
    assert result.state is (State.FAILED if isinstance(outcome, Rejected) else State.PLANNED)


@pytest.mark.parametrize("deed", sorted(REPEATABLE))
def test_a_change_whose_answer_was_lost_is_made_again_even_on_a_blind_network(deed):
    assert Telegram.traits.replay is Replay.BLIND
    lost = decide.failed(delivery(deed=deed), 0, Unconfirmed("silence"), Telegram.traits, NOW)
    assert (lost.state, lost.kind) == (State.UNCONFIRMED, Why.SETTLING)
    assert lost.next_try_at > NOW, "not at once"
    late = delivery(deed=deed, state=State.UNCONFIRMED, late_at=NOW - timedelta(days=1))
    assert decide.settlement(late, Telegram.traits, finds=False, now=NOW) is decide.Settlement.SEND_AGAIN
    tired = replace(late, attempts=decide.MOST_LOOKUPS)
    assert decide.failed(tired, 0, Unconfirmed("silence"), Telegram.traits, NOW).kind == Why.PERSON


def test_a_post_that_is_known_by_a_persons_word_is_never_asked_of_the_network():
    class Deaf(Mastodon):
        def __init__(self):
            pass

        def delete(self, receipt):
            pytest.fail("a network says of an id that it does not know that it is gone")

    target = Receipt(f"{BY_HAND}7", "https://social.example/7", NOW)
    with pytest.raises(Rejected, match=r"by hand at https://social\.example/7"):
        deeds.delete(Deaf(), {0: target}, 0, NOW)


def test_the_last_part_of_a_thread_goes_first():
    gone = []

    class Listening(Mastodon):
        def __init__(self):
            pass

        def delete(self, receipt):
            gone.append(receipt.remote_id)

    targets = {part: Receipt(str(part), None, NOW) for part in range(3)}
    for step in range(3):
        deeds.delete(Listening(), targets, step, NOW)
    assert gone == ["2", "1", "0"]


@pytest.mark.parametrize(("author", "words"), [("urn:li:organization:1", "read back"), ("urn:li:person:a1", "cannot be read back")])  # fmt: skip
def test_what_cannot_be_read_is_not_said_to_have_been_read(author, words):
    settings = LinkedIn.Settings(author=author, token="t" * 20)
    means = deeds.means_of(connect(LinkedIn, "it", settings, lambda: NOW))
    gone = row(id=2, of_id=1, deed=Deed.DELETE)
    assert words in deeds.recalled(row(state=State.RECALLED), [gone], means, None).what
