"""What the store says, beside what the networks hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.crash.network import Held
from bench.crash.scene import FOUND, LETTERS, PARTNER, THREAD
from channels.contract import Post
from channels.mail_message import message_id
from pipeline.model import Delivery, State, Why
from pipeline.outbox.decide import key_of
from pipeline.store import Arrival, Store


@dataclass
class Verdict:
    """What came of a run. ``wrong`` says in sentences what must not be."""

    deliveries: int = 0
    exactly_once: int = 0
    doubles: int = 0
    lost: int = 0
    asked: int = 0
    """Blind deliveries of which only a person can tell."""
    asked_and_there: int = 0
    """How many of those the network holds."""
    found: int = 0
    """Parts that were looked up instead of sent twice."""
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def judge(store: Store, held: Iterable[Held]) -> Verdict:
    """Compare every row with what arrived."""
    rows = [row for row in store.desk.find(with_recipients=True) if not _is_handed_on(row)]
    receipts: dict[int, list[Arrival]] = {}
    for arrival in store.desk.arrivals(row.id for row in rows):
        receipts.setdefault(arrival.delivery_id, []).append(arrival)
    verdict = Verdict(deliveries=len(rows), states=Counter(f"{row.account} {row.state}" for row in rows))
    verdict.found = sum(arrival.known_by == "found" for found in receipts.values() for arrival in found)
    by_account: dict[str, list[Held]] = {}
    for one in held:
        by_account.setdefault(one.account, []).append(one)
    for account in (PARTNER, FOUND, THREAD):
        mine = [row for row in rows if row.account == account]
        _judge_shown(verdict, store, mine, by_account.get(account, []))
        _judge_ledger(verdict, mine, receipts, by_account.get(account, []))
    _judge_letters(verdict, [row for row in rows if row.account == LETTERS], by_account.get(LETTERS, []))
    return verdict


def _is_handed_on(row: Delivery) -> bool:
    return row.account == LETTERS and row.parent_id is None and row.state is State.SENT


def _judge_shown(verdict: Verdict, store: Store, rows: list[Delivery], held: list[Held]) -> None:
    """What readers see: every text as often as it was planned. Occurrences of a message say the same."""
    wanted: Counter[tuple[str, ...]] = Counter()
    parts: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row.post_digest not in parts:
            post = Post.from_json(store.desk.body_of(row.post_digest), lambda *_: Path())
            parts[row.post_digest] = tuple(part.text for part in post.parts)
        wanted[parts[row.post_digest]] += 1
    seen = Counter(one.text for one in held)
    answers = Counter(one.after for one in held if one.after)
    texts = {one.remote_id: one.text for one in held}
    for thread, count in wanted.items():
        there = [seen.pop(text, 0) for text in thread]
        verdict.doubles += sum(max(0, number - count) for number in there)
        verdict.lost += sum(max(0, count - number) for number in there)
        verdict.exactly_once += min(count, *there)
        if len(thread) > 1:
            heads = [one.remote_id for one in held if one.text == thread[0]]
            if any(answers[head] != 1 for head in heads):
                verdict.wrong.append(f"a thread of '{thread[0][:30]}' does not go on exactly once")
            if any(texts.get(one.after or "") != thread[0] for one in held if one.text == thread[1]):
                verdict.wrong.append(f"a second part of '{thread[0][:30]}' hangs on something else")
    if seen:
        verdict.wrong.append(f"{sum(seen.values())} posts are there that nobody planned")


def _judge_ledger(verdict: Verdict, rows: list[Delivery], receipts: dict[int, list[Arrival]], held: list[Held]) -> None:
    """The ledger names every post once, and nothing else."""
    unsent = [row for row in rows if row.state is not State.SENT]
    if unsent:
        verdict.wrong.append(f"{len(unsent)} rows of {rows[0].account} are not sent: {unsent[0].reason}")
    named = Counter(arrival.remote_id for row in rows for arrival in receipts.get(row.id, []))
    there = Counter(one.remote_id for one in held)
    if named != there:
        verdict.wrong.append(
            f"{rows[0].account}: the ledger names {(named - there).total()} posts that are not there, and does not "
            f"name {(there - named).total()} that are"
        )


def _judge_letters(verdict: Verdict, rows: list[Delivery], held: list[Held]) -> None:
    """Each letter at most once; one that is sent has arrived, of every other one a person is asked."""
    inbox = Counter(one.remote_id.strip("<>") for one in held)
    for row in rows:
        there = _times(inbox, row)
        verdict.doubles += max(0, there - 1)
        if row.state is State.SENT:
            verdict.exactly_once += there == 1
            verdict.lost += there == 0
        elif row.state is State.UNCONFIRMED and row.reason_kind == Why.PERSON:
            verdict.asked += 1
            verdict.asked_and_there += there
        else:
            verdict.wrong.append(f"no. {row.id} is {row.state} ({row.reason_kind}): {row.reason}")
    if unplanned := inbox.total() - sum(_times(inbox, row) for row in rows):
        verdict.wrong.append(f"{unplanned} letters are there that nobody planned")


def _times(inbox: Counter[str], row: Delivery) -> int:
    return inbox[message_id(key_of(row, 0), "news.example")]
