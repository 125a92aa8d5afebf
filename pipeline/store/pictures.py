"""Which drawing became which picture, so that a newer renderer does not change what was already approved."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select

from pipeline.store.deliveries import ignoring
from pipeline.store.tables import pictures
from pipeline.store.transactions import Transactions

_p = pictures.c


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture made from a drawing: named by its content. ``size`` in bytes, ``width`` and ``height`` in pixels."""

    sha256: str
    mime: str
    width: int
    height: int
    size: int


class Pictures:
    """Remembers what was rendered."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def get(self, source_sha256: str, form: str) -> Rendered | None:
        """Return what the source became in this form, if it was rendered before."""
        with self._in.reading() as connection:
            row = connection.execute(select(pictures).where(_p.source_sha256 == source_sha256, _p.form == form)).first()
        return Rendered(row.sha256, row.mime, row.width, row.height, row.size) if row else None

    def of(self, source_sha256: str) -> dict[str, Rendered]:
        """Return everything that the source became, by form."""
        with self._in.reading() as connection:
            rows = connection.execute(select(pictures).where(_p.source_sha256 == source_sha256)).all()
        return {row.form: Rendered(row.sha256, row.mime, row.width, row.height, row.size) for row in rows}

    def everything(self) -> dict[tuple[str, str], Rendered]:
        """Return everything that was rendered, by source and form."""
        with self._in.reading() as connection:
            rows = connection.execute(select(pictures)).all()
        return {
            (row.source_sha256, row.form): Rendered(row.sha256, row.mime, row.width, row.height, row.size)
            for row in rows
        }

    def put(self, source_sha256: str, form: str, rendered: Rendered) -> None:
        """Remember what the source became in this form."""
        row = {
            "source_sha256": source_sha256,
            "form": form,
            "sha256": rendered.sha256,
            "mime": rendered.mime,
            "width": rendered.width,
            "height": rendered.height,
            "size": rendered.size,
        }
        with self._in.writing() as connection:
            connection.execute(ignoring(connection, insert(pictures)), [row])

    def by_source(self) -> dict[str, tuple[str, ...]]:
        """Return the SHA-256 of every picture that was made, in whatever form, by that of what it was made of."""
        found: dict[str, tuple[str, ...]] = {}
        with self._in.reading() as connection:
            for row in connection.execute(select(_p.source_sha256, _p.sha256).order_by(_p.sha256)):
                found[row.source_sha256] = (*found.get(row.source_sha256, ()), row.sha256)
        return found
