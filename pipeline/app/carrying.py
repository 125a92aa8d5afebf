"""Where a helpline's number went: in every post, alternative text, drawing and kit, however it was spelled there.

Asked when a number turns out to be wrong. What is looked through is what was sent, as it is kept in the store, and not
today's texts, in which the number may have been replaced already.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.app.attending import NotPossible
from pipeline.app.house import House
from pipeline.spellings import Spellings, spellings

MOST_MEMBER = 20_000_000
"""Bytes of one file in a kit that are looked through; larger ones are pictures or prints."""
_TEXTS = (".txt", ".md", ".html", ".htm", ".json", ".csv", ".xml", ".svg", ".yml", ".rtf")
_PACKED = (".docx", ".odt", ".xlsx", ".zip")


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that carried the number. ``written`` is how; ``where`` says what of it, such as an alternative text."""

    kind: str
    """``post``, ``drawing`` or ``kit``."""
    name: str
    where: str
    written: str

    def to_dict(self) -> dict[str, str]:
        """Return plain data for JSON."""
        return {"kind": self.kind, "name": self.name, "where": self.where, "written": self.written}


@dataclass
class Carried:
    """Everything that ever carried a number. ``unseen`` names what could not be looked into."""

    helpline: str
    number: str
    messages: dict[tuple[str, str], list[Trace]] = field(default_factory=dict)
    drawings: list[Trace] = field(default_factory=list)
    kits: list[Trace] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "helpline": self.helpline,
            "number": self.number,
            "messages": [
                {"campaign": campaign, "message": message, "traces": [trace.to_dict() for trace in traces]}
                for (campaign, message), traces in self.messages.items()
            ],
            "drawings": [trace.to_dict() for trace in self.drawings],
            "kits": [trace.to_dict() for trace in self.kits],
            "unseen": self.unseen,
        }


def carried(house: House, helpline: str, earlier: str | None = None) -> Carried:
    """Return everything that went out with the number of ``helpline``.

    :param earlier: the number to look for, where the registry has another one by now.
    :raises NotPossible: when the registry has no such helpline.
    """
    known = house.project.helplines.get(helpline)
    if known is None:
        names = ", ".join(house.project.helplines) or "none that can be read"
        raise NotPossible(f"there is no helpline '{helpline}' in content/helplines.yml; there are: {names}.")
    if earlier:
        known = known.model_copy(update={"number": earlier, "e164": None})
    number = spellings(known)
    found = Carried(helpline, known.number)
    drawn = dict(_drawings(house, number, found))
    for campaign, message, digest, body in house.store.recalls.sent_bodies():
        traces = [*_in_post(number, digest, body), *_in_pictures(drawn, body)]
        if traces:
            found.messages.setdefault((campaign, message), []).extend(traces)
    found.kits = list(_kits(house, number, found))
    return found


# --- posts ---------------------------------------------------------------------------------------------------


def _in_post(number: Spellings, digest: str, body: str) -> Iterator[Trace]:
    post = json.loads(body)
    for place, part in enumerate(post["parts"], 1):
        for where, text in _texts(part):
            if written := number.found_in(text):
                part_of = f", part {place}" if len(post["parts"]) > 1 else ""
                yield Trace("post", f"{post['account']} ({digest[:12]})", where + part_of, written)


def _texts(part: dict[str, Any]) -> Iterator[tuple[str, str]]:
    names = ("text", "title", "summary", "html", "link", "content_warning")
    yield from ((name.replace("_", " "), part[name]) for name in names if isinstance(part.get(name), str))
    for media in part.get("media", ()):
        yield "alternative text", str(media.get("alt", ""))


# --- drawings ------------------------------------------------------------------------------------------------


def _drawings(house: House, number: Spellings, found: Carried) -> Iterator[tuple[str, Trace]]:
    """Yield the drawings in content/ that show the number, by the SHA-256 of the picture that was made of them.

    Of a drawing that has changed since, only the picture is left, into which a program cannot look.
    """
    made = house.store.pictures.by_source()
    for path in sorted((house.root / "content").rglob("*.svg")):
        data = path.read_bytes()
        written = number.found_in(data.decode("utf-8", "replace"))
        pictures = made.pop(hashlib.sha256(data).hexdigest(), ())
        if written:
            trace = Trace("drawing", path.relative_to(house.root).as_posix(), "in the drawing", written)
            found.drawings.append(trace)
            yield from ((picture, trace) for picture in pictures)
    for path in sorted((house.root / "content").rglob("*")):
        if path.suffix.lower() in (".png", ".jpg", ".jpeg") and path.is_file():
            made.pop(hashlib.sha256(path.read_bytes()).hexdigest(), ())
            found.unseen.append(path.relative_to(house.root).as_posix())
    found.unseen += [
        f"a picture that was made of a file changed since ({one[:12]})" for many in made.values() for one in many
    ]


def _in_pictures(drawn: dict[str, Trace], body: str) -> Iterator[Trace]:
    for part in json.loads(body)["parts"]:
        for media in part.get("media", ()):
            if trace := drawn.get(media["sha256"]):
                yield trace


# --- kits ----------------------------------------------------------------------------------------------------


def _kits(house: House, number: Spellings, found: Carried) -> Iterator[Trace]:
    for path in sorted((house.settings.build / "kits").rglob("*.zip")):
        name = path.relative_to(house.root).as_posix()
        try:
            with zipfile.ZipFile(path) as kit:
                yield from _members(kit, name, number, found)
        except (OSError, zipfile.BadZipFile) as error:
            found.unseen.append(f"{name} ({type(error).__name__})")


def _members(kit: zipfile.ZipFile, name: str, number: Spellings, found: Carried) -> Iterator[Trace]:
    for member in kit.infolist():
        suffix = Path(member.filename).suffix.lower()
        if member.is_dir() or suffix in (".png", ".jpg", ".jpeg", ".webp"):
            continue
        if suffix not in (*_TEXTS, *_PACKED) or member.file_size > MOST_MEMBER:
            found.unseen.append(f"{member.filename} in {name}")
            continue
        data = kit.read(member)
        if suffix in _PACKED:
            with zipfile.ZipFile(io.BytesIO(data)) as inner:
                for trace in _members(inner, name, number, found):
                    yield Trace("kit", name, f"{member.filename}: {trace.where}", trace.written)
        elif written := number.found_in(data.decode("utf-8", "replace")):
            yield Trace("kit", name, member.filename, written)
