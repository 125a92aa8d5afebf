from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Media, Preview
from channels.testing.simulator import Arrived
from pipeline.rehearsal.judge import Promise, judge

PICTURE = Media("a" * 64, "image/png", "Two people talk.", 16, 9, 100)
PREVIEW = Preview("Call.", 5, 500, alt_texts=("Two people talk.",), fields={"Subject": "News"})
PROMISE = Promise(1, 0, "id-1", PREVIEW, (PICTURE,))
THERE = Arrived(
    "account", "id-1", "Call.", alt_texts=("Two people talk.",), media=("a" * 64,), fields={"Subject": "News"}
)


def test_what_arrived_as_promised_has_no_fault() -> None:
    (verdict,), strangers = judge([PROMISE], [THERE])
    assert (verdict.lost, verdict.double, verdict.differences, strangers) == (False, 0, (), [])


def test_what_did_not_arrive_is_lost() -> None:
    (verdict,), _ = judge([PROMISE], [])
    assert verdict.lost


def test_what_arrived_twice_under_one_id_is_double() -> None:
    (verdict,), _ = judge([PROMISE], [THERE, THERE])
    assert (verdict.lost, verdict.double) == (False, 1)


def test_what_nobody_was_promised_is_a_stranger() -> None:
    second = replace(THERE, remote_id="id-2")
    _, strangers = judge([PROMISE], [THERE, second])
    assert strangers == [second]


def test_every_difference_is_told() -> None:
    other = replace(THERE, text="Cal", alt_texts=(), media=("b" * 64,), fields={"Subject": "Old news"})
    (verdict,), _ = judge([PROMISE], [other])
    assert len(verdict.differences) == 4
    assert any("'Subject'" in one for one in verdict.differences)


@given(st.lists(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_everything_that_arrived_is_accounted_for(arrived: list[int], promised: set[int]) -> None:
    promises = [replace(PROMISE, delivery=number, remote_id=str(number)) for number in sorted(promised)]
    verdicts, strangers = judge(promises, [replace(THERE, remote_id=str(number)) for number in arrived])
    good = sum(1 for verdict in verdicts if not verdict.lost)
    assert good + sum(verdict.double for verdict in verdicts) + len(strangers) == len(arrived)
    assert good + sum(1 for verdict in verdicts if verdict.lost) == len(promised)
