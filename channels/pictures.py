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
        if traits.max_alt is not None and len(picture.alt) > traits.max_alt:
            faults.append(f"{name} is described in {len(picture.alt)} characters, and {traits.max_alt} are taken")
        if traits.shape and not traits.takes_shape(picture.width, picture.height):
            faults.append(
                f"{name} has {picture.width} by {picture.height} pixels, and its width must be between "
                f"{traits.shape[0]:g} and {traits.shape[1]:g} times its height"
            )
    if traits.required and not pictures:
        faults.append("the network takes no post without a picture")
    if faults:
        raise Rejected("; ".join(faults), next_step="change the message's pictures")
