"""What the commands about people of trainings share: sentences for what cannot be done, letters to institutions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from pipeline.app.house import House
from pipeline.app.trained import NotPossible
from pipeline.app.training_letters import Letter
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, err, house, out
from pipeline.programme.people import NoKey


@contextmanager
def at_work(context: click.Context) -> Iterator[House]:
    """Open the project; what cannot be done becomes a sentence."""
    with house(context) as home:
        try:
            yield home
        except (NotPossible, NoKey) as error:
            raise Refusal(str(error), PROBLEMS) from None


def letters(written: list[Letter]) -> None:
    """Say which letters are queued, and print those that have to be sent by hand: then the exit code is 3."""
    by_hand = [one for one in written if one.why]
    for one in written:
        if not one.why:
            out.print(f"queued: a letter to {one.institution}", markup=False)
    for one in by_hand:
        err.print(
            f"{one.institution}: to be sent by hand, because {one.why.rstrip('.')}:", style="yellow", markup=False
        )
        out.print(one.text, markup=False)
    if by_hand:
        raise SystemExit(ATTENTION)
