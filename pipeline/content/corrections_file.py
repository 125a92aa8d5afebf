"""Adding an entry to the log of corrections, which people keep by hand: all else in the file stays as it is.

What was written is read again before it is handed out: when it does not say exactly what was asked, nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from pipeline.content.yaml import YamlProblem, load

_EMPTY = re.compile(r"(?m)^\[\][ \t]*(?:#[^\n]*)?$")
_HEAD = "# The log of corrections; the site sorts by date.\n"


class EntryRefused(Exception):
    """The entry cannot be added; the message is one sentence for a person."""


def add_entry(
    text: str, *, on: date, campaign: str, message: str, what: Mapping[str, str], recalled: bool = False
) -> str:
    """Return the log's text with one more entry at its end; unchanged where it stands there already.

    :param text: ``content/corrections.yml`` as it is; empty where there is none yet.
    :param what: what was wrong and what stands there now, by language.
    :raises EntryRefused: when the log is written in a way that cannot be added to safely.
    """
    entry: dict[str, Any] = {"date": on, "campaign": campaign, "message": message, "what": dict(what)}
    if recalled:
        entry["recalled"] = True
    written = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=10_000)
    try:
        before: Any = load(text) or []
        wanted = load(written)
        if wanted[0] in before:
            return text
        base = _EMPTY.sub("", text, count=1) if not before else text
        head = base.rstrip("\n") + "\n" if base.strip() else _HEAD
        changed = f"{head}{written}"
        after = load(changed)
    except (YamlProblem, yaml.YAMLError, TypeError):
        raise _unsafe() from None
    if not isinstance(before, list) or after != [*before, *wanted]:
        raise _unsafe()
    return changed


def _unsafe() -> EntryRefused:
    return EntryRefused(
        "content/corrections.yml is written in a way that cannot be added to safely; write the entry by hand."
    )
