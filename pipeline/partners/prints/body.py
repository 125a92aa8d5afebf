"""A message's Markdown as the plain parts that a leaflet sets: headings, paragraphs, lists. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that looks the same."""

    text: str
    strong: bool = False
    emphasis: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the text: ``heading``, ``paragraph``, or ``list`` and ``numbers`` with their items."""

    kind: str
    runs: tuple[Run, ...] = ()
    items: tuple[tuple[Run, ...], ...] = ()


def blocks(body: str) -> tuple[Block, ...]:
    """Return a body's parts; of a table each row is a paragraph, of a quotation each paragraph stays one."""
    return tuple(_blocks(SyntaxTreeNode(_parser.parse(body))))


def _blocks(parent: SyntaxTreeNode) -> Iterator[Block]:
    for node in parent.children:
        if node.type in {"bullet_list", "ordered_list"}:
            kind = "list" if node.type == "bullet_list" else "numbers"
            yield Block(kind, items=tuple(tuple(_runs(item)) for item in node.children))
        elif node.type == "blockquote":
            yield from _blocks(node)
        elif node.type == "table":
            for row in (row for part in node.children for row in part.children):
                yield Block("paragraph", tuple(_joined([tuple(_runs(cell)) for cell in row.children], " – ")))
        elif node.type in {"fence", "code_block"}:
            yield Block("paragraph", (Run(_tidy(node.content)),))
        elif node.type in {"heading", "paragraph"}:
            yield Block(node.type, tuple(_runs(node)))


def _runs(node: SyntaxTreeNode, *, strong: bool = False, emphasis: bool = False) -> Iterator[Run]:
    for place, child in enumerate(node.children):
        if child.type in {"text", "code_inline", "image"}:
            yield Run(child.content, strong, emphasis)
        elif child.type in {"softbreak", "hardbreak"}:
            yield Run(" ", strong, emphasis)
        else:
            if place and child.type not in {"strong", "em", "link", "inline"}:
                yield Run(" ", strong, emphasis)
            yield from _runs(child, strong=strong or child.type == "strong", emphasis=emphasis or child.type == "em")


def _joined(cells: list[tuple[Run, ...]], between: str) -> Iterator[Run]:
    for place, cell in enumerate(cells):
        if place:
            yield Run(between)
        yield from cell


def _tidy(text: str) -> str:
    return " ".join(text.split())
