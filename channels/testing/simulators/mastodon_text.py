"""How Mastodon counts and shows a text, written anew from its sources for the simulator.

It shares nothing with the channel's own counting on purpose: two readings of the same rules that agree are worth more
than one that is used twice. Sources, read 2026-11-22: ``app/validators/status_length_validator.rb``,
``app/lib/text_formatter.rb`` and ``config/initializers/twitter_regex.rb`` of Mastodon.
"""

from __future__ import annotations

from html import escape

import regex

URL_LENGTH = 23

_DOMAIN = r"(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+(?:xn--[a-z0-9-]+|\p{L}{2,})"
_BALANCED = r"\((?:[^\s<>()?]|\([^\s<>()?]+\))*\)"
_PATH = rf"/(?:(?:[^\s<>()?]|{_BALANCED})*(?:[^\s()?!*\"'「」<>;:=,.$%\[\]~&|@]|{_BALANCED})|(?:[^\s<>()?])+/)?"
_QUERY = r"\?[\w!?*'();:&=+$/%#\[\]\-.,~|@\^]*[\w&=#/\-]"
_LINK = rf"(?<![\p{{L}}\p{{N}}@＠$#＃])(?P<url>https?://{_DOMAIN}(?::\d+)?(?:{_PATH})?(?:{_QUERY})?)"
_MENTION = r"(?<![=/\w])(?P<mention>(?>@(?P<user>\w+(?:[\w.-]+\w)?)@[\p{L}\p{N}.-]+[\p{L}\p{N}]+))(?!://|[@＠])"
_HASHTAG = r"(?<![=/)\w])(?P<tag>#[\p{L}\p{N}\p{M}_]*[\p{L}_][\p{L}\p{N}\p{M}_]*)"
_ENTITY = regex.compile(f"{_LINK}|{_MENTION}", regex.IGNORECASE)
_SHOWN = regex.compile(f"{_LINK}|{_HASHTAG}", regex.IGNORECASE)


def length(text: str, spoiler: str = "") -> int:
    """Return the length that is held against the limit: graphemes, links as 23, mentions without their host."""
    countable = _ENTITY.sub(lambda found: "x" * URL_LENGTH if found["url"] else f"@{found['user']}", text)
    return len(regex.findall(r"\X", spoiler + countable))


def html(text: str, host: str) -> str:
    """Return the HTML that a status has in the interface: paragraphs, line breaks, links, hashtags."""
    paragraphs = regex.split(r"\n{2,}", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{_inline(paragraph, host)}</p>" for paragraph in paragraphs)


def _inline(text: str, host: str) -> str:
    out, at = [], 0
    for found in _SHOWN.finditer(text):
        out.append(escape(text[at : found.start()], quote=True))
        out.append(_link(found["url"]) if found["url"] else _hashtag(found["tag"], host))
        at = found.end()
    out.append(escape(text[at:], quote=True))
    return "".join(out).replace("\n", "<br />")


def _link(url: str) -> str:
    """Links are shortened by hiding, so that the text between the tags is still the whole address."""
    scheme = regex.match(r"https?://(?:www\.)?", url, regex.IGNORECASE)
    prefix = scheme.group() if scheme else ""
    shown, rest = url[len(prefix) :][:30], url[len(prefix) :][30:]
    kind = ' class="ellipsis"' if rest else ' class=""'
    return (
        f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{escape(prefix)}</span><span{kind}>{escape(shown)}</span>'
        f'<span class="invisible">{escape(rest)}</span></a>'
    )


def _hashtag(tag: str, host: str) -> str:
    name = escape(tag[1:])
    return f'<a href="{host}/tags/{name.lower()}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'
