"""The commands for the public site: `site build`, `site serve`, `site stage`, `site check`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from pipeline.app import partner_links, website
from pipeline.app.funding import unsaid
from pipeline.app.programme import work_plans
from pipeline.app.site_checking import Report, check_site
from pipeline.app.site_preview import Preview
from pipeline.cli.terminal import OK, PROBLEMS, err, house, out, print_json, sentences, show_problems
from pipeline.model import Problem


@click.group()
def site() -> None:
    """The public site: build it, look at it while writing, check it."""


@site.command("build")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def build(context: click.Context, *, as_json: bool) -> None:
    """Build the public site, in all languages, into build/site.

    What people have to mend first stops it; the site that stood there stays. What partners may read under embargo
    goes into build/partners, one folder for each link (see `outreach partner links`).
    """
    with house(context) as home:
        done = website.build_site(home)
        partner_links.write(home)
        _tell(done, home.root, as_json=as_json)
        if done.next_release and not as_json:
            zone = ZoneInfo(home.settings.programme.timezone)
            then = done.next_release.astimezone(zone)
            out.print(f"an embargo ends on {then:%Y-%m-%d at %H:%M %Z}: build again then", style="bold", markup=False)


@site.command("stage")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def stage(context: click.Context, folder: Path, *, as_json: bool) -> None:
    """Write the site's tree to FOLDER, as another engine (MkDocs without plugins, Zensical) builds it."""
    with house(context) as home:
        _tell(website.stage_site(home, folder), home.root, as_json=as_json)


@site.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.pass_context
def serve(context: click.Context, port: int) -> None:
    """Serve the site to this machine, and build it again whenever a file is saved.

    A mistake is shown here and on the open page, with file and line; mend it and save. Ctrl-C ends it.
    """
    with sentences():
        preview = Preview(context.obj["root"], context.obj["clock"], port, _built)
        out.print(f"open {preview.url} (Ctrl-C ends)", style="bold", markup=False)
        with suppress(KeyboardInterrupt):
            preview.run()


def _built(done: website.Built | None, problems: list[Problem]) -> None:
    show_problems(problems)
    if done is None:
        err.print("the old pages stay until this is mended", style="bold")
    else:
        out.print(f"{done.pages} pages ({done.seconds:.1f} s)", markup=False)


@site.command("check")
@click.option("--no-browser", is_flag=True, help="Leave out what needs a browser.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def check(context: click.Context, *, no_browser: bool, as_json: bool) -> None:
    """Build the site and look at all of it: links, HTML, policy, requests, weight, accessibility.

    Exit codes: 0 nothing to mend; 2 something to mend. What could not be looked at, and why, is said.
    """
    with house(context) as home:
        done = website.build_site(home)
        made = done.site
        unnamed = unsaid(home.project, work_plans(home, []), made, done.folder)
        report = check_site(home.root, done.folder, made, in_browser=not no_browser, more=unnamed)
    if as_json:
        print_json(
            {
                "pages": report.pages,
                "faults": [fault._asdict() for fault in report.faults],
                "weights": [weight._asdict() for weight in report.weights],
                "looked": report.looked,
                "skipped": report.skipped,
            }
        )
    else:
        show_problems(done.problems)
        _report(report)
    raise SystemExit(PROBLEMS if report.faults else OK)


def _report(report: Report) -> None:
    for fault in report.faults:
        err.print(f"{fault.page}: {fault.check}: {fault.what}", style="red", markup=False)
    out.print(f"{report.pages} pages; looked at: {', '.join(report.looked)}.", markup=False)
    for what, why in report.skipped.items():
        out.print(f"not looked at: {what}: {why}", style="yellow", markup=False)
    for weight in report.heaviest:
        size = f"{weight.transferred / 1000:.1f} of {weight.limit // 1000} kB in {weight.requests} requests"
        out.print(f"heaviest {weight.frame} page: {weight.page}: {size}", markup=False)
    found = len(report.faults)
    out.print(f"{found} thing{'' if found == 1 else 's'} to mend" if found else "nothing to mend", style="bold")


def _tell(done: website.Built, root: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {"folder": str(done.folder), "pages": done.pages, "files": done.assets, "seconds": round(done.seconds, 2),
             "next_release": done.next_release,
             "problems": [problem.model_dump(mode="json") for problem in done.problems]}
        )  # fmt: skip
        return
    show_problems(done.problems)
    place = done.folder.resolve()
    shown = place.relative_to(root) if place.is_relative_to(root) else place
    out.print(f"{done.pages} pages and {done.assets} files in {shown} ({done.seconds:.1f} s)", markup=False)


COMMANDS = (site,)
