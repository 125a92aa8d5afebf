"""The files of a kit, one maker for each kind; each takes the brief and the words, and gives pieces.

Pure but for reading the rendered picture. Nothing here knows of versions: that is the manifest's business.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from channels.contract import Channel, Media
from pipeline import markdown
from pipeline.compose import Surroundings, compose
from pipeline.model import Message
from pipeline.partners.kits.blocks import Block, blocks
from pipeline.partners.kits.brief import Brief
from pipeline.partners.kits.paper import Paper
from pipeline.partners.kits.templates import Templates
from pipeline.settings import Account
from pipeline.website.words import Words


@dataclass(frozen=True)
class Piece:
    """One file of a kit: where it lies, its bytes, and what it is in the kit's language."""

    path: str
    data: bytes
    what: str

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.data)


@dataclass(frozen=True)
class Network:
    """A network of which a kit holds a text, and a channel that counts and shows as it does."""

    account: Account
    channel: Channel[Any]

    @property
    def label(self) -> str:
        """What people call it."""
        return self.channel.traits.label

    def named(self, words: Words) -> str:
        """Return what a kit calls it: where a person posts by hand, that is said in their language."""
        return words["by_hand"] if self.channel.traits.by_hand else self.label

    @property
    def file(self) -> str:
        """Return the name of a file with its text."""
        return "by-hand" if self.channel.traits.by_hand else self.account.kind


@dataclass
class Pieces:
    """The pieces of a kit, and what is missing and why."""

    made: list[Piece] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def text(self, path: str, text: str, what: str) -> None:
        """Add a text file, with a line end at its end."""
        self.made.append(Piece(path, f"{text.strip()}\n".encode(), what))


# --- documents ---------------------------------------------------------------------------------------------


def embargo_line(brief: Brief, words: Words) -> str:
    """Return the line that says when a text may be published."""
    if brief.embargo is None:
        return words["no_embargo"]
    return words["embargo"].format(time=brief.embargo_time, zone=brief.zone)


def documents(templates: Templates, brief: Brief, words: Words, into: Pieces) -> None:
    """Add the press release, the questions with answers, and the licence sheet."""
    campaign = "/" not in brief.kit
    release = _render(templates, "campaign" if campaign else "press-release", brief, words)
    _document(into, "press/press-release", release, brief, words["file_release"])
    if brief.key_messages or brief.questions:
        answers = _render(templates, "questions", brief, words)
        _document(into, "press/questions", answers, brief, words["file_questions"])
    elif not campaign:
        into.left_out.append(words["left_stale" if brief.sheet == "stale" else "left_sheet"])
    licence = _render(templates, "licence", brief, words)
    _document(into, "licence/licence", licence, brief, words["file_licence"])


def _render(templates: Templates, name: str, brief: Brief, words: Words) -> str:
    until = words.day(brief.valid_until)
    return templates.render(name, brief=brief, words=words.texts, embargo=embargo_line(brief, words), valid_until=until)


def _document(into: Pieces, path: str, text: str, brief: Brief, what: str) -> None:
    parts = blocks(text)
    paper = Paper(
        title=next((one.text for one in parts), brief.title),
        language=brief.language,
        author=brief.programme,
        made_on=brief.made_on,
        head=" · ".join(dict.fromkeys([brief.programme, *([brief.partner.name] if brief.partner else [])])),
        logo=brief.partner.logo if brief.partner else None,
    )
    as_docx, as_odt = _written(tuple(parts), paper)
    into.made.append(Piece(f"{path}.docx", as_docx, what))
    into.made.append(Piece(f"{path}.odt", as_odt, what))
    into.text(f"{path}.txt", markdown.to_text(text), what)


@lru_cache(maxsize=16)
def _written(parts: tuple[Block, ...], paper: Paper) -> tuple[bytes, bytes]:
    """Return a document as DOCX and ODT; the licence is the same for many kits, one after another."""
    # What writes office documents takes long to import, and most builds find all of their kits made.
    from pipeline.partners.kits.docx_file import docx  # noqa: PLC0415
    from pipeline.partners.kits.odt_file import odt  # noqa: PLC0415

    return docx(parts, paper), odt(parts, paper)


# --- texts for networks ------------------------------------------------------------------------------------


def texts(
    message: Message, around: Surroundings, networks: Sequence[Network], picture: Media | None, brief: Brief,
    words: Words, into: Pieces,
) -> None:  # fmt: skip
    """Add the text for each network, as long as that network counts it, and a table of all lengths."""
    rows = []
    for network in networks:
        made = compose(message, network.account, network.channel, around, picture)
        part = made.post.parts[0]
        if made.faults:
            into.left_out.append(words["left_text"].format(network=network.named(words), why="; ".join(made.faults)))
            continue
        if network.channel.traits.long_text:
            _mail(part.title or brief.title, part.text, part.html or "", brief, words, into)
            continue
        length, most = network.channel.count(part.text), network.channel.traits.max_length
        limit = " " + words["of_limit"].format(limit=most) if most is not None else ""
        what = words["file_text"].format(network=network.named(words), length=length, limit=limit)
        into.text(f"texts/{network.file}.txt", part.text, what)
        rows.append((network.named(words), length, "" if most is None else most, network.channel.traits.counted_as,
                     " / ".join(one.alt for one in part.media), "; ".join(made.notes)))  # fmt: skip
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("network", "length", "limit", "counted as", "alt text", "note"))
    table.writerows(rows)
    # The mark at the start tells a spreadsheet that the table is UTF-8.
    into.made.append(Piece("texts/lengths.csv", f"\ufeff{out.getvalue()}".encode(), words["file_lengths"]))


def _mail(subject: str, text: str, page: str, brief: Brief, words: Words, into: Pieces) -> None:
    local = (
        f"\n\n{brief.partner.name}: {brief.partner.local_contact}"
        if brief.partner and brief.partner.local_contact
        else ""
    )
    tail = "\n\n".join(brief.funders)
    whole = f"{words['subject']} {subject}\n\n{text}{local}" + (f"\n\n{tail}" if tail else "")
    into.text("e-mail/e-mail.txt", whole, words["file_email"])
    body = f'<!doctype html>\n<html lang="{html.escape(brief.language)}">\n<meta charset="utf-8">\n'
    body += f"<title>{html.escape(subject)}</title>\n<h1>{html.escape(subject)}</h1>\n{page}\n"
    body += f'<p><a href="{html.escape(brief.page)}">{html.escape(brief.page)}</a></p>\n'
    if local:
        body += f"<p>{html.escape(local.strip())}</p>\n"
    body += "".join(f"<p>{html.escape(one)}</p>\n" for one in brief.funders) + "</html>"
    into.text("e-mail/e-mail.html", body, words["file_email"])


def signature(brief: Brief, words: Words, into: Pieces) -> None:
    """Add the lines for below an e-mail: what the message asks for, and where it stands."""
    lines = [brief.action, f"{words['signature_more']} {brief.page}"]
    if brief.partner and brief.partner.local_contact:
        lines.insert(1, f"{brief.partner.name}: {brief.partner.local_contact}")
    into.text("e-mail/signature.txt", "\n".join(lines), words["file_signature"])
    shown = [html.escape(line) for line in lines[:-1]]
    link = f'{html.escape(words["signature_more"])} <a href="{html.escape(brief.page)}">{html.escape(brief.page)}</a>'
    page = f'<p lang="{html.escape(brief.language)}">' + "<br>\n".join([*shown, link]) + "</p>"
    into.text("e-mail/signature.html", page, words["file_signature"])


class Lying(Piece):
    """A file that lies in a kit on disk. Its bytes are read when somebody asks, each time anew, and not held.

    ``sha256`` and ``size`` are as the kit's manifest tells them.

    :param read: gives its bytes; nothing where nobody will ask for them.
    """

    def __init__(self, path: str, what: str, sha256: str, size: int, read: Callable[[], bytes] | None = None) -> None:
        vars(self).update(path=path, what=what, sha256=sha256, size=size, _read=read)

    def __getattr__(self, name: str) -> Any:
        # Reached only for what is not there.
        if name != "data" or vars(self)["_read"] is None:
            raise AttributeError(name)
        return vars(self)["_read"]()

    def moved(self, path: str) -> Lying:
        """Return the file under another path."""
        return Lying(path, self.what, self.sha256, self.size, vars(self)["_read"])


def gathered(parts: Iterator[Piece] | Sequence[Piece], folder: str) -> list[Piece]:
    """Return pieces of a message's kit as they lie in its campaign's."""
    return [
        one.moved(f"{folder}/{one.path}")
        if isinstance(one, Lying)
        else Piece(f"{folder}/{one.path}", one.data, one.what)
        for one in parts
    ]
