"""The page of all channels: what their code declares, and what the conformance suite found when it last tried them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from channels.testing.points import POINTS
from pipeline.app import capabilities
from pipeline.app.capabilities import Capabilities

MADE = "<!-- Made by `python -m pipeline.cli.reference`; do not edit. -->\n"
FOUND = Path(__file__).parents[2] / "docs" / "conformance.json"
"""What the suite found, written by it (:mod:`channels.testing.report`)."""

_MARKS = {"passed": "✓", "failed": "✗", "skipped": "–"}
_YES = {True: "yes", False: "–"}
_INTRODUCTION = """\
This page is made from the program. The first tables say what the code of each channel declares (`outreach channels`
prints the same), the last one what the conformance suite found. What to create at a network, which permissions a token
needs and what can go wrong there stands on the network's own page.
"""
_DOUBT = """\
A post of which it is not known whether it arrived is never simply sent again. Prices are those of the network's list on
the day on which it was read; `outreach doctor` asks for another look after half a year.
"""
_LEGEND = """\
✓ held; – asks for more than there is (the reasons stand below); ✗ failed. **Bold** is a real server. The others are
simulators: servers on this machine that refuse as the network's documentation says.
"""
_HELD_TO = """\
A simulator knows only what its author knew, unless something else knows better: an OpenAPI document that the network
publishes (while the suite runs, every request of the channel and every answer of the simulator must fit it), or a real
server on which the same suite runs. Where neither is there, the documentation for people is all that it was made from.
"""


def page() -> str:
    """Return the page."""
    found, _ = capabilities.installed()
    results = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    return "\n".join([MADE, "# Channels\n", _INTRODUCTION, *_declared(found), *_tried(found, results)]) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(heads)
    yield _row(names)
    yield f"|{'---|' * len(names)}"
    yield from map(_row, rows)
    yield ""


# --- what is declared --------------------------------------------------------------------------------------


def _declared(found: list[Capabilities]) -> Iterator[str]:
    yield "## What each takes and can do\n"
    heads = ["channel", "longest text, counted as", "pictures", "threads", "edits", "deletes", "figures"]
    yield from _table(
        heads,
        (
            (
                _named(one),
                one.text,
                one.media,
                one.threads,
                _YES[one.can("edits")],
                _YES[one.can("deletes")],
                _YES[one.can("measures")],
            )
            for one in found
        ),
    )
    yield "## Doubt, limits and price\n"
    yield _DOUBT
    heads = ["channel", "an unclear post is", "requests", "price of a post", "facts read on"]
    yield from _table(
        heads,
        (
            (
                one.traits.label,
                one.settling,
                one.quota,
                one.price,
                _facts(one),
            )
            for one in found
        ),
    )


def _facts(one: Capabilities) -> str:
    read_on, source = one.traits.facts_read_on, one.traits.facts_from
    return f"[{read_on}]({source})" if "://" in source else f"{read_on} ({source})"


def _named(one: Capabilities) -> str:
    there = (FOUND.parent / "networks" / f"{one.kind}.md").exists()
    return f"[{one.traits.label}](networks/{one.kind}.md)" if there else one.traits.label


# --- what was found ----------------------------------------------------------------------------------------


def _tried(found: list[Capabilities], results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    labels = {one.kind: one.traits.label for one in found}
    yield "## The points of the suite\n"
    yield from (f"{number}. {point[0].upper()}{point[1:]}." for number, point in enumerate(POINTS, 1))
    yield ""
    yield _LEGEND
    numbers = [str(number) for number in range(1, len(POINTS) + 1)]
    yield from _table(
        ("channel", "tried on", *numbers),
        (
            (labels.get(kind, kind), f"**{server}**" if told["real"] else server, *map(_mark(told), numbers))
            for kind in sorted(results)
            for server, told in sorted(results[kind].items(), key=lambda item: (not item[1]["real"], item[0]))
        ),
    )
    yield "### What each simulator was held to\n"
    yield _HELD_TO
    yield from _table(
        ("channel", "tried on", "held to"),
        (
            (labels.get(kind, kind), server, _held_to(results[kind], told))
            for kind in sorted(results)
            for server, told in sorted(results[kind].items())
            if not told["real"]
        ),
    )
    yield "### What was left out, and why\n"
    yield from _table(("point", "because", "on"), _left_out(results))


def _held_to(servers: Mapping[str, Mapping[str, Any]], told: Mapping[str, Any]) -> str:
    real = [f"the real server, {server}" for server, other in sorted(servers.items()) if other["real"]]
    document = told.get("document")
    published = [f"[OpenAPI document]({document['url']}), read {document['read_on']}"] if document else []
    return "; ".join([*published, *real]) or "documentation only"


def _mark(told: Mapping[str, Any]) -> Any:
    return lambda number: _MARKS.get(told["points"].get(number, {}).get("outcome"), "")


def _left_out(results: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    reasons: dict[tuple[int, str], list[str]] = {}
    for kind in sorted(results):
        for server, told in sorted(results[kind].items()):
            for number, point in told["points"].items():
                for reason in point["without"]:
                    reasons.setdefault((int(number), reason), []).append(f"{kind} ({server})")
    for (number, reason), places in sorted(reasons.items()):
        yield str(number), reason, ", ".join(places)
