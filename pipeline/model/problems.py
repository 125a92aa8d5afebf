"""One thing that is wrong, for a person."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Severity(StrEnum):
    """How much a problem matters: an error stops publishing, a warning asks for a look, an info tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Problem(BaseModel):
    """One thing that is wrong, for a person: what, where, what to do.

    ``path`` is relative to the project and ``line`` counts from 1 (``None``: the file as a whole). ``rule`` is the
    short name under which the handbook explains it, ``todo`` what to do where the message does not say so itself.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    line: int | None = None
    rule: str
    message: str
    todo: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        tail = f"; {self.todo}" if self.todo else ""
        mark = "" if self.severity is Severity.ERROR else f"{self.severity.value}: "
        return f"{place}: {mark}{self.message}{tail}"
