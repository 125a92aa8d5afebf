"""People of trainings, sealed; their nominations and half-days; the links of institutions"""

import sqlalchemy as sa
from alembic import op

from pipeline.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _person(table: str, column: str = "person_id") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_training_people")
    return sa.ForeignKeyConstraint([column], ["training_people.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "training_people",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("forgotten_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_people")),
    )
    op.create_table(
        "training_marks",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        _person("training_marks"),
        sa.PrimaryKeyConstraint("kind", "mark", "person_id", name=op.f("pk_training_marks")),
    )
    op.create_table(
        "training_apart",
        sa.Column("first_id", _ID, nullable=False),
        sa.Column("second_id", _ID, nullable=False),
        _person("training_apart", "first_id"),
        _person("training_apart", "second_id"),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_training_apart")),
    )
    op.create_table(
        "training_nominations",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        _person("training_nominations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_nominations")),
        sa.UniqueConstraint(
            "plan", "session", "person_id", name=op.f("uq_training_nominations_plan_session_person_id")
        ),
    )
    op.create_table(
        "training_attendance",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("half_day", sa.Text(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        _person("training_attendance"),
        sa.PrimaryKeyConstraint("plan", "session", "half_day", "person_id", name=op.f("pk_training_attendance")),
    )
    op.create_table(
        "training_lists",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("plan", "session", name=op.f("pk_training_lists")),
    )
    op.create_table(
        "training_links",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_links")),
    )
    for table in ("training_marks", "training_nominations", "training_attendance"):
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"], unique=False)
