"""A kit's manifest (``manifest.json``): which kit this is, how long it is good for, and the hash of every file.

The digest is over what a partner would use: the files, and the facts that decide whether they may be used. The version
and the list of changes are not part of it. Its form is plain lines, so that a script in a browser makes it as easily
(``site/theme/assets/outreach/kits.js``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from pipeline.model import Frozen, Language, Text

SCHEMA = 1
NAME = "manifest.json"
README = "README.txt"
_HASH = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class KitState(StrEnum):
    """Whether a kit may be used."""

    CURRENT = "current"
    RECALLED = "recalled"


class File(Frozen):
    """One file of a kit. ``size`` is in bytes, ``what`` says what it is in the kit's language."""

    path: Text
    sha256: _HASH
    size: Annotated[int, Field(ge=0)]
    what: str = ""


class Base(Frozen):
    """The kit without a partner's marks from which a partner's was made."""

    version: Annotated[int, Field(ge=1)]
    digest: _HASH


class Changes(Frozen):
    """What is different since an earlier version: paths of files; ``facts``: dates or conditions."""

    since: Annotated[int, Field(ge=1)]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    facts: bool = False


class Manifest(Frozen):
    """What ``manifest.json`` holds."""

    schema_version: Annotated[int, Field(alias="schema", ge=1)] = SCHEMA
    kit: Text
    language: Language
    partner: str = ""
    version: Annotated[int, Field(ge=1)]
    digest: _HASH
    state: KitState = KitState.CURRENT
    title: Text
    page: str
    check: str
    """The page on which a kit is checked without uploading anything."""
    licence: str = "CC-BY-4.0"
    made_on: date
    """The day of the content's last change."""
    valid_until: date
    embargo: str = ""
    """When it may be published at the earliest: ISO 8601 with its offset, or empty."""
    embargo_zone: str = ""
    base: Base | None = None
    changes: Changes | None = None
    left_out: tuple[str, ...] = ()
    files: tuple[File, ...]

    @property
    def name(self) -> str:
        """Under which name its versions are remembered."""
        return kit_name(self.kit, self.language, self.partner)

    def to_json(self) -> bytes:
        """Return the file; the same manifest always gives the same bytes."""
        body = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()

    def own_digest(self) -> str:
        """Return the digest that the manifest's own facts and files give."""
        return digest(
            {file.path: file.sha256 for file in self.files}, kit=self.kit, language=self.language, partner=self.partner,
            state=self.state, valid_until=self.valid_until, embargo=self.embargo,
        )  # fmt: skip


def kit_name(kit: str, language: str, partner: str = "") -> str:
    """Return the name of a kit: ``proactiv/signs-at-work/ro``, with ``@partner`` for a partner's own."""
    return f"{kit}/{language}" + (f"@{partner}" if partner else "")


def digest(
    files: Mapping[str, str], *, kit: str, language: str, partner: str, state: KitState, valid_until: date, embargo: str
) -> str:
    """Return the digest of a kit.

    :param files: the SHA-256 of each file by path; the manifest and the read-me, which name versions, are left out.
    """
    lines = [kit, language, partner, state.value, valid_until.isoformat(), embargo]
    lines += [f"{files[path]}  {path}" for path in sorted(files) if path not in {NAME, README}]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
