"""The command that answers the questions of an evaluation, and writes the final report."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.app import evaluating
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out, print_json
from pipeline.programme.matrix import Answer, Row


@click.command()
@click.argument("plan")
@click.option("--in", "language", metavar="CODE", help="The language.  [default: the plan's own first]")
@click.option(
    "--write", "files", multiple=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write the final report too: FILE.docx or FILE.pdf; may be repeated.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def evaluation(
    context: click.Context, plan: str, language: str | None, files: tuple[Path, ...], *, as_json: bool
) -> None:
    """Show what the evaluation of a PLAN asks: what is answered, by which evidence, and what is open and why."""
    for path in files:
        if path.suffix.lower() not in {".docx", ".pdf"}:
            raise Refusal(f"{path}: a final report is written as .docx or .pdf.", PROBLEMS)
    with house(context) as home:
        desk = evaluating.desk(home)
        if plan not in desk.evaluations:
            there = ", ".join(desk.evaluations) or "none"
            file = f"content/activities/{plan}/evaluation.yml"
            todo = f"write {file}" if plan in desk.plans else "see `outreach programme`"
            raise Refusal(f"there is no evaluation of '{plan}'; there are: {there}; {todo}.", PROBLEMS)
        languages = home.settings.programme.languages
        spoken = language or next((one for one in desk.plans[plan].title if one in languages), languages[0])
        if spoken not in languages:
            raise Refusal(f"'{spoken}' is no language of the programme; these are: {', '.join(languages)}.", PROBLEMS)
        words = evaluating.words_of(home, evaluating.WORDS, spoken)
        rows = evaluating.filled(home, desk, plan, words)
        if as_json:
            print_json([_data(row) for row in rows])
        else:
            _show(rows)
        for path in files:
            evaluating.write(home, desk, plan, words, path)
            if not as_json:
                out.print(f"written: {path}", markup=False, style="dim")


def _show(rows: tuple[Row, ...]) -> None:
    styles = {"answered": "green", "partly": "yellow", "unanswered": "yellow"}
    for row in rows:
        out.print(f"{row.asks}", style="bold", markup=False)
        out.print(f"  {row.status.value}", style=styles[row.status], markup=False)
        for one in row.answers:
            out.print(f"  {'+' if one.answers else '-'} {one.says or one.why}", markup=False)
            for line in one.proof if one.answers else ():
                out.print(f"      {line}", style="dim", markup=False)
        if row.limits:
            out.print(f"  limit: {row.limits}", style="dim", markup=False)
        out.print()


def _data(row: Row) -> dict[str, object]:
    return {
        "question": row.question, "asks": row.asks, "status": row.status, "limits": row.limits,
        "answers": [_answer(one) for one in row.answers],
    }  # fmt: skip


def _answer(one: Answer) -> dict[str, object]:
    return {
        "from": one.kind, "name": one.name, "answers": one.answers, "says": one.says, "evidence": one.proof,
        "why_not": one.why,
    }  # fmt: skip


COMMANDS = (evaluation,)
