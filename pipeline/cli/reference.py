"""The pages that are made from the program itself: its commands, the rules of its checks, and its channels.

``python -m pipeline.cli.reference`` writes them; a test fails while they are out of date. ``make reference`` tries
every channel first, on simulators and real servers, so that the page of channels tells what the suite found.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from pipeline import cli
from pipeline.cli import channels_page
from pipeline.content.check.rules import RULES

PAGES = Path("docs")

ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "cache": ("error", "What an earlier run kept in `build/cache` can be used; if not, delete that folder."),
    "settings": ("error", "`outreach.toml` can be read, and every key in it is known and has a value that fits."),
    "calendar-account": ("error", "A calendar entry names accounts of `outreach.toml`, each once."),
    "calendar-dates": ("error", "Everything is due between the campaign's first and last day."),
    "calendar-key": ("error", "Calendar entries can be told apart: by their message, or by an `id` of their own."),
    "calendar-language": ("error", "A message has a text in the language of each account that is to publish it."),
    "calendar-message": ("error", "A calendar entry names messages of its campaign."),
    "calendar-repeat": (
        "error, warning",
        "A series has a rule (RRULE) with times, and an end within the campaign; a warning: its start is none of them.",
    ),
    "calendar-time": ("error", "A time exists once in the campaign's zone: no clock change skips or repeats it."),
    "blackout": ("error", "No single date falls on a blackout day, and a blackout ends after it begins."),
    "embargo": ("error", "Nothing is due before the embargo of its message ends."),
    "not-after": ("error", "`not_after` is later than the entry's time; `good_for` is between nothing and a year."),
    "quiet-hours": ("error", "Nothing is due in the quiet hours, unless the entry says `during_quiet_hours: true`."),
    "post": (
        "error, warning, info",
        "Every post fits its network. An error: it must not go out. A warning: it was cut. A note: hashtags left out.",
    ),
    "work-plan": ("error", "A work plan's roles, activities, periods and budget lines fit each other and the project."),
    "training": ("error", "A training session fits its plan: activity, days, clock times, seats, materials, roles."),
    "people-list": ("error", "A list of people (nominations, those present) can be read, and each row is one person."),
    "study": (
        "error, warning",
        "A study and its questionnaire (XLSForm) have every language, notice and helpline, and ask nothing forbidden.",
    ),
    "centre": (
        "error, warning",
        "An assistance centre's hours do not overlap and say what the registry says; its helpline is there.",
    ),
    "referral": ("error", "What is monitored of a referral mechanism fits its plan and names no person or number."),
    "counts": (
        "error",
        "A table of counts holds whole numbers and words of closed lists, and nothing more.",
    ),
    "evaluation": ("error", "An evaluation names indicators, activities, sessions and sections that are there."),
    "test": ("error", "A test of a training is whole in the languages of its plan, and its answers fit its items."),
    "record": (
        "error",
        "A report of `outreach record` names what, how many, when, how it is known and by which method.",
    ),
    "weblog": ("error", "A file given to `outreach collect weblog` is a web server's log in a form that is known."),
    "table": ("error", "A table given to `outreach calendar --import` can be read, row by row."),
    "address": ("error", "No two things stand at one address of the site."),
    "funder": (
        "error",
        "A funder has its statement in every language of what it pays for; `outreach site check` looks for it there.",
    ),
    "funder-logo": (
        "error or warning",
        "Where a funder asks for its logo, the file is there and has words in every language of what it pays for.",
    ),
    "results": (
        "error",
        "What is released for the site (`content/results.yml`) is over, known, and gives nothing away.",
    ),
    "list": ("error", "A line `{list:…}` in a page of the site names a list that there is."),
    "page-source": ("error", "Of a page's language files exactly one, its source, has no `source_hash`."),
    "print": ("warning", "The fonts of cards and prints (`site/fonts`) have every character of the message."),
    "sanitised": ("warning", "A text holds nothing that acts, styles or comes from elsewhere; the site leaves it out."),
    "template": (
        "error",
        "The templates of the site (`site/parts`), of prints (`site/prints`) and of kits (`site/kits`) can be used.",
    ),
    "wording": ("error", "The project's templates of wording (`wording/*.txt.j2`) can be used and hold the link."),
    "words": ("error", "Every language has every word of the site (`site/words`) and of kits (`site/kits/words`)."),
    "kits": ("error", "The memory of kits' versions (`state/kits.json`) can be read."),
    "campaign-file": ("error", "A table's rows can be written into `campaign.yml` without touching anything else."),
}
"""Rules that are not asked of the texts but of the calendar, the posts, the site and the settings."""

_MADE = channels_page.MADE


def pages() -> dict[str, str]:
    """Return the pages by where they stand in ``docs``."""
    return {"handbook/commands.md": commands(), "handbook/checks.md": checks(), "channels.md": channels_page.page()}


# --- commands ----------------------------------------------------------------------------------------------


def commands() -> str:
    """Return the page of all commands, from what they say of themselves."""
    parts = [_MADE, "# Commands\n", _intro(), "\n".join(_index()), ""]
    for path, command in _walk((), cli.main):
        parts.append(_command(path, command))
    return "\n".join(parts).rstrip() + "\n"


def _intro() -> str:
    doc = inspect.cleandoc(cli.__doc__ or "")
    codes = re.search(r"Exit codes: (.*)", doc, re.DOTALL)
    rows = [row.strip().rstrip(".") for row in (codes[1] if codes else "").replace("\n", " ").split(";")]
    table = "".join(f"| {number} | {meaning} |\n" for number, meaning in (row.split(" ", 1) for row in rows if row))
    return (
        "Every command works on the project in this folder; `outreach --project FOLDER …` names another one.\n"
        "`outreach COMMAND --help` prints what stands here.\n\n"
        "## Exit codes\n\n| code | means |\n|---|---|\n" + table
    )


def _index() -> Iterator[str]:
    yield "## All commands\n\n| command | does |\n|---|---|"
    for path, command in _walk((), cli.main):
        if path:
            name = " ".join(("outreach", *path))
            yield f"| [`{name}`](#{name.replace(' ', '-')}) | {_first_paragraph(command)} |"


def _walk(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            yield from _walk((*path, name), _named(command, name))


def _named(group: click.Group, name: str) -> click.Command:
    found = group.get_command(click.Context(group), name)
    assert found is not None, name
    return found


def _first_paragraph(command: click.Command) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split()).replace("|", "\\|")


def _command(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(cli.main, info_name="outreach", **cli.main.context_settings)
    for depth, name in enumerate(path, 1):
        group = context.command
        assert isinstance(group, click.Group)
        context = click.Context(_named(group, name), info_name=name, parent=context)
        assert depth < len(path) or context.command is command
    context.terminal_width = context.max_content_width = 100
    return f"## {' '.join(('outreach', *path))}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


# --- checks ------------------------------------------------------------------------------------------------


def checks() -> str:
    """Return the page of all rules of `outreach check`."""
    own = sorted(RULES.values(), key=lambda rule: rule.name)
    lines = [
        _MADE,
        "# What `outreach check` asks for\n",
        "Each problem is printed as `file:line: what is wrong; what to do`. With `--json` and `--format github` the",
        "rule's name stands beside it. An *error* keeps everything from being planned, a *warning* asks for a look, a",
        "note (*info*, shown with `--all`) asks for nothing. What to do about each is told in [team.md](team.md).\n",
        "## The texts, the pictures and the registry of helplines\n",
        "| rule | weight | asks that |",
        "|---|---|---|",
        *(f"| `{rule.name}` | {rule.severity.value} | {rule.explanation} |" for rule in own),
        "",
        "## The calendar, the posts, the site and the settings\n",
        "| rule | weight | asks that |",
        "|---|---|---|",
        *(f"| `{name}` | {weight} | {text} |" for name, (weight, text) in sorted(ELSEWHERE.items())),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":  # pragma: no cover
    for file, page in pages().items():
        (PAGES / file).parent.mkdir(parents=True, exist_ok=True)
        (PAGES / file).write_text(page, encoding="utf-8")
        click.echo(f"wrote {PAGES / file}")
