"""The tables of what was taken back: which messages, and which partners said that they have done so."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from pipeline.store.tables import UtcDateTime, metadata

recalls = Table(
    "recalls",
    metadata,
    # A message that was taken back: it never goes out again.
    Column("campaign", Text, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    # A partner's word that it has taken a message down.
    Column("campaign", Text, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("partner", Text, primary_key=True),
    # Who wrote the word down.
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
