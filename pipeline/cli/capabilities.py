"""The command `channels`: what every installed channel takes and can do."""

from __future__ import annotations

from collections.abc import Iterator

import click
from rich.table import Table

from pipeline.app import capabilities
from pipeline.app.capabilities import Capabilities
from pipeline.cli.terminal import PROBLEMS, Refusal, err, out, print_json

_YES = {True: "yes", False: "no"}


@click.command()
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def channels(kind: str | None, *, as_json: bool) -> None:
    """Show what every installed channel takes, can do and costs, or all that is known of one KIND.

    It is what the code declares; no project is needed, and no network is asked.
    """
    found, problems = capabilities.installed()
    chosen = [one for one in found if kind in (None, one.kind)]
    for problem in problems:
        err.print(problem, style="yellow", markup=False)
    if kind is not None and not chosen:
        raise Refusal(f"there is no channel '{kind}'; there are: {', '.join(one.kind for one in found)}.", PROBLEMS)
    if as_json:
        print_json([one.to_dict() for one in chosen] if kind is None else chosen[0].to_dict())
    elif kind is None:
        _show_all(chosen)
    else:
        _show_one(chosen[0])


def _show_all(found: list[Capabilities]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("channel", "text", "pictures", "unclear posts are", "edits", "deletes", "figures", "price"):
        table.add_column(name, overflow="fold", vertical="top")
    for one in found:
        length = one.traits.max_length
        able = [_YES[one.can(name)] for name in ("edits", "deletes", "measures")]
        pictures = str(one.traits.media.max_count or "none")
        text = "no limit" if length is None else f"{length:,}"
        table.add_row(one.kind, text, pictures, one.settling, *able, one.price)
    out.print(table, soft_wrap=False)
    out.print("How each one counts, and the rest: `outreach channels KIND`.", style="dim")


def _show_one(one: Capabilities) -> None:
    out.print(f"{one.traits.label} ({one.kind})", style="bold", markup=False)
    out.print(one.about, markup=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(one):
        table.add_row(name, value)
    out.print(table, soft_wrap=False, markup=False)


def _rows(one: Capabilities) -> Iterator[tuple[str, str]]:
    traits = one.traits
    yield "text", one.text
    yield "pictures", one.media
    yield "threads", one.threads
    yield "link", "in the text" if traits.link_in_text else "beside the text"
    if traits.max_hashtags is not None:
        yield "hashtags", str(traits.max_hashtags)
    yield "requests", one.quota
    yield "unclear posts are", one.settling
    for name, meaning in (
        ("finds", "can look a post up"),
        ("edits", "can correct in place"),
        ("deletes", "can take back"),
        ("measures", "gives figures"),
        ("checks", "can be examined"),
    ):
        yield meaning, _YES[one.can(name)]
    yield "price", one.price
    if traits.price_note:
        yield "", traits.price_note
    yield "settings", ", ".join(_setting(setting) for setting in one.settings)
    yield "facts", f"{traits.facts_from}, read {traits.facts_read_on}"


def _setting(setting: capabilities.Setting) -> str:
    told = [word for word, holds in (("needed", setting.default is None), ("secret", setting.secret)) if holds]
    return f"{setting.name} ({', '.join(told)})" if told else setting.name


COMMANDS = (channels,)
