"""Which versions of each kit there have been: a small file beside the store (``state/kits.json``). Pure; no I/O.

The newest versions keep the hash of every file, so that it can be said what changed; of older ones the digest is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import Field, ValidationError

from pipeline.model import Frozen
from pipeline.partners.kits.manifest import Changes, KitState

FILE = "kits.json"
KEPT = 12
"""For how many versions the files are remembered."""
_SHORT = 16


class Issue(Frozen):
    """One version of a kit. ``files`` holds the beginning of each file's SHA-256, and is empty for old versions."""

    version: Annotated[int, Field(ge=1)]
    digest: str
    state: KitState = KitState.CURRENT
    files: dict[str, str] = Field(default_factory=dict)


class _Written(Frozen):
    schema_version: Annotated[int, Field(alias="schema")] = 1
    kits: dict[str, tuple[Issue, ...]] = Field(default_factory=dict)


class _ShownKit(Frozen):
    version: int
    digest: str
    state: KitState
    title: str
    valid_until: date
    zip: str
    manifest: str
    earlier: dict[str, int]


class _Shown(Frozen):
    schema_version: Annotated[int, Field(alias="schema")]
    kits: dict[str, _ShownKit]


class LedgerUnreadable(Exception):
    """The file with the versions cannot be read; the message is one clause."""


@dataclass(frozen=True)
class Ledger:
    """The versions of every kit, oldest first, by the kit's name."""

    kits: Mapping[str, tuple[Issue, ...]] = field(default_factory=dict)

    def newest(self, name: str) -> Issue | None:
        """Return the version that counts now."""
        return self.kits[name][-1] if self.kits.get(name) else None

    def issue(self, name: str, digest: str, state: KitState, files: Mapping[str, str]) -> tuple[Ledger, Issue]:
        """Return the version of a kit with this digest: the newest, or a new one, and the ledger that knows it."""
        newest = self.newest(name)
        if newest and newest.digest == digest:
            return self, newest
        short = {path: found[:_SHORT] for path, found in sorted(files.items())}
        version = newest.version + 1 if newest else 1
        made = Issue(version=version, digest=digest, state=state, files=short)
        return self.with_issue(name, made), made

    def with_issue(self, name: str, made: Issue) -> Ledger:
        """Return the ledger that knows this version as the newest."""
        if self.newest(name) == made:
            return self
        kept = [*self.kits.get(name, ()), made]
        kept = [one if at >= len(kept) - KEPT else one.model_copy(update={"files": {}}) for at, one in enumerate(kept)]
        return Ledger({**self.kits, name: tuple(kept)})

    def before(self, name: str, version: int) -> Issue | None:
        """Return the version before this one."""
        return next((one for one in reversed(self.kits.get(name, ())) if one.version < version), None)

    def of_digest(self, name: str, digest: str) -> Issue | None:
        """Return the newest version with this digest."""
        return next((one for one in reversed(self.kits.get(name, ())) if one.digest == digest), None)

    def to_json(self) -> bytes:
        """Return the file; the same versions always give the same bytes."""
        body = _Written(kits=dict(sorted(self.kits.items()))).model_dump(mode="json", by_alias=True)
        return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def from_versions(cls, data: bytes) -> Ledger:
        """Read the list of versions as the site shows it (``/kits/versions.json``).

        :raises LedgerUnreadable: when it is not one.
        """
        try:
            shown = _Shown.model_validate_json(data)
        except ValidationError as error:
            raise LedgerUnreadable(f"it is no list of versions ({error.error_count()} faults)") from None
        kits = {}
        for name, one in shown.kits.items():
            older = [Issue(version=version, digest=digest) for digest, version in one.earlier.items()]
            newest = Issue(version=one.version, digest=one.digest, state=one.state)
            kits[name] = (*sorted(older, key=lambda issue: issue.version), newest)
        return cls(kits)

    @classmethod
    def from_json(cls, data: bytes) -> Ledger:
        """Read the file.

        :raises LedgerUnreadable: when it is not one.
        """
        try:
            return cls(_Written.model_validate_json(data).kits)
        except ValidationError as error:
            raise LedgerUnreadable(f"it is no list of versions ({error.error_count()} faults)") from None


def changes(old: Issue, new: Issue) -> Changes:
    """Return what is different between two versions. Of one whose files are forgotten, nothing in particular."""
    if not old.files:
        return Changes(since=old.version, facts=True)
    added = tuple(path for path in sorted(new.files) if path not in old.files)
    removed = tuple(path for path in sorted(old.files) if path not in new.files)
    changed = tuple(path for path in sorted(new.files) if path in old.files and old.files[path] != new.files[path])
    return Changes(
        since=old.version, added=added, changed=changed, removed=removed, facts=not (added or removed or changed)
    )
