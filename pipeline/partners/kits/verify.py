"""Is this kit still right? Looks at a downloaded kit and says: current, outdated, altered, or taken back.

Nothing of a file is trusted: it may be cut off, packed to blow up, or no kit at all. Files are only hashed, never
unpacked.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from pipeline.partners.kits.ledger import Issue, Ledger, changes
from pipeline.partners.kits.manifest import NAME, README, SCHEMA, Changes, KitState, Manifest, kit_name

MOST_FILES = 20_000
MOST_MANIFEST = 4_000_000
"""Bytes. A campaign's manifest has some hundred kilobytes."""
_CHUNK = 1 << 16


class Standing(StrEnum):
    """What is known of a kit, the worst last."""

    CURRENT = "current"
    OUTDATED = "outdated"
    RECALLED = "recalled"
    ALTERED = "altered"
    UNKNOWN = "unknown"


class NotAKit(Exception):
    """The file is no kit, or cannot be read; one sentence for a person."""


@dataclass(frozen=True)
class Held:
    """A kit as somebody has it: its manifest, and the SHA-256 of the files that lie there, by path.

    ``files`` is ``None`` where only a manifest was given.
    """

    manifest: Manifest
    files: Mapping[str, str] | None


@dataclass(frozen=True)
class Verdict:
    """What can be said of a kit.

    ``altered``, ``missing`` and ``strange`` are paths of files that differ, are gone, or do not belong to it.
    ``newest`` is the version that counts now; ``changes`` what it changed since the one that was looked at.
    """

    standing: Standing
    manifest: Manifest
    newest: int | None = None
    altered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    changes: Changes | None = None
    reasons: tuple[str, ...] = ()
    looked_at_files: bool = True


@dataclass
class _Signs:
    """What speaks against a kit, gathered on the way."""

    reasons: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.altered or self.missing or self.strange)


def hold(path: Path) -> Held:
    """Read a kit: its ZIP, the folder into which it was unpacked, or its manifest alone.

    :raises NotAKit: when it is none of these.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if path.suffix == ".json":
            return Held(_manifest(path.read_bytes()[: MOST_MANIFEST + 1]), None)
        return _zip(path)
    except OSError as error:
        raise NotAKit(f"{path}: cannot be read ({error.strerror or error}).") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise NotAKit(f"{path}: is no whole ZIP file ({error}); download it again.") from None


def _manifest(data: bytes) -> Manifest:
    if len(data) > MOST_MANIFEST:
        raise NotAKit(f"{NAME} is larger than any kit's.")
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        newer = any(fault["loc"] == ("schema",) or fault["type"] == "extra_forbidden" for fault in error.errors())
        more = f" It may be from a newer version of this program (this one reads schema {SCHEMA})." if newer else ""
        raise NotAKit(f"{NAME} is not the manifest of a kit ({error.error_count()} faults).{more}") from None


def _folder(path: Path) -> Held:
    if not (path / NAME).is_file():
        raise NotAKit(f"{path}: there is no {NAME} in this folder.")
    manifest = _manifest((path / NAME).read_bytes())
    found = {}
    for file in sorted(path.rglob("*")):
        # Links are not followed: what they lead to is not part of the kit.
        if file.is_file() and not file.is_symlink() and file.name != NAME:
            with file.open("rb") as stream:
                found[file.relative_to(path).as_posix()] = _hash(stream, file.stat().st_size)
    return Held(manifest, found)


def _zip(path: Path) -> Held:
    with zipfile.ZipFile(path) as source:
        entries = source.infolist()
        if len(entries) > MOST_FILES:
            raise NotAKit(f"{path}: has {len(entries)} files; no kit has as many.")
        inner = [entry for entry in entries if not entry.is_dir()]
        # Who packs a kit anew often puts it into a folder.
        roots = [entry.filename.removesuffix(NAME) for entry in inner if entry.filename.rpartition("/")[2] == NAME]
        if not roots:
            raise NotAKit(f"{path}: there is no {NAME} in it, so it is no kit.")
        root = min(roots, key=len)
        with source.open(f"{root}{NAME}") as stream:
            manifest = _manifest(stream.read(MOST_MANIFEST + 1))
        sizes = {file.path: file.size for file in manifest.files}
        found = {}
        for entry in inner:
            name = entry.filename.removeprefix(root) if entry.filename.startswith(root) else f"../{entry.filename}"
            if name == NAME:
                continue
            if name in found:
                found[name] = "stands twice"
                continue
            with source.open(entry) as stream:
                found[name] = _hash(stream, sizes.get(name, 0))
    return Held(manifest, found)


def _hash(stream: IO[bytes], most: int) -> str:
    """Return the SHA-256 of a stream; of one that is longer than ``most`` bytes it cannot be the right one."""
    digest, read = hashlib.sha256(), 0
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        digest.update(chunk)
        read += len(chunk)
        if read > most:
            return "too long"
    return digest.hexdigest()


def judge(held: Held, ledger: Ledger, today: date) -> Verdict:
    """Say what a kit is worth on ``today``, by the versions that are known. Pure.

    :param today: the day for which the numbers in it have to count as verified.
    """
    manifest = held.manifest
    signs = _Signs()
    for tell in (_of_files, _of_manifest):
        tell(held, signs)
    newest, own = _known(manifest, ledger)
    # A partner's kit may be made from one that is public only later.
    if newest is not None and own is None and not (signs.any or manifest.base):
        signs.altered.append(NAME)
        signs.reasons.append("no version of this kit has these files and dates")
    if signs.any:
        return _verdict(Standing.ALTERED, held, signs, newest)
    if newest is None or own is None:
        return _verdict(Standing.UNKNOWN, held, signs, reason="no version of this kit is known here")
    return _of_versions(held, signs, newest, own, today)


def _of_versions(held: Held, signs: _Signs, newest: Issue, own: Issue, today: date) -> Verdict:
    manifest = held.manifest
    if KitState.RECALLED in (newest.state, manifest.state):
        return _verdict(Standing.RECALLED, held, signs, newest, reason="the message was taken back")
    if own.version != newest.version:
        changed = changes(_issue(manifest, own), newest)
        return _verdict(Standing.OUTDATED, held, signs, newest, changed, reason=f"version {newest.version} counts now")
    if manifest.valid_until < today:
        why = f"it was good until {manifest.valid_until}; its telephone numbers have to be checked again"
        return _verdict(Standing.OUTDATED, held, signs, newest, reason=why)
    return _verdict(Standing.CURRENT, held, signs, newest)


def _issue(manifest: Manifest, own: Issue) -> Issue:
    """Return the version that the kit is, with its files: the ledger may have forgotten them, the manifest has not."""
    files = {file.path: file.sha256[:16] for file in manifest.files if file.path != README}
    return own.model_copy(update={"files": own.files or files})


def _known(manifest: Manifest, ledger: Ledger) -> tuple[Issue | None, Issue | None]:
    """Return the version that counts now, and the one that this kit is; a partner's may be known by its base alone."""
    newest = ledger.newest(manifest.name)
    if newest is None and manifest.partner and manifest.base:
        name = kit_name(manifest.kit, manifest.language)
        return ledger.newest(name), ledger.of_digest(name, manifest.base.digest)
    return newest, ledger.of_digest(manifest.name, manifest.digest)


def _of_files(held: Held, signs: _Signs) -> None:
    if held.files is None:
        return
    wanted = {file.path: file.sha256 for file in held.manifest.files}
    signs.altered += [path for path in sorted(wanted) if path in held.files and held.files[path] != wanted[path]]
    signs.missing += [path for path in sorted(wanted) if path not in held.files]
    signs.strange += [path for path in sorted(held.files) if path not in wanted]


def _of_manifest(held: Held, signs: _Signs) -> None:
    if held.manifest.own_digest() != held.manifest.digest:
        signs.altered.append(NAME)
        signs.reasons.append("the manifest does not agree with itself")


def _verdict(
    standing: Standing,
    held: Held,
    signs: _Signs,
    newest: Issue | None = None,
    changed: Changes | None = None,
    *,
    reason: str = "",
) -> Verdict:
    return Verdict(
        standing=standing,
        manifest=held.manifest,
        newest=newest.version if newest else None,
        altered=tuple(signs.altered),
        missing=tuple(signs.missing),
        strange=tuple(signs.strange),
        changes=changed,
        reasons=(*signs.reasons, *([reason] if reason else [])),
        looked_at_files=held.files is not None,
    )
