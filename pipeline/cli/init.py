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
@click.option(
    "--from",
    "model",
    metavar="PLAN_OR_PROJECT",
    help="Take over the shape of a plan of this project, or of another project's folder, without its data.",
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def init(
    context: click.Context,
    folder: Path,
    name: str,
    languages: str,
    zone: str,
    country: str,
    model: str | None,
    *,
    as_json: bool,
) -> None:
    """Write a new project for another place into FOLDER, ready for its own messages.

    With --from it begins with the activities, roles, networks, referral steps and questionnaire of another place, and
    with none of its days, members, costs, answers, results or numbers.
    """
    codes = languages.replace(",", " ").split()
    replica = None
    with sentences():
        try:
            today = context.obj["clock"].now().date()
            if model is None:
                written = write_project(folder, name=name, languages=codes, zone=zone, country=country, today=today)
            else:
                from pipeline.app.replicating import replicate  # noqa: PLC0415  (only who takes over a shape needs it)

                replica = replicate(
                    folder, model, context.obj["root"], name=name, languages=codes, zone=zone, country=country,
                    today=today,
                )  # fmt: skip
                written = replica.written
        except InitRefused as refused:
            raise Refusal(str(refused), PROBLEMS) from None
    left = replica.left if replica else ()
    if as_json:
        told = {"files": written.files, "helplines": written.helplines, "translate": written.translate}
        print_json({**told, "not_taken_over": left})
        return
    for path in written.files:
        out.print(f"wrote {folder / path}", markup=False)
    for path in left:
        out.print(f"not taken over: {path}", style="yellow", markup=False)
    out.print("\nBefore anything can be published, a person has to see to this:", style="bold")
    for helpline in written.helplines:
        out.print(
            f"- verify the helpline {helpline}, then: outreach helplines verify {helpline} --by … --how …", markup=False
        )
    for language in written.translate:
        out.print(f"- translate the texts that are marked in {language}.md", markup=False)
    if replica:
        out.print(
            "- read what was taken over: its texts may still speak of the other place, and networks are not public"
        )
        if marked := replica.marked:
            out.print(f"- translate what is marked in {', '.join(marked)}", markup=False)
    out.print("`outreach check` says what is still missing.")


COMMANDS = (init,)
