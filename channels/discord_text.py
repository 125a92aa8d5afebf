"""Texts on Discord: written so that they show just what was written, and their length. Pure functions.

Discord reads a message as Markdown. A backslash takes its meaning from a sign, but not inside a web address, where it
would become part of it. So signs are escaped outside of addresses only, and what Discord takes for an address is found
as Discord finds it.

Sources, read 2026-11-25: docs.discord.com, "Webhook" (2000 characters) and support.discord.com, "Markdown Text 101";
how far an address reaches is known from clients (discord.py). That lengths are counted in UTF-16 units is not written
anywhere; where Discord counts characters, this counts the dearer.
"""

from __future__ import annotations

import regex

from channels.text import utf16_length

LONGEST = 2000

ADDRESS = r"https?://[^\s<]+[^\s<.,:;\"'\]]"
"""What Discord takes for a web address: to the next space, without a sign that ends a sentence."""

_SIGNS = regex.compile(
    rf"(?P<address>{ADDRESS})"
    rf"|(?P<angle>(?<={ADDRESS}[.,:;\"'\]]*)<(?:(?=[@#:&])|[a-z]+(?=:)))"
    r"|(?P<sign>[\\*_~`|\[<])"
    r"|(?P<line>^[ \t]*(?:#{1,3}|-#|-|>>>|>|\d+\.)(?=[ \t]))",
    regex.MULTILINE,
)
_LINE_SIGN = regex.compile(r"[#>.-]")


def written(text: str) -> str:
    """Return ``text`` as it is sent: no emphasis, heading, list, quotation, spoiler or hidden link comes of it."""
    return _SIGNS.sub(_escaped, text)


def _escaped(match: regex.Match[str]) -> str:
    found: str = match.group()
    if match["address"]:
        return found
    if match["angle"]:
        # A backslash before it would become part of the address, so it stands where the mention would go on.
        return f"{found}\\"
    if match["sign"]:
        return f"\\{found}"
    return _LINE_SIGN.sub(r"\\\g<0>", found, count=1)


def length(text: str) -> int:
    """Return the length of ``text`` as it is sent, backslashes included, in UTF-16 units."""
    return utf16_length(written(text))
