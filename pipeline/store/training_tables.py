"""The tables for the people of trainings. Who they are stands here sealed; what is in clear names nobody.

Sessions are known by plan and session, institutions by their name as partners in ``outreach.toml``.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from pipeline.store.tables import UtcDateTime, metadata

_Id = BigInteger().with_variant(Integer(), "sqlite")

training_people = Table(
    "training_people",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    # Encrypted outside the store. Empty once the person was forgotten: the row stays, so that counts stay right.
    Column("sealed", Text, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("forgotten_at", UtcDateTime),
)

training_marks = Table(
    "training_marks",
    metadata,
    # Keyed hashes by which a person is found again without opening everybody: of name and institution, of the address.
    Column("kind", Text, primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("person_id", _Id, ForeignKey("training_people.id"), primary_key=True),
    Index(None, "person_id"),
)

training_apart = Table(
    "training_apart",
    metadata,
    # Two people who look like one, and of whom a person said that they are two.
    Column("first_id", _Id, ForeignKey("training_people.id"), primary_key=True),
    Column("second_id", _Id, ForeignKey("training_people.id"), primary_key=True),
)

training_nominations = Table(
    "training_nominations",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("plan", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("person_id", _Id, ForeignKey("training_people.id"), nullable=False),
    Column("institution", Text, nullable=False),
    # nominated, confirmed, waiting, withdrawn
    Column("state", Text, nullable=False),
    # The row of the institution's list: by it the institution is told who was confirmed, without any name.
    Column("row", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    UniqueConstraint("plan", "session", "person_id"),
    Index(None, "person_id"),
)

training_attendance = Table(
    "training_attendance",
    metadata,
    Column("plan", Text, primary_key=True),
    Column("session", Text, primary_key=True),
    Column("half_day", Text, primary_key=True),
    Column("person_id", _Id, ForeignKey("training_people.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "person_id"),
)

training_lists = Table(
    "training_lists",
    metadata,
    # The checksum of the list of those present: the list itself is kept by whoever held the session.
    Column("plan", Text, primary_key=True),
    Column("session", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

training_links = Table(
    "training_links",
    metadata,
    Column("id", Text, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("institution", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

training_certificates = Table(
    "training_certificates",
    metadata,
    # What is published of a certificate. It names nobody: only who holds the certificate knows its salt.
    Column("digest", Text, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index(None, "plan", "session"),
)

training_tests = Table(
    "training_tests",
    metadata,
    Column("plan", Text, primary_key=True),
    Column("session", Text, primary_key=True),
    # pre, post, delayed
    Column("wave", Text, primary_key=True),
    Column("row", Integer, primary_key=True),
    # What a person made of harmless parts; it is nobody's name and no key to anything else in the store.
    Column("code", Text, nullable=False),
    Column("percent", Float, nullable=False),
)
