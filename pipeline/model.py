"""The words of the house as frozen data: what people write, read and checked. No I/O.

The models for files (messages, campaigns, helplines) are pydantic models, so that the file's schema and the word are
one thing; where each key stood in its file is kept beside them by the reader, not here.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class Severity(StrEnum):
    """How much a problem matters: an error stops publishing, a warning asks for a look, an info tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Problem(BaseModel):
    """One thing that is wrong, for a person: what, where, what to do.

    ``path`` is relative to the project and ``line`` counts from 1 (``None``: the file as a whole). ``rule`` is the
    short name under which the handbook explains it, ``todo`` what to do where the message does not say so itself.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    line: int | None = None
    rule: str
    message: str
    todo: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        tail = f"; {self.todo}" if self.todo else ""
        mark = "" if self.severity is Severity.ERROR else f"{self.severity.value}: "
        return f"{place}: {mark}{self.message}{tail}"


# --- words that stand in several files ---------------------------------------------------------------------

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
UID = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*$")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m(?:in)?)?")


def _slug(value: str) -> str:
    if len(value) > 80 or not SLUG.fullmatch(value):
        raise ValueError(f"'{value}' is not a short name: use small letters, digits and single hyphens")
    return value


def _language(value: str) -> str:
    if not LANGUAGE.fullmatch(value):
        raise ValueError(f"'{value}' is not a language code such as 'ro' or 'pt'")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{value}' is not a time zone such as 'Europe/Bucharest'") from None
    return value


def _duration(value: Any) -> Any:
    if isinstance(value, str) and value.strip() and (found := _DURATION.fullmatch(value.strip())):
        days, hours, minutes = (int(number or 0) for number in found.groups())
        try:
            return timedelta(days=days, hours=hours, minutes=minutes)
        except OverflowError:
            raise ValueError(f"'{value}' is longer than any campaign") from None
    if isinstance(value, timedelta):
        return value
    raise ValueError(f"'{value}' is not a length of time such as '6h', '90m' or '2d'")


def _clock_time(value: str) -> str:
    if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"'{value}' is not a time of day such as '21:00'")
    return value


Slug = Annotated[str, AfterValidator(_slug)]
Language = Annotated[str, AfterValidator(_language)]
Zone = Annotated[str, AfterValidator(_zone)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
ClockTime = Annotated[str, AfterValidator(_clock_time)]
LocalTime = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}$")]
"""A wall-clock time as written, such as ``2026-12-01 10:00``; which instant it is depends on the campaign's zone."""
Day = date
"""A calendar day; models that have a field named ``date`` say ``Day`` for the type."""
Text = Annotated[str, Field(min_length=1)]
Words = dict[Language, Text]
"""A text in several languages."""


class Frozen(BaseModel):
    """A model whose unknown keys are errors and whose values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


# --- helplines ---------------------------------------------------------------------------------------------


class Reference(Frozen):
    """Where a fact was read, and when."""

    title: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    read_on: Day
    publisher: str = ""
    date: str = ""
    """The date that the source gives itself, as it gives it."""


class Figure(Reference):
    """A source of a message's figures. ``supports`` is the figure as it stands in the text."""

    supports: tuple[Text, ...] = ()


class Verification(StrEnum):
    """How a helpline was verified."""

    SOURCE = "source"
    """Read on the page of an authority or of the operator."""
    CALLED = "called"
    """Dialled by a person of the programme."""


class Helpline(Frozen):
    """One helpline of the registry: the only way for a telephone number into anything that is published.

    ``free``, ``hours``, ``anonymous`` and ``languages`` stay empty where it is not known or where sources conflict.
    """

    id: Slug
    number: Annotated[str, Field(pattern=r"^\+?[\d ]{3,20}$")]
    """As it is printed."""
    e164: Annotated[str, Field(pattern=r"^\+\d{6,15}$")] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    name: Words
    operator: Text
    purpose: Words
    dialable_from: tuple[Annotated[str, Field(pattern=r"^(?:[A-Z]{2}|abroad)$")], ...]
    emergency: bool = False
    free: bool | None = None
    cost: Words = {}
    hours: Words = {}
    anonymous: bool | None = None
    languages: tuple[Language, ...] = ()
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    verified_on: date | None = None
    verified_by: Slug | None = None
    verified_how: Verification | None = None
    expires: date | None = None
    note: str = ""
    """For the editors: what is open, what conflicts. Never published."""

    def unfit(self, today: date) -> str | None:
        """Return why this number must not be published on ``today`` (the programme's zone), or ``None``."""
        if not (self.verified_on and self.verified_by and self.verified_how):
            return "has not been verified"
        if self.verified_on > today:
            return f"says it was verified on {self.verified_on}, which is yet to come"
        if self.expires is None:
            return "has no date at which its verification expires"
        if self.expires < today:
            return f"was last verified on {self.verified_on} and expired on {self.expires}"
        return None


# --- messages ----------------------------------------------------------------------------------------------


class Action(Frozen):
    """The one thing that a message asks for. ``helpline`` may stand in the source language only."""

    text: Text
    helpline: Slug | None = None


class Picture(Frozen):
    """A message's picture. ``file`` lies in the message's folder and stands in the source language only."""

    alt: Text
    file: Annotated[str, Field(pattern=r"^[\w][\w.-]*$")] | None = None


class Allowed(Frozen):
    """A term that stays although a rule flags it, with the reason."""

    term: Text
    reason: Annotated[str, Field(min_length=10)]


class FrontMatter(Frozen):
    """The head of one language file. A translation leaves out what it shares with the source."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    summary: Annotated[str, Field(min_length=1, max_length=400)]
    action: Action
    picture: Picture
    audience: Slug | None = None
    topic: Slug | None = None
    short: str = ""
    long: str = ""
    sources: tuple[Figure, ...] = ()
    author: Slug | None = None
    updated: date | None = None
    embargo: LocalTime | None = None
    uid: Annotated[str, Field(pattern=UID.pattern)] | None = None
    """Under which name feeds know the message, where its folder was renamed: its first ``campaign/message``."""
    content_warning: str = ""
    allow: tuple[Allowed, ...] = ()
    source_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    translator: Slug | None = None


class Translation(Frozen):
    """A message's text in one language, and the hash of the source text that it was made from.

    ``body`` is Markdown; ``path`` is relative to the project.
    """

    language: Language
    path: str
    head: FrontMatter
    body: str

    @property
    def text_hash(self) -> str:
        """Sixteen hex digits over everything that a translator translates; sources, dates and names are left out."""
        head = self.head
        words = [head.title, head.summary, head.action.text, head.picture.alt, head.short, head.long]
        packed = json.dumps([*words, head.content_warning, self.body.strip()], ensure_ascii=False)
        return hashlib.sha256(packed.encode()).hexdigest()[:16]


class Question(Frozen):
    """A question that a journalist or a reader may ask, and what the programme answers."""

    question: Text
    answer: Text


class Scene(Frozen):
    """A scene of a television spot: what is seen, and what is said meanwhile."""

    seen: Text
    said: Text


class SheetText(Frozen):
    """What a message's kit for partners holds besides the message: ``kit.<language>.yml`` in its folder.

    Everything may be left out; the kit then leaves the piece out and says so.
    """

    key_messages: tuple[Text, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Text, ...] = ()
    """Notes to editors, besides those that every press release has."""
    radio_20: str = ""
    """What is read in twenty seconds."""
    radio_30: str = ""
    television: tuple[Scene, ...] = ()
    source_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    translator: Slug | None = None

    @model_validator(mode="after")
    def _three_or_none(self) -> Self:
        if len(self.key_messages) not in {0, 3}:
            raise ValueError(f"a kit has three key messages, and there are {len(self.key_messages)}")
        return self


class Sheet(Frozen):
    """A message's kit sheet in one language. ``path`` is relative to the project."""

    language: Language
    path: str
    text: SheetText

    @property
    def text_hash(self) -> str:
        """Sixteen hex digits over everything that a translator translates.

        It is not part of the message's own hash: who improves an answer does not withhold a post.
        """
        words = self.text.model_dump(mode="json", exclude={"source_hash", "translator"})
        return hashlib.sha256(json.dumps(words, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


class Message(Frozen):
    """One idea: a folder, one Markdown file per language; one audience, one action."""

    campaign: Slug
    id: Slug
    folder: str
    source_language: Language
    translations: dict[Language, Translation]
    sheets: dict[Language, Sheet] = {}
    """What its kits for partners hold besides its text, by language."""

    @model_validator(mode="after")
    def _has_its_source(self) -> Self:
        if self.source_language not in self.translations:
            raise ValueError(f"the message '{self.id}' has no text in its source language '{self.source_language}'")
        return self

    @property
    def source(self) -> Translation:
        """The text from which the others are made."""
        return self.translations[self.source_language]

    @property
    def audience(self) -> str:
        """For whom this message is."""
        return self.source.head.audience or ""

    @property
    def topic(self) -> str:
        """What this message is about, as a short name."""
        return self.source.head.topic or ""

    @property
    def uid(self) -> str:
        """Under which name the world knows this message: it stays when the folder is renamed (adr 11)."""
        return self.source.head.uid or f"{self.campaign}/{self.id}"

    @property
    def helpline(self) -> str | None:
        """The registry's id of the action's helpline."""
        return self.source.head.action.helpline

    def stale(self, language: str) -> bool:
        """Whether the translation was made from another source text than today's."""
        translation = self.translations.get(language)
        if translation is None or language == self.source_language:
            return False
        return translation.head.source_hash != self.source.text_hash

    def stale_sheet(self, language: str) -> bool:
        """Whether the kit sheet was made from another one than today's in the source language."""
        sheet, source = self.sheets.get(language), self.sheets.get(self.source_language)
        if sheet is None or language == self.source_language:
            return False
        return source is None or sheet.text.source_hash != source.text_hash


class Boilerplate(Frozen):
    """What every kit says of the programme (``content/boilerplate.yml``)."""

    about: Words
    """Who we are, in a paragraph."""
    contact: Words
    """Who answers the press and partners: a role, never a person's name. The address is the site's ``contact``."""
    credit: Words
    """How to name us as the source."""


# --- the site's own pages ----------------------------------------------------------------------------------

HELP_PAGES = ("help", "signs", "calling", "safety")
"""The pages for a person who may be in danger: light, plain titles, no previews, in every language of the site. Nothing
tells who was sent to them by what."""


class PageHead(Frozen):
    """The head of one language file of a page of the site."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    """Stands in the tab and in the history too: on pages for people in danger it is plain and says little."""
    summary: Annotated[str, Field(min_length=1, max_length=400)]
    menu: Annotated[str, Field(max_length=40)] = ""
    """A shorter title for menus."""
    author: Slug | None = None
    updated: date | None = None
    source_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    translator: Slug | None = None


class PageText(Frozen):
    """A page of the site in one language. ``body`` is Markdown; ``path`` is relative to the project."""

    language: Language
    path: str
    head: PageHead
    body: str

    @property
    def text_hash(self) -> str:
        """Sixteen hex digits over everything that a translator translates."""
        words = [self.head.title, self.head.summary, self.head.menu, self.body.strip()]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:16]


class WrittenPage(Frozen):
    """A page that people write for the site, such as the one about safety: a folder, one file per language."""

    id: Slug
    folder: str
    source_language: Language
    texts: dict[Language, PageText]

    @model_validator(mode="after")
    def _has_its_source(self) -> Self:
        if self.source_language not in self.texts:
            raise ValueError(f"the page '{self.id}' has no text in its source language '{self.source_language}'")
        return self

    @property
    def source(self) -> PageText:
        """The text from which the others are made."""
        return self.texts[self.source_language]

    def stale(self, language: str) -> bool:
        """Whether the translation was made from another source text than today's."""
        text = self.texts.get(language)
        if text is None or language == self.source_language:
            return False
        return text.head.source_hash != self.source.text_hash


class ReportSection(Frozen):
    """A section of a final report: its heading, and what of the programme stands in it."""

    title: Words
    shows: Literal["text", "activities", "costs", "indicators", "questions", "limits", "sources"]


class Funder(Frozen):
    """What a funder asks to be said, in one of its periods: a profile that is never changed, only followed by another.

    ``campaigns`` are those that it pays for in this project; their pages carry the statement.
    """

    id: Slug
    name: Words
    period: Text
    statement: Words
    slogan: Words = {}
    logo_rule: Words = {}
    """What its manual asks of whoever shows its logo: which one, how large, beside what."""
    also_in: tuple[Language, ...] = ()
    """Languages in which it wants to be named whatever a campaign speaks, such as English in a grant's contract."""
    report: dict[Slug, ReportSection] = {}
    """The sections of its final report, in their order."""
    campaigns: tuple[Slug, ...] = ()
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Correction(Frozen):
    """Something that stood on the site and was put right, or a message that was taken back."""

    date: Day
    campaign: Slug
    message: Slug
    what: Words
    recalled: bool = False
    """The message was taken back: its page says so instead of showing its text."""


# --- campaigns ---------------------------------------------------------------------------------------------


class QuietHours(Frozen):
    """The part of the day in which nothing is published; it may pass midnight."""

    start: ClockTime = Field(alias="from")
    end: ClockTime = Field(alias="to")


class Blackout(Frozen):
    """Days on which nothing is published, both included."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    reason: Text


class Entry(Frozen):
    """One line of a campaign's calendar: a single date, a series, or a rotation of evergreen messages.

    A single date has ``message`` and ``at``; a series ``message``, ``starts`` and ``repeat``; a rotation ``rotation``,
    ``starts`` and ``repeat``. ``repeat`` is an RRULE (RFC 5545) with an end: ``COUNT`` or ``UNTIL``.
    """

    id: Slug | None = None
    message: Slug | None = None
    rotation: tuple[Slug, ...] = ()
    at: LocalTime | None = None
    starts: LocalTime | None = None
    repeat: str | None = None
    accounts: Annotated[tuple[Slug, ...], Field(min_length=1)]
    not_after: LocalTime | None = None
    """For a single date: after this time it must not go out any more."""
    good_for: Duration | None = None
    """For a series or rotation: how long after its time an occurrence may still go out."""
    during_quiet_hours: bool = False

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if bool(self.message) == bool(self.rotation):
            raise ValueError("a calendar entry names either a 'message' or a 'rotation' of messages")
        if self.at and (self.starts or self.repeat or self.rotation):
            raise ValueError("an entry with 'at' is a single date: 'starts', 'repeat' and 'rotation' do not go with it")
        if not self.at and not (self.starts and self.repeat):
            raise ValueError("a calendar entry needs 'at', or 'starts' and 'repeat'")
        if self.not_after and not self.at:
            raise ValueError("'not_after' goes with a single date; a series says 'good_for', such as '12h'")
        return self

    @property
    def key(self) -> str:
        """The entry's own name: it stays the same when its time is moved, so that moving never posts twice."""
        return self.id or self.message or ""


class Unusual(Frozen):
    """When a post is far from its usual: as a part of the median of the account's earlier posts at the same age."""

    below: Annotated[float, Field(ge=0, lt=1)] = 0.25
    above: Annotated[float, Field(gt=1)] = 4.0
    after: Duration = timedelta(hours=24)
    """The age at which posts are compared."""
    at_least: Annotated[int, Field(ge=3, le=1000)] = 5
    """How many earlier posts it takes to know what is usual."""


class Alerts(Frozen):
    """What the team is told of by itself; a rule that is not named is not looked at."""

    unusual: Unusual | None = None
    silent_after: Duration | None = None
    """For how long nothing may go out on an account of the calendar, while the campaign runs."""
    broken_links: bool = False
    """Whether links out of the content are asked for once a day."""
    behind_path: Annotated[float, Field(ge=0, lt=1)] | None = None
    """By which part an indicator of this campaign may be behind a straight path to its target."""


class Campaign(Frozen):
    """Messages with one objective, audiences, dates and a calendar (``campaign.yml``)."""

    id: Slug
    title: Words
    summary: Words
    objective: Words
    source_language: Language
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    timezone: Zone
    starts: date
    ends: date
    audiences: dict[Slug, Words]
    topics: dict[Slug, Words]
    partners: tuple[Slug, ...] = ()
    hashtags: dict[Language, tuple[Annotated[str, Field(pattern=r"^\w+$")], ...]] = {}
    approval: Literal["none", "one", "two"] = "one"
    """Whose eyes a text needs before it goes out: nobody's, anybody's, or somebody's who did not write it."""
    late_after: Duration = timedelta(hours=6)
    """How late a post may go out by itself, after an outage; later ones are held for a person."""
    quiet_hours: QuietHours | None = None
    blackouts: tuple[Blackout, ...] = ()
    calendar: tuple[Entry, ...] = ()
    alerts: Alerts | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends < self.starts:
            raise ValueError(f"the campaign ends on {self.ends}, before it starts on {self.starts}")
        if self.source_language not in self.languages:
            raise ValueError(f"the source language '{self.source_language}' is not among the campaign's languages")
        return self


# --- deliveries --------------------------------------------------------------------------------------------


class State(StrEnum):
    """The states of a delivery."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RECALLED = "recalled"


class Deed(StrEnum):
    """What a row of the outbox does. All but the first act upon an earlier row, which they name."""

    PUBLISH = "publish"
    EDIT = "edit"
    """Replaces the text of a post in place."""
    DELETE = "delete"
    """Takes a post back."""
    REPLACE = "replace"
    """Publishes the corrected post, once the earlier one has been taken back."""
    NOTICE = "notice"
    """Publishes that an earlier post, which stays, was wrong."""
    NOTICE_RECALLED = "notice-recalled"
    """Publishes that an earlier post, which cannot be taken back, shall be disregarded."""
    TELL_CORRECTED = "tell-corrected"
    """Tells a partner, or a person with a task, that the text has changed."""
    TELL_RECALLED = "tell-recalled"
    """Tells a partner, or a person with a task, to take the text down."""


POSTS = frozenset({Deed.PUBLISH, Deed.REPLACE, Deed.NOTICE})
"""Deeds by which something is there that a recall has to take back."""
TAKES_BACK = frozenset({Deed.DELETE, Deed.TELL_RECALLED})
"""Deeds after which an earlier row counts as recalled. They need nobody's approval: stopping is always allowed."""
CORRECTS = frozenset({Deed.EDIT, Deed.REPLACE, Deed.TELL_CORRECTED})
"""Deeds after which an earlier row's place shows another text."""
OF_RECALL = frozenset({*TAKES_BACK, Deed.NOTICE_RECALLED})
"""Deeds that a recall makes, and that it does not stop."""
REPEATABLE = frozenset({Deed.EDIT, Deed.DELETE})
"""Deeds that leave the same when done twice: one in doubt is simply done again."""


OPEN = frozenset({State.PLANNED, State.HELD})
"""States in which nothing has left the house and the plan may still change a row."""
BUSY = frozenset({State.CLAIMED, State.SENDING})


class Slot(Frozen):
    """One occurrence of a calendar entry for one account: what the plan wants to exist. Times are UTC."""

    campaign: str
    message: str
    language: str
    account: str
    occurrence: str
    due_at: datetime
    not_after: datetime | None = None
    late_after: timedelta
    during_quiet_hours: bool = False
    """Whether it may go out in the campaign's quiet hours too; blackouts hold for every slot."""
    path: str
    """The campaign file, relative to the project, and the line of its entry."""
    line: int | None = None

    @property
    def key(self) -> str:
        """What makes a delivery this delivery: campaign, message, language, account, occurrence; not its text."""
        return "/".join((self.campaign, self.message, self.language, self.account, self.occurrence))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox: one post for one occurrence on one account (or for one recipient of it). Times are UTC."""

    id: int
    key: str
    campaign: str
    message: str
    language: str
    account: str
    occurrence: str
    state: State
    due_at: datetime
    late_at: datetime
    next_try_at: datetime
    post_digest: str
    approval: str
    authors: tuple[str, ...]
    attempts: int
    parent_id: int | None = None
    recipient_id: int | None = None
    not_after: datetime | None = None
    worker: str | None = None
    lease_until: datetime | None = None
    first_sending_at: datetime | None = None
    last_sending_at: datetime | None = None
    sent_at: datetime | None = None
    reason_kind: str = ""
    reason: str = ""
    place: str = ""
    deed: Deed = Deed.PUBLISH
    of_id: int | None = None
    """The row that this one acts upon."""


BY_HAND = "by-hand:"
"""How the remote id of a receipt begins that is a person's word: the network was never asked."""


class Why(StrEnum):
    """Why a delivery is held, failed or unconfirmed: the word that the machine goes by."""

    APPROVAL = "approval"
    """Nobody has approved this text yet."""
    LATE = "late"
    """Its time passed while nothing ran, or the network would not take it, for longer than the campaign allows."""
    UNSAFE = "unsafe"
    """A helpline in it is no longer verified, or its text no longer agrees with the files."""
    REFUSED = "refused"
    """The network refused the content."""
    GAVE_UP = "gave-up"
    """The network could not be reached as often as was tried."""
    SETTLING = "settling"
    """Whether it arrived is being looked up."""
    PERSON = "person"
    """Whether it arrived can only be told by a person."""
    TASK = "task"
    """A person has to carry it out and tick it off."""
    RECALLED = "recalled"
    """Its message was taken back."""
