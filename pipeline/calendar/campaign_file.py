"""Writing calendar entries into a ``campaign.yml`` that people keep by hand: everything else stays byte for byte.

Only the entries that differ are touched, and in those only the values that differ where that can be done. The result is
read again before it is handed out: when it does not say exactly what was asked, nothing is written and the problem says
so. (A round-trip YAML library would re-indent and re-wrap the whole file.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from pipeline.calendar.table import COLUMNS, cells, length
from pipeline.model import Campaign, Entry, Problem

_NULLS = ("", "~", "null", "Null", "NULL")
_ENDLESS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Merged:
    """A campaign file with entries written into it. Entries are named by their keys.

    ``left_alone`` are entries of the file that were not among those written; with ``problem`` the text is the old one.
    """

    text: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left_alone: tuple[str, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def merge(text: str, campaign: Campaign, entries: Sequence[Entry], *, path: str, remove_others: bool = False) -> Merged:
    """Return the campaign file with ``entries`` in its calendar, replaced or appended by their key.

    :param text: the file as it is; it has been read without problems.
    :param campaign: what the file says.
    :param entries: entries with a key each, and no two with the same.
    :param path: the file, for the problem.
    :param remove_others: whether entries of the file that are not among these are taken out; they stay by default.
    """
    old = {entry.key: entry for entry in campaign.calendar}
    new = {entry.key: entry for entry in entries}
    others = tuple(key for key in old if key not in new)
    added = tuple(key for key in new if key not in old)
    changed = tuple(key for key in new if key in old and not _same(old[key], new[key]))
    removed = others if remove_others else ()
    wanted = [new.get(entry.key, entry) for entry in campaign.calendar if entry.key not in removed]
    wanted += [new[key] for key in added]
    try:
        written = _write(text, campaign, [new[key] for key in changed], [new[key] for key in added], removed)
        _verify(text, written, wanted)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        message = "the calendar in this file is written in a way that cannot be changed safely; change it by hand"
        return Merged(text, problem=Problem(path=path, rule="campaign-file", message=message))
    return Merged(
        text=written,
        added=added,
        changed=changed,
        unchanged=tuple(key for key in new if key in old and key not in changed),
        removed=removed,
        left_alone=() if remove_others else others,
    )


def _same(one: Entry, other: Entry) -> bool:
    return cells(one) == cells(other)


# --- the edits ---------------------------------------------------------------------------------------------


def _write(
    text: str, campaign: Campaign, changed: Sequence[Entry], added: Sequence[Entry], removed: Sequence[str]
) -> str:
    if not (changed or added or removed):
        return text
    ending = "\r\n" if "\r\n" in text else "\n"
    root = _root(text)
    calendar = next((value for key, value in root.value if key.value == "calendar"), None)
    if not isinstance(calendar, SequenceNode) or calendar.flow_style or not calendar.value:
        remaining = {entry.key: entry for entry in campaign.calendar if entry.key not in removed}
        remaining.update({entry.key: entry for entry in (*changed, *added)})
        return _rewrite(text, calendar, list(remaining.values()), ending)
    if len(calendar.value) != len(campaign.calendar):
        raise ValueError("the file does not say what was read from it")
    nodes = {entry.key: node for entry, node in zip(campaign.calendar, calendar.value, strict=True)}
    if len(removed) == len(nodes):
        return _rewrite(text, calendar, added, ending)
    old = {entry.key: entry for entry in campaign.calendar}
    edits = [edit for entry in changed for edit in _edit(text, nodes[entry.key], old[entry.key], entry, ending)]
    edits += [_removal(text, nodes[key]) for key in removed]
    if added:
        last = calendar.value[-1]
        indent = " " * _column(text, text.rindex("-", 0, last.start_mark.index))
        lines = [f"{indent}- {_block(entry, indent + '  ', ending)}" for entry in added]
        if campaign.calendar[-1].key in removed:
            # Its line goes with the line's end.
            place, block = _removal(text, last).end, "".join(f"{line}{ending}" for line in lines)
        else:
            place, block = _line_end(text, _end(text, last)), "".join(f"{ending}{line}" for line in lines)
        edits.append(_Edit(place, place, block))
    pieces, place = [], 0
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if edit.start > place:
            pieces.append(text[place : edit.start])
        pieces.append(edit.text)
        place = max(place, edit.end)
    return "".join([*pieces, text[place:]])


def _rewrite(text: str, calendar: Node | None, entries: Sequence[Entry], ending: str) -> str:
    """Write the whole calendar anew: for a file that has none yet, or one in square brackets."""
    block = "".join(f"{ending}  - {_block(entry, '    ', ending)}" for entry in entries) or " []"
    if calendar is None:
        return f"{text.rstrip()}{ending}calendar:{block}{ending}"
    if isinstance(calendar, SequenceNode) and not calendar.flow_style:
        block = block.lstrip("\r\n") if entries else "  []"
        start = text.rindex("\n", 0, calendar.start_mark.index) + 1
        return text[:start] + block + text[_end(text, calendar) :]
    start = text.rindex(":", 0, calendar.start_mark.index + 1) + 1
    if not isinstance(calendar, SequenceNode):
        return text[:start] + block + text[max(start, _end(text, calendar)) :]
    return text[:start] + block + text[calendar.end_mark.index :]


def _edit(text: str, node: Node, old: Entry, new: Entry, ending: str) -> Iterator[_Edit]:
    """Yield the edits of one entry: its values one by one where it is a block that only gains or changes keys."""
    if not isinstance(node, MappingNode):
        raise TypeError("an entry is not a mapping")
    before, after = cells(old), cells(new)
    values = {key.value: (key, value) for key, value in node.value}
    differing = [name for name in COLUMNS if before[name] != after[name]]
    indent = " " * node.start_mark.column
    if node.flow_style or any(not after[name] for name in differing):
        yield _Edit(node.start_mark.index, _end(text, node), _block(new, indent, ending))
        return
    last = _line_end(text, _end(text, node))
    for name in differing:
        written = _scalar(_plain_value(new, name))
        if name in values:
            key, value = values[name]
            start, end = value.start_mark.index, _end(text, value)
            # A value on a line of its own has to stand further in than its key.
            space = "" if end > start and value.start_mark.line == key.start_mark.line else "  "
            yield _Edit(start, end, f"{space}{written}")
        else:
            yield _Edit(last, last, f"{ending}{indent}{name}: {written}")


def _removal(text: str, node: Node) -> _Edit:
    """Return the edit that takes an entry out, from its dash to the end of its last line."""
    dash = text.rindex("-", 0, node.start_mark.index)
    start = text.rindex("\n", 0, dash) + 1
    end = _line_end(text, _end(text, node))
    return _Edit(start, min(end + (2 if text.startswith("\r\n", end) else 1), len(text)), "")


def _end(text: str, node: Node) -> int:
    """Return where a node's text ends. PyYAML ends a block at the next token, beyond comments and empty lines."""
    if isinstance(node, ScalarNode):
        end = int(node.end_mark.index)
        return len(text[:end].rstrip()) if node.style in ("|", ">") else end
    if isinstance(node, MappingNode) and node.value and not node.flow_style:
        return _end(text, node.value[-1][1])
    if isinstance(node, SequenceNode) and node.value and not node.flow_style:
        return _end(text, node.value[-1])
    return int(node.end_mark.index)


def _line_end(text: str, index: int) -> int:
    found = re.compile(r"\r?\n|\Z").search(text, index)
    return found.start() if found else len(text)


def _column(text: str, index: int) -> int:
    return index - (text.rfind("\n", 0, index) + 1)


# --- the text of an entry ----------------------------------------------------------------------------------


def _block(entry: Entry, indent: str, ending: str) -> str:
    said = [(name, _plain_value(entry, name)) for name, cell in cells(entry).items() if cell]
    return f"{ending}{indent}".join(f"{name}: {_scalar(value)}" for name, value in said)


def _plain_value(entry: Entry, name: str) -> Any:
    value = getattr(entry, name)
    if name == "good_for":
        return length(value)
    return list(value) if isinstance(value, tuple) else value


class _Dumper(yaml.SafeDumper):
    """Quotes what either YAML 1.1 or the core schema of YAML 1.2 would not take for text."""


_Dumper.yaml_implicit_resolvers = {
    first: list(resolvers) for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+)\Z"),
    list("-+.0123456789"),
)


def _scalar(value: Any) -> str:
    dumped: str = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, width=_ENDLESS, allow_unicode=True)
    return dumped.removesuffix("\n").removesuffix("\n...")


# --- reading it again --------------------------------------------------------------------------------------


def _root(text: str) -> MappingNode:
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
        raise ValueError("aliases tie one place of the file to another")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, MappingNode):
        raise TypeError("the file is not a mapping")
    return root


def _verify(before: str, after: str, wanted: Sequence[Entry]) -> None:
    """Raise :class:`ValueError` unless ``after`` has exactly the wanted calendar and differs in nothing else."""
    was, now = (_data(_root(text)) for text in (before, after))
    was.pop("calendar", None)
    found = now.pop("calendar", None) or []
    said = [Entry.model_validate(_without_nulls(entry)) for entry in found]
    if was != now or [cells(entry) for entry in said] != [cells(entry) for entry in wanted]:
        raise ValueError("the written file does not say what was asked")


def _without_nulls(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise TypeError("an entry is not a mapping")
    return {name: value for name, value in entry.items() if value is not None}


def _data(node: Node) -> Any:
    """Return plain data in which every scalar is text, so that no schema has a say in the comparison."""
    if isinstance(node, ScalarNode):
        return None if node.style is None and node.value in _NULLS else node.value
    if isinstance(node, SequenceNode):
        return [_data(item) for item in node.value]
    return {_data(key): _data(value) for key, value in node.value}
