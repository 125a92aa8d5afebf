"""The command that begins a new project: `init`."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.terminal import PROBLEMS, Refusal, out, print_json, sentences
from pipeline.content.init import InitRefused, write_project


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", prompt="Name of the programme", help="Name of the programme.")
@click.option("--languages", prompt="Languages, the source language first (such as: ro en)", help="Such as 'ro en'.")
@click.option("--zone", prompt="Time zone (such as Europe/Bucharest)", help="Time zone, such as Europe/Bucharest.")
@click.option("--country", prompt="Country, two letters (such as RO)", help="Country, two letters, such as RO.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def init(
    context: click.Context, folder: Path, name: str, languages: str, zone: str, country: str, *, as_json: bool
) -> None:
    """Write a new project for another place into FOLDER, ready for its own messages."""
    codes = languages.replace(",", " ").split()
    with sentences():
        try:
            today = context.obj["clock"].now().date()
            written = write_project(folder, name=name, languages=codes, zone=zone, country=country, today=today)
        except InitRefused as refused:
            raise Refusal(str(refused), PROBLEMS) from None
    if as_json:
        print_json({"files": written.files, "helplines": written.helplines, "translate": written.translate})
        return
    for path in written.files:
        out.print(f"wrote {folder / path}", markup=False)
    out.print("\nBefore anything can be published, a person has to see to this:", style="bold")
    for helpline in written.helplines:
        out.print(
            f"- verify the helpline {helpline}, then: outreach helplines verify {helpline} --by … --how …", markup=False
        )
    for language in written.translate:
        out.print(f"- translate the texts that are marked in {language}.md", markup=False)
    out.print("`outreach check` says what is still missing.")


COMMANDS = (init,)
