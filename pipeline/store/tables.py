"""The tables, as SQLAlchemy Core sees them. Migrations are tested to give the same.

Every instant is stored through :class:`UtcDateTime`: aware in Python, UTC in the database.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. A naive value is refused, because nobody could say which instant it means.

    SQLite keeps microseconds since 1970 as an integer, which compares and sorts as time does; PostgreSQL keeps
    ``timestamptz``.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose how the instant is kept."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write an instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        if dialect.name == "sqlite":
            return _micros(value)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read an instant."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _EPOCH + timedelta(microseconds=value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


def _micros(value: datetime) -> int:
    since = value - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = BigInteger().with_variant(Integer(), "sqlite")

posts = Table(
    "posts",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("campaign", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("occurrence", Text, nullable=False),
    # A delivery to a list has one child for each recipient.
    Column("parent_id", _Id, ForeignKey("deliveries.id")),
    Column("recipient_id", _Id, ForeignKey("subscribers.id", ondelete="SET NULL")),
    Column("state", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("not_after", UtcDateTime),
    # From here on it no longer goes out by itself.
    Column("late_at", UtcDateTime, nullable=False),
    # From here on a worker may take it up: first the due time, later what back-off and limits say.
    Column("next_try_at", UtcDateTime, nullable=False),
    Column("post_digest", Text, ForeignKey("posts.digest"), nullable=False),
    # none, one or two: whose eyes the campaign asks for; authors as |a|b|.
    Column("approval", Text, nullable=False),
    Column("authors", Text, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("worker", Text),
    Column("lease_until", UtcDateTime),
    Column("first_sending_at", UtcDateTime),
    Column("last_sending_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    # Why it is held, failed or unconfirmed: a word for the machine, a sentence for a person.
    Column("reason_kind", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("place", Text, nullable=False, default=""),
    # What the row does, and upon which earlier row: see pipeline.model.Deed.
    Column("deed", Text, nullable=False, default="publish", server_default="publish"),
    Column("of_id", _Id, ForeignKey("deliveries.id")),
    Column("updated_at", UtcDateTime, nullable=False),
    # In the order in which rows are claimed, so that a claim reads no more rows than it takes.
    Index(None, "account", "state", "next_try_at", "id"),
    Index(None, "state", "late_at"),
    Index(None, "campaign", "message"),
)
# Most rows have none of these: an index of those that do costs the others nothing.
for _name, *_columns in (
    ("not_after", deliveries.c.state, deliveries.c.not_after),
    ("parent_id", deliveries.c.parent_id),
    ("recipient_id", deliveries.c.recipient_id),
    ("worker", deliveries.c.worker),
    ("of_id", deliveries.c.of_id),
):
    _there = deliveries.c[_name].is_not(None)
    Index(None, *_columns, sqlite_where=_there, postgresql_where=_there)

receipts = Table(
    "receipts",
    metadata,
    Column("delivery_id", _Id, ForeignKey("deliveries.id"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("remote_id", Text, nullable=False),
    Column("url", Text),
    Column("at", UtcDateTime, nullable=False),
    # sent, found (looked up after an unknown outcome) or person (told by hand).
    Column("known_by", Text, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("delivery_id", _Id, ForeignKey("deliveries.id"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("delivery_id", _Id, ForeignKey("deliveries.id"), nullable=False),
    Column("part", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # sent, found, or the name of an outcome.
    Column("outcome", Text, nullable=False),
    Column("sentence", Text, nullable=False, default=""),
    Index(None, "delivery_id"),
    Index(None, "account", "at"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("post_digest", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("revoked_by", Text),
    Column("revoked_why", Text, nullable=False, default=""),
    Index(None, "post_digest"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("paused_at", UtcDateTime),
    Column("paused_by", Text),
    Column("paused_why", Text, nullable=False, default=""),
    Column("throttled_until", UtcDateTime),
    Column("facts", Text, nullable=False, default="{}"),
    Column("facts_at", UtcDateTime),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("account", Text, nullable=False),
    # As it was written; and folded, so that one person is not two because of a capital letter.
    Column("address", Text, nullable=False),
    Column("address_folded", Text, nullable=False),
    # pending, confirmed, unsubscribed, bounced or complained.
    Column("state", Text, nullable=False),
    # Stands for the person in unsubscribe links and return paths.
    Column("token", Text, nullable=False, unique=True),
    Column("consent_from", Text, nullable=False, default=""),
    Column("added_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("left_at", UtcDateTime),
    Column("soft_bounces", Integer, nullable=False, default=0),
    UniqueConstraint("account", "address_folded"),
    Index(None, "address_folded"),
    Index(None, "account", "state", "id"),
)

forgotten = Table(
    "forgotten",
    metadata,
    # A keyed hash of an address that asked to be forgotten, so that an old import does not bring it back.
    Column("account", Text, primary_key=True),
    Column("address_hash", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

pictures = Table(
    "pictures",
    metadata,
    # What a drawing became, kept so that a newer renderer does not change what was approved.
    Column("source_sha256", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("mime", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Index(None, "at"),
)

facts = Table(
    "facts",
    metadata,
    # Single facts about the store, such as the general pause.
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Tables with a module of their own; importing them makes them known to the migrations.
from pipeline.store import partners_tables, reach_tables, recall_tables, training_tables  # noqa: E402, F401
