"""A message's Markdown as HTML and as plain text, for channels that take a body. No I/O.

CommonMark by markdown-it-py with raw HTML switched off: what an author writes as HTML is shown as text, and a link
goes only where http, https, mailto and tel go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

Resolve = Callable[[str], str]
"""Turns a link as it is written into one that works anywhere, such as in a mail."""

_SAFE = ("http://", "https://", "mailto:", "tel:")
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def _tokens(body: str, resolve: Resolve) -> list[Token]:
    tokens = _parser.parse(body)
    for token in _every(tokens):
        if token.type == "link_open":
            target = resolve(str(token.attrGet("href") or ""))
            token.attrSet("href", target if target.startswith(_SAFE) else "#")
        elif token.type == "image":
            # A picture inside the text would be fetched from somewhere; its description says what it shows.
            token.type, token.tag = "text", ""
    return tokens


def _every(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _every(token.children or ())


def to_html(body: str, resolve: Resolve = str) -> str:
    """Return the body as HTML: headings, paragraphs, lists, links and emphasis, and nothing that could act."""
    return str(_parser.renderer.render(_tokens(body, resolve), _parser.options, {})).strip()


def to_text(body: str, resolve: Resolve = str) -> str:
    """Return the body as plain text: a link shows where it goes, a list keeps its dashes and numbers."""
    return _Text(resolve).render(body)


class _Text:
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    def render(self, body: str) -> str:
        blocks: list[str] = []
        marks: list[str] = []
        first = True
        lists: list[int | None] = []
        for token in _tokens(body, self._resolve):
            if token.type in {"bullet_list_open", "ordered_list_open"}:
                lists.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
            elif token.type in {"bullet_list_close", "ordered_list_close"}:
                lists.pop()
            elif token.type == "list_item_open":
                marks, first = [self._mark(lists)], True
            elif token.type == "inline":
                indent = "  " * max(len(lists) - 1, 0)
                lead = (marks.pop() if marks else "  ") if lists else ""
                line = indent + lead + self._inline(token.children or [])
                # The items of a list stand close together; everything else is a paragraph of its own.
                if (lists and blocks and not first) or (
                    lists and blocks and blocks[-1].lstrip()[:2] in {"- ", "1.", "2.", "3.", "4.", "5."}
                ):
                    blocks[-1] += "\n" + line
                else:
                    blocks.append(line)
                first = False
            elif token.type in {"fence", "code_block"}:
                blocks.append(token.content.rstrip())
        return "\n\n".join(blocks)

    @staticmethod
    def _mark(lists: list[int | None]) -> str:
        number = lists[-1]
        if number is None:
            return "- "
        lists[-1] = number + 1
        return f"{number}. "

    @staticmethod
    def _inline(children: Sequence[Token]) -> str:
        out: list[str] = []
        targets: list[tuple[str, int]] = []
        for token in children:
            if token.type == "link_open":
                targets.append((str(token.attrGet("href") or ""), len(out)))
            elif token.type == "link_close":
                target, start = targets.pop()
                if target not in {"#", "".join(out[start:])}:
                    out.append(f" ({target})")
            elif token.type in {"softbreak", "hardbreak"}:
                out.append(" " if token.type == "softbreak" else "\n")
            else:
                out.append(token.content)
        return "".join(out)
