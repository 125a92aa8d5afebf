"""The command `outreach`.

Exit codes: 0 done; 1 it could not be done (one sentence says why); 2 problems in what people wrote, or in how the
command was called; 3 done, but something needs a person (a post is late, held, failed or unconfirmed).
"""

from __future__ import annotations

import atexit
import gc
from importlib import import_module
from pathlib import Path

import click

from pipeline.cli.terminal import clock_from, log_to

PLACES = {
    "init": "init",
    "content": "check translated helplines",
    "plan": "plan calendar preview",
    "desk": "status approve revoke resolve done cancel pause resume",
    "service": "deliver run doctor",
    "people": "subscribers",
    "rehearse": "rehearse demo",
    "site": "site",
    "recall": "correct recall",
    "reach": "collect record pickups",
    "report": "report",
    "alerts": "alerts",
    "programme": "programme",
    "evaluation": "evaluation",
    "training": "training",
    "network": "network",
    "centre": "centre",
    "referral": "referral",
    "privacy": "privacy",
    "advocacy": "advocacy",
    "study": "study",
    "partner": "partner",
    "kit": "kit",
    "capabilities": "channels",
}
"""The commands that each module of this room has in its ``COMMANDS``."""


class Commands(click.Group):
    """Imports the module of a command when the command is asked for: all together take longer than most commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the alphabet."""
        return sorted(name for names in PLACES.values() for name in names.split())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or ``None`` when there is none of this name."""
        for module, names in PLACES.items():
            if cmd_name in names.split():
                commands: tuple[click.Command, ...] = import_module(f"pipeline.cli.{module}").COMMANDS
                return next(command for command in commands if command.name == cmd_name)
        return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--project",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    envvar="OUTREACH_PROJECT",
    help="The project's folder.  [default: this folder]",
)
@click.option("--at", metavar="TIME", envvar="OUTREACH_AT", help="Work as if it were TIME (ISO 8601), for trying out.")
@click.option("--log", "log_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the log to this file.")
@click.option("-v", "--verbose", is_flag=True, help="Log every step, as JSON lines on standard error.")
@click.version_option(package_name="campaign-outreach", prog_name="outreach")
@click.pass_context
def main(context: click.Context, root: Path, at: str | None, log_path: Path | None, *, verbose: bool) -> None:
    """Awareness campaigns from one folder of Markdown.

    Messages go out once, on time, on every channel, and can be accounted for.
    """
    log_to(log_path, verbose=verbose)
    # At its end Python looks for garbage in all that is left, though the system takes everything back at once.
    atexit.register(gc.freeze)
    context.obj = {"root": root, "clock": clock_from(at), "at": at}
