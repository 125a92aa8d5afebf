"""The catalogues of the reports' words: ``python -m pipeline.cli.catalogues`` brings them up to date with the code.

Every sentence that the code marks (:class:`~pipeline.reach.saying.Said`, ``each``, ``say`` in a template) gets a place
in each ``pipeline/reports/locale/<language>.po``; what the code no longer says goes. A sentence without a translation
stays empty for a person to fill in, and a test fails until somebody has.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from pipeline import reach, reports
from pipeline.reach.units import UNITS, Kind, meaning
from pipeline.reports.form import LOCALE

_MARKS = {"Said", "each"}
_APP = ("costing.py", "rehearsed_reach.py", "reporting.py", "sharing.py")
"""What outside the two rooms of figures and reports says something in a report."""


def sentences() -> dict[str, str]:
    """Return every sentence of a report with the file in which it stands first."""
    found: dict[str, str] = {}
    for text, path in _all():
        found.setdefault(text, path)
    return found


def _all() -> Iterator[tuple[str, str]]:
    rooms = [Path(room.__path__[0]) for room in (reach, reports)]
    files = [*(file for room in rooms for file in sorted(room.rglob("*.py")))]
    files += [path for name in _APP if (path := Path(__file__).parents[1] / "app" / name).is_file()]
    for file in files:
        for text in _marked(file):
            yield text, _place(file)
    for unit in UNITS.values():
        yield from ((text, "pipeline/reach/units.py") for text in (unit.word, meaning(unit)))
    yield from ((kind.value, "pipeline/reach/units.py") for kind in Kind)
    for file in sorted((rooms[1] / "templates").glob("*.html")):
        with file.open("rb") as source:
            for _line, _function, given, _comments in babel_extract(source, ["say"], [], {"encoding": "utf-8"}):
                yield str(given[0] if isinstance(given, tuple) else given), _place(file)


def _place(file: Path) -> str:
    return file.relative_to(Path(__file__).parents[2]).as_posix()


def _marked(file: Path) -> Iterator[str]:
    """Yield the sentences that are written out in a call that marks them."""
    calls = [one for one in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(one, ast.Call)]
    for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
        if isinstance(call.func, ast.Name) and call.func.id in _MARKS:
            for given in call.args if call.func.id == "each" else call.args[:1]:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def updated(language: str) -> bytes:
    """Return a language's catalogue as it has to be for the code as it is, with the translations that there are."""
    path = LOCALE / f"{language}.po"
    known: dict[str, str] = {}
    if path.is_file():
        with path.open("rb") as file:
            known = {str(one.id): str(one.string) for one in read_po(file, locale=language)}
    made = Catalog(locale=language, fuzzy=False)
    for text, place in sentences().items():
        made.add(text, known.get(text, ""), locations=[(place, None)])  # type: ignore[list-item]
    out = io.BytesIO()
    # Without a header there is no date in it, so that the same code gives the same file.
    write_po(out, made, width=0, sort_output=True, include_lineno=False, omit_header=True)
    return f"# The words of the reports ({language}).\n\n".encode() + out.getvalue()


def main() -> None:
    """Bring every catalogue up to date and say what lacks a translation."""
    for path in sorted(LOCALE.glob("*.po")):
        path.write_bytes(updated(path.stem))
        with path.open("rb") as file:
            lacking = [one for one in read_po(file, locale=path.stem) if one.id and not one.string]
        print(f"{_place(path)}: {len(lacking)} sentences lack a translation")


if __name__ == "__main__":
    main()
