"""The site's own pages: what people wrote, with the lists that the site makes where a line ``{list:name}`` stands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import unquote

from pipeline.content.targets import targets
from pipeline.model import PageText, Problem, WrittenPage
from pipeline.website import addresses, lists, markup, structured
from pipeline.website.parts import block
from pipeline.website.shell import Shell, languages_of
from pipeline.website.tree import Page, relative

_LIST = re.compile(r"^\{list:([a-z-]+)\}[ \t]*$", re.MULTILINE)


def pages(shown: Shell) -> Iterator[Page]:
    """Yield every page of this kind, in every language in which it is there; and the first page, without language."""
    yield _start(shown)
    for page in shown.public.project.pages.values():
        for language in languages_of(shown, page):
            text = page.texts.get(language)
            yield _page(shown, page, text) if text else missing_page(shown, page, language)
    for name in (addresses.HOME, "help"):
        if name not in shown.public.project.pages:
            for language in shown.languages:
                yield _unwritten(shown, name, language)


def _page(shown: Shell, page: WrittenPage, text: PageText) -> Page:
    language = text.language
    here = addresses.written(language, page.id)
    kind = "help" if page.id in addresses.HELP_PAGES else page.id if page.id == addresses.HOME else "page"
    words = shown.words[language]
    content = _content(shown, text, here)
    notice = ""
    if page.stale(language):
        original = relative(here, addresses.written(page.source_language, page.id))
        notice = shown.parts.render("stale", here, words=words, original=original)
    head = shown.parts.render("heading", here, title=text.head.title, summary=text.head.summary, kind=kind)
    updated = shown.parts.render("updated", here, words=words, day=text.head.updated)
    meta = shown.meta(
        language,
        here,
        title=text.head.title,
        description=text.head.summary,
        kind=kind,
        section=page.id,
        others={other: addresses.written(other, page.id) for other in languages_of(shown, page)},
        translated=tuple(page.texts),
        social={"title": text.head.title, "description": text.head.summary, "type": "website"},
        structured=_structured(shown, page.id, language),
    )
    return Page(f"{here}index.md", block(notice, head, content, updated), meta, (text.path,))


def _structured(shown: Shell, page: str, language: str) -> str:
    settings = shown.public.settings
    if page == "help":
        return structured.as_json(structured.services(shown.public.helplines.values(), shown.words[language]))
    if page == addresses.HOME:
        programme = settings.programme
        return structured.as_json(structured.organization(programme.name, programme.site, settings.site.contact))
    return ""


# --- the text ----------------------------------------------------------------------------------------------


def _content(shown: Shell, text: PageText, here: str) -> str:
    """Return the text with its lists; what is wrong in it is told."""
    first_line = partial(shown.public.project.lines.body, text.path)
    shown.problems += _links(shown, text, first_line)
    pieces: list[str] = []
    position = 0
    for found in _LIST.finditer(text.body):
        pieces.append(_markdown(shown, text, here, position, found.start()))
        pieces.append(_list(shown, text, here, found))
        position = found.end()
    pieces.append(_markdown(shown, text, here, position, len(text.body)))
    return "\n".join(piece for piece in pieces if piece)


def _markdown(shown: Shell, text: PageText, here: str, start: int, end: int) -> str:
    body = text.body[start:end]
    if not body.strip():
        return ""
    above = text.body.count("\n", 0, start)
    contact = shown.public.settings.site.contact
    filled = body.replace("{contact}", f"<{contact}>" if contact else "").replace(
        "{programme}", shown.public.settings.programme.name
    )
    marked = markup.to_html(
        filled, shown.public.helplines, None, lambda target: resolve(shown, text.path, text.language, here, target)
    )

    def line() -> int:
        return shown.public.project.lines.body(text.path) + above

    shown.problems += markup.warnings(marked, text.path, line)
    for used, at in marked.helplines:
        if problem := shown.public.unfit(used, text.path, line() + at):
            shown.problems.append(problem)
    return f'<div class="prose md-typeset">\n{marked.html}</div>'


def _list(shown: Shell, text: PageText, here: str, found: re.Match[str]) -> str:
    make = lists.INLINE.get(found[1])
    if make is None:
        line = shown.public.project.lines.body(text.path) + text.body.count("\n", 0, found.start())
        what = f"there is no list '{found[1]}'"
        todo = f"the lists are {', '.join(sorted(lists.INLINE))}"
        shown.problems.append(Problem(path=text.path, line=line, rule="list", message=what, todo=todo))
        return ""
    return make(shown, text.language, here)


def _links(shown: Shell, text: PageText, first_line: Callable[[], int]) -> Iterator[Problem]:
    for kind, target, line in targets(text.body):
        if kind != "link" or re.match(r"(?:https?|mailto|tel):|#|\{", target, re.IGNORECASE) or ":" in target:
            continue
        if place(shown, text.path, text.language, target) is None:
            what = f"the link '{target[:60]}' leads to nothing that is on the site"
            todo = "link to the file, such as ../safety/en.md"
            yield Problem(path=text.path, line=first_line() + line, rule="link", message=what, todo=todo)


def place(shown: Shell, path: str, language: str, target: str) -> str | None:
    """Return where on the site a link to a file of the project leads, or ``None``.

    :param path: the file in which the link stands, relative to the project.
    """
    name, _, anchor = unquote(target).partition("#")
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    folder = posixpath.dirname(whole) if whole.endswith((".md", "/campaign.yml")) else whole
    tail = f"#{anchor}" if anchor else ""
    steps = folder.split("/")
    if steps[:2] == ["content", "pages"] and len(steps) == 3 and steps[2] in shown.public.project.pages:
        known = shown.public.project.pages[steps[2]]
        there = language if language in languages_of(shown, known) else known.source_language
        return addresses.written(there, steps[2]) + tail
    if steps[:2] == ["content", "campaigns"] and len(steps) == 5 and (steps[2], steps[4]) in shown.public.messages:
        source = shown.public.campaigns[steps[2]].source_language
        return addresses.message_named(language if shown.full(language) else source, steps[2], steps[4]) + tail
    if steps[:2] == ["content", "campaigns"] and len(steps) == 3 and steps[2] in shown.public.campaigns:
        return addresses.campaign(language if shown.full(language) else shown.languages[0], steps[2]) + tail
    return None


def resolve(shown: Shell, path: str, language: str, here: str, target: str) -> str | None:
    """Return a link of a text as it stands on the page at ``here``; ``None`` where it leads to nothing public."""
    if re.match(r"[a-z][\w+.-]*:|#", target, re.IGNORECASE):
        return target
    found = place(shown, path, language, target)
    shown.links.append((path, language, target, found))
    return relative(here, found) if found is not None else None


# --- pages that are not written ----------------------------------------------------------------------------


def missing_page(shown: Shell, page: WrittenPage, language: str) -> Page:
    """Return the page that says, in its own language, that a page is not translated yet."""
    others = {other: addresses.written(other, page.id) for other in languages_of(shown, page)}
    there = [other for other in shown.languages if other in page.texts]
    return missing(shown, language, addresses.written(language, page.id), others, there, page.source_language, page.id)


def missing(
    shown: Shell, language: str, here: str, others: dict[str, str], there: list[str], source: str, section: str
) -> Page:
    """Return the page that says that something is not translated yet, and leads to the languages in which it is.

    :param there: the languages in which it is; the ``source`` comes first.
    """
    words = shown.words[language]
    ordered = sorted(there, key=lambda other: other != source)
    links = [{"name": words.name_of(other), "own": shown.words[other].name, "code": other} for other in ordered]
    text = shown.parts.render("missing", here, words=words, links=links, others=others)
    title = words["not_translated"]
    meta = shown.meta(
        language, here, title=title, description="", kind="missing", section=section, others=others, index=False
    )
    return Page(f"{here}index.md", block(text), meta, ())


def _unwritten(shown: Shell, name: str, language: str) -> Page:
    words = shown.words[language]
    here = addresses.written(language, name)
    doors = lists.INLINE["doors" if name == addresses.HOME else "helplines"](shown, language, here)
    title = shown.public.settings.programme.name if name == addresses.HOME else words["help"]
    head = shown.parts.render("heading", here, title=title, summary="", kind=name)
    meta = shown.meta(
        language,
        here,
        title=title,
        description="",
        kind=name,
        section=name,
        others={other: addresses.written(other, name) for other in shown.languages},
        translated=shown.languages,
        structured=_structured(shown, name, language),
    )
    return Page(f"{here}index.md", block(head, doors), meta, ())


def _start(shown: Shell) -> Page:
    """Return the first page: a person chooses a language and is one tap from the numbers."""
    first = shown.languages[0]
    text = shown.parts.render(
        "start",
        "",
        name=shown.public.settings.programme.name,
        languages=[shown.words[language] for language in shown.languages],
        home={language: addresses.written(language, addresses.HOME) for language in shown.languages},
        help={language: addresses.written(language, "help") for language in shown.languages},
        titles={language: shown.page_title("help", language) for language in shown.languages},
    )
    meta = shown.meta(
        first,
        "",
        title=shown.public.settings.programme.name,
        description="",
        kind="help",
        others={language: addresses.written(language, addresses.HOME) for language in shown.languages},
        translated=(),
    )
    meta["start"] = True
    return Page("index.md", block(text), meta, ())
