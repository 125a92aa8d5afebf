"""The only way into the project's files: regular files inside the project, of sane size, in UTF-8.

Content comes from many hands and through pull requests, so a file is not trusted to be a file: a link may lead out
of the project, a pipe may never end, a text may hold characters that no editor shows.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from pipeline.model import Problem

KILOBYTE = 1024
MAX_MESSAGE = 512 * KILOBYTE
"""A language file. The longest text that a person would call a message is a tenth of it."""
MAX_YAML = 2 * KILOBYTE * KILOBYTE
"""A YAML file: a campaign's calendar may be long."""
MAX_PICTURE = 8 * KILOBYTE * KILOBYTE

_NON_BLOCKING = getattr(os, "O_NONBLOCK", 0)
_C0 = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r") + b"\x7f"
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ufffe\uffff]")
_HIDDEN_BYTES = re.compile(rb"\xe2\x80[\xa8\xa9\xad\xae]|\xef\xbf[\xbe\xbf]|\xc2[\x80-\x9f]")


class Refused(Exception):
    """A file cannot be taken. Carries the problem for the person who wrote it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def refuse(path: str, rule: str, message: str, *, line: int | None = None, todo: str = "") -> Refused:
    """Return the refusal of the file at ``path`` (relative to the project)."""
    return Refused(Problem(path=path, line=line, rule=rule, message=message, todo=todo))


def size_in_words(size: int) -> str:
    """Return a number of bytes as a person says it."""
    if size < KILOBYTE * KILOBYTE:
        return f"{size / KILOBYTE:.0f} kB"
    return f"{size / KILOBYTE / KILOBYTE:.1f} MB"


def inside(root: Path, entry: os.DirEntry[str] | Path) -> bool:
    """Whether ``entry`` lies in the project's content folder once every link on its way is followed."""
    try:
        real = Path(os.path.realpath(entry, strict=True))
        return real.is_relative_to(os.path.realpath(root / "content"))
    except (OSError, ValueError):
        return False


def entries(root: Path, folder: str) -> tuple[list[os.DirEntry[str]], list[Problem]]:
    """List ``folder`` (relative to the project), sorted by name, without hidden files.

    :returns: the entries, and one problem for each link that leads out of the content folder.
    :raises Refused: when the folder cannot be listed.
    """
    try:
        with os.scandir(root / folder) as listing:
            found = sorted((entry for entry in listing if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        raise refuse(folder, "unreadable", f"the folder cannot be read ({error.strerror})") from error
    kept, problems = [], []
    for entry in found:
        if not entry.name.isprintable():
            shown = f"{folder}/{entry.name.encode(errors='replace').decode()}"
            what = "the name of this file has characters that cannot be shown"
            problems.append(Problem(path=shown, rule="unreadable", message=what, todo="rename it"))
        elif entry.is_symlink() and not inside(root, entry):
            problems.append(link_out(f"{folder}/{entry.name}"))
        else:
            kept.append(entry)
    return kept, problems


def link_out(path: str) -> Problem:
    """Return the problem of a link that leads out of the content folder."""
    message = "this is a link that leads out of the content folder, and is not followed"
    return Problem(path=path, rule="outside", message=message, todo="put the file itself here")


def read_bytes(place: str | Path, path: str, limit: int) -> bytes:
    """Read a regular file of at most ``limit`` bytes.

    :param place: where it lies.
    :param path: the same, relative to the project, for messages.
    :raises Refused: when it is no regular file, is too long or cannot be read.
    """
    try:
        handle = os.open(place, os.O_RDONLY | _NON_BLOCKING)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise refuse(path, "unreadable", "this is not an ordinary file")
            # A regular file is read whole, or up to the limit. Asking for the limit would make room for all of it.
            data = os.read(handle, min(status.st_size, limit) + 1)
            if status.st_size < len(data) <= limit:
                data += os.read(handle, limit + 1 - len(data))  # it grows while it is read
        finally:
            os.close(handle)
    except FileNotFoundError as error:
        raise refuse(path, "missing-file", "this file is not there") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name cannot be used"
        raise refuse(path, "unreadable", f"this file cannot be read ({why})") from error
    if len(data) > limit:
        size = size_in_words(Path(place).stat().st_size)
        message = f"the file has {size}; at most {size_in_words(limit)} are read"
        raise refuse(path, "too-long", message, todo="split it, or take out what does not belong there")
    return data


def decode(data: bytes, path: str) -> str:
    """Return the text of a file: UTF-8 with or without BOM, line ends as ``\\n``.

    :raises Refused: when it is not UTF-8, or holds characters that an editor does not show (control characters,
        line separators of word processors, overrides of the direction of writing).
    """
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise refuse(path, "encoding", "the file is UTF-16", line=1, todo="save it as UTF-8") from error
        what = f"the file is not valid UTF-8: byte 0x{data[error.start]:02x} cannot stand here"
        raise refuse(path, "encoding", what, line=line, todo="save it as UTF-8") from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _hides_something(data) and (found := _HIDDEN.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        what = f"there is a character here that cannot be seen (U+{ord(found[0]):04X})"
        raise refuse(path, "hidden-character", what, line=line, todo="delete it or type the passage again")
    return text


def _hides_something(data: bytes) -> bool:
    return len(data.translate(None, _C0)) != len(data) or _HIDDEN_BYTES.search(data) is not None


def read_text(place: str | Path, path: str, limit: int) -> str:
    """Read and decode a file; see :func:`read_bytes` and :func:`decode`."""
    return decode(read_bytes(place, path, limit), path)
