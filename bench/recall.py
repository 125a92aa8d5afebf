"""The plan of a recall: how every place of a message with very many deliveries stands, and what is to be done about it.

Beside it stands the bare query: the same rows of the same tables, fetched by SQLite's own driver and thrown away.
"""

from __future__ import annotations

import gc
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.crash import scene
from bench.crash.play import SQLITE
from bench.figures import Figure
from channels.contract import About, Part, Post, Receipt
from pipeline.app import recalling
from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.model import State
from pipeline.store import Result, Sheet
from pipeline.store.recalls import places

DELIVERIES, ROUNDS = 50_000, 7
DELIVERIES_QUICK, ROUNDS_QUICK = 10_000, 5
ACCOUNTS = 20
TARGET = 3.0
_CHUNK = 5_000
_FILE = "state/outreach.db"


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure the plan and the query by turns; writing the rows is not counted. The middle of several rounds counts."""
    count, rounds = (DELIVERIES_QUICK, ROUNDS_QUICK) if quick else (DELIVERIES, ROUNDS)
    command = "python -m bench recall" + (" --quick" if quick else "")
    with tempfile.TemporaryDirectory(prefix="outreach-recall-") as folder:
        root = Path(folder)
        names = [f"account-{number}" for number in range(ACCOUNTS)]
        accounts = {name: {"kind": "mastodon", "server": "http://127.0.0.1:1", "token": "x" * 20} for name in names}
        secrets = scene.write(root, 1, [], SQLITE, accounts)
        with House(root, VirtualClock(scene.ALL_DUE_AT), secrets) as house:
            _fill(house, names, count)
            sql, values = _bare(house)
            planned: list[float] = []
            bare: list[float] = []
            for _ in range(rounds):
                planned.append(_seconds(lambda: _plan(house, count)))
                bare.append(_seconds(lambda: _fetch(root / _FILE, sql, values, count)))
    how = f"{count:,} deliveries on {ACCOUNTS} accounts"
    yield Figure(f"recall plan ({how})", median(planned), "s", "a bare query", median(bare), TARGET, command)
    print(f"{how}: plans {_all(planned)}; queries {_all(bare)}", file=sys.stderr)


def _all(seconds: list[float]) -> str:
    return ", ".join(f"{one:.2f}" for one in sorted(seconds)) + " s"


def _seconds(do: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    do()
    return time.process_time() - began


def _plan(house: House, count: int) -> None:
    ledger = recalling.ledger(house, "trial", "message-1")
    if sum(place.number is not None for place in ledger.places) != count:
        raise RuntimeError("the plan leaves places out")


def _fetch(path: Path, sql: str, values: tuple[object, ...], count: int) -> None:
    connection = sqlite3.connect(path)
    try:
        if len(connection.execute(sql, values).fetchall()) != count:
            raise RuntimeError("the query finds other rows than the plan")
    finally:
        connection.close()


def _bare(house: House) -> tuple[str, tuple[object, ...]]:
    """Return the statement that the plan reads its rows by, for the driver."""
    with house.store.recalls._in.reading() as connection:
        made = places("trial", "message-1").compile(connection)
        return str(made), tuple(made.params[name] for name in made.positiontup or ())


def _fill(house: House, names: list[str], count: int) -> None:
    """Write deliveries that have gone out, as workers write them down."""
    now, store = house.clock.now(), house.store
    each = count // len(names)
    for start in range(0, each, _CHUNK // len(names)):
        numbers = range(start, min(start + _CHUNK // len(names), each))
        sheets = [_sheet(name, number, house) for number in numbers for name in names]
        store.plans.apply(added=sheets, who="bench", now=now)
    for name in names:
        while taken := store.deliveries.claim(name, "bench", now, now + timedelta(minutes=3), 1000):
            store.deliveries.begin(taken, "bench", now, now + timedelta(minutes=3))
            sent = [Result(row, 0, State.SENT, "sent", now, receipt=_receipt(row.id, house)) for row in taken]
            store.deliveries.record(sent, "bench", now)


def _receipt(number: int, house: House) -> Receipt:
    return Receipt(str(number), f"https://social.example/@outreach/{number}", house.clock.now())


def _sheet(account: str, number: int, house: House) -> Sheet:
    now = house.clock.now()
    part = Part(f"Offer {account}", "en", about=About("trial", "message-1"))
    return Sheet(
        key=f"trial/message-1/en/{account}/{number}",
        campaign="trial",
        message="message-1",
        language="en",
        account=account,
        occurrence=str(number),
        due_at=now,
        late_at=now + timedelta(days=1),
        not_after=None,
        post=Post(account, (part,)),
        approval="none",
        authors=(),
        place="campaign.yml",
    )
