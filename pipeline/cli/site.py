"""The commands for the public site: `site build`, `site stage`."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.app import website
from pipeline.cli.terminal import house, out, print_json, show_problems


@click.group()
def site() -> None:
    """The public site: build it, look at it while writing, check it."""


@site.command("build")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def build(context: click.Context, *, as_json: bool) -> None:
    """Build the public site, in all languages, into build/site.

    What people have to mend first stops it; the site that stood there stays.
    """
    with house(context) as home:
        done = website.build_site(home)
        _tell(done, home.root, as_json=as_json)


@site.command("stage")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def stage(context: click.Context, folder: Path, *, as_json: bool) -> None:
    """Write the site's tree to FOLDER, as another engine (MkDocs without plugins, Zensical) builds it."""
    with house(context) as home:
        _tell(website.stage_site(home, folder), home.root, as_json=as_json)


def _tell(done: website.Built, root: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {"folder": str(done.folder), "pages": done.pages, "files": done.assets, "seconds": round(done.seconds, 2),
             "problems": [problem.model_dump(mode="json") for problem in done.problems]}
        )  # fmt: skip
        return
    show_problems(done.problems)
    place = done.folder.resolve()
    shown = place.relative_to(root) if place.is_relative_to(root) else place
    out.print(f"{done.pages} pages and {done.assets} files in {shown} ({done.seconds:.1f} s)", markup=False)


COMMANDS = (site,)
