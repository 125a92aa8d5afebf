"""Reading ``outreach.toml`` and the secrets that belong to it; everything that is wrong is told at once."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, create_model

from channels.contract import ChannelSettings
from pipeline.model import Frozen, Problem
from pipeline.settings.places import TomlPlaces
from pipeline.settings.tables import (
    Account,
    AccountTable,
    Analytics,
    Notices,
    Partner,
    Person,
    PrivacySettings,
    Programme,
    Settings,
    SiteSettings,
    StoreSettings,
    Tracking,
)

FILE = "outreach.toml"


class ProblemsFound(Exception):
    """The project cannot be used as it is; ``problems`` says all that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


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
        self.places = TomlPlaces(lines)
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
        place, common_keys = ["accounts", name], set(AccountTable.model_fields)
        common = self._model(AccountTable, place, {key: value for key, value in table.items() if key in common_keys})
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
        return Account(name, **said, settings=settings, missing=unset, line=self.places.line(place))

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
        self.problems.append(_problem(self.places.line(place), message, todo))


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
