"""The coordinator's board: one HTML file that asks nobody for anything, for the desk and never for the site."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.programme.networks import pathway, standing
from pipeline.programme.networks.network_file import Network
from pipeline.programme.networks.pathway import Shown
from pipeline.programme.work_plan import said


def as_html(one: Network, steps: list[Shown], *, today: date, language: str) -> str:
    """Return the board of a network.

    :param steps: its pathway as it stands today.
    :param today: the day in the programme's zone.
    :param language: in which the network's own texts are shown; the board's frame is in English, like the commands.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    lines = standing.actions(one, today)
    title = said(one.title, language)
    groups = [("Overdue", [line for line in lines if line.overdue])]
    for status in dict.fromkeys(line.action.status for line in lines if not line.overdue):
        waiting = [line for line in lines if not line.overdue and line.action.status is status]
        groups.append((status.value.replace("-", " ").capitalize(), waiting))
    return environment.get_template("board.html").render(
        one=one,
        title=title,
        language=language,
        today=today,
        say=lambda words: said(words, language),
        groups=[(name, found) for name, found in groups if found],
        seen=standing.attendance(one, today),
        public=standing.members(one, today),
        held=standing.held(one, today),
        planned=standing.planned(one, today),
        missing=standing.missing(one, today),
        late=standing.late(one, today, language),
        steps=steps,
        drawing=Markup(pathway.svg(steps, title=title)) if steps else "",  # noqa: S704  (drawn and escaped by us)
    )
