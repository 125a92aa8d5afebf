"""A language file's two parts: front matter between ``---`` lines, then the Markdown body."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.content.files import KILOBYTE, refuse, size_in_words

MAX_HEAD = 64 * KILOBYTE
MAX_HEAD_LINES = 2000


class Parts(NamedTuple):
    """``head`` is the YAML text, which begins on line 2 of its file; ``body`` begins on line ``body_line``.

    Blank lines and spaces around the body are left out, as in :class:`~pipeline.model.Translation`.
    """

    head: str
    body: str
    body_line: int


def split(text: str, path: str) -> Parts:
    """Split the text of a language file (line ends ``\\n``, no BOM).

    :raises Refused: when there is no front matter, it does not end, or it is too long to have been meant.
    """
    if not text.startswith("---") or text[3:].split("\n", 1)[0].strip():
        what = "the file does not begin with front matter"
        raise refuse(path, "front-matter", what, line=1, todo="begin it with a line '---', the keys, and '---' again")
    start = text.find("\n", 3) + 1
    end = after = start - 1 if start else -1
    while end >= 0:
        end = text.find("\n---", end)
        if end < 0:
            break
        after = text.find("\n", end + 4)
        if not text[end + 4 : after if after >= 0 else None].strip():
            break
        end += 4
    if end < 0:
        raise refuse(path, "front-matter", "the front matter does not end", line=1, todo="close it with a line '---'")
    head = text[start : end + 1]
    lines = head.count("\n")
    if lines > MAX_HEAD_LINES or len(head) > MAX_HEAD:
        what = f"the front matter has {lines} lines and {size_in_words(len(head))}"
        limit = f"at most {MAX_HEAD_LINES} lines and {size_in_words(MAX_HEAD)} are read"
        raise refuse(path, "too-long", f"{what}; {limit}", line=2, todo="move text into the body")
    rest = text[after + 1 :] if after >= 0 else ""
    body = rest.lstrip()
    return Parts(head, body.rstrip(), lines + 3 + rest.count("\n", 0, len(rest) - len(body)))
