"""Links: those into the project always, those to the outside when asked; and what Markdown must not bring in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

from pipeline.content.check.message import Subject
from pipeline.content.check.numbers import digits
from pipeline.content.check.reading import LONG, SHORT, Reading
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.files import inside
from pipeline.content.project import CONTENT, Project
from pipeline.content.targets import slug, targets
from pipeline.model import Message, Severity, Translation

LINK = rule("link", Severity.ERROR, "A link into the project leads to something that is there.")
SCHEME = rule(
    "link-scheme", Severity.ERROR, "A link leads to a page (https), an address (mailto) or a registered number (tel)."
)
DEAD = rule("link-dead", Severity.WARNING, "A link to the outside answers (asked only with --online).")
HTML = rule("html", Severity.ERROR, "The body is Markdown without HTML: no channel would show it.")
INCLUDE = rule("include", Severity.ERROR, "Nothing is taken in from elsewhere, neither pictures nor pieces of text.")
LINK_IN_SHORT = rule(
    "link-in-short", Severity.ERROR, "'short' and 'long' hold no link; the right one is added for each account."
)
HEADING = rule(
    "heading", Severity.WARNING, "Headings of the body begin at '##'; the title is the page's first heading."
)
MANY_LINKS = rule("many-actions", Severity.WARNING, "A body asks for one thing: one address or number to turn to.")

Fetch = Callable[[str], str | None]
"""Asks whether an address answers: returns what is wrong in a few words, or ``None``."""

_SNIPPET = re.compile(r"^[ \t]*(?:-{1,}8<-{1,}.*|\{!.*!\}|\{%\s*include\b.*)$", re.MULTILINE)
_HEADING = re.compile(r"^#\s+(.*)$", re.MULTILINE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


def check(subject: Subject) -> Iterator[Finding]:
    """Tell what links and HTML of the texts are wrong, and collect the links that others have to look up."""
    for language, translation in subject.message.translations.items():
        reading = subject.readings[language]
        yield from _short(reading)
        yield from _body(subject, translation)


def _short(reading: Reading) -> Iterator[Finding]:
    if "://" not in reading.raw and "www." not in reading.raw:
        return
    for key in (SHORT, LONG):
        start, end = reading.passage(key)
        if found := _ADDRESS.search(reading.raw, start, end):
            place = reading.place(found.start(), found[0])
            yield Finding(LINK_IN_SHORT, place, f"'{key[0]}' holds the link {found[0]}", "take it out; it is added")


def _body(subject: Subject, translation: Translation) -> Iterator[Finding]:
    body, path = translation.body, translation.path
    if "8<" in body or "{!" in body or "{%" in body:
        for found in _SNIPPET.finditer(body):
            what = f"'{found[0].strip()[:60]}' would take in another text, which is not done"
            line = body.count("\n", 0, found.start())
            yield Finding(INCLUDE, Place(path, body_line=line), what, "write the text itself, or put it in `code`")
    if body.startswith("# ") or "\n# " in body:
        for found in _HEADING.finditer(re.sub(r"(?ms)^(```|~~~).*?^\1", lambda m: "\n" * m[0].count("\n"), body)):
            line = body.count("\n", 0, body.find(found[0]))
            yield Finding(
                HEADING, Place(path, body_line=line), f"'{found[1]}' is a heading of the first level", "use '##'"
            )
    asks: set[str] = set()
    for kind, target, line in targets(body):
        place = Place(path, body_line=line)
        if kind == "html":
            yield Finding(HTML, place, f"there is HTML here: {target[:40]}", "say it in Markdown, or put it in `code`")
        elif kind == "image":
            yield from _image(subject, target, place)
        else:
            yield from _link(subject, target, place)
            if target.lower().startswith(("tel:", "mailto:")):
                asks.add(target.lower())
    if len(asks) > 1:
        what = f"the body asks to turn to {len(asks)} places ({', '.join(sorted(asks))})"
        yield Finding(MANY_LINKS, Place(path, body_line=0), what, "keep the one of the action")


def _image(subject: Subject, target: str, place: Place) -> Iterator[Finding]:
    if urlsplit_safely(target) is None or ":" in target.partition("/")[0] or target.startswith("//"):
        yield Finding(
            INCLUDE, place, f"the picture {target[:60]} would be taken from elsewhere", "put it into this folder"
        )
        return
    path = posixpath.normpath(posixpath.join(subject.message.folder, unquote(target)))
    if posixpath.dirname(path) != subject.message.folder or not _is_file(subject, path):
        yield Finding(LINK, place, f"there is no picture '{target[:60]}' in the message's folder", "put it there")


def _is_file(subject: Subject, path: str) -> bool:
    try:
        place = subject.root / path
        return place.is_file() and inside(subject.root, place)
    except (OSError, ValueError):
        return False


def urlsplit_safely(target: str) -> tuple[str, str] | None:
    """Return the scheme and the rest of an address, or ``None`` when it is none."""
    try:
        split = urlsplit(target)
    except ValueError:
        return None
    return split.scheme.lower(), target


def _link(subject: Subject, target: str, place: Place) -> Iterator[Finding]:
    split = urlsplit_safely(target)
    scheme = split[0] if split else None
    if scheme in {"http", "https"}:
        subject.external.append((target, place))
    elif scheme == "tel":
        number = unquote(target[4:])
        dialled = ("+" if number.strip().startswith("+") else "") + digits(number)
        if known := subject.registry.by_digits.get(dialled):
            subject.used.append((known, place))
        else:
            yield Finding(
                SCHEME, place, f"the link dials '{number}', which the registry does not have", "use {helpline}"
            )
    elif scheme == "mailto":
        return
    elif scheme is None or scheme or target.startswith("//"):
        yield Finding(SCHEME, place, f"the link '{target[:60]}' leads nowhere that is allowed", "use an https address")
    elif target.startswith("/"):
        what = f"the link '{target[:60]}' depends on where the site will stand"
        yield Finding(LINK, place, what, "link to the file, such as ../other-message/en.md")
    else:
        path, _, anchor = target.partition("#")
        folder = posixpath.dirname(place.path)
        whole = posixpath.normpath(posixpath.join(folder, unquote(path))) if path else place.path
        if whole.startswith("../") or not whole.startswith(f"{CONTENT}/"):
            yield Finding(LINK, place, f"the link '{target[:60]}' leads out of the content folder", "link to a message")
        else:
            subject.linked.append((f"{whole}#{anchor}" if anchor else whole, place))


def _anchors(body: str) -> set[str]:
    headings = re.findall(r"^#{1,6}\s+(.*?)\s*#*$", body, re.MULTILINE)
    return {slug(re.sub(r"[*_`]|\]\([^)]*\)|\[", "", heading)) for heading in headings}


def check_linked(project: Project, linked: list[tuple[str, Place]]) -> Iterator[Finding]:
    """Tell links into the project that lead to nothing."""
    for target, place in linked:
        path, _, anchor = target.partition("#")
        message = _message_of(project, path)
        text = message and next((one for one in message.translations.values() if one.path == path), None)
        if text:
            if anchor and unquote(anchor) not in _anchors(text.body):
                what = f"there is no heading for '#{anchor}' in {path}"
                yield Finding(LINK, place, what, "correct the part after '#'")
        elif not (message and message.folder == path) and not _there(project, path):
            yield Finding(LINK, place, f"the link leads to {path}, which is not there", "correct it")


def _message_of(project: Project, path: str) -> Message | None:
    """Return the message in whose folder a path leads; no other is made for it."""
    steps = path.split("/")
    key = (steps[2], steps[4]) if len(steps) > 4 else ("", "")
    message = project.messages.get(key)
    return message if message and (path == message.folder or path.startswith(f"{message.folder}/")) else None


def _there(project: Project, path: str) -> bool:
    try:
        place = project.root / path
        return place.is_file() and inside(project.root, place)
    except (OSError, ValueError):
        return False


def check_online(external: list[tuple[str, Place]], fetch: Fetch) -> Iterator[Finding]:
    """Ask every address once and tell those that do not answer."""
    answers: dict[str, str | None] = {}
    for address, place in external:
        if address not in answers:
            answers[address] = fetch(address)
        if why := answers[address]:
            yield Finding(DEAD, place, f"{address} does not answer ({why})", "correct the link or take it out")
