"""The tables of the reach ledger.

``observations`` is the history and only ever grows. ``figures`` holds the newest reading of each series, and ``growth``
by how much each day's readings changed it, so that a report over millions of readings reads only what it shows.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Table, Text, UniqueConstraint

from pipeline.store.tables import UtcDateTime, metadata

_Id = BigInteger().with_variant(Integer(), "sqlite")

SERIES = ("source", "subject", "metric")
"""What makes a series of readings one series."""
PLACE = ("campaign", "message", "language", "account", "channel", "partner", "audience")
"""What a series is about; empty where it does not apply."""


def _series() -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in SERIES]


def _place() -> list[Column[str]]:
    return [Column(name, Text, nullable=False, default="") for name in PLACE]


observations = Table(
    "observations",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    *_series(),
    # When it was read. A series has one reading at one instant.
    Column("at", UtcDateTime, nullable=False),
    # NULL takes a reading back: what was reported turned out to be wrong, and nothing is known in its place.
    Column("value", BigInteger),
    Column("definition", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    UniqueConstraint(*SERIES, "at"),
)

figures = Table(
    "figures",
    metadata,
    *(Column(name, Text, primary_key=True) for name in SERIES),
    Column("at", UtcDateTime, nullable=False),
    Column("value", BigInteger),
    # The unit's word; empty for what nobody has given a meaning to yet.
    Column("unit", Text, nullable=False, default=""),
    Column("word", Text, nullable=False, default=""),
    # measured, reported or estimated.
    Column("kind", Text, nullable=False),
    # Whether it may be added to others: 0 for what is shown beside them.
    Column("counts", Integer, nullable=False, default=1),
    # Whether nobody in it stands in another figure of its kind.
    Column("apart", Integer, nullable=False, default=0),
    Column("definition", Text, nullable=False, default=""),
    Column("version", Text, nullable=False, default="1"),
    *_place(),
    Column("period_first", Date),
    Column("period_last", Date),
    Column("method", Text, nullable=False, default=""),
    Column("evidence", Text, nullable=False, default=""),
    Column("evidence_sha256", Text, nullable=False, default=""),
    Column("by", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Index(None, "campaign", "unit"),
)

growth = Table(
    "growth",
    metadata,
    Column("day", Date, primary_key=True),
    *(Column(name, Text, primary_key=True) for name in ("unit", "campaign", "language", "account", "channel")),
    Column("value", BigInteger, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    # When the figures of a receipt were read and are to be read again; `next_at` is NULL when nothing more is expected.
    Column("delivery_id", _Id, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Column("next_at", UtcDateTime),
    Column("unchanged", Integer, nullable=False, default=0),
    Index(None, "account", "next_at"),
)

logs = Table(
    "logs",
    metadata,
    # A log file is known by its first line, whatever its name became when it was rotated.
    Column("head", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # Bytes that were read, and a hash of the last of them: a file that was replaced is another file.
    Column("read", BigInteger, nullable=False),
    Column("tail", Text, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("broken", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

web_days = Table(
    "web_days",
    metadata,
    Column("day", Date, primary_key=True),
    *(
        Column(name, Text, primary_key=True)
        for name in ("path", "language", "campaign", "source", "medium", "content", "referrer")
    ),
    Column("status", Integer, primary_key=True),
    # Every request, and those that are left when robots, prefetching and monitors are taken off.
    Column("hits", BigInteger, nullable=False),
    Column("views", BigInteger, nullable=False),
)

web_visits = Table(
    "web_visits",
    metadata,
    Column("day", Date, primary_key=True),
    *(Column(name, Text, primary_key=True) for name in ("language", "campaign", "source", "medium", "content")),
    Column("visits", BigInteger, nullable=False),
)

web_visitors = Table(
    "web_visitors",
    metadata,
    # Hashes by which a visitor is known again until the day is over; then they go, and the day's salt with them.
    Column("day", Date, primary_key=True),
    Column("visitor", Text, primary_key=True),
)

web_salts = Table(
    "web_salts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("salt", Text, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    # A feed or page of a partner, and how to ask for it the next time.
    Column("url", Text, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("etag", Text, nullable=False, default=""),
    Column("modified", Text, nullable=False, default=""),
    Column("read_at", UtcDateTime),
    Column("next_at", UtcDateTime, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("trouble", Text, nullable=False, default=""),
)

pickups = Table(
    "pickups",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("partner", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    # link, tag, likeness, or person where somebody told.
    Column("how", Text, nullable=False),
    # Thousandths: 1000 for a link, the share of runs of words for likeness.
    Column("score", Integer, nullable=False),
    Column("excerpt", Text, nullable=False, default=""),
    Column("found_at", UtcDateTime, nullable=False),
    # found, confirmed or dismissed.
    Column("state", Text, nullable=False),
    Column("by", Text, nullable=False, default=""),
    Column("settled_at", UtcDateTime),
    UniqueConstraint("url", "campaign", "message"),
)
