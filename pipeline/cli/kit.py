"""The commands for kits: `kit build`, `kit verify`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pipeline.app import kit_building
from pipeline.app.kits import KitProblem, Shelved
from pipeline.cli.terminal import ATTENTION, FAILED, OK, Refusal, house, out, print_json, sentences
from pipeline.partners.kits.verify import NotAKit, Standing, Verdict

ALTERED, RECALLED = 4, 5
"""The exit codes of `kit verify` besides the usual ones."""
_CODES = {
    Standing.CURRENT: OK,
    Standing.OUTDATED: ATTENTION,
    Standing.ALTERED: ALTERED,
    Standing.RECALLED: RECALLED,
    Standing.UNKNOWN: FAILED,
}
_STYLES = {Standing.CURRENT: "green", Standing.OUTDATED: "yellow"}


@click.group()
def kit() -> None:
    """Kits for partners: make them, and check one that was downloaded."""


@kit.command("build")
@click.option("--message", metavar="ID", help="This message alone.")
@click.option("--campaign", metavar="ID", help="The kits of this campaign alone.")
@click.option("--language", metavar="CODE", help="This language alone.")
@click.option("--partner", metavar="SLUG", help="With the logo, local contact and links of this partner.")
@click.option("--embargoed", is_flag=True, help="Those under embargo too, apart, for the partner that is named.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def build(
    context: click.Context,
    message: str | None,
    campaign: str | None,
    language: str | None,
    partner: str | None,
    *,
    embargoed: bool,
    as_json: bool,
) -> None:
    """Make kits: of every message and campaign, or of those that are named.

    They lie in build/kits, one ZIP for each and each language; under embargo in build/private. A kit whose content did
    not change stays as it is and keeps its version.
    """
    asked = kit_building.Asked(message, campaign, language, partner or "", embargoed=embargoed)
    with house(context) as home, _kit_sentences():
        done = kit_building.build_kits(home, asked)
        root = home.root
    if as_json:
        print_json([_plain(one) for one in done.made])
    for one in [] if as_json else done.made:
        said = one.manifest
        mark = "new" if one.anew else "as it was"
        place = one.path.relative_to(root) if one.path.is_relative_to(root) else one.path
        out.print(f"{said.name}  version {said.version}, {one.size / 1e6:.1f} MB, {mark}: {place}", markup=False)
    if not as_json:
        count = len(done.made)
        out.print(f"{count} kit{'' if count == 1 else 's'} ({done.seconds:.1f} s)", style="bold")


@kit.command("verify")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--versions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with this versions.json of the site, not with the project's memory.",
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify(context: click.Context, file: Path, versions: Path | None, *, as_json: bool) -> None:
    """Say whether a kit is still right. FILE is its ZIP, the folder into which it was unpacked, or its manifest.json.

    Exit codes: 0 whole and current; 3 whole, but outdated; 4 altered; 5 taken back; 1 it cannot be told.
    """
    with sentences(), _kit_sentences():
        verdict = kit_building.verify_kit(context.obj["root"], context.obj["clock"], file, versions)
    if as_json:
        print_json(_told(verdict))
    else:
        _show(verdict)
    raise SystemExit(_CODES[verdict.standing])


@contextmanager
def _kit_sentences() -> Iterator[None]:
    """Turn what can go wrong with kits into sentences."""
    try:
        yield
    except (KitProblem, NotAKit) as error:
        raise Refusal(str(error)) from None


def _plain(one: Shelved) -> dict[str, Any]:
    said = one.manifest
    return {
        "kit": said.name, "version": said.version, "digest": said.digest, "state": said.state.value,
        "valid_until": str(said.valid_until), "embargo": said.embargo, "path": str(one.path), "size": one.size,
        "new": one.anew, "left_out": list(said.left_out),
    }  # fmt: skip


def _told(verdict: Verdict) -> dict[str, Any]:
    said = verdict.manifest
    return {
        "kit": said.name, "standing": verdict.standing.value, "version": said.version, "newest": verdict.newest,
        "valid_until": str(said.valid_until), "altered": list(verdict.altered), "missing": list(verdict.missing),
        "strange": list(verdict.strange), "reasons": list(verdict.reasons),
        "changes": verdict.changes.model_dump(mode="json") if verdict.changes else None,
        "files_looked_at": verdict.looked_at_files,
    }  # fmt: skip


_SENTENCES = {
    Standing.CURRENT: "whole and current",
    Standing.OUTDATED: "whole, but outdated",
    Standing.ALTERED: "altered",
    Standing.RECALLED: "taken back: do not use it, and take down what was published of it",
    Standing.UNKNOWN: "not known here",
}


def _show(verdict: Verdict) -> None:
    said = verdict.manifest
    style = _STYLES.get(verdict.standing, "red")
    out.print(f"{said.name}, version {said.version}: {_SENTENCES[verdict.standing]}", style=style, markup=False)
    for why in verdict.reasons:
        out.print(f"  {why}", markup=False)
    changed = verdict.changes
    lists = [("altered", verdict.altered), ("missing", verdict.missing), ("does not belong to it", verdict.strange)]
    if changed:
        lists += [("new now", changed.added), ("changed now", changed.changed), ("gone now", changed.removed)]
        if changed.facts:
            out.print("  dates or conditions changed", markup=False)
    for what, paths in lists:
        for path in paths:
            out.print(f"  {what}: {path}", markup=False)
    if not verdict.looked_at_files:
        out.print("  only the manifest was looked at; give the ZIP to check its files too", markup=False)


COMMANDS = (kit,)
