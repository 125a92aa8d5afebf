"""Pages of the handbook as journeys: their console blocks, what happens in between, and what must come of them.

A block fenced as ``console`` holds commands (``$ …``) and what they print; ``…`` stands for anything, alone on a line
for any number of lines. Comments of the page set the scene for the block that follows:

- ``<!-- at: TIME -->`` it is TIME from here on
- ``<!-- exit: 3 -->`` the last command of the next block ends with this code (otherwise 0, or 3 after `status`)
- ``<!-- type: y -->`` what is typed when the next block's command asks
- ``<!-- file: NAME -->`` the next block, whatever its language, is the content of this file
- ``<!-- edit: FILE | OLD | NEW -->`` a person changes a passage of a file
- ``<!-- network: ACCOUNT FAULT -->`` the network of an account goes wrong at its next publishing request
- ``<!-- token: ACCOUNT expired -->`` the account's token is no longer accepted; ``new``: there is one that is
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from journeys.place import Place

_TOKEN = re.compile(
    r"^<!-- (at|exit|type|file|edit|network|token): (.*?) -->$|^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass
class Command:
    """One command of a page and the lines that the page shows for it."""

    line: int
    text: str
    shown: list[str] = field(default_factory=list)


@dataclass
class Step:
    """One thing of a page: a directive, or a block of commands."""

    line: int
    kind: str
    value: str = ""
    commands: list[Command] = field(default_factory=list)


def steps(page: Path) -> Iterator[Step]:
    """Yield what a page does, in order."""
    text = page.read_text(encoding="utf-8")
    name = ""
    for found in _TOKEN.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found[1] == "file":
            name = found[2]
        elif found[1]:
            yield Step(line, found[1], found[2])
        elif name:
            yield Step(line, "file", f"{name}\n{found[4]}")
            name = ""
        elif found[3] == "console":
            yield Step(line, "console", commands=list(_commands(found[4], line)))


def _commands(block: str, first: int) -> Iterator[Command]:
    command: Command | None = None
    for number, line in enumerate(block.splitlines(), first + 1):
        if line.startswith("$ "):
            if command:
                yield command
            command = Command(number, line[2:])
        else:
            assert command, f"line {number}: a console block begins with a command"
            command.shown.append(line)
    if command:
        yield command


def walk(page: Path, here: Place) -> tuple[int, list[str]]:
    """Do what a page does and compare; return how many commands were run, and all that differs."""
    code, typed, count, wrong = "", "", 0, list[str]()
    for step in steps(page):
        if step.kind == "exit":
            code = step.value
        elif step.kind == "type":
            typed = step.value + "\n"
        elif step.kind == "at":
            here.at(step.value)
        elif step.kind == "file":
            name, _, content = step.value.partition("\n")
            (here.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (here.folder / name).write_text(content, encoding="utf-8")
        elif step.kind == "edit":
            here.edit(*(piece.strip() for piece in step.value.split(" | ")))
        elif step.kind == "network":
            here.break_network(*step.value.split())
        elif step.kind == "token":
            here.let_token(*step.value.split())
        else:
            for place, command in enumerate(step.commands):
                last = place == len(step.commands) - 1
                wrong += _run(page, here, command, code if last else "", typed)
                count += 1
            code = typed = ""
    return count, wrong


def _run(page: Path, here: Place, command: Command, code: str, typed: str) -> Iterator[str]:
    words = shlex.split(command.text)
    target = None
    if ">" in words:
        target = here.folder / words[words.index(">") + 1]
        words = words[: words.index(">")]
    assert words[0] == "outreach", f"{page.name}:{command.line}: only `outreach` is run here"
    # A shell would put the files in the place of such a word.
    words = [name for word in words for name in _files(word, here.folder)]
    said = here.outreach(*words[1:], typed=typed)
    where = f"{page.name}:{command.line}: $ {command.text}\n"
    allowed = {int(code)} if code else {0, 3} if words[1] == "status" else {0}
    if said.code not in allowed:
        yield f"{where}ended with exit code {said.code}:\n{said.text}"
    if target:
        target.write_text(said.out, encoding="utf-8")
    missing = unlike(command.shown, said.lines)
    if missing is not None:
        yield f"{where}did not print '{missing}'; it printed:\n" + "\n".join(said.lines)


def _files(word: str, folder: Path) -> list[str]:
    found = sorted(path.relative_to(folder).as_posix() for path in folder.glob(word)) if "*" in word else []
    return found or [word]


def unlike(shown: list[str], printed: list[str]) -> str | None:
    """Return the first shown line that was not printed where it should be; ``None`` when all is as shown."""
    wanted = [line.rstrip() for line in shown if line.strip()]
    if not wanted:
        return None
    at, anywhere = 0, False
    for line in wanted:
        if line == "…":
            anywhere = True
            continue
        fits = _pattern(line)
        end = len(printed) if anywhere else min(at + 1, len(printed))
        found = next((place for place in range(at, end) if fits.fullmatch(printed[place])), None)
        if found is None:
            return line
        at, anywhere = found + 1, False
    return None if anywhere or at == len(printed) else f"(nothing after) {wanted[-1]}"


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(
        ".*".join(re.escape(piece.rstrip()) if piece.endswith(" ") else re.escape(piece) for piece in line.split("…"))
    )
