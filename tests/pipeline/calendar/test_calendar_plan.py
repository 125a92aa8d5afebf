"""The plan: what applying a calendar would change in the outbox, and that applying twice changes nothing."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.calendar.compare import compare
from pipeline.calendar.plan import Aspect, Wanted
from pipeline.model import BUSY, OPEN, Delivery, Slot, State, Why

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
AHEAD = NOW + timedelta(days=1)
BEHIND = NOW - timedelta(days=1)
OUT = {State.SENT, State.UNCONFIRMED, State.RECALLED, *BUSY}
LATE = timedelta(hours=6)


def wish(
    due_at=AHEAD, digest="d1", message="stigma", account="fediverse-ro", occurrence="stigma", good_for=None, **more
):
    slot = Slot(
        campaign="proactiv",
        message=message,
        language=more.pop("language", "ro"),
        account=account,
        occurrence=occurrence,
        due_at=due_at,
        not_after=due_at + good_for if good_for else None,
        late_after=more.pop("late_after", LATE),
        path="content/campaigns/proactiv/campaign.yml",
        line=11,
    )
    return Wanted(slot=slot, post_digest=digest, **more)


def row(of, state=State.PLANNED, number=1, **more):
    slot = of.slot
    plain = Delivery(
        id=number,
        key=slot.key,
        campaign=slot.campaign,
        message=slot.message,
        language=slot.language,
        account=slot.account,
        occurrence=slot.occurrence,
        state=state,
        due_at=slot.due_at,
        late_at=of.late_at,
        next_try_at=slot.due_at,
        not_after=slot.not_after,
        post_digest=of.post_digest,
        approval=of.approval,
        authors=of.authors,
        attempts=0,
    )
    return replace(plain, **more)


def plan(wishes, rows, **more):
    return compare(wishes, rows, campaigns={"proactiv"}, now=NOW, **more)


def groups(made):
    return {group: count for group, count in made.counts().items() if count}


def test_a_first_plan_adds_everything_that_lies_ahead():
    made = plan([wish(), wish(BEHIND, occurrence="old")], [])
    assert groups(made) == {"added": 1, "past": 1}
    assert made.lines({"proactiv": "Europe/Bucharest"}) == [
        "+ 2026-12-02 14:00  fediverse-ro  stigma (ro): waits for approval",
        (
            ". 2026-11-30 14:00  fediverse-ro  stigma as old (ro): its time has passed, so it is not added; "
            "move it to a time that lies ahead"
        ),
        "Plan: 1 added, 1 past.",
    ]


def test_the_past_is_added_when_asked_for_unless_its_deadline_has_passed():
    wishes = [wish(BEHIND), wish(BEHIND, occurrence="dead", good_for=timedelta(days=1))]
    assert groups(plan(wishes, [], include_past=True)) == {"added": 1, "past": 1}


def test_a_second_plan_changes_nothing():
    made = plan([wish()], [row(wish())])
    assert groups(made) == {"unchanged": 1}
    assert made.writes == 0
    assert made.lines() == ["Nothing changes: 1 unchanged."]


def test_a_moved_date_changes_its_row_and_keeps_the_approval():
    (item,) = plan([wish(AHEAD + timedelta(hours=2))], [row(wish())]).changed
    assert [difference.aspect for difference in item.differences] == [Aspect.TIME]
    assert not item.approval_lost


@pytest.mark.parametrize(
    ("unapproved", "approval", "lost"), [((), "one", True), ((1,), "one", False), ((), "none", False)]
)
def test_a_new_text_voids_the_approval_that_was_given(unapproved, approval, lost):
    new, old = wish(digest="d2", approval=approval), wish(approval=approval)
    made = plan([new], [row(old)], unapproved=unapproved)
    assert made.changed[0].approval_lost is lost
    assert made.lines()[0].endswith("new text; needs approval again" if lost else "new text")


def test_a_row_that_left_the_calendar_is_cancelled():
    made = plan([], [row(wish()), row(wish(occurrence="x"), State.HELD, 2), row(wish(occurrence="y"), State.FAILED, 3)])
    assert groups(made) == {"cancelled": 3}


def test_rows_of_other_campaigns_and_of_single_recipients_are_left_out_of_account():
    other = replace(row(wish()), campaign="elsewhere", key="elsewhere/stigma/ro/fediverse-ro/stigma")
    child = replace(row(wish()), key=wish().slot.key + "/token", parent_id=7)
    assert groups(plan([], [other, child])) == {}


@pytest.mark.parametrize("state", sorted(OUT - {State.RECALLED} - BUSY))
def test_what_went_out_drifts_when_its_text_changes_and_is_never_written(state):
    made = plan([wish(BEHIND, digest="d2")], [row(wish(BEHIND), state)])
    assert groups(made) == {"drifted": 1}
    assert "replace it there with `outreach correct stigma`" in made.lines()[0]
    assert groups(plan([wish(BEHIND)], [row(wish(BEHIND), state)])) == {"unchanged": 1}


@pytest.mark.parametrize("state", sorted(OUT))
def test_a_new_time_never_sends_again_what_went_out(state):
    made = plan([wish(AHEAD)], [row(wish(BEHIND), state)])
    assert groups(made) == {"kept": 1}
    assert made.kept[0].note


@pytest.mark.parametrize("state", sorted(OUT))
def test_an_occurrence_that_went_out_with_another_message_does_not_go_out_again(state):
    made = plan(
        [wish(message="job", occurrence="evergreen@2026-12-02")], [row(wish(occurrence="evergreen@2026-12-02"), state)]
    )
    assert not made.added
    assert any("has gone out with 'stigma' (ro) already" in item.note for item in made.kept)


def test_half_a_thread_and_a_task_in_somebodys_hands_count_as_gone_out():
    thread = row(wish(), State.PLANNED)
    assert groups(plan([wish(digest="d2")], [thread], begun={1})) == {"drifted": 1}
    assert groups(plan([], [thread], begun={1})) == {"kept": 1}
    task = row(wish(), State.HELD, reason_kind=Why.TASK)
    assert groups(plan([wish(digest="d2")], [task])) == {"drifted": 1}


def test_what_a_person_cancelled_stays_cancelled_and_is_told():
    made = plan(
        [wish(digest="d2")], [row(wish(), State.CANCELLED, reason_kind=Why.PERSON, reason="cancelled by editor-ro")]
    )
    assert groups(made) == {"kept": 1}
    assert "it was cancelled by hand (cancelled by editor-ro)" in made.lines()[0]


def test_what_a_plan_cancelled_comes_back_with_the_calendar():
    assert groups(plan([wish()], [row(wish(), State.CANCELLED)])) == {"revived": 1}
    assert groups(plan([wish(BEHIND)], [row(wish(BEHIND), State.CANCELLED)])) == {"past": 1}


def test_a_failed_row_comes_back_with_a_new_text_or_a_new_time():
    failed = row(wish(BEHIND), State.FAILED, reason="the network refused it")
    assert groups(plan([wish(BEHIND)], [failed])) == {"kept": 1}
    assert groups(plan([wish(BEHIND, digest="d2")], [failed])) == {"changed": 1}
    assert groups(plan([wish(AHEAD)], [failed])) == {"changed": 1}


def test_an_expired_row_comes_back_only_with_a_time_that_lies_ahead():
    expired = row(wish(BEHIND), State.EXPIRED)
    assert groups(plan([wish(BEHIND, digest="d2")], [expired])) == {"kept": 1}
    assert groups(plan([wish(AHEAD)], [expired])) == {"revived": 1}


def test_a_busy_row_that_differs_waits_for_the_next_plan():
    made = plan([wish(digest="d2")], [row(wish(), State.CLAIMED)])
    assert "plan again in a moment" in made.kept[0].note
    assert groups(plan([], [row(wish(), State.SENDING)])) == {"kept": 1}


def test_how_late_it_may_be_follows_the_campaign_until_it_is_due():
    assert groups(plan([wish(late_after=timedelta(hours=1))], [row(wish())])) == {"changed": 1}
    allowed = row(wish(BEHIND), late_at=AHEAD)  # a person let it out later
    assert groups(plan([wish(BEHIND)], [allowed])) == {"unchanged": 1}


def test_rules_and_deadlines_are_compared_too():
    made = plan([wish(approval="two", authors=("editor-ro",), good_for=LATE)], [row(wish())])
    aspects = [difference.aspect for difference in made.changed[0].differences]
    assert aspects == [Aspect.DEADLINE, Aspect.APPROVAL, Aspect.AUTHORS]
    assert made.lines()[0].endswith(
        "not after 2026-12-02 18:00 instead of none; approval two instead of one; authors editor-ro instead of nobody"
    )


def test_moving_a_row_into_the_past_is_told():
    assert "its new time has passed already" in plan([wish(BEHIND)], [row(wish())]).changed[0].note


def test_two_wishes_with_one_key_are_a_located_problem():
    made = plan([wish(), wish(digest="d2")], [])
    assert len(made.added) == 1
    assert str(made.problems[0]).startswith("content/campaigns/proactiv/campaign.yml:11: the calendar names")


def test_the_plan_is_plain_data_for_json():
    data = json.loads(json.dumps(plan([wish(AHEAD + LATE, "d2")], [row(wish())]).to_dict()))
    assert data["counts"]["changed"] == 1
    (changed,) = data["changed"]
    assert changed["due_at"] == "2026-12-02T18:00:00+00:00"
    assert changed["state"] == "planned"
    assert changed["differences"] == [
        {"what": "time", "before": "2026-12-02T12:00:00+00:00", "after": "2026-12-02T18:00:00+00:00"},
        {"what": "text", "before": "d1", "after": "d2"},
    ]
    assert changed["approval_lost"] is True


# --- laws --------------------------------------------------------------------------------------------------

DUE = st.integers(-30, 30).map(lambda hours: NOW + timedelta(hours=hours))
WISHES = st.builds(
    wish,
    due_at=DUE,
    digest=st.sampled_from(["d1", "d2"]),
    message=st.sampled_from(["stigma", "job"]),
    account=st.sampled_from(["fediverse-ro", "newsletter-ro"]),
    occurrence=st.sampled_from(["a", "b@2026-12-02"]),
    good_for=st.one_of(st.none(), st.integers(1, 40).map(lambda hours: timedelta(hours=hours))),
    approval=st.sampled_from(["none", "two"]),
)
CALENDARS = st.lists(WISHES, max_size=6, unique_by=lambda one: one.slot.key)


@st.composite
def outboxes(draw):
    rows = []
    for number, one in enumerate(draw(CALENDARS)):
        state = draw(st.sampled_from(State))
        kind = draw(st.sampled_from(["", Why.PERSON, Why.LATE, Why.TASK]))
        late_at = draw(st.sampled_from([one.late_at, one.late_at + LATE]))
        rows.append(row(one, state, number, reason_kind=kind, late_at=late_at))
    begun = draw(st.sets(st.sampled_from(range(len(rows)))) if rows else st.just(set()))
    return rows, begun


def applied(made, rows):
    """What the outbox is after the plan: new rows, rewritten rows, cancelled rows, and all others as they were."""
    after = {one.key: one for one in rows}
    for item in [*made.added, *made.changed, *made.revived]:
        number = after[item.key].id if item.key in after else 1000 + len(after)
        after[item.key] = row(item.wanted, State.PLANNED, number)
    for item in made.cancelled:
        after[item.key] = replace(after[item.key], state=State.CANCELLED, reason_kind="")
    return list(after.values())


@settings(deadline=None)
@given(wishes=CALENDARS, outbox=outboxes(), include_past=st.booleans())
def test_laws_of_the_plan(wishes, outbox, include_past):
    rows, begun = outbox
    made = plan(wishes, rows, begun=begun, include_past=include_past)
    by_key = {one.key: one for one in rows}
    left = {one.key for one in rows if one.state in OUT or one.id in begun or one.reason_kind == Why.TASK}

    # nothing that went out is written again, nor the same occurrence with another message
    written = [*made.added, *made.changed, *made.revived, *made.cancelled]
    assert not {item.key for item in written} & left
    places = {(by_key[key].account, by_key[key].occurrence) for key in left}
    again = {(item.wanted.slot.account, item.wanted.slot.occurrence) for item in [*made.added, *made.revived]}
    assert not again & places

    # every row and every wish is in one group, and once
    told = [item.key for group in made.counts() for item in getattr(made, group)]
    assert len(told) == len(set(told))
    assert {one.slot.key for one in wishes} <= set(told)
    still_open = {one.key for one in rows if one.state in OPEN} - left
    settled = {item.key for item in [*made.cancelled, *made.changed, *made.unchanged]}
    assert still_open <= settled
    assert all(item.key not in by_key for item in made.added)

    # applying twice changes nothing
    again_made = plan(wishes, applied(made, rows), begun=begun, include_past=include_past)
    assert again_made.writes == 0, again_made.lines()


@settings(deadline=None)
@given(first=CALENDARS, second=CALENDARS)
def test_a_calendar_that_changes_and_changes_back_ends_as_it_began(first, second):
    start = applied(plan(first, []), [])
    middle = applied(plan(second, start), start)
    end = applied(plan(first, middle), middle)

    def going_out(rows):
        return {
            (one.key, one.due_at, one.post_digest) for one in rows if one.state is State.PLANNED and one.due_at > NOW
        }

    assert going_out(end) == going_out(start)
