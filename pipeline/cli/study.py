"""The commands for studies: the questionnaire, answers taken in, sample sizes, results, comparison, release."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pipeline.app import studying
from pipeline.cli.desk import BY
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out, print_json, who


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except studying.NotPossible as error:
        raise Refusal(str(error), PROBLEMS) from None


@click.group()
def study() -> None:
    """Studies of what people know and think: questionnaire, answers, results, before and after."""


@study.command("form")
@click.argument("plan", metavar="PLAN")
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to (.xlsx).")
@click.pass_context
def form(context: click.Context, plan: str, file: Path) -> None:
    """Write the questionnaire of PLAN's study for ODK or LimeSurvey: checked, with notice and helpline filled in.

    The number comes from the registry, and only while somebody's verification of it holds.
    """
    with _sentences(), house(context) as home:
        file.write_bytes(studying.make_form(home, plan))
    out.print(f"written: {file}", markup=False)


@study.command("import")
@click.argument("plan", metavar="PLAN")
@click.argument("wave")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@BY
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def import_(context: click.Context, plan: str, wave: str, file: Path, by: str | None, *, as_json: bool) -> None:
    """Take answers into a WAVE of PLAN's study: FILE is a CSV of ODK Central or Collect, or of LimeSurvey.

    All of it is taken in, or nothing with every wrong cell told. A record counts once, however often it is given.
    Columns that say who, where or with which device somebody answered are not read.
    """
    with _sentences(), house(context) as home:
        done = studying.take_in(home, plan, wave, file, who(by))
    taken = done.taken
    if as_json:
        told = {name: getattr(taken, name) for name in ("rows", "new", "again", "changed", "unfinished", "empty")}
        print_json(told | {"known_file": taken.known_file, "not_read": list(done.dropped)})
        return
    if taken.known_file:
        out.print("This file was taken in before; nothing has changed.")
        return
    out.print(f"{taken.rows:,} rows: {taken.new:,} new, {taken.again:,} known already, {taken.changed:,} changed")
    if taken.unfinished or taken.empty:
        out.print(f"left out: {taken.unfinished:,} not finished, {taken.empty:,} without any answer", style="dim")
    if done.dropped:
        out.print(f"not read, because they are about persons: {', '.join(done.dropped)}", style="dim", markup=False)


COMMANDS = (study,)
