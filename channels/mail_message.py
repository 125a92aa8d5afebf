"""What a mail looks like: from one part to the bytes on the wire.

A newsletter is the same for everybody but for the address, the Message-ID and the link that unsubscribes. So the
message is laid out once, with a mark where the recipient's token belongs; a letter is then a matter of joining
bytes. :class:`Layout` is what comes of it, for sending and for the preview alike.

No remote content: pictures travel inside the mail, because a picture that is fetched tells when and where it was
opened, and by whom.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.quoprimime import body_encode
from email.utils import format_datetime
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from channels.contract import Media, Part, Rejected
from channels.foreign_content import foreign_content
from channels.mail_words import direction, words_for
from channels.placement import holds
from channels.text import neutralise

_WIRE = policy.SMTP.clone(max_line_length=76)
_WIDEST = 600
_LONGEST_LINE = 75  # RFC 2045 §6.7 allows 76; one is left for the soft break before the token.


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails of one account have in common. ``{token}`` stands for the recipient's token."""

    from_name: str
    from_address: str
    account: str
    subject: str | None = None
    """``None``: the message's title."""
    preheader: str = ""
    reply_to: str | None = None
    list_id: str | None = None
    unsubscribe_url: str | None = None
    unsubscribe_address: str | None = None
    imprint: str = ""
    is_list: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """One message, laid out for every recipient at once.

    ``static`` is the mail without To, Message-ID and Date, cut where the recipient's token belongs; ``text`` and
    ``html`` are its two readings with ``mark`` in those places.
    """

    static: tuple[bytes, ...]
    subject: str
    text: str
    html: str
    mark: str

    def content(self, *, to: bytes, token: bytes, message_id: bytes, date: bytes) -> bytes:
        """Return the bytes between DATA and the final dot for one recipient. ``date`` is an RFC 5322 date."""
        head = b"To: <%b>\r\nMessage-ID: <%b>\r\nDate: %b\r\n" % (to, message_id, date)
        return head + token.join(self.static)

    def text_for(self, token: str) -> str:
        """Return the plain text as the recipient with this token reads it."""
        return self.text.replace(self.mark, token)


@lru_cache(maxsize=4)
def date_header(moment: datetime) -> bytes:
    """Return ``moment`` (aware; UTC) as RFC 5322 §3.3 wants it."""
    return format_datetime(moment).encode()


def message_id(key: str, domain: str) -> str:
    """Return the Message-ID, without angle brackets, that every attempt under ``key`` carries."""
    return f"{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}@{domain}"


def lay_out(part: Part, head: Letterhead) -> Layout:
    """Lay a message out. The same part and letterhead always give the same bytes.

    :raises Rejected: when its HTML would fetch or run something in the reader's mail program, or a picture has gone.
    """
    mark = "t" + hashlib.sha256(repr((part.text, part.html, part.title, head)).encode("utf-8", "replace")).hexdigest()
    title = _one_line(part.title or "")
    subject = _one_line(head.subject if head.subject is not None else title or head.from_name)
    preheader = _one_line(head.preheader or (part.summary or "" if head.subject is None else head.subject or ""))
    unsubscribe_url = head.unsubscribe_url.replace("{token}", mark) if head.unsubscribe_url else None
    text = _text(part, head, title=title, preheader=preheader, unsubscribe_url=unsubscribe_url)
    html = _html(part, head, title=title, subject=subject, preheader=preheader, unsubscribe_url=unsubscribe_url)

    message = EmailMessage(policy=_WIRE)
    message["From"] = Address(_one_line(head.from_name), addr_spec=head.from_address)
    if head.reply_to:
        message["Reply-To"] = Address(addr_spec=head.reply_to)
    message["Subject"] = subject
    message["Content-Language"] = part.language
    for name, value in _list_headers(part, head).items():
        message[name] = value
    message["MIME-Version"] = "1.0"
    rich = _with_pictures(_quoted(html, "html", mark), part.media, mark)
    _fill(message, _quoted(text, "plain", mark), rich, kind="alternative", boundary=_boundary(mark, "texts"))
    wire = re.sub(rb"(?m)^\.", b"..", message.as_bytes())
    static = _unsubscribe_header(head, mark) + wire
    return Layout(tuple(static.split(mark.encode())), subject, text, html, mark)


_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


# --- words -------------------------------------------------------------------------------------------------


def _one_line(text: str) -> str:
    """Return ``text`` without line breaks and control characters: what may stand in a header."""
    return "".join(
        character for character in " ".join(text.split()) if character.isprintable() or character in _JOINERS
    )


def _normal(text: str) -> str:
    return neutralise(text).strip()


def _text(part: Part, head: Letterhead, *, title: str, preheader: str, unsubscribe_url: str | None) -> str:
    words = words_for(part.language)
    body = _normal(part.text)
    blocks = [preheader]
    if title and not body.startswith(title):
        blocks.append(title)
    blocks += [f"[{_one_line(picture.alt)}]" for picture in part.media]
    blocks.append(body)
    if part.link and not holds(body, part.link):
        blocks.append(f"{words.read_on_the_web}: {part.link}")
    if unsubscribe_url:
        blocks.append(f"{words.why(_one_line(head.from_name))} {words.unsubscribe}:\n{unsubscribe_url}")
    blocks.append(_normal(head.imprint))
    return "\n\n".join(block for block in blocks if block) + "\n"


@dataclass(frozen=True, slots=True)
class _Shown:
    cid: str
    alt: str
    width: int
    height: int


def _shown(picture: Media) -> _Shown:
    # Programs that know no max-width go by these numbers.
    width = max(1, min(picture.width, _WIDEST))
    return _Shown(_cid(picture), _normal(picture.alt), width, max(1, round(picture.height * width / picture.width)))


def _html(
    part: Part, head: Letterhead, *, title: str, subject: str, preheader: str, unsubscribe_url: str | None
) -> str:
    body = _normal(part.html) if part.html else _paragraphs(_normal(part.text))
    found = foreign_content(body)
    if found:
        raise Rejected(
            f"the mail's text holds {', '.join(found)}, which would fetch or run something at the reader's",
            next_step="remove it from the message",
        )
    return (
        _template()
        .render(
            language=part.language,
            direction=direction(part.language),
            words=words_for(part.language),
            sender=_one_line(head.from_name),
            subject=subject,
            preheader=preheader,
            title="" if "<h1" in body.lower() else title,
            pictures=[_shown(picture) for picture in part.media],
            body=Markup(body),  # noqa: S704 - made by our own composer, and looked through above
            link=part.link if part.link and not holds(body, escape(part.link)) else None,
            unsubscribe_url=unsubscribe_url,
            imprint=_normal(head.imprint).splitlines(),
        )
        .strip()
        + "\n"
    )


def _paragraphs(text: str) -> str:
    blocks = [escape(block.strip(), quote=False) for block in re.split(r"\n\s*\n", text) if block.strip()]
    return "\n".join("<p>" + block.replace("\n", "<br>\n") + "</p>" for block in blocks)


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    return environment.get_template("mail.html")


# --- bytes -------------------------------------------------------------------------------------------------


def _list_headers(part: Part, head: Letterhead) -> dict[str, str]:
    """Return the headers that say what kind of mail this is, so that no machine answers it and filters know it.

    RFC 2919 (List-ID), RFC 8058 (one-click), RFC 3834 §5 (Auto-Submitted). ``Precedence: bulk`` is no standard, but
    what vacation programs look for. Feedback-ID lets Gmail count complaints by campaign, never by person.
    """
    if not head.is_list:
        return {"Auto-Submitted": "auto-generated"}
    headers = {"Precedence": "bulk"}
    if head.list_id:
        headers["List-ID"] = f"<{head.list_id}>"
    if head.unsubscribe_url:
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if part.about:
        names = (part.about.message, part.about.campaign, head.account, "outreach")
        headers["Feedback-ID"] = ":".join(re.sub(r"[^\w-]", "-", name, flags=re.ASCII) for name in names)
    return headers


def _unsubscribe_header(head: Letterhead, mark: str) -> bytes:
    """Return List-Unsubscribe (RFC 2369, RFC 8058). Written by hand: ``email`` would encode a long address away."""
    ways = []
    if head.unsubscribe_url:
        ways.append(f"<{head.unsubscribe_url.replace('{token}', mark)}>")
    if head.unsubscribe_address:
        local, _, domain = head.unsubscribe_address.replace("{token}", mark).rpartition("@")
        ways.append(f"<mailto:{quote(local)}@{domain}?subject=unsubscribe>")
    return ("List-Unsubscribe: " + ",\r\n ".join(ways) + "\r\n").encode() if ways else b""


def _cid(picture: Media) -> str:
    return f"{picture.sha256[:32]}@outreach.invalid"


def _boundary(mark: str, name: str) -> str:
    # "=_" cannot stand in quoted-printable or base64 text (RFC 2045 §6.7), so the boundary is never found in it.
    return f"=_{mark[1:25]}_{name}"


def _quoted(text: str, subtype: str, mark: str) -> EmailMessage:
    """Return a text part in quoted-printable, in which every token stands on a line of its own between soft breaks.

    Always quoted-printable, also for Cyrillic and Arabic: it passes every relay unchanged, so that a DKIM signature
    stays valid, and bytes can be put into it without encoding the text anew for each recipient.
    """
    part = EmailMessage(policy=_WIRE)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    pieces = (
        body_encode(piece.encode("utf-8", "replace").decode("latin-1"), _LONGEST_LINE) for piece in text.split(mark)
    )
    part.set_payload(f"=\n{mark}=\n".join(pieces))
    return part


def _with_pictures(html: EmailMessage, pictures: tuple[Media, ...], mark: str) -> EmailMessage:
    if not pictures:
        return html
    related = EmailMessage(policy=_WIRE)
    _fill(related, html, kind="related", boundary=_boundary(mark, "pictures"))
    for picture in pictures:
        maintype, _, subtype = picture.mime.partition("/")
        attached = EmailMessage(policy=_WIRE)
        attached.set_content(
            picture.read(), maintype=maintype, subtype=subtype, disposition="inline", cid=f"<{_cid(picture)}>"
        )
        del attached["MIME-Version"]
        related.attach(attached)
    return related


def _fill(message: EmailMessage, *parts: EmailMessage, kind: str, boundary: str) -> None:
    message["Content-Type"] = f'multipart/{kind}; boundary="{boundary}"'
    for part in parts:
        message.attach(part)
