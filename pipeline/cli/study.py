"""The commands for studies: the questionnaire, answers taken in, sample sizes, results, comparison, release."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pipeline.app import studying
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out


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


COMMANDS = (study,)
