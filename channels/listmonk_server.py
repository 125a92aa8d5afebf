"""One listmonk, as an API user sees it: its address, its login, its lists and templates.

Facts are from listmonk.app/docs and the sources of knadh/listmonk, versions 4 to 6, read 2026-11-25: success is
``{"data": …}``, a refusal ``{"message": …}``; an API user may do what its role says.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from channels.contract import ChannelSettings, Outcome, Unauthorized, Unavailable
from channels.http import Door, Reply
from channels.mail_settings import OneLine
from channels.pasted import server_address, token_faults

CAMPAIGNS, TEMPLATES, LISTS, MEDIA = "/api/campaigns", "/api/templates", "/api/lists", "/api/media"

_NEEDED = {
    "campaigns:send": ("campaigns:send",),
    "campaigns:manage": ("campaigns:manage", "campaigns:manage_all"),
    "campaigns:get": ("campaigns:get", "campaigns:get_all"),
    "campaigns:get_analytics": ("campaigns:get_analytics",),
    "templates:get": ("templates:get",),
    "media:manage": ("media:manage",),
}
SUPER_ADMIN = 1
_TRACKS_VIEWS = re.compile(r"\{\{-?\s*TrackView\b")
_TRACKS_LINKS = re.compile(r"\{\{-?\s*TrackLink\b|@TrackLink")


class ListmonkSettings(ChannelSettings):
    """One API user of one listmonk, and the lists to which it sends."""

    server: str
    """Its address, such as ``https://lists.example``."""
    user: str
    token: SecretStr
    lists: Annotated[tuple[int, ...], Field(min_length=1)]
    """The numbers of the lists."""
    template: int
    """The number of the template: with ``{{ UnsubscribeURL }}`` and without ``{{ TrackView }}``."""
    from_address: OneLine = ""
    """``Name <news@example.org>``; listmonk's own setting if empty."""
    subject: Literal["neutral", "title"] = "neutral"
    neutral_subject: Annotated[OneLine, Field(validate_default=True)] = ""
    count_clicks: bool = False
    """Whether links lead over listmonk, which counts them."""
    count_bounces: bool = False
    """Whether this listmonk collects bounces; where it does not, none are no figure."""

    @field_validator("server")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://lists.example")

    @field_validator("user")
    @classmethod
    def _has_a_name(cls, value: str) -> str:
        if not value.strip() or ":" in value:
            raise ValueError("write the name of the API user, which has no colon")
        return value.strip()

    @field_validator("token")
    @classmethod
    def _is_not_blank(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().strip():
            raise ValueError("the token is blank")
        return value

    @field_validator("neutral_subject")
    @classmethod
    def _has_subject(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("subject") == "neutral":
            raise ValueError(
                'is needed: it stands on locked screens; or say subject = "title" for professional readers'
            )
        return value


class Server:
    """Sends an account's requests."""

    def __init__(self, account: str, settings: ListmonkSettings, door: Door) -> None:
        self.account = account
        self.settings = settings
        self.host = urlsplit(settings.server).hostname or settings.server
        self._door = door
        secret = settings.token.get_secret_value().strip()
        login = b64encode(f"{settings.user}:{secret}".encode("utf-8", "replace")).decode()
        self._headers = {"Authorization": f"Basic {login}"}
        door.redact.add([login])

    def ask(self, method: str, path: str, doing: str, **more: Any) -> Reply:
        """Send a request by which nothing is sent to readers. Arguments as for :meth:`channels.http.Door.ask`."""
        return self._door.ask(method, self.settings.server + path, headers=self._headers, doing=doing, **more)

    def publish(self, method: str, path: str, doing: str, **more: Any) -> Reply:
        """Send the one request that starts or stops sending. Arguments as for :meth:`channels.http.Door.publish`."""
        return self._door.publish(method, self.settings.server + path, headers=self._headers, doing=doing, **more)

    def template_faults(self) -> list[str]:
        """Return what keeps the template from being used, as ends of sentences about it."""
        number = self.settings.template
        reply = self.ask("GET", f"{TEMPLATES}/{number}", "reading the template", overrides={400: None, 404: None})
        body = data_of(reply).get("body")
        if not isinstance(body, str) and reply.status == 200:
            raise Unavailable(f"{self.host} answered with something other than the template")
        if not isinstance(body, str):
            return [f"is not there; correct the number of the template of {self.account}"]
        faults = {
            "holds {{ TrackView }}, which tells who opened the mail and when; take it out": bool(
                _TRACKS_VIEWS.search(body)
            ),
            "counts clicks; take TrackLink out, or set count_clicks = true": bool(
                _TRACKS_LINKS.search(body) and not self.settings.count_clicks
            ),
            "has no {{ UnsubscribeURL }}; put it into its foot": "UnsubscribeURL" not in body,
        }
        return [fault for fault, holds in faults.items() if holds]

    # --- what keeps it from sending ---

    def problems(self) -> Iterator[str]:
        """Yield what is wrong, one sentence each; what hides the rest comes alone."""
        faults = token_faults(self.settings.token.get_secret_value())
        if faults:
            yield from (f"the token of {self.account} {fault}" for fault in faults)
            return
        try:
            there = self._lists()
        except Unauthorized as refusal:
            yield str(refusal)
            return
        missing = [str(one) for one in self.settings.lists if one not in there]
        if missing:
            yield (
                f"{self.host} has no lists with the numbers {', '.join(missing)} for {self.settings.user}; correct "
                f"them for {self.account}, or give the user the permission."
            )
        try:
            for fault in self.template_faults():
                yield f"the template {self.settings.template} on {self.host} {fault}."
            yield from self._missing_permissions()
        except Outcome as outcome:
            yield str(outcome)

    def _lists(self) -> set[int]:
        reply = self.ask("GET", LISTS, "looking for its lists", params={"per_page": "all", "minimal": "true"})
        results = data_of(reply).get("results")
        return {one["id"] for one in results or [] if isinstance(one, dict) and type(one.get("id")) is int}

    def _missing_permissions(self) -> Iterator[str]:
        # Versions before 4 have neither roles nor this page.
        answers = dict.fromkeys((400, 403, 404, 405))
        me = data_of(self.ask("GET", "/api/profile", "asking what it may do", overrides=answers))
        role = me.get("user_role")
        if not isinstance(role, dict) or role.get("id") == SUPER_ADMIN or not isinstance(role.get("permissions"), list):
            return
        has = set(role["permissions"])
        missing = [name for name, either in _NEEDED.items() if not has.intersection(either)]
        if missing:
            yield (
                f"the role of {self.settings.user} on {self.host} lacks {', '.join(missing)}; add them under Users, "
                "User roles."
            )


def data_of(reply: Reply) -> dict[str, Any]:
    """Return what an answer holds, as a mapping; empty when it holds nothing or something else."""
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, dict) else {}
