"""A survey of 100,000 rows taken in and compared with an earlier wave, beside pandas reading the same file alone.

The file is ODK's, with 25 questions of the sample's kind; it is made anew each time from a fixed seed. The earlier wave
is there before the clock starts. Polars reads the same file several times faster than pandas and is printed for scale.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np

from bench.figures import Figure
from pipeline.app import study_results, studying
from pipeline.app.house import House
from pipeline.clock import pinned
from pipeline.programme.study.form import Form, Kind, read_form

ROOT = Path(__file__).parents[1]
ROWS, ROWS_QUICK, ROUNDS, SEED = 100_000, 20_000, 3, 20261125
_FOLDER = "content/activities/proactiv"
NOW = datetime(2026, 12, 20, tzinfo=UTC)
_WAVE = """
    period: {{from: {first}, to: {last}}}
    mode: online
    sampling: {{kind: random, says: {{en: At random}}}}"""


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure; each round takes in the same file into a project of its own."""
    import pandas as pd  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    rows = ROWS_QUICK if quick else ROWS
    command = "python -m bench study" + (" --quick" if quick else "")
    form = read_form((ROOT / _FOLDER / "study" / "form.xlsx").read_bytes())
    ours, pandas, polars = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        earlier, file = Path(folder) / "earlier.csv", Path(folder) / "answers.csv"
        _write(earlier, form, rows, SEED)
        _write(file, form, rows, SEED + 1)
        for number in range(ROUNDS):
            root = _project(Path(folder) / f"round-{number}")
            with House(root, pinned(NOW)) as house:
                studying.take_in(house, "proactiv", "before", earlier, "bench")
            ours.append(_ours(root, file))
            start = perf_counter()
            pd.read_csv(file)
            pandas.append(perf_counter() - start)
            start = perf_counter()
            pl.read_csv(file)
            polars.append(perf_counter() - start)
    name = f"{rows:,} rows taken in and compared"
    yield Figure(name, min(ours), "s", "pandas reading the file", min(pandas), 5, command)
    yield Figure(f"{name}, for scale", min(ours), "s", "polars reading the file", min(polars), 100, command)


def _project(root: Path) -> Path:
    shutil.copytree(ROOT / _FOLDER, root / _FOLDER)
    shutil.copy(ROOT / "outreach.toml", root)
    for name in ("helplines.yml", "funders.yml"):
        shutil.copy(ROOT / "content" / name, root / "content")
    shutil.copytree(ROOT / "content" / "campaigns", root / "content" / "campaigns")
    study = root / _FOLDER / "study" / "study.yml"
    text = study.read_text("utf-8")
    for wave, first, last in (("before", "2026-09-01", "2026-09-30"), ("after", "2026-11-01", "2026-11-30")):
        text = text.replace(f"  {wave}:\n", f"  {wave}:{_WAVE.format(first=first, last=last)}\n", 1)
    study.write_text(text, "utf-8")
    return root


def _write(path: Path, form: Form, rows: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    asked = [one for one in form.questions.values() if one.kind in {Kind.ONE, Kind.MANY}]
    columns = [[f"uuid:{seed}-{number:012d}" for number in range(rows)]]
    for question in asked:
        codes = np.array(form.codes(question.name))
        if question.kind is Kind.ONE:
            columns.append(codes[dice.integers(0, len(codes), rows)].tolist())
        else:
            chosen = dice.random((rows, len(codes))) < 0.3
            columns.append([" ".join(codes[row]) for row in chosen])
    header = ["KEY", *("-".join([*one.groups, one.name]) for one in asked)]
    lines = (",".join(cells) for cells in zip(*columns, strict=True))
    path.write_text("\n".join([",".join(header), *lines]) + "\n", "utf-8")


def _ours(root: Path, file: Path) -> float:
    start = perf_counter()
    with House(root, pinned(NOW)) as house:
        taken = studying.take_in(house, "proactiv", "after", file, "bench").taken
        made = study_results.comparison(house, "proactiv", "before", "after")
    passed = perf_counter() - start
    assert taken.new + taken.empty == taken.rows
    assert made.compared > 20
    return passed
