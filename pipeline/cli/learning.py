"""The command for tests of trainings."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.app import examining, training
from pipeline.app.evaluating import words_of
from pipeline.cli.desk import BY
from pipeline.cli.terminal import PROBLEMS, Refusal, out, print_json, who
from pipeline.cli.trained import at_work
from pipeline.programme.gains import Result
from pipeline.programme.knowledge_tests import Wave

_WAVES = [wave.value for wave in Wave]


@click.command("tests")
@click.argument("session")
@click.option(
    "--take", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Take the answers of a wave in (CSV or XLSX).",
)  # fmt: skip
@click.option(
    "--sheet", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write the sheet of a wave, FILE.docx or FILE.pdf; without --wave the right answers.",
)  # fmt: skip
@click.option("--wave", type=click.Choice(_WAVES), help="Before, right after, or long after the session.")
@click.option("--in", "language", metavar="CODE", help="The sheet's language.  [default: the test's first]")
@click.option("--json", "as_json", is_flag=True)
@BY
@click.pass_context
def tests(
    context: click.Context,
    session: str,
    take: Path | None,
    sheet: Path | None,
    wave: str | None,
    language: str | None,
    by: str | None,
    *,
    as_json: bool,
) -> None:
    """Show what people learned in SESSION, from those only of whom both tests are there.

    A table of answers has the column 'code' and one for each item of the test, or 'code' and 'percent'. Given again, it
    takes the earlier one's place. No row is taken in while one has a problem.
    """
    with at_work(context) as home:
        one = training.session(home, session)
        if sheet:
            test = examining.of_session(home, one)
            spoken = language or test.languages[0]
            if spoken not in test.languages or sheet.suffix.lower() not in {".docx", ".pdf"}:
                there = ", ".join(test.languages)
                raise Refusal(f"a sheet is written as .docx or .pdf, in one of these languages: {there}.", PROBLEMS)
            words = words_of(home, examining.WORDS, spoken)
            examining.write_sheet(home, test, Wave(wave) if wave else None, words, sheet)
            out.print(f"written: {sheet}", markup=False)
        if take:
            if wave is None:
                raise Refusal(f"say with --wave which one it is: {', '.join(_WAVES)}.", PROBLEMS)
            count, earlier = examining.take(home, one, Wave(wave), take, who(by))
            instead = f" in place of {earlier}" if earlier else ""
            out.print(f"{count} sheets of the {wave} test taken in{instead}.")
        if sheet and not take:
            return
        found = examining.results(home, one)
        if as_json:
            print_json([_data(result) for result in found.values()])
            return
        for result in found.values():
            _show(result)
        if not found:
            out.print(f"No sheet was taken in for {one.name} yet.", markup=False)


def _show(one: Result) -> None:
    found = one.matched
    out.print(f"{one.first} ({one.sheets[0]} sheets) and {one.second} ({one.sheets[1]} sheets)", style="bold")
    same, near = found.exact, found.near
    people = "1 person" if len(found.pairs) == 1 else f"{len(found.pairs)} people"
    out.print(f"  matched: {people}, {same} by the same code, {near} by one that differs in one character")
    out.print(f"  without a partner: {found.before} before, {found.after} after")
    if found.doubled:
        out.print(f"  of these {found.doubled} have a code that stands twice")
    if one.gain:
        gain = one.gain
        out.print(
            f"  of those matched: {gain.before:.1f} points of 100 before, {gain.after:.1f} after: {gain.mean:+.1f} "
            f"(95 %: {gain.low:+.1f} to {gain.high:+.1f})"
        )
    else:
        out.print("  the gain is not shown for so few people" if one.few else "  nobody was matched: no gain to tell")


def _data(one: Result) -> dict[str, object]:
    found, gain = one.matched, one.gain
    return {
        "first": one.first, "second": one.second, "sheets": one.sheets, "matched": len(found.pairs),
        "same_code": found.exact, "near_code": found.near, "unmatched": [found.before, found.after],
        "doubled": found.doubled, "too_few": one.few,
        "gain": gain and {"mean": gain.mean, "low": gain.low, "high": gain.high, "before": gain.before,
                          "after": gain.after},
    }  # fmt: skip


OF_TRAINING = (tests,)
