r"""What LinkedIn makes of a commentary, written anew for the simulator: one pass over the characters.

Source: learn.microsoft.com/linkedin, "little Text Format", read 2026-11-21, and users' reports of what happens to text
that does not keep to it: it is cut off at the first reserved character, without a word.
"""

from __future__ import annotations

RESERVED = frozenset("|{}@[]()<>#*_~")


def read(commentary: str, *, cuts_addresses: bool = False) -> str:
    """Return what a reader is shown of a commentary.

    :param cuts_addresses: whether reserved characters inside web addresses end the text as well.
    """
    out: list[str] = []
    at = 0
    while at < len(commentary):
        one = commentary[at]
        if one == "\\":
            out.append(commentary[at + 1 : at + 2])
            at += 2
            continue
        if commentary[at:].lower().startswith(("http://", "https://")):
            end = at
            while end < len(commentary) and not commentary[end].isspace():
                end += 1
            address = commentary[at:end]
            if cuts_addresses:
                kept = next((place for place, sign in enumerate(address) if sign in RESERVED), len(address))
                if kept < len(address):
                    return "".join([*out, address[:kept]])
            # A backslash is no part of an address: what follows it is text again.
            address = address.partition("\\")[0]
            out.append(address)
            at += len(address)
            continue
        if one == "#" and _is_hashtag(commentary, at):
            out.append(one)
            at += 1
            continue
        if one in RESERVED:
            break
        out.append(one)
        at += 1
    return "".join(out)


def _is_hashtag(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return after.isalnum() and not (before.isalnum() or before == "_")


def measure(commentary: str) -> int:
    """Return how long a commentary is, as the interface counts it: in UTF-16 units, as it came."""
    return sum(2 if ord(one) > 0xFFFF else 1 for one in commentary)
