"""Pictures on X: uploading them by the second version of the interface, which tweepy does not know.

A small picture goes in one request, a larger one is announced, sent in pieces and closed. Then its alternative text is
written beside it. What is done is remembered as the picture's id with the time until X keeps it, so that a later
attempt goes on from there.

Sources: docs.x.com/x-api/media (openapi.json 2.168), read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Self

from channels.contract import Media, Rejected, Steps, Unavailable
from channels.http import Reply
from channels.text import neutralise
from channels.x_wire import Wire, data_of

UPLOAD = "/2/media/upload"
METADATA = "/2/media/metadata"
PIECE = 1024 * 1024
"""How many bytes go in one request; X advises pieces of at most 5 MB."""
KEPT = timedelta(hours=24)
"""How long X keeps what was uploaded, where it does not say."""
MARGIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Uploaded:
    """A picture that X has: its id, until when (UTC), and whether it is ready and described."""

    id: str
    until: datetime
    done: bool = False

    def kept(self) -> str:
        return f"{self.id} {self.until.timestamp():.0f} {'done' if self.done else 'uploaded'}"

    @classmethod
    def read(cls, kept: str | None) -> Self | None:
        fields = (kept or "").split()
        if len(fields) != 3:
            return None
        return cls(fields[0], datetime.fromtimestamp(float(fields[1]), UTC), fields[2] == "done")


def media_id(wire: Wire, picture: Media, steps: Steps) -> str:
    """Return the id of the picture, uploaded, processed and described.

    :raises Unavailable: when X is still processing it; the next attempt goes on with the same upload.
    :raises Rejected: when X cannot process it.
    """
    name = f"media:{picture.sha256}:{sha256(picture.alt.encode()).hexdigest()[:16]}"
    there = _Uploaded.read(steps.get(name))
    if there is not None and there.until < wire.door.clock() + MARGIN:
        there = None
    if there is not None and there.done:
        return there.id
    if there is None:
        reply = _upload(wire, picture)
        there = _uploaded(wire, reply)
        steps.put(name, there.kept())
    else:
        reply = _status(wire, there.id)
    state = _state(reply)
    if state == "failed":
        # The next attempt must not ask for it again.
        steps.put(name, "")
        raise Rejected(f"{wire.host} cannot process the picture", next_step="save it anew, as PNG or JPEG")
    if state in ("pending", "in_progress"):
        raise Unavailable(
            f"{wire.host} is still processing the picture", next_step="nothing has to be done, it is tried again"
        )
    _describe(wire, there.id, neutralise(picture.alt))
    steps.put(name, replace(there, done=True).kept())
    return there.id


def _upload(wire: Wire, picture: Media) -> Reply:
    data, category = picture.read(), "tweet_image"
    if len(data) <= PIECE:
        return wire.upload(
            "POST",
            UPLOAD,
            "uploading a picture",
            data={"media_category": category},
            files={"media": ("picture", data, picture.mime)},
        )
    announced = wire.upload(
        "POST",
        f"{UPLOAD}/initialize",
        "announcing a picture",
        json={"media_type": picture.mime, "total_bytes": len(data), "media_category": category},
    )
    identity = _uploaded(wire, announced).id
    for number, start in enumerate(range(0, len(data), PIECE)):
        wire.upload(
            "POST",
            f"{UPLOAD}/{identity}/append",
            "uploading a picture",
            data={"segment_index": str(number)},
            files={"media": ("picture", data[start : start + PIECE], "application/octet-stream")},
            expect=None,
        )
    return wire.upload("POST", f"{UPLOAD}/{identity}/finalize", "uploading a picture")


def _status(wire: Wire, identity: str) -> Reply:
    return wire.upload("GET", UPLOAD, "asking for a picture", params={"command": "STATUS", "media_id": identity})


def _describe(wire: Wire, identity: str, alt: str) -> None:
    """Write the alternative text; a picture never goes out without it."""
    if not alt:
        return
    reply = wire.upload(
        "POST",
        METADATA,
        "describing a picture",
        json={"id": identity, "metadata": {"alt_text": {"text": alt}}},
    )
    if data_of(reply) is None:
        raise Unavailable(f"{wire.host} did not take the picture's alternative text")


def _uploaded(wire: Wire, reply: Reply) -> _Uploaded:
    data = data_of(reply)
    identity = str(data.get("id") or "") if isinstance(data, Mapping) else ""
    if not identity.isdecimal():
        raise Unavailable(f"{wire.host} took the picture without telling its id")
    seconds = data.get("expires_after_secs")
    lives = timedelta(seconds=seconds) if type(seconds) is int and 0 < seconds < 10**8 else KEPT
    return _Uploaded(identity, wire.door.clock() + lives)


def _state(reply: Reply) -> str:
    """Return how far processing came: ``succeeded`` where X does not speak of it."""
    data = data_of(reply)
    info: Any = data.get("processing_info") if isinstance(data, Mapping) else None
    return str(info.get("state") or "").lower() if isinstance(info, Mapping) else "succeeded"
