"""The commands for studies: the questionnaire, answers taken in, sample sizes, results, comparison, release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from pipeline.app import studying
from pipeline.app.house import House
from pipeline.cli.desk import BY
from pipeline.cli.terminal import PROBLEMS, Refusal, house, out, print_json, who
from pipeline.reports.form import Cell
from pipeline.reports.tables import Table


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


# --- sample sizes ---

_BETWEEN = click.FloatRange(0, 1, min_open=True, max_open=True)


@study.command("size")
@click.option("--margin", type=_BETWEEN, help="How many have to answer for this margin (0.05: five points either way).")
@click.option("--answers", type=click.IntRange(2), help="Which margin so many answers give.")
@click.option(
    "--detect", type=_BETWEEN, help="How many in each of two waves to find a change of this size (0.1: ten points)."
)
@click.option("--share", type=_BETWEEN, default=0.5, show_default=True, help="The share that is expected.")
@click.option("--confidence", type=_BETWEEN, default=0.95, show_default=True)
@click.option("--power", type=_BETWEEN, default=0.8, show_default=True, help="How probably a change is found.")
@click.option("--population", type=click.IntRange(2), help="How many people there are in all, where they are few.")
@click.option(
    "--design-effect", type=click.FloatRange(1), default=1.0, show_default=True, help="What clusters or weights cost."
)
@click.option("--json", "as_json", is_flag=True)
def size(
    margin: float | None, answers: int | None, detect: float | None, share: float, confidence: float, power: float,
    population: int | None, design_effect: float, *, as_json: bool,
) -> None:  # fmt: skip
    """Reckon how many have to answer: for a margin, or to find a change between two waves."""
    from pipeline.programme.study import shares  # noqa: PLC0415

    if [margin, answers, detect].count(None) != 2:
        raise click.UsageError("give one of --margin, --answers and --detect.")
    if population and answers and answers > population:
        raise click.UsageError("more answers than people.")
    more = {"share": share, "confidence": confidence, "population": population, "design_effect": design_effect}
    found: dict[str, float]
    if margin is not None:
        found = {"margin": margin, "answers": shares.size_for_margin(margin, **more)}  # type: ignore[arg-type]
        told = f"{found['answers']:,} answers give a margin of {margin:.1%} either way."
    elif answers is not None:
        found = {"answers": answers, "margin": shares.margin_for_size(answers, **more)}  # type: ignore[arg-type]
        told = f"{answers:,} answers give a margin of {found['margin']:.1%} either way."
    else:
        assert detect is not None
        found = {"detect": detect, "answers_per_wave": shares.size_to_detect(detect, power=power, **more)}  # type: ignore[arg-type]
        each = f"{found['answers_per_wave']:,} answers in each wave"
        told = f"{each} find a change of {detect:.1%} with {power:.0%} probability."
    if as_json:
        print_json(found | {name: value for name, value in more.items() if value is not None})
        return
    out.print(told)
    about = f"a share around {share:.0%}, {confidence:.0%} confidence, design effect {design_effect:g}"
    out.print(f"For a random sample, {about}.", style="dim")


# --- results ---

_IN = click.option("--in", "language", metavar="CODE", help="The language.  [default: the first]")
_FOLDER = click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write files there.")
_FORMS = click.option(
    "--format", "forms", multiple=True, type=click.Choice(["csv", "xlsx", "json"]), default=("csv", "xlsx", "json"),
    help="Which files.  [default: all]",
)  # fmt: skip


@study.command("results")
@click.argument("plan", metavar="PLAN")
@click.option("--wave", metavar="NAME", help="Only this wave.")
@_IN
@_FOLDER
@_FORMS
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def results(
    context: click.Context, plan: str, wave: str | None, language: str | None, folder: Path | None,
    forms: tuple[str, ...], *, as_json: bool,
) -> None:  # fmt: skip
    """Show the shares of PLAN's study with their intervals, and how they came about.

    Answers that fewer than eleven people gave are not shown, nor what would give them away.
    """
    from pipeline.app import study_results, study_tables  # noqa: PLC0415

    with _sentences(), house(context) as home:
        spoken = language or home.settings.programme.languages[0]
        found = study_results.results(home, plan, wave)
        tables = study_tables.result_tables(found, spoken)
        _give(home, tables, f"Study of {plan}", folder, forms, as_json=as_json)


@study.command("compare")
@click.argument("plan", metavar="PLAN")
@click.argument("before")
@click.argument("after")
@_IN
@_FOLDER
@_FORMS
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def compare(
    context: click.Context, plan: str, before: str, after: str, language: str | None, folder: Path | None,
    forms: tuple[str, ...], *, as_json: bool,
) -> None:  # fmt: skip
    """Show how the shares of PLAN's study changed from the wave BEFORE to the wave AFTER, and what that rests on.

    Questions that were not asked in the same words, translations and mode are not compared.
    """
    from pipeline.app import study_results, study_tables  # noqa: PLC0415

    with _sentences(), house(context) as home:
        spoken = language or home.settings.programme.languages[0]
        found = study_results.comparison(home, plan, before, after)
        tables = study_tables.comparison_tables(found, spoken)
        _give(home, tables, f"Study of {plan}: {before} and {after}", folder, forms, as_json=as_json)


@study.command("release")
@click.argument("plan", metavar="PLAN")
@click.pass_context
def release(context: click.Context, plan: str) -> None:
    """Write the results of PLAN's study beside its file, where the site takes them from.

    Only shares are written, with small counts hidden; `released: true` has to stand in study.yml.
    """
    from pipeline.app import study_results  # noqa: PLC0415

    with _sentences(), house(context) as home:
        made = study_results.release(home, plan)
    waves = ", ".join(one.wave for one in made.waves)
    out.print(f"written: content/activities/{plan}/study/{study_results.RELEASED} ({waves})", markup=False)


def _give(
    home: House, tables: Sequence[Table], title: str, folder: Path | None, forms: Sequence[str], *, as_json: bool
) -> None:
    from pipeline.app import reporting  # noqa: PLC0415
    from pipeline.reports import files  # noqa: PLC0415
    from pipeline.reports.form import Form  # noqa: PLC0415

    if as_json:
        out.file.write(files.tables_as_json(tables, home.clock.now()) + "\n")
    elif folder is None:
        for table in tables:
            _show(table)
    else:
        form = Form("en", reporting.zone(home))
        for path in files.write_tables(tables, folder, "study", title, home.clock.now(), form, forms):
            out.print(f"written: {path}", markup=False)


def _show(table: Table) -> None:
    """Print a table by lines: questions and answers are texts, and in columns they would be cut."""
    out.print(table.title, style="bold", markup=False)
    asked = None
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=True))
        if "answer" not in cells:
            out.print(f"  {': '.join(_cell(value) for value in row)}", markup=False)
            continue
        if cells["asked"] != asked:
            asked = cells["asked"]
            out.print(f"  {cells['question']}: {asked}{_answered(cells)}", markup=False)
        out.print(f"    {cells['answer']}: {_share(cells) if 'share' in cells else _change(cells)}", markup=False)
    out.print()


def _answered(cells: Mapping[str, Cell]) -> str:
    if "share" not in cells:
        return ""
    return f" ({_cell(cells['answered'])} answered, {_cell(cells['no answer'])} did not)"


def _share(cells: Mapping[str, Cell]) -> str:
    if not isinstance(cells["share"], float):
        return _cell(cells["share"])
    return f"{_cell(cells['share'])} ({_between(cells)}), {_cell(cells['people'])} people"


def _change(cells: Mapping[str, Cell]) -> str:
    change = cells["change"]
    if not isinstance(change, float):
        return f"not compared ({cells['not compared']})" if cells["not compared"] else "not compared"
    sure = "more than chance" if cells["sure"] == "yes" else "may be chance"
    points = f"{_cell(cells['before'])} before, {_cell(cells['after'])} after: {100 * change:+.1f} points"
    chance = cells["p corrected"]
    p = f"p {chance:.4f}" if isinstance(chance, float) and chance >= 0.0001 else "p < 0.0001"
    return f"{points} ({_between(cells)}), {sure} ({p})"


def _between(cells: Mapping[str, Cell]) -> str:
    return f"{_cell(cells['at least'])} to {_cell(cells['at most'])}"


def _cell(value: Cell) -> str:
    if isinstance(value, float):
        return f"{value:.1%}"
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


COMMANDS = (study,)
