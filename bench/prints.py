"""Cards and posters, beside rendering the message's drawing alone; and again, when nothing has changed.

The peer is the least that has to be done: the same drawing as a picture of the card's width, by the same Typst, without
a word on it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.figures import Figure
from pipeline.app.house import House
from pipeline.clock import pinned
from pipeline.model import Message
from pipeline.partners.prints import FORMS, Printer, PrintKind
from pipeline.pictures.drawings import draw
from pipeline.website.public import Public

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
KINDS = (PrintKind.CARD, PrintKind.POSTER_A4, PrintKind.LEAFLET)


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure the prints of the sample project, the median of all messages and languages (quick: of eight)."""
    command = "python -m bench prints" + (" --quick" if quick else "")
    with House(ROOT, pinned(NOW), {}) as house, tempfile.TemporaryDirectory() as folder:
        public = Public(house.project, house.settings, NOW)
        texts = [(one, language) for one in public.messages.values() for language in one.translations]
        texts = texts[:8] if quick else texts
        printer = Printer(public, Path(folder))
        # Opening the fonts is paid for once in a process.
        printer.make(*texts[0], [PrintKind.STAFF_CARD])
        alone = median(_milliseconds(partial(_alone, house.root, message)) for message, _ in texts)
        for kind in KINDS:
            each = median(_milliseconds(partial(printer.make, *text, [kind])) for text in texts)
            yield Figure(f"{kind.value}, each", each, "ms", "the drawing alone", alone, 5, command)
        first = _milliseconds(lambda: _all(Printer(public, Path(folder) / "fresh"), texts[:8]))
        _all(printer, texts[:8])
        again = _milliseconds(lambda: _all(Printer(public, Path(folder)), texts[:8]))
        name = f"{len(texts[:8]) * len(PrintKind)} prints again, nothing changed"
        yield Figure(name, again, "ms", "the first time", first, 0.05, command)


def _alone(root: Path, message: Message) -> None:
    name = message.source.head.picture.file
    if name is None:
        raise RuntimeError(f"the message {message.id} has no picture")
    draw((root / message.folder / name).read_bytes(), int(FORMS[PrintKind.CARD].width))


def _all(printer: Printer, texts: list[tuple[Message, str]]) -> None:
    for message, language in texts:
        printer.make(message, language)


def _milliseconds(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return (perf_counter() - start) * 1000
