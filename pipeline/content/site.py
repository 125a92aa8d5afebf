"""What people write besides messages: the site's pages, the funders' statements, corrections, boilerplate."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from pipeline.content import frontmatter
from pipeline.content.files import MAX_MESSAGE, Refused, entries, read_text
from pipeline.content.listing import folders, read_yaml
from pipeline.content.project import BOILERPLATE, CORRECTIONS, FUNDERS, PAGES, MessageKey
from pipeline.content.schema import validate
from pipeline.content.yaml import Places, YamlProblem, load
from pipeline.model import LANGUAGE, Boilerplate, Correction, Funder, PageHead, PageText, Problem, WrittenPage


def read_pages(root: Path, problems: list[Problem]) -> dict[str, WrittenPage]:
    """Read the pages of the site, by id. The language file without a ``source_hash`` is the source of the others."""
    pages: dict[str, WrittenPage] = {}
    if not (root / PAGES).is_dir():
        return pages
    for name, folder in folders(root, PAGES, problems):
        texts = {text.language: text for text in _texts(root, folder, problems)}
        sources = [text for text in texts.values() if not text.head.source_hash]
        if len(sources) == 1:
            pages[name] = WrittenPage(id=name, folder=folder, source_language=sources[0].language, texts=texts)
            continue
        if texts:
            which = " and ".join(text.language for text in sources) or "none"
            what = f"one language file has to be the source, the only one without 'source_hash'; here it is {which}"
            todo = "write 'source_hash' into every translation; `outreach translated` then keeps it up to date"
            problems.append(Problem(path=folder, rule="page-source", message=what, todo=todo))
    return pages


def _texts(root: Path, folder: str, problems: list[Problem]) -> Iterator[PageText]:
    try:
        listing, links = entries(root, folder)
    except Refused as refused:
        problems.append(refused.problem)
        return
    problems += links
    for entry in listing:
        path = f"{folder}/{entry.name}"
        language, dot, suffix = entry.name.rpartition(".")
        if dot + suffix != ".md":
            continue
        if not LANGUAGE.fullmatch(language):
            what = f"'{language}' is not a language code"
            problems.append(Problem(path=path, rule="unknown-language", message=what, todo="name the file ro.md"))
        elif text := _text(root, path, language, problems):
            yield text


def _text(root: Path, path: str, language: str, problems: list[Problem]) -> PageText | None:
    try:
        parts = frontmatter.split(read_text(root / path, path, MAX_MESSAGE), path)
        data = load(parts.head)
    except Refused as refused:
        problems.append(refused.problem)
        return None
    except YamlProblem as wrong:
        problems.append(Problem(path=path, line=wrong.line + 1, rule="yaml", message=wrong.what))
        return None
    head, wrongs = validate(PageHead, data, path, lambda: Places(parts.head, 2))
    problems += wrongs
    return PageText(language=language, path=path, head=head, body=parts.body) if head else None


def read_funders(root: Path, problems: list[Problem], campaigns: Collection[str]) -> dict[str, Funder]:
    """Read the funders' profiles, by id; there need be none."""
    if not (root / FUNDERS).exists():
        return {}
    data, places = read_yaml(root, FUNDERS, problems)
    if not isinstance(data, dict):
        if data is not None:
            what = "the file has to map the id of each profile to its fields"
            problems.append(Problem(path=FUNDERS, line=1, rule="schema", message=what))
        return {}
    funders = {}
    for name, fields in data.items():
        funder, wrong = validate(Funder, fields, FUNDERS, lambda: places, at=(name,), fixed={"id": name})
        problems += wrong
        if funder is None:
            continue
        funders[name] = funder
        for at, campaign in enumerate(funder.campaigns):
            if campaign not in campaigns:
                line = places.line((name, "campaigns", at))
                what = f"there is no campaign '{campaign}'"
                problems.append(Problem(path=FUNDERS, line=line, rule="schema", message=what))
    return funders


def read_corrections(root: Path, problems: list[Problem], messages: Collection[MessageKey]) -> tuple[Correction, ...]:
    """Read the log of corrections, the newest first; there need be none."""
    if not (root / CORRECTIONS).exists():
        return ()
    data, places = read_yaml(root, CORRECTIONS, problems)
    if data is None:
        return ()
    if not isinstance(data, list):
        what = "the log has to be a list of corrections"
        problems.append(Problem(path=CORRECTIONS, line=1, rule="schema", message=what))
        return ()
    found = []
    for at, fields in enumerate(data):
        correction, wrong = validate(Correction, fields, CORRECTIONS, lambda: places, at=(at,))
        problems += wrong
        if correction is None:
            continue
        if (correction.campaign, correction.message) not in messages:
            what = f"there is no message '{correction.message}' in the campaign '{correction.campaign}'"
            line = places.line((at, "message"))
            problems.append(Problem(path=CORRECTIONS, line=line, rule="missing-file", message=what))
        found.append(correction)
    return tuple(sorted(found, key=lambda one: one.date, reverse=True))


def read_boilerplate(root: Path, problems: list[Problem]) -> Boilerplate | None:
    """Read what every kit says of the programme; there need be none."""
    if not (root / BOILERPLATE).exists():
        return None
    data, places = read_yaml(root, BOILERPLATE, problems)
    if data is None:
        return None
    found, wrong = validate(Boilerplate, data, BOILERPLATE, lambda: places)
    problems += wrong
    return found


def stale_pages(pages: Collection[WrittenPage]) -> Iterator[Problem]:
    """Tell translations of pages that were made from an older source; the site shows them and says so."""
    for page in pages:
        for language, text in page.texts.items():
            if page.stale(language):
                yield Problem(
                    path=text.path,
                    line=1,
                    rule="stale",
                    message=f"this was made from another text than today's {page.source_language}.md",
                    todo=f"bring it up to date, then run `outreach translated {page.id} {language}`",
                )
