"""What a row does, upon which earlier row; and which messages were taken back"""

import sqlalchemy as sa
from alembic import op

from pipeline.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("deed", sa.Text(), nullable=False, server_default="publish"))
    if op.get_bind().dialect.name == "sqlite":
        # Written by hand, because the table would be copied otherwise, and it may be long.
        named = "CONSTRAINT fk_deliveries_of_id_deliveries REFERENCES deliveries (id)"
        op.execute(f"ALTER TABLE deliveries ADD COLUMN of_id INTEGER {named}")
    else:
        op.add_column("deliveries", sa.Column("of_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key("fk_deliveries_of_id_deliveries", "deliveries", "deliveries", ["of_id"], ["id"])
    there = sa.text("of_id IS NOT NULL")
    op.create_index("ix_deliveries_of_id", "deliveries", ["of_id"], sqlite_where=there, postgresql_where=there)
    op.create_table(
        "recalls",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "message", name=op.f("pk_recalls")),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "message", "partner", name=op.f("pk_acknowledgements")),
    )
