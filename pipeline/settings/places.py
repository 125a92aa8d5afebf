"""In which line of ``outreach.toml`` a table or a key stands, which Python's reader of TOML does not tell."""

from __future__ import annotations

import re
from collections.abc import Sequence


class TomlPlaces:
    """The places of one file.

    :param lines: the file's lines, without their ends.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def line(self, place: list[str]) -> int | None:
        """Return the line of a table or of a key in it; TOML's reader does not tell."""
        for depth in range(len(place), -1, -1):
            start = self._header(place[:depth])
            if start is None:
                continue
            key = self._key(place[depth], start) if depth < len(place) else start
            if key or start:
                return key or start
        # A table that is there by its tables alone.
        return self._header(place, end=r"\.")

    def _header(self, table: list[str], end: str = r"\]") -> int | None:
        """Return the line of a table's header; 0 for the file itself."""
        if not table:
            return 0
        names = r"\s*\.\s*".join(rf"[\"']?{re.escape(name)}[\"']?" for name in table)
        header = re.compile(rf"\s*\[+\s*{names}\s*{end}")
        return next((number for number, line in enumerate(self._lines, 1) if header.match(line)), None)

    def _key(self, name: str, start: int) -> int | None:
        """Return the line of a key in the table whose header stands in line ``start``."""
        key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]")
        for number, line in enumerate(self._lines[start:], start + 1):
            if re.match(r"\s*\[+[^\[\],]+\]+\s*(#.*)?$", line):
                return None
            if key.match(line):
                return number
        return None
