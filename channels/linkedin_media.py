"""Pictures on LinkedIn: announced, sent to where LinkedIn says, and asked for until they can be shown.

Source: learn.microsoft.com/linkedin, "Images API", read 2026-11-21.
"""

from __future__ import annotations

from channels.contract import Media, Rejected, Steps, Unavailable
from channels.linkedin_server import Server, body_of, encoded

IMAGES = "/rest/images"


def image_urn(server: Server, picture: Media, steps: Steps) -> str:
    """Return the URN of the picture, uploaded and ready to be shown.

    :raises Unavailable: when LinkedIn is still processing it; the next attempt goes on with the same upload.
    :raises Rejected: when LinkedIn cannot process it.
    """
    name = f"image:{picture.sha256}"
    urn = steps.get(name)
    if not urn:
        urn = _upload(server, picture)
        steps.put(name, urn)
    state = _state(server, urn)
    if state in ("PROCESSING", "WAITING_UPLOAD"):
        raise Unavailable(
            f"{server.host} is still processing the picture", next_step="nothing has to be done, it is tried again"
        )
    if state == "PROCESSING_FAILED":
        # The next attempt must not ask for it again.
        steps.put(name, "")
        raise Rejected(f"{server.host} cannot process the picture", next_step="save it anew, as PNG or JPEG")
    return urn


def _upload(server: Server, picture: Media) -> str:
    data = picture.read()
    reply = server.ask(
        "POST",
        f"{IMAGES}?action=initializeUpload",
        "announcing a picture",
        json={"initializeUploadRequest": {"owner": server.settings.author}},
    )
    value = body_of(reply).get("value")
    place, urn = (str(value.get(one) or "") if isinstance(value, dict) else "" for one in ("uploadUrl", "image"))
    if not place or not urn.startswith("urn:li:image:"):
        raise Unavailable(f"{server.host} did not say where the picture is to go")
    server.put(place, data, picture.mime)
    return urn


def _state(server: Server, urn: str) -> str:
    """Return how far processing came; nothing where the token may not ask."""
    path = f"{IMAGES}/{encoded(urn)}"
    reply = server.ask("GET", path, "asking for a picture", overrides={403: None, 404: None})
    return str(body_of(reply).get("status") or "") if reply.status == 200 else ""
