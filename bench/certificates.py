"""Certificates of trainings, each a file of its own, beside Typst setting the same pages.

The peers are the least that has to be done: Typst alone makes the same files from data that lie there; and Typst makes
one document that has all pages, where fonts and template are opened once for all. Ours makes each certificate's record,
digest, code and file. Processor time is measured, so that a busy machine does not decide.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import process_time

from bench.figures import Figure
from pipeline.model import Problem
from pipeline.programme.certificate_files import TEMPLATE, Press
from pipeline.programme.certificates import Certificate
from pipeline.programme.typeset import pdf
from pipeline.website.words import read_words

ROOT = Path(__file__).parents[1]
WORDS = "site/words/certificates"
AT_ONCE = 100
"""How many are made before a peer has its turn, and how many pages its document has."""


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure 5,000 certificates (quick: 200), in turns with the peer, so that both see the same machine."""
    command = "python -m bench certificates" + (" --quick" if quick else "")
    many = 200 if quick else 5_000
    problems: list[Problem] = []
    words = read_words(ROOT, ["ro"], problems, WORDS)["ro"]
    press = Press(ROOT, "https://outreach.example", "Outreach")
    # Opening the fonts is paid for once in a process, by whoever comes first.
    press.file(_one(-1), words)
    ours = alone = whole = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, many, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, many))
            start = process_time()
            for number in numbers:
                one = _one(number)
                Path(folder, f"{one.digest[:16]}.pdf").write_bytes(press.file(one, words))
            ours += process_time() - start
            # Other names for the peers, so that nothing is taken from the compiler's memory.
            ready = [press.data([_one(many + number)], words) for number in numbers]
            start = process_time()
            for data in ready:
                pdf(ROOT, TEMPLATE, data)
            alone += process_time() - start
            together = press.data([_one(2 * many + number) for number in numbers], words)
            start = process_time()
            pdf(ROOT, TEMPLATE, together)
            whole += process_time() - start
        files = len(list(Path(folder).iterdir()))
    if files != many:
        raise RuntimeError(f"{files} files came of {many} certificates")
    each, page, in_one = (seconds / many * 1000 for seconds in (ours, alone, whole))
    name = f"{many:,} certificates, processor time of each"
    yield Figure(name, each, "ms", "Typst alone, the same file", page, 2, command)
    yield Figure(name, each, "ms", "Typst alone, a page of one document that has all", in_one, 2, command)


def _one(number: int) -> Certificate:
    return Certificate(
        name=f"Ana Exemplu {number}",
        session="Instruire pentru asistenți sociali",
        hours=Decimal(7),
        day=date(2026, 12, 1),
        programme="ProActiv",
        language="ro",
        salt=f"{number & 0xFFFFFFFF:024x}",
    )
