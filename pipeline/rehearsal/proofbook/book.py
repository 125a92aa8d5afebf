"""Writing the proof book into a folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from channels.mail_words import direction
from pipeline.rehearsal.proofbook.months import MONTHS, WEEKDAYS, months, spoken
from pipeline.rehearsal.proofbook.retell import Retold, linked, worded
from pipeline.rehearsal.record import Record, Showing, Weight

STYLE = "style.css"
MARK = "proofbook.txt"
"""The file by which a folder is known as a proof book, so that nothing else is ever overwritten."""
CARDS = {"mastodon": "social", "mail": "mail", "webhook": "webhook", "folder": "task"}


class NotABook(Exception):
    """The folder holds something else and is left alone; one sentence."""


def environment() -> Environment:
    """Return the templates; everything that they are handed is text until a filter says otherwise."""
    made = Environment(
        loader=PackageLoader("pipeline.rehearsal.proofbook"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(linked=linked, worded=worded, spoken=spoken, direction=direction)
    made.globals.update(retold=Retold, weight=Weight, weekdays=WEEKDAYS)
    return made


def write_book(record: Record, folder: Path) -> list[Path]:
    """Write the book, in place of an older one; return its files, relative to ``folder``.

    The same record gives the same bytes. It appears whole: it is made beside the folder and then put in its place.

    :raises NotABook: when the folder holds something that is no proof book.
    """
    with replacing(folder, MARK) as made:
        (made / MARK).write_text(
            "This folder is a proof book made by `outreach rehearse`; it is made anew each time.\n"
        )
        _write_pages(record, made)
        _copy_pictures(record, made / "pictures")
        return sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())


def write_style(folder: Path) -> None:
    """Put the style sheet into a folder."""
    source, _, _ = environment().loader.get_source(environment(), STYLE)  # type: ignore[union-attr]
    (folder / STYLE).write_text(source, encoding="utf-8")


def _write_pages(record: Record, folder: Path) -> None:
    templates = environment()
    write_style(folder)
    (folder / "days").mkdir()
    days = record.days
    shared: dict[str, Any] = {"record": record, "month_names": MONTHS}
    index = templates.get_template("index.html")
    page = index.render(shared, months=list(months(record)), days=days, root="")
    (folder / "index.html").write_text(page, encoding="utf-8")
    day_page = templates.get_template("day.html")
    order = list(days)
    for number, day in enumerate(order):
        page = day_page.render(
            shared,
            day=day,
            before=order[number - 1] if number else None,
            after=order[number + 1] if number + 1 < len(order) else None,
            groups=list(_groups(days[day])),
            cards=CARDS,
            root="../",
        )
        (folder / "days" / f"{day}.html").write_text(page, encoding="utf-8")


def _groups(showings: Sequence[Showing]) -> Iterator[tuple[Showing, list[Showing]]]:
    """Yield the posts of one message at one time together, with the first of them."""
    for _, group in groupby(showings, key=lambda one: (one.due_at, one.campaign, one.message)):
        found = list(group)
        yield found[0], found


def _copy_pictures(record: Record, folder: Path) -> None:
    folder.mkdir()
    for picture in (shot for one in record.showings for part in one.parts for shot in part.pictures):
        target = folder / picture.name
        if not target.exists():
            shutil.copyfile(picture.path, target)


def check_place(folder: Path, mark: str = MARK) -> None:
    """Make sure that ``folder`` may be replaced: it is not there, empty, or was made here and has the file ``mark``.

    :raises NotABook: when it holds something else.
    """
    if folder.is_file() or (folder.exists() and any(folder.iterdir()) and not (folder / mark).is_file()):
        raise NotABook(f"{folder} holds files that are not from a rehearsal; name another folder with --output.")


class replacing:  # noqa: N801 - reads as a verb
    """Make a folder beside ``folder`` and put it in its place at the end; after an error the old one stays.

    :param mark: the file that says that the old folder may go.
    :raises NotABook: when the old folder holds files and lacks the mark.
    """

    def __init__(self, folder: Path, mark: str) -> None:
        self._folder = folder
        check_place(folder, mark)

    def __enter__(self) -> Path:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._made = Path(tempfile.mkdtemp(prefix=f".{self._folder.name}-", dir=self._folder.parent))
        self._made.chmod(0o755)
        return self._made

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            shutil.rmtree(self._made, ignore_errors=True)
            return
        if self._folder.exists():
            shutil.rmtree(self._folder)
        self._made.rename(self._folder)
