"""The commands that play everything through: `rehearse`, `demo`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from pipeline.app.demonstrating import write_demo
from pipeline.app.rehearsing import NothingToRehearse, UnknownCampaign, rehearse
from pipeline.app.serving import Site
from pipeline.cli.terminal import ATTENTION, PROBLEMS, Refusal, out, print_json, progress, sentences
from pipeline.rehearsal.proofbook import NotABook, check_place, write_book
from pipeline.rehearsal.record import Record, Weight

PORT = 8000
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("rehearse")
@click.argument("campaigns", nargs=-1)
@click.option("--output", type=_FOLDER, help="Where the proof book is written.  [default: build/rehearsal]")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
@click.option(
    "--serve", "port", is_flag=False, flag_value=PORT, type=click.IntRange(0, 65535), metavar="[PORT]",
    help=f"Serve the proof book on 127.0.0.1 afterwards.  [port: {PORT}]",
)  # fmt: skip
@click.pass_context
def play(
    context: click.Context, campaigns: tuple[str, ...], output: Path | None, port: int | None, *, as_json: bool
) -> None:
    """Play the calendars of CAMPAIGNS (of all) against simulators, and write a proof book.

    Nothing is published, and what the real outbox remembers is not touched. Ends with exit code 3 when something would
    not go out, or not as it is shown.
    """
    root: Path = context.obj["root"]
    folder = output or root / "build" / "rehearsal"
    with _in_words():
        check_place(folder)
        with progress("Rehearsing") as told, rehearse(root, context.obj["clock"], campaigns, progress=told) as played:
            record = played.record
            write_book(record, folder)
    if as_json:
        print_json({**record.to_dict(), "proof_book": str(folder / "index.html")})
    else:
        _tell(record)
        out.print(f"Proof book: {folder / 'index.html'}", markup=False)
    _end(record, folder if port is not None else None, port, quiet=as_json)


@click.command()
@click.option("--output", type=_FOLDER, help="Where the demo is written.  [default: build/demo]")
@click.option("--serve/--no-serve", "serve", default=True, help="Serve it on 127.0.0.1 afterwards.  [default: serve]")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="The port that is wanted.")
@click.pass_context
def demo(context: click.Context, output: Path | None, port: int, *, serve: bool) -> None:
    """Rehearse everything, write a start page around it, and serve the result.

    Needs no credentials and publishes nothing.
    """
    root: Path = context.obj["root"]
    folder = output or root / "build" / "demo"
    with _in_words(), progress("Rehearsing") as told:
        record = write_demo(root, context.obj["clock"], folder, progress=told)
    _tell(record)
    out.print(f"Demo: {folder / 'index.html'}", markup=False)
    _end(record, folder if serve else None, port)


@contextmanager
def _in_words() -> Iterator[None]:
    with sentences():
        try:
            yield
        except UnknownCampaign as error:
            raise Refusal(str(error), PROBLEMS) from None
        except NothingToRehearse as error:
            raise Refusal(str(error), PROBLEMS) from None
        except NotABook as error:
            raise Refusal(str(error)) from None


def _tell(record: Record) -> None:
    sums = record.sum
    out.print(
        f"{sums.posts} posts in {len(record.languages)} languages on {len(record.accounts)} accounts: "
        f"{sums.handed_over} sent, {sums.arrived} arrived, {sums.lost} lost, {record.doubles} double.",
        style="bold",
        markup=False,
    )
    styles = {Weight.STOPS: "red", Weight.LOOK: "yellow", Weight.KNOW: "dim"}
    for concern in record.concerns:
        out.print(
            f"{len(concern.cases):4}  {concern.title}. {concern.advice}", style=styles[concern.weight], markup=False
        )
        for case in concern.cases if concern.weight is Weight.STOPS else ():
            out.print(f"      {case}", markup=False)


def _end(record: Record, folder: Path | None, port: int | None, *, quiet: bool = False) -> None:
    if folder is not None:
        with sentences(), Site(folder, PORT if port is None else port) as site, _interruptible():
            if not quiet:
                out.print(f"\nOpen {site.url} in a browser. Stop with Ctrl-C.", style="bold", markup=False)
            site.serve()
    if record.stopped:
        raise SystemExit(ATTENTION)


@contextmanager
def _interruptible() -> Iterator[None]:
    """End quietly on Ctrl-C and on SIGTERM."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        out.print("Stopped.")
    finally:
        signal.signal(signal.SIGTERM, before)


COMMANDS = (play, demo)
