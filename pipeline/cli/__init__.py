"""The command `outreach`.

Exit codes: 0 done; 1 it could not be done (one sentence says why); 2 problems in what people wrote, or in how the
command was called; 3 done, but something needs a person (a post is late, held, failed or unconfirmed).
"""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.capabilities import COMMANDS as CAPABILITIES
from pipeline.cli.content import COMMANDS as CONTENT
from pipeline.cli.desk import COMMANDS as DESK
from pipeline.cli.init import COMMANDS as INIT
from pipeline.cli.people import COMMANDS as PEOPLE
from pipeline.cli.plan import COMMANDS as PLAN
from pipeline.cli.programme import COMMANDS as PROGRAMME
from pipeline.cli.reach import COMMANDS as REACH
from pipeline.cli.rehearse import COMMANDS as REHEARSE
from pipeline.cli.report import COMMANDS as REPORT
from pipeline.cli.service import COMMANDS as SERVICE
from pipeline.cli.site import COMMANDS as SITE
from pipeline.cli.terminal import clock_from, log_to


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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
    context.obj = {"root": root, "clock": clock_from(at), "at": at}


for command in (
    *INIT, *CONTENT, *PLAN, *DESK, *SERVICE, *PEOPLE, *REHEARSE, *SITE, *REACH, *REPORT, *PROGRAMME, *CAPABILITIES,
):  # fmt: skip
    main.add_command(command)
