"""Featured pictures on WordPress: uploaded with what they show, known again as ours, removed with their post."""

from __future__ import annotations

from typing import Any

from channels.contract import Media, Outcome, Rejected, Steps, Unavailable
from channels.text import neutralise
from channels.wordpress_site import MEDIA, Site, body_of


def alt_text(picture: Media) -> str:
    """Return the alternative text in one line, as WordPress keeps it."""
    return " ".join(neutralise(picture.alt).split())


def media_id(site: Site, picture: Media, steps: Steps) -> int:
    """Return the number of the picture on the site, uploading it unless an earlier attempt did and it is still there.

    :raises Rejected: when the site does not keep the alternative text as it is.
    """
    name = f"media:{picture.sha256}"
    kept = steps.get(name)
    if kept and is_there(site, int(kept), picture):
        return int(kept)
    reply = site.ask(
        "POST",
        MEDIA,
        "uploading a picture",
        files={"file": (filename(picture), picture.read(), picture.mime)},
        data={"alt_text": alt_text(picture), "title": filename(picture)},
    )
    media = body_of(reply)
    number = media.get("id")
    if type(number) is not int:
        raise Unavailable(f"{site.host} took the picture without telling its number")
    if media.get("alt_text") != alt_text(picture):
        site.ask("DELETE", f"{MEDIA}/{number}", "removing a picture", params={"force": "true"})
        raise Rejected(
            f"{site.host} does not keep the alternative text as it is, but as '{media.get('alt_text') or ''}'",
            next_step="write it without angle brackets and percent signs",
        )
    steps.put(name, str(number))
    return number


def filename(picture: Media) -> str:
    """Return the name under which a picture of ours lies on the site."""
    return f"outreach-{picture.sha256[:12]}.{picture.mime.rpartition('/')[2]}"


def is_there(site: Site, number: int, picture: Media) -> bool:
    """Whether a picture of this number is on the site, is this one, and has its alternative text."""
    media = _read(site, number)
    return _name(media) == filename(picture) and media.get("alt_text") == alt_text(picture)


def remove_ours(site: Site, number: int) -> None:
    """Remove a picture for good, if it is one of ours; the site's own are left alone.

    :raises Rejected: when it is still there, with its address.
    """
    media = _read(site, number)
    if not _name(media).startswith("outreach-"):
        return
    try:
        gone = {404: None, 410: None}
        site.publish("DELETE", f"{MEDIA}/{number}", "removing the picture", params={"force": "true"}, overrides=gone)
        left = _read(site, number)
    except Outcome:
        left = media
    if left:
        raise Rejected(
            f"{site.host} still has the picture at {media.get('source_url')}",
            next_step="remove it there, under Media",
        )


def _read(site: Site, number: int) -> dict[str, Any]:
    """Return what the site says of a picture; nothing when there is none."""
    params = {"context": "edit"}
    gone = {404: None, 410: None}
    reply = site.ask("GET", f"{MEDIA}/{number}", "reading a picture", params=params, overrides=gone)
    return body_of(reply) if reply.status == 200 else {}


def _name(media: dict[str, Any]) -> str:
    title = media.get("title")
    return str(title.get("raw") or "") if isinstance(title, dict) else ""
