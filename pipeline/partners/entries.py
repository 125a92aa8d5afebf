"""What is syndicated: each public message in each language, as every kind of feed and embed tells it. Pure.

Dates come from the content alone, so that the same content gives the same bytes: the day of the last change, of the
last correction, and the end of an embargo, as instants at the start of that day in the campaign's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pipeline.model import Campaign, Correction, Helpline, Message, Translation
from pipeline.settings import Settings
from pipeline.website import addresses, markup, written
from pipeline.website.messages import Wording, wording
from pipeline.website.pictures import Picture
from pipeline.website.public import embargoed_until
from pipeline.website.shell import Shell

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_SINCE = 2026
"""The year in which ids of this kind were first given: a tag URI needs a day on which its domain was ours."""


@dataclass(frozen=True)
class Entry:
    """A message in one language.

    ``id`` never changes, whatever happens to folders and addresses; ``updated`` is an instant (UTC), and so is
    ``published``, which is known only where an embargo ended. ``recalled`` holds the reason, ``""`` where none is given
    and ``None`` where the message stands.
    """

    id: str
    language: str
    message: Message
    campaign: Campaign
    address: str
    said: Wording
    updated: datetime
    published: datetime | None
    picture: Picture | None
    helpline: Helpline | None
    corrections: tuple[Correction, ...]
    recalled: str | None = None
    render: Callable[[], str] = field(default=str, repr=False, compare=False)
    """Makes :attr:`html`: most entries are asked for their date only."""

    @cached_property
    def html(self) -> str:
        """The message as clean HTML with whole addresses; nothing where it was taken back."""
        return self.render() if self.recalled is None else ""

    @property
    def title(self) -> str:
        """The message's title."""
        return self.said.title

    @property
    def uid(self) -> str:
        """Under which name the message is known, whatever its folder is called today."""
        return self.message.uid


def authority(settings: Settings) -> str:
    """Return who gives ids: a domain and a day on which it was the programme's (RFC 4151, read on 2026-11-25)."""
    host = urlsplit(settings.programme.site).hostname or "localhost"
    return settings.site.authority or f"{host},{_SINCE}"


def tag(settings: Settings, *names: str) -> str:
    """Return the id of something that is syndicated."""
    return f"tag:{authority(settings)}:{'/'.join(names)}"


def start_of(day: date, zone: str) -> datetime:
    """Return the instant (UTC) at which a day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def updated_at(message: Message, translation: Translation, campaign: Campaign, days: Iterable[date]) -> datetime:
    """Return when a message last changed in a language, as its files say.

    :param days: those of its corrections.
    """
    written = message.source.head
    return updated_of([written.updated, translation.head.updated, *days], written.embargo, campaign)


def updated_of(days: Iterable[date | None], embargo: str | None, campaign: Campaign) -> datetime:
    """Return when something last changed that was touched on some days and is under an embargo, as it is written."""
    newest = start_of(max((day for day in days if day), default=campaign.starts), campaign.timezone)
    return max(newest, embargoed_until(embargo, campaign) or newest)


def entries(shown: Shell, language: str) -> list[Entry]:
    """Return every public message that has a text in ``language``, the newest first."""
    found = (entry_of(shown, message, language) for message in shown.public.messages.values())
    return sorted((one for one in found if one), key=lambda one: (-one.updated.timestamp(), one.id))


def entry_of(shown: Shell, message: Message, language: str) -> Entry | None:
    """Return a message in a language as it is syndicated, or ``None`` where it has no text in it."""
    translation = message.translations.get(language)
    if translation is None:
        return None
    public, campaign = shown.public, shown.public.campaigns[message.campaign]
    corrections = public.corrections(message)
    recalled = public.recalled(message)
    before = len(shown.problems)
    said = wording(shown, message, translation)
    # The message's page has told these already.
    del shown.problems[before:]
    picture, helpline = shown.picture(message), public.helplines.get(message.helpline or "")

    def render() -> str:
        return shown.parts.render(
            "entry",
            "",
            words=shown.words[language],
            said=said,
            body=_body(shown, message, translation),
            picture=None if public.embargoed else picture,
            picture_address=shown.address(picture.asset.path) if picture else "",
            helpline=helpline,
            corrections=[one for one in corrections if not one.recalled],
            address=shown.address(addresses.message(language, message)),
            funders=[one for one in public.project.funders.values() if message.campaign in one.campaigns],
        ).strip()

    return Entry(
        id=tag(public.settings, "message", message.uid, language),
        language=language,
        message=message,
        campaign=campaign,
        address=shown.address(addresses.message(language, message)),
        said=said,
        updated=updated_at(message, translation, campaign, (one.date for one in corrections)),
        published=embargoed_until(message.source.head.embargo, campaign),
        picture=picture,
        helpline=helpline,
        corrections=tuple(one for one in corrections if not one.recalled),
        recalled=None if recalled is None else _in(recalled, language),
        render=render,
    )


def _body(shown: Shell, message: Message, translation: Translation) -> str:
    """Return the body as clean HTML whose links lead to the site from anywhere."""

    def whole(target: str) -> str | None:
        if target.startswith("#"):
            return shown.address(addresses.message(translation.language, message)) + target
        if ":" in target.partition("/")[0]:
            return target
        found = written.place(shown, translation.path, translation.language, target)
        return shown.address(found) if found is not None else None

    return markup.to_html(translation.body, shown.public.helplines, message.helpline, whole).html


def _in(correction: Correction, language: str) -> str:
    return correction.what.get(language) or next(iter(correction.what.values()), "")


def told(entry: Entry) -> Iterator[tuple[date, str]]:
    """Yield what was corrected in an entry: the day and the words."""
    for one in entry.corrections:
        yield one.date, _in(one, entry.language)
