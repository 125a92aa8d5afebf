"""YAML as this project reads it: the core schema of YAML 1.2, unique keys, no aliases, no tags, and lines.

By YAML 1.2.2, chapter 10.3 (https://yaml.org/spec/1.2.2/#103-core-schema, 2021-10-01), ``no`` and ``on`` are
text, ``10:30`` is text and so is a date. libyaml does the parsing; building plain data straight from its nodes
leaves out the part of PyYAML that is slow and that follows YAML 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_DEPTH = 40
"""Levels of nesting. libyaml's composer calls itself for each level, and a few thousand would end the process."""

_TAG = "tag:yaml.org,2002:"
_STR, _NULL, _BOOL, _INT, _FLOAT = (_TAG + name for name in ("str", "null", "bool", "int", "float"))
_WORDS = dict.fromkeys(("~", "null", "Null", "NULL"), _NULL) | dict.fromkeys(
    ("true", "True", "TRUE", "false", "False", "FALSE"), _BOOL
)
_MAY_BE_NUMBER = frozenset("-+.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_REAL = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_COMPACT = re.compile(r"[-?:][ \t]+[-?:][ \t]+[-?:]")
"""Three levels that begin on one line; deep nesting has these, or deep indentation, or many brackets."""

Path = tuple[str | int, ...]
"""The way to a value: keys and, in lists, positions counted from 0."""


class YamlProblem(Exception):
    """What is wrong with a YAML text, and on which of its lines (from 1)."""

    def __init__(self, what: str, line: int) -> None:
        self.what = what
        self.line = line
        super().__init__(f"line {line}: {what}")


class CoreLoader(yaml.CSafeLoader):
    """libyaml's composer with the core schema of YAML 1.2."""

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        """Return the tag of a node that names none itself."""
        if kind is not ScalarNode:
            return _TAG + ("map" if kind is MappingNode else "seq")
        if not implicit[0]:
            return _STR
        if not value:
            return _NULL
        if value[0] in _MAY_BE_NUMBER:
            return _INT if _INTEGER.fullmatch(value) else _FLOAT if _REAL.fullmatch(value) else _STR
        return _WORDS.get(value, _STR)

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """Do nothing: there are no resolvers that depend on the path."""

    def ascend_resolver(self) -> None:
        """Do nothing; see :meth:`descend_resolver`."""


def _compose(text: str) -> Node | None:
    try:
        if text.count("[") + text.count("{") > MAX_DEPTH or " " * MAX_DEPTH in text or _COMPACT.search(text):
            _refuse_depth(text)
        loader = CoreLoader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = max(1, len(text.rstrip().split("\n")))  # what is missing at the end is missing on the last line
        raise YamlProblem(_in_words(error), min(_line_of(mark), last)) from None
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0) or 0
        raise YamlProblem(
            "a character that YAML does not allow stands here", text.count("\n", 0, position) + 1
        ) from None


def _refuse_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise YamlProblem(f"more than {MAX_DEPTH} levels are nested here", _line_of(event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


_SENTENCES = {
    "mapping values are not allowed in this context": "there is a second ': ' on this line; put the text in quotes",
    "could not find expected ':'": "a ':' and a value are missing after this key",
    "did not find expected key": "the indentation or the quotes do not fit what stands before",
    "did not find expected '-' indicator": "a list item has to begin with '- ', indented like its neighbours",
    "found character that cannot start any token": "the value begins with a character that YAML reserves; use quotes",
    "found unexpected end of stream": "a quotation mark is opened and never closed",
    "did not find expected ',' or ']'": "a list that began with '[' is not closed with ']'",
    "did not find expected ',' or '}'": "a '{' is not closed with '}'; a text that begins with '{' needs quotes",
    "found undefined alias": "a value that begins with '*' is an alias, which is not used here; use quotes",
    "found undefined tag handle": "a value that begins with '!' is a tag, which is not used here; use quotes",
    "found unknown escape character": "a '\\' in double quotes begins an escape that is unknown; use single quotes",
    "but found another document": "a second '---' begins another document",
    "did not find expected <document start>": "this line is neither a key nor a part of the value before it",
}


def _line_of(mark: Any) -> int:
    return int(mark.line) + 1 if mark is not None else 1


def _in_words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "it is not YAML"
    said = next((words for sign, words in _SENTENCES.items() if sign in problem), None)
    return f"this is not valid YAML: {said or problem}"


def load(text: str) -> Any:
    """Return the plain data of a YAML text: dictionaries, lists, text, numbers, booleans, ``None``.

    :raises YamlProblem: at the first thing that is not allowed.
    """
    node = _compose(text)
    return None if node is None else _plain(node, set())


def _plain(node: Node, seen: set[int]) -> Any:
    tag = node.tag
    if tag == _STR and node.__class__ is ScalarNode:
        return node.value
    if node.__class__ is ScalarNode:
        return _scalar(node)
    if id(node) in seen:
        raise YamlProblem("an alias ('*name') repeats something here; write it out", node.start_mark.line + 1)
    seen.add(id(node))
    if node.__class__ is SequenceNode and tag == _TAG + "seq":
        return [_plain(item, seen) for item in node.value]
    if node.__class__ is MappingNode and tag == _TAG + "map":
        return _mapping(node, seen)
    raise _tagged(node)


def _mapping(node: Node, seen: set[int]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in node.value:
        if key.__class__ is not ScalarNode:
            raise YamlProblem("a key has to be a plain text", key.start_mark.line + 1)
        if key.value in data:
            first = next(line.start_mark.line + 1 for line, _ in node.value if line.value == key.value)
            what = f"the key '{key.value}' stands here for the second time; the first is {_lines_up(key, first)}"
            raise YamlProblem(what, key.start_mark.line + 1)
        data[key.value] = _plain(value, seen)
    return data


def _lines_up(key: Node, first: int) -> str:
    away = key.start_mark.line + 1 - first
    return "on this line" if not away else f"{away} line{'s' if away > 1 else ''} up"


def _tagged(node: Node) -> YamlProblem:
    return YamlProblem(f"tags such as '{node.tag.replace(_TAG, '!!')}' are not used here", node.start_mark.line + 1)


def _scalar(node: Node) -> Any:
    value: str = node.value
    match node.tag.removeprefix(_TAG):
        case "str":
            return value
        case "null" if not value or _WORDS.get(value) == _NULL:
            return None
        case "bool" if _WORDS.get(value) == _BOOL:
            return value.lower() == "true"
        case "int" if _INTEGER.fullmatch(value):
            base = {"0o": 8, "0x": 16}.get(value[:2], 10)
            return int(value.removeprefix("0o").removeprefix("0x"), base)
        case "float" if _REAL.fullmatch(value):
            return float(value.lower().replace(".inf", "inf").replace(".nan", "nan"))
    raise _tagged(node)


# --- where things stand ------------------------------------------------------------------------------------


class Places:
    """Where each key and value of a YAML text stands. Lines count from 1 at ``first_line``.

    A text that is not YAML has no places: everything is on its first line.
    """

    def __init__(self, text: str, first_line: int = 1) -> None:
        self._rows = text.split("\n")
        self._first = first_line
        self._nodes: dict[Path, tuple[Node, Node]] = {}
        try:
            node = _compose(text)
        except YamlProblem:
            node = None
        if node is not None:
            self._nodes = dict(_walk((), node, node, set()))

    def line(self, path: Path) -> int:
        """Return the line of a key (or of a list's item); of the nearest one above it when it is not there."""
        while path and path not in self._nodes:
            path = path[:-1]
        if path not in self._nodes:
            return self._first
        return self._first + int(self._nodes[path][0].start_mark.line)

    def find(self, path: Path, phrase: str) -> int:
        """Return the line on which ``phrase`` stands in a value; the line of its key when it cannot be told.

        A phrase that is broken over two lines is found by its first word.
        """
        if path not in self._nodes:
            return self.line(path)
        key, value = self._nodes[path]
        start, end = key.start_mark.line, max(value.end_mark.line, value.start_mark.line)
        words = phrase.split()
        for wanted in (phrase, words[0] if words else ""):
            for row in range(start, min(end + 1, len(self._rows))):
                if wanted and wanted in self._rows[row]:
                    return self._first + row
        return self.line(path)

    def written(self, path: Path) -> str | None:
        """Return a scalar as it is written, such as ``0112`` for what YAML takes as a number."""
        found = self._nodes.get(path)
        return str(found[1].value) if found and isinstance(found[1], ScalarNode) else None


def _walk(path: Path, key: Node, node: Node, seen: set[int]) -> Iterator[tuple[Path, tuple[Node, Node]]]:
    yield path, (key, node)
    if isinstance(node, ScalarNode) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        for position, item in enumerate(node.value):
            yield from _walk((*path, position), item, item, seen)
    elif isinstance(node, MappingNode):
        for name, value in node.value:
            if isinstance(name, ScalarNode):
                yield from _walk((*path, name.value), name, value, seen)
