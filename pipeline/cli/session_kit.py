"""The command for the kit of a training session."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.app import training
from pipeline.cli.terminal import PROBLEMS, Refusal, err, out
from pipeline.cli.trained import at_work


@click.command("kit")
@click.argument("session")
@click.option(
    "--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.zip",
    help="Where it is written.",
)  # fmt: skip
@click.option("--names", is_flag=True, help="With those who are confirmed on the sheets; needs the key.")
@click.pass_context
def kit(context: click.Context, session: str, file: Path, *, names: bool) -> None:
    """Write what SESSION is held with: agenda, a sheet for each half-day, the test, kits of what is handed out.

    It is in the languages of the session. Sheets have empty lines; with --names the file lies outside the project.
    """
    from pipeline.app import session_kits  # noqa: PLC0415  (kits take long to load)
    from pipeline.app.kits import KitProblem  # noqa: PLC0415

    if file.suffix.lower() != ".zip":
        raise Refusal(f"{file}: a kit is written as .zip.", PROBLEMS)
    with at_work(context) as home:
        try:
            made = session_kits.write(home, training.session(home, session), file, names=names)
        except KitProblem as error:
            raise Refusal(str(error), PROBLEMS) from None
        for path in made.files:
            out.print(path, markup=False)
        for what in made.lacking:
            err.print(f"not in it: {what}", style="yellow", markup=False)
        out.print(f"written: {file}", markup=False)


OF_TRAINING = (kit,)
