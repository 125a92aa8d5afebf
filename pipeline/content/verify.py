"""Writing down that a helpline was verified, in the registry that people keep by hand: all else stays as it is.

(A round-trip YAML library would re-indent and re-wrap the whole file.) What was written is read again before it is
handed out: when it does not say exactly what was asked, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from pipeline.content.yaml import CoreLoader, YamlProblem, load
from pipeline.model import Verification

KEYS = ("verified_how", "verified_on", "verified_by", "expires")


class VerifyRefused(Exception):
    """The registry's entry cannot be changed; the message is one sentence for a person."""


def write_verification(text: str, helpline: str, *, how: Verification, on: date, by: str, expires: date) -> str:
    """Return the registry's text with these four keys in the entry ``helpline``.

    :param text: ``content/helplines.yml`` as it is.
    :param by: the person's or role's id.
    :param expires: the last day on which the number may be published.
    :raises VerifyRefused: when there is no such entry, or it is written in a way that cannot be changed safely.
    """
    said = dict(zip(KEYS, (how.value, on.isoformat(), by, expires.isoformat()), strict=True))
    changed = _edited(text, helpline, said)
    try:
        before, after = load(text), load(changed)
    except YamlProblem:
        raise _unsafe(helpline) from None
    if after != {**before, helpline: {**before[helpline], **said}}:
        raise _unsafe(helpline)
    return changed


def _unsafe(helpline: str) -> VerifyRefused:
    return VerifyRefused(
        f"content/helplines.yml: the entry '{helpline}' is written in a way that cannot be changed safely; "
        f"write {', '.join(KEYS)} by hand"
    )


def _edited(text: str, helpline: str, said: Mapping[str, str]) -> str:
    entry = _entry(text, helpline)
    values = {key.value: (key, value) for key, value in entry.value}
    edits: list[tuple[int, int, str]] = []
    for name in KEYS:
        if name in values:
            key, value = values[name]
            if not isinstance(value, ScalarNode):
                raise _unsafe(helpline)
            edits.append((key.end_mark.index, value.end_mark.index, f": {said[name]}"))
    missing = [name for name in KEYS if name not in values]
    if missing:
        ending = "\r\n" if "\r\n" in text else "\n"
        # A folded text's mark lies on the next line too.
        place = len(text[: _last(entry)].rstrip())
        place += len(text[place:].split("\n", 1)[0].rstrip("\r"))
        indent = " " * entry.start_mark.column
        edits.append((place, place, "".join(f"{ending}{indent}{name}: {said[name]}" for name in missing)))
    for start, end, written in sorted(edits, reverse=True):
        text = text[:start] + written + text[end:]
    return text


def _entry(text: str, helpline: str) -> MappingNode:
    try:
        loader = CoreLoader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError:
        raise _unsafe(helpline) from None
    found = next((value for key, value in root.value if key.value == helpline), None) if root else None
    if found is None:
        raise VerifyRefused(f"content/helplines.yml has no entry '{helpline}'")
    if not isinstance(found, MappingNode) or found.flow_style or not found.value:
        raise _unsafe(helpline)
    return found


def _last(node: Node) -> int:
    """Return where a node's own text ends; a block's mark lies at the next token, beyond comments and empty lines."""
    while isinstance(node, CollectionNode) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    return int(node.end_mark.index)
