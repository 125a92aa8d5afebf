"""Meta's Graph API, as one account's token sees it: what Facebook, Instagram and Threads have in common.

The token travels in a header, never in an address: addresses end up in logs. Meta puts it into the addresses of
further pages itself; those are therefore not called, only their parameters are taken over.

Sources: developers.facebook.com ("Graph API", "Versions", "Paginated Results"), read 2026-11-25.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr, field_validator

from channels.contract import ChannelSettings, Outcome, Rejected, Throttled, Unavailable, Unconfirmed
from channels.graph_errors import GraphError, error_in, outcome_of_error, wait_for_limit
from channels.http import Door, Reply
from channels.pasted import server_address, token_faults
from channels.text import cut, neutralise
from channels.verdicts import Overrides

MOST_PAGES = 100

VERSION = "v26.0"
VERSIONS_READ_ON = date(2026, 11, 25)
VERSION_ENDS: Mapping[str, date | None] = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
    "v26.0": None,
}
"""Until when a version is answered (developers.facebook.com, "Changelog", read on :data:`VERSIONS_READ_ON`).

``None``: Meta has not named a day. A version that is over is answered as the oldest one that still lives."""
VERSION_TOLD_BEFORE = timedelta(days=90)
TOKEN_LIVES = timedelta(days=60)
TOKEN_TOLD_BEFORE = timedelta(days=10)

NOT_FETCHED = "open the picture's address in a browser; if it is not there, publish the site"
"""What to do when Meta cannot fetch a picture."""

_EXPLAINED: Overrides = dict.fromkeys((400, 401, 403, 404, 429, 500, 503))
"""Statuses under which Meta says more in its answer."""
_TOKEN_KINDS = {"EAA": "Facebook", "IG": "Instagram", "TH": "Threads"}
"""What tokens begin with, by the login that made them; from users' reports, so only a known beginning is judged."""
_SECRET_PARAMETERS = ("access_token", "appsecret_proof")


class GraphSettings(ChannelSettings):
    """What the accounts of the three networks have in common."""

    token: SecretStr
    token_made_on: date | None = None
    """The day a token that ends was made, so that its end after 60 days can be told beforehand."""

    @field_validator("token", check_fields=False)
    @classmethod
    def _is_not_blank(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().strip():
            raise ValueError("the token is blank")
        return value

    @field_validator("server", check_fields=False)
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://graph.facebook.com")

    @field_validator("version", check_fields=False)
    @classmethod
    def _is_a_version(cls, value: str) -> str:
        if not re.fullmatch(r"v\d{1,3}\.\d", value.strip()):
            raise ValueError(f'write the version as Meta does, such as "{VERSION}"')
        return value.strip()

    @field_validator("page", "user", mode="before", check_fields=False)
    @classmethod
    def _is_a_number(cls, value: object) -> str:
        if not re.fullmatch(r"\d{1,25}", str(value).strip()):
            raise ValueError("write the account's number, not its name")
        return str(value).strip()


class Graph:
    """Sends an account's requests.

    :param server: its address, without a path.
    :param version: of the interface, which every address begins with.
    """

    def __init__(self, account: str, settings: GraphSettings, door: Door, *, server: str, version: str) -> None:
        self.account = account
        self.settings = settings
        self.door = door
        self.host = urlsplit(server).hostname or server
        self._root = f"{server}/{version}"

    # --- requests ---

    def ask(self, path: str, doing: str, **params: Any) -> dict[str, Any]:
        """Return what stands at ``path``.

        :raises Outcome: never ``Unconfirmed``.
        """
        return body_of(self._prepared("GET", path, doing, params=params))

    def prepare(self, path: str, doing: str, **more: Any) -> dict[str, Any]:
        """Send a request that writes something nobody sees yet. ``more`` as for :meth:`channels.http.Door.ask`."""
        return body_of(self._prepared("POST", path, doing, **more))

    def _prepared(self, method: str, path: str, doing: str, **more: Any) -> Reply:
        url = f"{self._root}/{path}"
        reply = self.door.ask(method, url, headers=self._headers(), doing=doing, overrides=_EXPLAINED, **more)
        if reply.status >= 400 or error_in(body_of(reply)):
            raise self.refusal(reply, publishing=False, doing=doing)
        return reply

    def publish(self, method: str, path: str, doing: str, **more: Any) -> Reply:
        """Send the one request that makes something public, or changes what is public.

        :raises GraphRefusal: when Meta says why not; it holds the outcome and the error's numbers.
        :raises Outcome: for everything else.
        """
        url = f"{self._root}/{path}"
        reply = self.door.publish(method, url, headers=self._headers(), doing=doing, overrides=_EXPLAINED, **more)
        error = error_in(body_of(reply))
        if reply.status < 400 and not error:
            return reply
        outcome = self.refusal(reply, publishing=True, doing=doing)
        if error:
            raise GraphRefusal(error, outcome)
        raise outcome

    def pages(self, path: str, doing: str, params: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], timedelta]]:
        """Yield the entries of a list, page after page, each with how far Meta's clock is ahead of ours.

        :raises Unavailable: when the list does not end.
        """
        for _ in range(MOST_PAGES):
            reply = self._prepared("GET", path, doing, params=params)
            body, skew = body_of(reply), reply.skew(self.door.clock())
            entries = body.get("data")
            if not isinstance(entries, list):
                raise Unavailable(f"{self.host} answered with something other than a list, while {doing}")
            yield from ((entry, skew) for entry in entries if isinstance(entry, dict))
            paging = body.get("paging")
            following = paging.get("next") if isinstance(paging, dict) else None
            # An empty page says nothing: Meta leaves out what may not be seen after it has cut the pages.
            if not following:
                return
            query = dict(parse_qsl(urlsplit(str(following)).query))
            params = {**params, **{name: query[name] for name in query if name not in _SECRET_PARAMETERS}}
        raise Unavailable(f"{self.host} gives more pages than can be read, while {doing}")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token.get_secret_value()}"}

    # --- what a refusal means ---

    def refusal(self, reply: Reply, *, publishing: bool, doing: str) -> Outcome:
        """Return what a refusal means."""
        error = error_in(body_of(reply))
        outcome = outcome_of_error(error, reply.status, publishing=publishing) if error else None
        if error is None or outcome is None:
            return self.door.refusal(reply, self._root, publishing=publishing, doing=doing)
        said = cut(" ".join(neutralise(error.said()).split()), 240)
        what = self.door.redact(f"{self.host} answered {reply.status} while {doing}: {said}")
        if error.is_not_there and issubclass(outcome, Rejected):
            return Gone(what, status=reply.status)
        if issubclass(outcome, Throttled):
            return outcome(what, until=wait_for_limit(reply.headers, self.door.clock()), status=reply.status)
        return outcome(what, next_step=self._next_step(error), status=reply.status)

    def _next_step(self, error: GraphError) -> str:
        if error.is_block:
            return f"see in the app what Meta objects to, then run `outreach resume --account {self.account}`"
        if error.is_token:
            why = error.token_fault()
            return f"make a new token for {self.account}" + (f", because {why}" if why else "")
        if error.is_fetching:
            return NOT_FETCHED
        if error.is_permission:
            return f"give the token of {self.account} the permissions that its page in the handbook names"
        return ""

    # --- before the slot comes ---

    def token_problems(self, login: str) -> list[str]:
        """Return what is wrong with the token at first sight, one sentence each.

        :param login: which login makes the tokens of this server: Facebook, Instagram or Threads.
        """
        token = self.settings.token.get_secret_value()
        faults = [f"the token of {self.account} {fault}" for fault in token_faults(token)]
        if faults:
            return faults
        if re.fullmatch(r"\d+\|\S+", token):
            return [f"the token of {self.account} is an application's, which cannot post; make one for the account."]
        made_by = next((name for start, name in _TOKEN_KINDS.items() if token.startswith(start)), login)
        if made_by != login:
            return [f"the token of {self.account} was made by the login of {made_by}, and {login}'s is needed here."]
        return []

    def token_ageing(self) -> Iterator[str]:
        """Yield a sentence when the token ends soon, as far as the settings tell."""
        made = self.settings.token_made_on
        if made and self.door.clock().date() >= made + TOKEN_LIVES - TOKEN_TOLD_BEFORE:
            ends = made + TOKEN_LIVES
            yield f"the token of {self.account} ends on {ends}; renew it and write the day as `token_made_on`."


class Gone(Rejected):
    """What was asked for does not exist, or this token may not see it."""


class GraphRefusal(Exception):
    """A publishing request was refused: what Meta said, and what it means unless the channel knows better."""

    def __init__(self, error: GraphError, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.error = error
        self.outcome = outcome


def version_ageing(account: str, version: str, today: date) -> Iterator[str]:
    """Yield a sentence when a version of the Graph API is over, ends soon, or may have ended since we looked."""
    newer = f'write a newer `version`, such as "{VERSION}", under [accounts.{account}].'
    ends = VERSION_ENDS.get(version)
    if version not in VERSION_ENDS and _number(version) < min(_number(one) for one in VERSION_ENDS):
        yield f"the version {version} of Meta's interface is no longer answered; {newer}"
    elif ends and today >= ends:
        yield f"the version {version} of Meta's interface ended on {ends}; {newer}"
    elif ends and today >= ends - VERSION_TOLD_BEFORE:
        yield f"the version {version} of Meta's interface ends on {ends}; {newer}"


def _number(version: str) -> float:
    return float(version.removeprefix("v"))


def body_of(reply: Reply) -> dict[str, Any]:
    """Return what an answer holds, as a mapping; empty when it holds nothing or something else."""
    try:
        data = reply.json()
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def moment_of(said: Any) -> datetime | None:
    """Return a time that Meta writes as ``2026-12-01T09:00:00+0000``, in UTC."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def id_in(body: Mapping[str, Any], pattern: str = r"\d+") -> str:
    """Return the id in an answer, empty when there is none of this form."""
    said = str(body.get("id") or "")
    return said if re.fullmatch(pattern, said) else ""


def same_words(ours: str, theirs: Any) -> bool:
    """Whether a post says exactly ``ours``; only white space at the ends and the form of line ends may differ."""
    return isinstance(theirs, str) and neutralise(ours).strip() == neutralise(theirs).strip()


def require_success(reply: Reply, host: str, doing: str) -> None:
    """Raise :class:`Unconfirmed` unless the answer says that a change was made."""
    body = body_of(reply)
    if body.get("success") is not True:
        raise Unconfirmed(f"{host} answered without saying whether it worked, while {doing}")
