"""Bringing the tables of a store to the version that this program knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, column, func, inspect, select, table

from pipeline.store.engine import StoreError, name_of

NEWEST = "0006"
"""The newest step in ``migrations``. It is said here because reading the steps takes longer than most commands do."""
_MIGRATING = 0x6F75747265616368
"""The number under which PostgreSQL lets one program at a time change the tables."""
_VERSION = table("alembic_version", column("version_num"))


def migrate(engine: Engine) -> None:
    """Bring the tables to this version, in one transaction.

    :raises StoreError: when the store was written by a newer version of the program.
    """
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        there = inspect(connection).has_table(_VERSION.name)
        current = connection.execute(select(_VERSION.c.version_num)).scalar() if there else None
    if current != NEWEST:
        _upgrade(engine, current)


def _upgrade(engine: Engine, current: str | None) -> None:
    # A store is new or old once in its life; every other command does without this.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    scripts = ScriptDirectory.from_config(config)
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"{name_of(engine.url)}: the store was written by a newer version of Outreach (its tables are '{current}', "
            f"this program knows up to '{NEWEST}'); install the newer version, nothing was changed."
        )
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # SQLite has one writer at a time anyway.
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
