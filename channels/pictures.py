"""Whether a post's pictures can go along, for channels that hand them over whole."""

from __future__ import annotations

from collections.abc import Sequence

from channels.contract import Media, MediaTraits, Rejected


def require_fitting(pictures: Sequence[Media], traits: MediaTraits) -> None:
    """Raise :class:`Rejected`, naming all that is wrong, unless every picture can go along as it is."""
    faults = []
    if len(pictures) > traits.max_count:
        faults.append(f"there are {len(pictures)} pictures and at most {traits.max_count} are taken")
    for place, picture in enumerate(pictures, 1):
        name = f"picture {place}" if len(pictures) > 1 else "the picture"
        if picture.mime not in traits.mime_types:
            faults.append(f"{name} is of the type {picture.mime}, and taken are {', '.join(traits.mime_types)}")
        if traits.max_bytes is not None and picture.size > traits.max_bytes:
            faults.append(f"{name} has {picture.size:,} bytes and at most {traits.max_bytes:,} are taken")
    if faults:
        raise Rejected("; ".join(faults), next_step="change the message's pictures")
