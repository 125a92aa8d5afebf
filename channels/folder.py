"""Folders with tasks, for networks without an interface: print, radio, noticeboards, WhatsApp channels.

What would be published is written as files that a person copies, pastes and prints from; the person then ticks the
task off. (WhatsApp channels have no official interface for publishing, and programs that drive WhatsApp's web page
risk the account; facts compiled 2026-11-21.)

A task is one folder, ``2026-12-01-job-offer-abroad-ro-1f0c9a3b7d22``: the day it was written (UTC), the message, the
language, and twelve hex digits that stand for the delivery's key and by which it is found again. In it::

    README.txt          what to do, step by step, in the language of the post
    text.txt            the text, exactly as it is to appear
    picture-1.png       the picture, and beside it
    picture-1-alt.txt   its description, for the place where the network takes one
    letter.docx         where the text is a letter: the same, laid out to be printed
    task.json           the same for programs: key, account, message, files with their SHA-256

It appears at once and whole: it is written under another name and renamed when everything is on the disk.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from channels.contract import (
    Channel,
    ChannelSettings,
    MediaTraits,
    Part,
    Preview,
    ProjectPath,
    Receipt,
    Replay,
    Steps,
    Traits,
    Unavailable,
)
from channels.folder_words import ENDINGS, MEDIA, steps_for
from channels.pictures import require_fitting
from channels.text import count_graphemes, neutralise

TASK: Final = "task.json"
README: Final = "README.txt"
TEXT: Final = "text.txt"


LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]+)*$")]


class FolderSettings(ChannelSettings):
    """The settings of one place that is served by hand."""

    path: ProjectPath
    """The folder inside the project in which the tasks are put; it is made when it is not there."""
    medium: Literal["print", "radio", "noticeboard", "whatsapp", "other"] = "other"
    instructions: Annotated[dict[LanguageTag, str], Field(default_factory=dict)]
    """What the person is to do here besides the usual, by language."""


class Folder(Channel[FolderSettings]):
    """One place that is served by hand."""

    kind: ClassVar[str] = "folder"
    Settings = FolderSettings
    simulator: ClassVar[str] = "channels.testing.simulators.folder:FolderSimulator"
    traits = Traits(
        label="By hand",
        counted_as="characters; no limit",
        facts_from="docs/handbook",
        facts_read_on=date(2026, 11, 21),
        replay=Replay.IDEMPOTENT,
        media=MediaTraits(max_count=4, mime_types=tuple(ENDINGS)),
        by_hand=True,
        tells=True,
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.traits = MEDIA[self.settings.medium].shape(type(self).traits)

    def count(self, text: str) -> int:
        """Return the number of characters as a reader sees them."""
        return count_graphemes(text)

    def preview(self, part: Part) -> Preview:
        """Return the text as it is to appear, and what the person is asked to do."""
        alts = tuple(picture.alt for picture in part.media)
        text = _text(part)
        return Preview(text, self.count(text), None, alt_texts=alts, fields={"Task": self._readme(part)})

    def send(
        self,
        part: Part,
        key: str,
        *,
        after: Receipt | None = None,
        steps: Steps | None = None,
    ) -> Receipt:
        """Put a task into the folder; one that is there already under this key is left as it is."""
        require_fitting(part.media, self.traits.media)
        now = self.door.clock()
        try:
            return self._there(key) or self._put(part, key, now)
        except OSError as error:
            raise Unavailable(
                f"the task cannot be put into {self.settings.path} ({_reason(error)})", next_step=_todo(error)
            ) from error

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Return the receipt of the task under this key, if it is there."""
        try:
            return self._there(key)
        except OSError as error:
            raise Unavailable(f"{self.settings.path} cannot be looked through ({_reason(error)})") from error

    def check(self) -> list[str]:
        """Tell whether tasks can be put into the folder, by writing and removing a file."""
        trial = self.settings.path / ".outreach-check"
        try:
            self.settings.path.mkdir(parents=True, exist_ok=True)
            _write(trial, b"x" * 4096)
            trial.unlink()
        except OSError as error:
            return [f"{self.settings.path} cannot be written to ({_reason(error)}); {_todo(error)}."]
        return []

    # --- files -----------------------------------------------------------------------------------------------

    def _there(self, key: str) -> Receipt | None:
        try:
            names = sorted(entry.name for entry in os.scandir(self.settings.path))
        except FileNotFoundError:
            return None
        for name in names:
            place = self.settings.path / name
            if not name.endswith(f"-{_mark(key)}"):
                continue
            try:
                task = json.loads((place / TASK).read_bytes())
            except (FileNotFoundError, NotADirectoryError, ValueError):
                continue
            if isinstance(task, dict) and task.get("key") == key:
                return Receipt(place.name, None, datetime.fromisoformat(task["written_at"]))
        return None

    def _put(self, part: Part, key: str, now: datetime) -> Receipt:
        files = self._files(part, key, now)
        name = _name(part, key, now)
        folder = self.settings.path
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{_mark(key)}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            unfinished.mkdir()
            for name_in_task, data in files.items():
                _write(unfinished / name_in_task, data)
            _sync(unfinished)
            unfinished.rename(folder / name)
            _sync(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return Receipt(name, None, now)

    def _files(self, part: Part, key: str, now: datetime) -> dict[str, bytes]:
        files = {TEXT: _bytes(_text(part)), README: _bytes(self._readme(part))}
        for number, picture in enumerate(part.media, 1):
            files[f"picture-{number}.{ENDINGS.get(picture.mime, 'bin')}"] = picture.read()
            files[f"picture-{number}-alt.txt"] = _bytes(picture.alt + "\n")
        files |= {document.name: document.read() for document in part.documents}
        about = part.about
        task = {
            "key": key,
            "account": self.account,
            "medium": self.settings.medium,
            "written_at": now.astimezone(UTC).isoformat(),
            "event": about.event if about else "published",
            "campaign": about.campaign if about else None,
            "message": about.message if about else None,
            "occurrence": (about.occurrence or None) if about else None,
            "language": part.language,
            "title": part.title,
            "link": part.link,
            "content_warning": part.content_warning,
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        }
        files[TASK] = _bytes(json.dumps(task, ensure_ascii=False, indent=2) + "\n")
        return files

    def _readme(self, part: Part) -> str:
        own = self.settings.instructions
        return steps_for(
            self.settings.medium,
            part,
            account=self.account,
            more=own.get(part.language) or own.get(part.language.split("-", maxsplit=1)[0], ""),
        )


def _text(part: Part) -> str:
    return neutralise(part.text).strip() + "\n"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _mark(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _name(part: Part, key: str, now: datetime) -> str:
    """Return the folder's name: of letters, digits and hyphens alone, so that it never leads elsewhere."""
    words = [part.about.message if part.about else "task", part.language]
    safe = [re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")[:60] for word in words]
    return "-".join([now.astimezone(UTC).date().isoformat(), *filter(None, safe), _mark(key)])


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the names in a folder as durable as the files; where the system cannot, the files still are."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _reason(error: OSError) -> str:
    return "the disk is full" if error.errno in _FULL else (error.strerror or type(error).__name__)


def _todo(error: OSError) -> str:
    if error.errno in _FULL:
        return "make room; it is tried again by itself"
    return "see that the folder is there and may be written to; it is tried again by itself"
