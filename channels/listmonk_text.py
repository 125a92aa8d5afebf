"""A newsletter as listmonk takes it: HTML and plain text, in which template code means nothing. Pure functions.

listmonk reads bodies and subjects as templates of Go, and ``@TrackLink`` after an address as a wish to count clicks
(listmonk.app/docs/templating, read 2026-11-25). What a message says in such signs is written so that it is shown.
"""

from __future__ import annotations

import hashlib
import json
import re
from html import escape, unescape

from channels.contract import Part
from channels.long_html import body_html, opening
from channels.mail_words import words_for
from channels.placement import holds
from channels.text import cut, neutralise

MOST_NAME = 200
UNSUBSCRIBE = "{{ UnsubscribeURL }}"
OWN_ADDRESS = "…"
"""Stands in previews for the address that each reader has of their own."""

_HREF = re.compile(r'href="(https?://[^"]+)"', re.IGNORECASE)


def tag_of(key: str) -> str:
    """Return the tag by which a campaign is known again: the same for every attempt, and for no other."""
    return f"outreach-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"


def name_of(part: Part, tag: str) -> str:
    """Return the campaign's name for those who work with listmonk: what it is about, and its tag."""
    about = f"{part.about.campaign} / {part.about.message}" if part.about else title_of(part)
    return f"{cut(about, MOST_NAME - len(tag) - 12)} ({part.language}) {tag}"


def title_of(part: Part) -> str:
    """Return the newsletter's title in one line."""
    return " ".join(neutralise(part.title or "").split())


def plain(part: Part) -> str:
    """Return the plain text as a reader reads it, without the way out below."""
    body, title = neutralise(part.text).strip(), title_of(part)
    blocks = [title] if title and not body.startswith(title) else []
    blocks += [f"[{alt}]" for alt in alt_texts(part)]
    blocks.append(body)
    if part.link and not holds(body, part.link):
        blocks.append(f"{words_for(part.language).read_on_the_web}: {part.link}")
    return "\n\n".join(block for block in blocks if block)


def way_out(part: Part, address: str) -> str:
    """Return the line by which a reader unsubscribes; the template, which has its own, is not used for plain text."""
    return f"\n\n{words_for(part.language).unsubscribe}: {address}"


def alt_texts(part: Part) -> tuple[str, ...]:
    """Return what the pictures show, each in one line."""
    return tuple(" ".join(neutralise(picture.alt).split()) for picture in part.media)


def html(part: Part) -> str:
    """Return the HTML for the template: in its language and direction, with what the attached pictures show."""
    body, title = body_html(part), title_of(part)
    head = f"<h1>{escape(title, quote=False)}</h1>\n" if title and "<h1" not in body.lower() else ""
    shown = "".join(f"<p>[{escape(alt, quote=False)}]</p>\n" for alt in alt_texts(part))
    return f"{opening(part)}\n{head}{shown}{body}\n</div>"


def html_template(part: Part, *, count_clicks: bool) -> str:
    """Return :func:`html` as a template of Go that shows just that."""
    body = html(part).replace("{", "&#123;").replace("@TrackLink", "&#64;TrackLink")
    return _HREF.sub(_tracked, body) if count_clicks else body


def _tracked(found: re.Match[str]) -> str:
    # What has a meaning in templates is encoded, which means the same in an address.
    url = unescape(found[1]).replace("{", "%7B").replace("}", "%7D").replace("@TrackLink", "%40TrackLink")
    return f'href="{{{{ TrackLink {json.dumps(url, ensure_ascii=False)} }}}}"'


def text_template(text: str) -> str:
    """Return a text or a subject as a template of Go that shows just that.

    Single braces are written as the double ones, because one before an action would be read with it.
    """
    return re.sub(r"\{|@(?=TrackLink)", lambda found: f'{{{{ "{found[0]}" }}}}', text)
