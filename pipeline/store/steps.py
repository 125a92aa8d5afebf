"""What an attempt at a part remembered for the next one, such as the id of a picture that is uploaded already."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Connection, Integer, Select, Text, and_, bindparam, delete, insert, select, update

from pipeline.store.tables import steps
from pipeline.store.transactions import Transactions

_PART: dict[str, BindParameter[Any]] = {
    "delivery_id": bindparam("delivery_", type_=steps.c.delivery_id.type),
    "part": bindparam("part_", type_=Integer()),
    "name": bindparam("name_", type_=Text()),
}
_VALUE = bindparam("value_", type_=Text())
_THIS_STEP = and_(*(steps.c[name] == value for name, value in _PART.items()))
_STEP = select(steps.c.value).where(_THIS_STEP)
_CHANGE_STEP = update(steps).where(_THIS_STEP).values(value=_VALUE)
_ADD_STEP = insert(steps).values({**_PART, "value": _VALUE})


class Steps:
    """Remembers and recalls."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def get(self, delivery_id: int, part: int, name: str) -> str | None:
        """Return what an earlier attempt at a part remembered."""
        values = {"delivery_": delivery_id, "part_": part, "name_": name}
        with self._in.reading() as connection:
            return connection.execute(_STEP, values).scalar_one_or_none()

    def put(self, delivery_id: int, part: int, name: str, value: str) -> None:
        """Remember something for later attempts at a part."""
        values = {"delivery_": delivery_id, "part_": part, "name_": name, "value_": value}
        with self._in.writing() as connection:
            if not connection.execute(_CHANGE_STEP, values).rowcount:
                connection.execute(_ADD_STEP, values)


def forget_steps(connection: Connection, which: Select[int]) -> None:
    """Drop what attempts at these rows left behind: an upload belongs to the text and picture it was made for."""
    connection.execute(delete(steps).where(steps.c.delivery_id.in_(which)))
