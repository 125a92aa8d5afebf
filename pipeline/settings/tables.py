"""What stands in ``outreach.toml``, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from channels.contract import ChannelSettings, ProjectPath
from pipeline.model import Frozen, Language, Slug, Text, Zone


class Programme(Frozen):
    """The whole undertaking."""

    name: Text
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    timezone: Zone
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    site: Annotated[str, Field(pattern=r"^https?://[^/\s]+(?:/\S*)?$")]
    """Where the public site is or will be, without a slash at the end."""


class StoreSettings(Frozen):
    """Where the memory is kept."""

    url: Annotated[Text, Field(repr=False)] = "sqlite:///state/outreach.db"
    """A database address. One with a password comes from the environment variable ``OUTREACH_STORE_URL``."""


class Person(Frozen):
    """Somebody, or a role, who writes, translates, verifies or approves."""

    name: Text
    may: tuple[Literal["write", "translate", "approve", "verify"], ...]


Mailbox = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


def _switch(value: Any) -> Any:
    """Read ``true`` and ``false`` beside a table: parameters with nothing said of them, and none at all."""
    return {"on": value} if isinstance(value, bool) else value


class Tracking(Frozen):
    """Which parameters (``utm_…``) the link of an account's posts carries. What is not given is made from the post."""

    on: bool = True
    source: Slug | None = None
    medium: Slug | None = None
    campaign: Slug | None = None
    content: Slug | None = None


MaybeTracking = Annotated[Tracking | None, BeforeValidator(_switch)]


class Partner(Frozen):
    """An organisation that re-uses messages."""

    name: Text
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    contact: Mailbox | None = None
    """A functional address: whoever is on duty there, not a person."""
    tell: tuple[Literal["mail", "webhook", "feed"], ...] = ("feed",)
    """How it is told of new, corrected and recalled messages. A feed it reads by itself."""
    campaigns: tuple[Slug, ...] = ()
    """The campaigns it takes over; none named means all of them."""
    embargoed: bool = False
    """Whether it is given messages before their embargo ends, by a link of its own."""
    logo: ProjectPath | None = None
    """Its logo, a file inside the project, for what is made with it."""
    local_contact: Mapping[Language, Text] = Field(default_factory=dict)
    """What may stand beside the helpline: its own contact, by language."""
    utm: Mapping[Literal["source", "medium", "campaign", "content", "term"], Slug] = Field(default_factory=dict)
    """What the links of its kits carry, and those of accounts that name it, such as ``source = "anitp"``; nothing that
    stands for a person."""
    watch: tuple[Annotated[str, Field(pattern=r"^https?://\S+$")], ...] = ()
    """Feeds and pages in which its re-publications are looked for."""


class Notices(Frozen):
    """Who is told when posts are overdue, and through which account."""

    account: Slug
    to: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...] = ()
    """For a mail account: the functional addresses that are told."""
    overdue_after: Annotated[int, Field(ge=1, le=1440)] = 15
    """After how many minutes a row counts as overdue."""
    partners: Slug | None = None
    """The mail account through which partners are told of changes, where it is not ``account``."""


class SiteSettings(Frozen):
    """The public site. Its address is the programme's ``site``."""

    help_languages: tuple[Language, ...] = ()
    """Languages in which the pages for people who need help exist besides the programme's languages."""
    exit: Mapping[Language, Annotated[str, Field(pattern=r"^https://\S+$")]] = Field(default_factory=dict)
    """Where the exit link leads, by language: a page without anything personal or recent on it."""
    contact: Mailbox | None = None
    """A functional address for feedback, corrections and questions about accessibility."""
    hub: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    """A WebSub hub that tells readers of feeds at once; ``outreach partner announce`` tells it."""
    authority: Annotated[str, Field(pattern=r"^[a-z0-9.-]+,\d{4}(?:-\d{2}(?:-\d{2})?)?$")] | None = None
    """Who gives the ids in feeds (RFC 4151): a domain and a day on which it was ours. Set when the site moves."""
    rebuild: bool = False
    """Whether ``outreach run`` builds the site when it starts and whenever an embargo ends."""
    kits: bool = False
    """Whether the site offers kits for partners."""
    cards: bool = True
    """Whether the pages of messages get a picture for previews, drawn when the site is built."""

    def exit_of(self, language: str) -> str:
        """Return where the exit link leads; by default where the component "Exit this page" of GOV.UK leads."""
        return self.exit.get(language, "https://www.bbc.co.uk/weather")


class Analytics(Frozen):
    """A tool that counts readers of the site, and is asked for what it counted."""

    tool: Literal["plausible", "goatcounter", "matomo", "umami"]
    site: str = ""
    """The site's domain (Plausible), number (Matomo) or id (Umami) there; GoatCounter's address says which it is."""
    server: Annotated[str, Field(pattern=r"^(?:https?://[^/\s?#]+(?:/[^/\s?#]+)*)?$")] = ""
    """Where the tool is; by default its makers' own, where there is one for everybody."""
    token: Annotated[SecretStr, Field(repr=False)] = SecretStr("")
    """Comes from the environment variable ``OUTREACH_ANALYTICS_<NAME>_TOKEN`` alone."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if not self.site and self.tool != "goatcounter":
            raise ValueError(f"'site' is needed: what {self.tool} calls the site")
        if not self.where:
            raise ValueError(f"'server' is needed: where {self.tool} is, such as https://counter.example")
        return self

    @property
    def where(self) -> str:
        """Where the tool is asked."""
        return self.server or {"plausible": "https://plausible.io", "umami": "https://api.umami.is"}.get(self.tool, "")


class PrivacySettings(Frozen):
    """How long people's data are kept, where that is not what the register says (``outreach privacy report``)."""

    keep: Mapping[Slug, Annotated[int, Field(ge=1, le=36_500)]] = Field(default_factory=dict)
    """Days, by the name of the register's line."""


class AccountTable(Frozen):
    """What an account's table holds besides the settings of its channel."""

    kind: Text
    language: Language
    hashtags: bool = True
    link: bool = True
    threads: bool = False
    partner: Slug | None = None
    tracking: MaybeTracking = None
    figures_budget: Annotated[Decimal, Field(ge=0)] | None = None
    """What reading figures may cost in a month, in the currency of the network's prices."""


@dataclass(frozen=True, slots=True)
class Account:
    """One configured place to publish. ``missing`` names the environment variables that are not set.

    ``tracking`` is what holds in the end: the account's own word, else what its partner's links carry, else none.
    ``figures_budget`` is what reading figures may cost in a month; ``None``: as much as it costs.
    """

    name: str
    kind: str
    language: str
    settings: ChannelSettings
    hashtags: bool = True
    link: bool = True
    threads: bool = False
    partner: str | None = None
    tracking: Tracking | None = None
    figures_budget: Decimal | None = None
    missing: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in ``outreach.toml``. ``root`` is the project's folder."""

    root: Path
    programme: Programme
    store: StoreSettings
    people: Mapping[str, Person]
    partners: Mapping[str, Partner]
    accounts: Mapping[str, Account]
    notices: Notices | None = None
    site: SiteSettings = SiteSettings()  # noqa: RUF009  (frozen)
    privacy: PrivacySettings = PrivacySettings()  # noqa: RUF009  (frozen)
    analytics: Mapping[str, Analytics] = field(default_factory=dict)
    people_key: str = field(default="", repr=False)
    """``OUTREACH_PEOPLE_KEY``: the keys that seal the people of trainings, the newest first, with commas between."""
    people_key_file: str = ""
    """``OUTREACH_PEOPLE_KEY_FILE``: the file that holds them instead."""

    @property
    def languages(self) -> tuple[str, ...]:
        """All languages of the public site, the programme's first."""
        return tuple(dict.fromkeys((*self.programme.languages, *self.site.help_languages)))

    @property
    def state(self) -> Path:
        """The folder that remembers what has happened: never deleted, always backed up."""
        return self.root / "state"

    @property
    def build(self) -> Path:
        """The folder of outputs, which can be made again."""
        return self.root / "build"
