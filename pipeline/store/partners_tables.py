"""The tables for partners: the links by which they read what is under embargo, and what each was told last."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from pipeline.store.tables import UtcDateTime, metadata

partner_links = Table(
    "partner_links",
    metadata,
    # What cannot be guessed in the address. It opens what is under embargo, so it is kept here and in no file of Git.
    Column("token", Text, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("revoked_at", UtcDateTime),
    Column("revoked_by", Text),
    Index(None, "partner"),
)

partner_notices = Table(
    "partner_notices",
    metadata,
    # Which version of a message a partner was told of last, in which way; messages by the name that renaming leaves.
    Column("partner", Text, primary_key=True),
    Column("way", Text, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
