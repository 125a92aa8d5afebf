"""How the commands speak: to a person on a terminal, to a pipe, to a script."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from pipeline import clock as clocks
from pipeline.app.house import House
from pipeline.clock import Clock
from pipeline.model import Problem, Severity
from pipeline.settings import ProblemsFound, Settings

OK, FAILED, PROBLEMS, ATTENTION = 0, 1, 2, 3
"""The exit codes: done; it could not be done; problems in what people wrote; done, but something needs a person."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Refusal(click.ClickException):
    """Something that was asked for cannot be done: one sentence, no traceback."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = exit_code

    def show(self, file: Any = None) -> None:  # noqa: ARG002  (click's signature)
        """Print the sentence."""
        err.print(self.message, style="red", markup=False)


def print_json(data: Any) -> None:
    """Print data for a script."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def show_problems(problems: Iterable[Problem]) -> None:
    """Print problems for a person, one on each line, errors in red."""
    styles = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
    for problem in problems:
        err.print(str(problem), style=styles[problem.severity], markup=False)


def _of_the_store() -> tuple[type[Exception], ...]:
    """Return what the store raises; nothing, where nobody opened one. Most commands need no SQL, and it takes long."""
    store = sys.modules.get("pipeline.store")
    return (store.StoreError,) if store else ()


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what can go wrong into sentences and exit codes."""
    try:
        yield
    except ProblemsFound as error:
        show_problems(error.problems)
        raise SystemExit(PROBLEMS) from None
    except _of_the_store() as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(
            f"{error.filename or 'a file'}: {error.strerror or error}; nothing was lost, try again."
        ) from None


@contextmanager
def house(context: click.Context, change: Callable[[Settings], Settings] | None = None) -> Iterator[House]:
    """Open the project that the command was called for."""
    root, clock = context.obj["root"], context.obj["clock"]
    with sentences(), House(root, clock, change=change or (lambda settings: settings)) as opened:
        yield opened


def clock_from(at: str | None) -> Clock:
    """Return the machine's clock, or one that runs from the instant ``at`` (ISO 8601 with an offset)."""
    if at is None:
        return clocks.SystemClock()
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter(f"'{at}' is not a time such as 2026-12-01T09:00+02:00") from None
    return clocks.pinned(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def who(given: str | None) -> str:
    """Return who is at work: the option, or ``OUTREACH_USER``, or the name that git or the machine knows."""
    if given or (given := os.environ.get("OUTREACH_USER")):
        return given
    try:
        found = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False, timeout=5)  # noqa: S607
        name = found.stdout.strip()
    except OSError:
        name = ""
    return name or os.environ.get("USER") or "unknown"


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, nothing in a pipe; the function it gives is told how many of how many are done."""
    if not err.is_terminal:
        yield lambda _done, _total: None
        return
    from rich.progress import (  # noqa: PLC0415  (most commands end before a bar would be seen)
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield told


class JsonLines(logging.Formatter):
    """One JSON object for each log record, for machines to read."""

    _STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "from": record.name, "what": record.getMessage()}
        line |= {name: value for name, value in vars(record).items() if name not in self._STANDARD}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to(path: Path | None, *, verbose: bool) -> None:
    """Send the log to standard error, or to a file; warnings only, unless ``verbose``."""
    handler: logging.Handler = logging.FileHandler(path, encoding="utf-8") if path else logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger("outreach")
    for earlier in root.handlers:
        earlier.close()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if verbose or path else logging.WARNING)
    root.propagate = False
