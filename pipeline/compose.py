"""From a message to the post that one account will show. Pure: the same message always gives the same post.

The wording is the message's own where it gives one that fits (``long``, then ``short``); otherwise it is made by a
template (:mod:`pipeline.wording`) from title, summary, action and link, cut at a sentence, then at a word, never inside
a link or a helpline's number. The campaign's hashtags come last, and go first when room is short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from channels import text
from channels.contract import About, Channel, Media, Part, Post
from pipeline import markdown
from pipeline.model import Campaign, Helpline, Message, Translation
from pipeline.placeholders import expand
from pipeline.settings import Account
from pipeline.tracking import at_place, tracked
from pipeline.wording import Wording, WordingError, shipped

LONGEST_LEAD = 20
"""How many characters of a template may lead up to the link in its line and stay with it: an arrow, a word."""


@dataclass(frozen=True, slots=True)
class Composition:
    """A post, and what a person should know about how it came about.

    ``notes`` are clauses such as "the hashtags were left out, there is no room"; ``faults`` are reasons why the post
    must not go out.
    """

    post: Post
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a post is made with besides its message. ``site`` is the public site's address, without a last slash.

    ``query`` is what a partner's links carry so that they can be told apart, such as ``?utm_source=anitp``.
    """

    campaign: Campaign
    helplines: Mapping[str, Helpline]
    site: str
    wording: Wording = field(default_factory=shipped)
    query: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    """A translation's words with every placeholder replaced."""

    title: str
    summary: str
    action: str
    short: str
    long: str
    alt: str
    body: str
    warning: str
    numbers: tuple[str, ...]
    unknown: tuple[str, ...]


def page_address(site: str, language: str, campaign: str, message: str) -> str:
    """Return the address of a message's page on the public site."""
    return f"{site}/{language}/{campaign}/{message}/"


def link_resolver(site: str, language: str, campaign: str, page: str) -> Callable[[str], str]:
    """Return what turns a link as it is written in a message's body into one that works anywhere."""

    def resolve(target: str) -> str:
        if "://" in target or target.startswith(("mailto:", "tel:")):
            return target
        if target.startswith("/"):
            return site + target
        if target.startswith("#"):
            return page + target
        folder, _, anchor = target.partition("#")
        name = folder.removesuffix(f"{language}.md").removeprefix("../").strip("/")
        address = page_address(site, language, campaign, name)
        return f"{address}#{anchor}" if anchor else address

    return resolve


def compose(
    message: Message, account: Account, channel: Channel[Any], around: Surroundings, picture: Media | None
) -> Composition:
    """Return the post that ``account`` will show of ``message``, in the account's language.

    :param picture: the message's picture, rendered; its alternative text is replaced by the language's own.
    :raises KeyError: when the message has no text in that language.
    """
    translation = message.translations[account.language]
    words = _words(message, translation, around)
    page = page_address(around.site, account.language, message.campaign, message.id)
    says = _says(message, account, channel, around)
    link = says(page, "button") if account.link else None
    media, faults = _media(channel, words, picture)
    faults += [f"{{helpline:{name}}} is not in the registry" for name in words.unknown]
    warning = words.warning if channel.traits.content_warning else ""
    if channel.traits.long_text:
        in_text = says(page, "text") if account.link else None
        texts, html, notes = _long(words, page, around, in_text, account, says)
    else:
        tags, few = _tags(around.campaign, account, channel.traits.max_hashtags)
        in_text = link if channel.traits.link_in_text else None
        made, failed = _made(words, message, account, in_text, around.wording)
        writer = _Short(channel, words, made, in_text, tags, warning)
        texts, notes = writer.write(threads=account.threads)
        faults += failed
        notes += few
        html = None
        faults += writer.faults
    last = len(texts) - 1
    parts = tuple(
        Part(
            text=body,
            language=account.language,
            media=media if number == 0 else (),
            link=link if number == last else None,
            title=words.title,
            summary=words.summary,
            html=html,
            content_warning=warning or None,
            about=About(campaign=message.campaign, message=message.id),
        )
        for number, body in enumerate(texts)
    )
    return Composition(Post(account.name, parts), tuple(notes), tuple(faults))


Says = Callable[[str, str], str]
"""Makes a link tell where a visit came from, if that is asked for: the link, and where in a mail it stands."""


def _says(message: Message, account: Account, channel: Channel[Any], around: Surroundings) -> Says:
    page = page_address(around.site, account.language, message.campaign, message.id)
    asked, mail = account.tracking, channel.traits.as_mail

    def says(link: str, place: str) -> str:
        if around.query:
            # A partner's kit: its link says whose it is.
            return link + around.query if link == page else link
        ours = link == page or (mail and _is_page(link, around.site))
        if asked is None or not ours:
            return link
        content = asked.content or f"{message.id}-{account.language}"
        values = {
            "source": asked.source or account.partner or account.kind,
            "medium": asked.medium or _medium(account, channel),
            "campaign": asked.campaign or message.campaign,
            "content": at_place(content, place) if mail else content,
        }
        return tracked(link, values, around.site)

    return says


def _is_page(link: str, site: str) -> bool:
    return link.startswith(f"{site}/") and urlsplit(link).path.endswith("/")


def _medium(account: Account, channel: Channel[Any]) -> str:
    """Return by which kind of way a reader comes, in the words that tools for web analytics know."""
    if account.partner:
        return "referral"
    if channel.traits.as_mail:
        return "email"
    return "offline" if channel.traits.by_hand else "social"


def _made(
    words: _Words, message: Message, account: Account, link: str | None, wording: Wording
) -> tuple[str, list[str]]:
    """Return the wording that is made of the message's words, and why it must not go out."""
    given = {
        "title": words.title,
        "summary": words.summary,
        "action": words.action,
        "link": link or "",
        "language": account.language,
        "campaign": message.campaign,
        "message": message.id,
    }
    try:
        return wording.write(account.kind, given), []
    except WordingError as error:
        return "\n\n".join(piece for piece in (words.title, words.summary, words.action, link) if piece), [str(error)]


def _words(message: Message, translation: Translation, around: Surroundings) -> _Words:
    head = translation.head
    raw = {
        "title": head.title, "summary": head.summary, "action": head.action.text, "short": head.short,
        "long": head.long, "alt": head.picture.alt, "body": translation.body, "warning": head.content_warning,
    }  # fmt: skip
    expanded = {name: expand(value, around.helplines, message.helpline) for name, value in raw.items()}
    used = {number: None for found in expanded.values() for number in found.used}
    unknown = {name: None for found in expanded.values() for name in found.unknown}
    clean = {name: text.neutralise(found.text.strip()) for name, found in expanded.items()}
    numbers = tuple(around.helplines[name].number for name in used)
    return _Words(**clean, numbers=numbers, unknown=tuple(unknown))


def _media(channel: Channel[Any], words: _Words, picture: Media | None) -> tuple[tuple[Media, ...], list[str]]:
    traits = channel.traits.media
    if picture is None or traits.max_count == 0:
        return (), (["the network takes no post without a picture"] if traits.required else [])
    faults = []
    if traits.fetched and not picture.url:
        faults.append("the network fetches pictures from the public site, and this one has no address there")
    if traits.shape and not traits.takes_shape(picture.width, picture.height):
        faults.append(
            f"the picture has {picture.width} by {picture.height} pixels, and the network takes widths from "
            f"{traits.shape[0]:g} to {traits.shape[1]:g} times the height"
        )
    if traits.max_alt is not None and len(words.alt) > traits.max_alt:
        faults.append(
            f"the picture's alternative text has {len(words.alt)} characters, the network takes {traits.max_alt}"
        )
    if picture.mime not in traits.mime_types:
        faults.append(f"the network does not take pictures of type {picture.mime}")
    described = Media(
        picture.sha256,
        picture.mime,
        words.alt,
        picture.width,
        picture.height,
        picture.size,
        path=picture.path,
        url=picture.url,
    )
    return (described,), faults


def _tags(campaign: Campaign, account: Account, most: int | None) -> tuple[str, list[str]]:
    """Return the campaign's hashtags as they are written, at most ``most`` of them, and what is to be said of it."""
    given = campaign.hashtags.get(account.language, ()) if account.hashtags else ()
    taken = given if most is None else given[:most]
    notes = [f"{len(taken)} of {len(given)} hashtags go along, the network takes no more"] if taken != given else []
    return " ".join(f"#{tag}" for tag in taken), notes


def _long(
    words: _Words, page: str, around: Surroundings, link: str | None, account: Account, says: Says
) -> tuple[list[str], str, list[str]]:
    """Return the text and the HTML of a channel that is read like a page."""
    resolve = link_resolver(around.site, account.language, around.campaign.id, page)
    body = markdown.to_text(words.body, lambda target: says(resolve(target), "text"))
    plain = "\n\n".join(piece for piece in (words.summary, body, words.action, link) if piece)
    whole = f"{words.summary}\n\n{words.body}\n\n**{_escape(words.action)}**"
    html = markdown.to_html(whole, lambda target: says(resolve(target), "body"))
    return [plain], html, []


def _escape(line: str) -> str:
    return "".join("\\" + character if character in "\\`*_[]<>" else character for character in line)


class _Short:
    """Writes the text of a channel with little room."""

    def __init__(
        self, channel: Channel[Any], words: _Words, made: str, link: str | None, tags: str, warning: str
    ) -> None:
        self._channel = channel
        self._words = words
        self._made = made
        self._link = link or ""
        self._tags = tags
        self._limit = None
        self.faults: list[str] = []
        if channel.traits.max_length is not None:
            self._limit = channel.traits.max_length - (channel.count(warning) if warning else 0)

    def _join(self, body: str, *tail: str) -> str:
        return "\n\n".join(piece for piece in (body, *tail) if piece)

    def _fits(self, whole: str) -> bool:
        return self._limit is None or self._channel.count(whole) <= self._limit

    def _candidates(self) -> Iterator[tuple[str, list[str]]]:
        without = ["the hashtags were left out, there is no room"] if self._tags else []
        for body in dict.fromkeys(piece for piece in (self._words.long, self._words.short) if piece):
            yield self._join(body, self._link, self._tags), []
            yield self._join(body, self._link), without
        yield self._join(self._made, self._tags), []
        yield self._made, without

    def write(self, *, threads: bool) -> tuple[list[str], list[str]]:
        """Return the texts of the parts and the notes."""
        for whole, notes in self._candidates():
            if self._fits(whole):
                return [whole], notes
        assert self._limit is not None
        if threads and self._channel.traits.max_parts > 1:
            return self._thread()
        head, tail = self._apart()
        room = self._limit - self._channel.count(tail)
        body = text.cut(head, max(room, 1), self._channel.count, protect=self._words.numbers)
        whole = f"{body}{tail}".strip()
        if not self._fits(whole) or room < 1:
            self.faults.append(f"not even the shortest text fits into {self._limit}")
        return [whole], ["no wording fits, the text was cut: write a 'short' one"]

    def _apart(self) -> tuple[str, str]:
        """Return what may be cut of the made wording, and the link with what leads up to it, which may not."""
        before, link, after = self._made.rpartition(self._link) if self._link else (self._made, "", "")
        upper, _, lead = before.rpartition("\n")
        head = (upper if len(lead) <= LONGEST_LEAD else before).rstrip()
        return head, f"{before[len(head) :]}{link}{after}"

    def _thread(self) -> tuple[list[str], list[str]]:
        wording = self._join(self._words.long, self._link) if self._words.long else self._made
        whole = self._join(wording, self._tags)
        limit = self._limit or 0
        texts = text.split(whole, limit, self._channel.count, protect=self._words.numbers, number=True)
        if len(texts) > self._channel.traits.max_parts:
            self.faults.append(f"the text needs {len(texts)} parts, the network takes {self._channel.traits.max_parts}")
        return texts, [f"goes out as a thread of {len(texts)}"]
