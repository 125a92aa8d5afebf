"""The project's settings: ``outreach.toml`` and, for secrets, the environment.

A channel's setting of type ``SecretStr`` is never read from the file: it comes from the environment variable
``OUTREACH_<ACCOUNT>_<SETTING>``, or from the file ``.env`` beside ``outreach.toml`` (``NAME=value`` lines), which git
ignores. The same goes for a store's address that holds a password. Everything that is wrong is reported at once, with
the line where it stands.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, create_model, model_validator

from channels.contract import ChannelSettings, ProjectPath
from pipeline.model import Frozen, Language, Problem, Slug, Text, Zone

FILE = "outreach.toml"


class ProblemsFound(Exception):
    """The project cannot be used as it is; ``problems`` says all that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


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


class _Account(Frozen):
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


def variable(account: str, setting: str) -> str:
    """Return the name of the environment variable that holds a secret setting of an account."""
    return f"OUTREACH_{account}_{setting}".upper().replace("-", "_")


def load(
    root: Path, settings_of: Callable[[str], type[ChannelSettings]], environment: Mapping[str, str] | None = None
) -> Settings:
    """Read the settings of the project in ``root``.

    :param settings_of: gives the settings model of a kind of channel; raises ``LookupError`` with one sentence.
    :param environment: instead of the process's environment.
    :raises ProblemsFound: with everything that is wrong.
    """
    path = root / FILE
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        todo = "run the command in the project's folder, or make a project with `outreach init`"
        raise ProblemsFound([_problem(None, "no such file", todo)]) from None
    except OSError as error:
        raise ProblemsFound([_problem(None, f"cannot be read ({error.strerror})", "")]) from None
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProblemsFound([_toml_problem(error)]) from None
    values, problems = _dotenv(root / ".env")
    values.update(os.environ if environment is None else environment)
    return _Reader(root, data, text.split("\n"), settings_of, values, problems).read()


def _problem(line: int | None, message: str, todo: str) -> Problem:
    return Problem(path=FILE, line=line, rule="settings", message=message, todo=todo)


def _toml_problem(error: Exception) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        return _problem(None, "is not UTF-8 text", "save it again with the encoding UTF-8")
    if isinstance(error, RecursionError):
        return _problem(None, "is nested too deeply", "no setting has more than a list in a table")
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    what = re.sub(r"\s*\(at .*\)", "", str(error)).strip()
    return _problem(int(found[1]) if found else None, f"is not valid TOML: {what}", "")


def _dotenv(path: Path) -> tuple[dict[str, str], list[Problem]]:
    values: dict[str, str] = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return values, []
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read ({error.strerror})" if isinstance(error, OSError) else "is not UTF-8 text"
        return values, [Problem(path=path.name, rule="settings", message=what, todo="mend it, or take it away")]
    for line in text.split("\n"):
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and not name.startswith("#"):
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            values[name.strip()] = value
    return values, []


def _holds_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.password is not None or "password" in parse_qs(parts.query)


class _Reader:
    """Reads the tables of the file one by one and gathers what is wrong."""

    def __init__(
        self,
        root: Path,
        data: dict[str, Any],
        lines: list[str],
        settings_of: Callable[[str], type[ChannelSettings]],
        environment: Mapping[str, str],
        problems: list[Problem],
    ) -> None:
        self.root = root
        self.data = data
        self.lines = lines
        self.settings_of = settings_of
        self.environment = environment
        self.problems = problems

    def read(self) -> Settings:
        known = {"programme", "store", "people", "partners", "accounts", "notices", "site", "privacy", "analytics"}
        for name in self.data:
            if name not in known:
                self._add([name], f"unknown table '{name}'", _did_you_mean(name, known))
        programme = self._model(Programme, ["programme"], self.data.get("programme"), required=True)
        store = self._model(StoreSettings, ["store"], self._store())
        people = self._models(Person, "people")
        partners = self._models(Partner, "partners")
        accounts = {
            name: _with_tracking(account, partners)
            for name, table in self._tables("accounts")
            if (account := self._account(name, table)) is not None
        }
        notices = self._model(Notices, ["notices"], self.data.get("notices"))
        self._names_one_of("accounts", ["notices"], "account", self.data.get("notices"))
        self._notices_to_partners(self.data.get("notices"))
        self._told(partners, accounts)
        site = self._model(SiteSettings, ["site"], self.data.get("site", {}))
        privacy = self._model(PrivacySettings, ["privacy"], self.data.get("privacy", {}))
        analytics = self._analytics()
        if self.problems or programme is None or store is None or site is None or privacy is None:
            raise ProblemsFound(self.problems)
        key = self.environment.get("OUTREACH_PEOPLE_KEY", "")
        key_file = self.environment.get("OUTREACH_PEOPLE_KEY_FILE", "")
        known_tools = (analytics, key, key_file)
        return Settings(self.root, programme, store, people, partners, accounts, notices, site, privacy, *known_tools)

    def _analytics(self) -> dict[str, Analytics]:
        found: dict[str, Analytics] = {}
        for name, table in self._tables("analytics"):
            wanted = variable(f"analytics-{name}", "token")
            if "token" in table:
                what, todo = "'token' is a secret and must not stand in a file", "delete it here, and put it into the"
                self._add(["analytics", name, "token"], what, f"{todo} environment as {wanted}")
                continue
            read = self._model(Analytics, ["analytics", name], table)
            if read is not None:
                found[name] = read.model_copy(update={"token": SecretStr(self.environment.get(wanted, ""))})
        return found

    def _store(self) -> Any:
        table = self.data.get("store", {})
        if not isinstance(table, dict):
            return table
        wanted = "OUTREACH_STORE_URL"
        if isinstance(table.get("url"), str) and _holds_password(table["url"]):
            todo = f"put the whole address into the environment as {wanted}, and change the password"
            self._add(["store", "url"], "'url' holds a password, which must not stand in a file", todo)
        return table | {"url": self.environment[wanted]} if self.environment.get(wanted) else table

    def _names_one_of(self, tables: str, place: list[str], key: str, table: Any) -> None:
        """See that what a key names, if it names something, is there."""
        name, there = table.get(key) if isinstance(table, dict) else None, self.data.get(tables, {})
        if isinstance(name, str) and isinstance(there, dict) and name not in there:
            self._add([*place, key], f"there is no {key} '{name}'", f"name one of [{tables}.…]")

    def _notices_to_partners(self, table: Any) -> None:
        name = table.get("partners") if isinstance(table, dict) else None
        accounts = self.data.get("accounts", {})
        if isinstance(name, str) and isinstance(accounts, dict) and name not in accounts:
            self._add(["notices", "partners"], f"there is no account '{name}'", "name one of [accounts.…]")

    def _told(self, partners: Mapping[str, Partner], accounts: Mapping[str, Account]) -> None:
        """See that every partner can be told in the way it chose."""
        for name, partner in partners.items():
            place = ["partners", name, "tell"]
            if "mail" in partner.tell and not partner.contact:
                self._add(place, f"[partners.{name}] is told by mail, but has no 'contact'", "add its address")
            hooks = [one for one in accounts.values() if one.partner == name and one.kind == "webhook"]
            if "webhook" in partner.tell and not hooks:
                what = f"[partners.{name}] is told by webhook, but no account of this kind has 'partner = \"{name}\"'"
                self._add(place, what, "add [accounts.…] with its address")

    # --- accounts ---

    def _account(self, name: str, table: dict[str, Any]) -> Account | None:
        place, common_keys = ["accounts", name], set(_Account.model_fields)
        common = self._model(_Account, place, {key: value for key, value in table.items() if key in common_keys})
        self._names_one_of("partners", place, "partner", table)
        kind = table.get("kind")
        if not isinstance(kind, str):
            return None
        try:
            model = self.settings_of(kind)
        except LookupError as error:
            self._add([*place, "kind"], str(error.args[0]) if error.args else f"there is no kind '{kind}'", "")
            return None
        own = {key: value for key, value in table.items() if key not in common_keys}
        missing = self._secrets(name, model, own)
        settings = self._model(_without(model, missing), place, own, also=common_keys)
        if common is None or settings is None:
            return None
        unset = tuple(variable(name, field) for field in missing)
        said = {key: getattr(common, key) for key in common_keys}
        return Account(name, **said, settings=settings, missing=unset, line=self._line(place))

    def _secrets(self, name: str, model: type[ChannelSettings], own: dict[str, Any]) -> list[str]:
        """Fill the secret settings from the environment; return those that are needed and not set."""
        missing: list[str] = []
        for key, info in model.model_fields.items():
            if "SecretStr" not in str(info.annotation):
                continue
            wanted = variable(name, key)
            if key in own:
                del own[key]
                self._add(
                    ["accounts", name, key],
                    f"'{key}' is a secret and must not stand in a file",
                    f"delete it here, put it into the environment as {wanted}, and change it at the network",
                )
            if self.environment.get(wanted):
                own[key] = SecretStr(self.environment[wanted])
            elif info.is_required():
                missing.append(key)
        return missing

    # --- tables ---

    def _tables(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        table = self.data.get(name, {})
        if not isinstance(table, dict):
            self._add([name], f"'{name}' must be tables such as [{name}.example]", "")
            return
        for key, value in table.items():
            if isinstance(value, dict) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key):
                yield key, value
            else:
                self._add([name, key], f"'{key}' is not a table with a short name", f"write [{name}.short-name]")

    def _models(self, model: type[Frozen], name: str) -> dict[str, Any]:
        return {
            key: read
            for key, table in self._tables(name)
            if (read := self._model(model, [name, key], table)) is not None
        }

    def _model(
        self, model: type[Any], place: list[str], table: Any, *, required: bool = False, also: set[str] | None = None
    ) -> Any:
        if table is None:
            if required:
                self._add(place, f"the table [{'.'.join(place)}] is missing", "")
            return None
        if not isinstance(table, dict):
            self._add(place, f"'{place[-1]}' must be a table", "")
            return None
        try:
            return model.model_validate(_tuples(table), context={"root": self.root})
        except ValidationError as error:
            known = set(model.model_fields) | (also or set())
            for fault in error.errors(include_url=False, include_input=False, include_context=False):
                self._fault(place, fault["loc"], fault["type"], fault["msg"], known)
            return None

    def _fault(self, place: list[str], loc: tuple[int | str, ...], kind: str, message: str, known: set[str]) -> None:
        key = str(loc[0]) if loc else ""
        where = [*place, key] if key else place
        table = ".".join(place)
        if kind == "extra_forbidden":
            self._add(where, f"unknown key '{key}' in [{table}]", _did_you_mean(key, known))
        elif kind == "missing":
            self._add(place, f"[{table}] needs '{key}'", "")
        else:
            text = message.removeprefix("Value error, ")
            self._add(where, f"'{key}' in [{table}]: {text[:1].lower()}{text[1:]}" if key else text, "")

    # --- places ---

    def _add(self, place: list[str], message: str, todo: str) -> None:
        self.problems.append(_problem(self._line(place), message, todo))

    def _line(self, place: list[str]) -> int | None:
        """Return the line of a table or of a key in it; TOML's reader does not tell."""
        for depth in range(len(place), -1, -1):
            start = self._header(place[:depth])
            if start is None:
                continue
            key = self._key(place[depth], start) if depth < len(place) else start
            if key or start:
                return key or start
        # A table that is there by its tables alone.
        return self._header(place, end=r"\.")

    def _header(self, table: list[str], end: str = r"\]") -> int | None:
        """Return the line of a table's header; 0 for the file itself."""
        if not table:
            return 0
        names = r"\s*\.\s*".join(rf"[\"']?{re.escape(name)}[\"']?" for name in table)
        header = re.compile(rf"\s*\[+\s*{names}\s*{end}")
        return next((number for number, line in enumerate(self.lines, 1) if header.match(line)), None)

    def _key(self, name: str, start: int) -> int | None:
        """Return the line of a key in the table whose header stands in line ``start``."""
        key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]")
        for number, line in enumerate(self.lines[start:], start + 1):
            if re.match(r"\s*\[+[^\[\],]+\]+\s*(#.*)?$", line):
                return None
            if key.match(line):
                return number
        return None


def _with_tracking(account: Account, partners: Mapping[str, Partner]) -> Account:
    partner = partners.get(account.partner or "")
    theirs = (
        {str(name): value for name, value in partner.utm.items() if name in Tracking.model_fields} if partner else {}
    )
    found = account.tracking or (Tracking(**theirs) if theirs else None)
    return replace(account, tracking=found if found and found.on else None)


def _without(model: type[ChannelSettings], missing: list[str]) -> type[ChannelSettings]:
    """Return a model that does without these secrets: enough to count and to preview, and never used to send."""
    if not missing:
        return model
    absent: dict[str, Any] = {field: (SecretStr, Field(default=SecretStr(""))) for field in missing}
    return create_model(model.__name__, __base__=model, **absent)


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value


def _did_you_mean(word: str, known: set[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known are: {', '.join(sorted(known))}"
