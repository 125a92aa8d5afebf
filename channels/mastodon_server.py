"""What one server that speaks Mastodon's interface is: its address, what it tells of itself, what a token may there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from channels.contract import ChannelSettings, Replay, Traits, Unauthorized, Unavailable
from channels.http import Door, Reply
from channels.pasted import server_address

FIGURES_AT_ONCE = 20
"""Posts that one request may name (``DEFAULT_STATUSES_LIMIT`` in Mastodon's sources), since version 4.3."""
READS_MANY_SINCE = (4, 3)
NEEDED_SCOPES = ("read:accounts", "read:statuses", "write:media", "write:statuses")


class MastodonSettings(ChannelSettings):
    """One account on a server. The token is made on the server under Preferences, Development, New application."""

    server: str
    """Its address, such as ``https://mastodon.example``."""
    token: SecretStr
    visibility: Literal["public", "unlisted", "private"] = "public"
    max_characters: int | None = Field(default=None, gt=0)
    """How long a post may be, where the server's own word is not to be followed."""

    @field_validator("server")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://mastodon.example")

    @field_validator("token")
    @classmethod
    def _is_not_blank(cls, value: SecretStr) -> SecretStr:
        # One that is not set at all is told of by whoever reads the settings; checks and previews work without it.
        if value.get_secret_value() and not value.get_secret_value().strip():
            raise ValueError("the token is blank")
        return value


class Server:
    """A server, as one account's token sees it."""

    def __init__(self, settings: MastodonSettings, door: Door) -> None:
        self.address = settings.server
        self.host = urlsplit(settings.server).hostname or settings.server
        self._token = settings.token
        self._door = door
        self._account_id: str | None = None

    def url(self, path: str) -> str:
        """Return the address of a path on this server."""
        return self.address + path

    def headers(self) -> dict[str, str]:
        """Return what every request carries; refusals are asked for in English, as they are read here."""
        return {"Authorization": f"Bearer {self._token.get_secret_value()}", "Accept-Language": "en"}

    def get(self, path: str, doing: str, **params: str) -> Reply:
        """Ask for something that every server has."""
        return self._door.ask("GET", self.url(path), headers=self.headers(), params=params, doing=doing)

    def own_id(self) -> str:
        """Return the id of the account whose token this is; asked for once."""
        if self._account_id is None:
            self._account_id = entity_id(self.credentials().json())
        if self._account_id is None:
            raise Unavailable(f"{self.host} does not tell whose token this is")
        return self._account_id

    def credentials(self) -> Reply:
        """Ask whose token this is.

        :raises Unauthorized: when the server does not know the token.
        """
        # snac2 answers 422 to a token that it does not know, Mastodon 401.
        return self._door.ask(
            "GET",
            self.url("/api/v1/accounts/verify_credentials"),
            headers=self.headers(),
            overrides={422: Unauthorized},
            doing="asking whose token this is",
        )

    def learn(self) -> dict[str, Any]:
        """Return what the server is (NodeInfo) and allows (its instance entity); what it does not tell is left out."""
        facts: dict[str, Any] = {}
        software = self._software()
        if software:
            facts |= {"software": software[0], "version": software[1]}
        configuration = self._instance().get("configuration")
        asked = configuration if isinstance(configuration, dict) else {}
        statuses, media = (asked.get(name) or {} for name in ("statuses", "media_attachments"))
        for name, value in (
            ("max_characters", statuses.get("max_characters")),
            ("max_media", statuses.get("max_media_attachments")),
            ("max_bytes", media.get("image_size_limit")),
            ("max_alt", media.get("description_limit")),
        ):
            if type(value) is int and value > 0:
                facts[name] = value
        mimes = media.get("supported_mime_types")
        if isinstance(mimes, list) and mimes:
            facts["mime_types"] = sorted(str(one) for one in mimes if str(one).startswith("image/"))
        return facts

    def _software(self) -> tuple[str, str] | None:
        links = self._optional("/.well-known/nodeinfo").get("links")
        hrefs = [str(one.get("href", "")) for one in links or [] if isinstance(one, dict)]
        if not hrefs:
            return None
        # Only the path is followed: the token and the question stay with the server that the account names.
        software = self._optional(urlsplit(hrefs[-1]).path).get("software")
        if not isinstance(software, dict) or not software.get("name"):
            return None
        return str(software["name"]).lower(), str(software.get("version", ""))

    def _instance(self) -> dict[str, Any]:
        return self._optional("/api/v2/instance") or self._optional("/api/v1/instance")

    def _optional(self, path: str) -> dict[str, Any]:
        """Return what the server answers at a path that not every server has; nothing when it has none."""
        reply = self._door.ask(
            "GET",
            self.url(path),
            headers=self.headers(),
            expect=None,
            overrides={404: None, 405: None, 410: None, 501: None},
            doing="asking what the server is",
        )
        data = readable(reply, self.host).json() if reply.status == 200 else {}
        return data if isinstance(data, dict) else {}

    def missing_scopes(self) -> list[str]:
        """Return the permissions that publishing needs and the token's application lacks, where the server tells."""
        scopes = self._optional("/api/v1/apps/verify_credentials").get("scopes")
        if not isinstance(scopes, list):
            return []
        return [one for one in NEEDED_SCOPES if one not in scopes and one.partition(":")[0] not in scopes]


def traits_of(traits: Traits, facts: Mapping[str, Any], max_characters: int | None) -> Traits:
    """Return the traits of one server: what it told, or else what Mastodon does."""
    genuine = facts.get("software") == "mastodon"
    known_other = bool(facts.get("software")) and not genuine
    media = replace(
        traits.media,
        max_count=facts.get("max_media", traits.media.max_count),
        mime_types=tuple(facts.get("mime_types", traits.media.mime_types)),
        max_bytes=facts.get("max_bytes", traits.media.max_bytes),
        max_alt=facts.get("max_alt", None if known_other else traits.media.max_alt),
    )
    return replace(
        traits,
        max_length=max_characters or facts.get("max_characters", traits.max_length),
        counted_as="characters, links in full" if known_other else traits.counted_as,
        media=media,
        replay=Replay.IDEMPOTENT if genuine else Replay.FINDABLE,
        # Mastodon keeps a key for an hour; what a request may take is left as a margin.
        replay_window=timedelta(minutes=55) if genuine else None,
        # Seen on snac2 2.75: asked to delete, it answers 404 and goes on showing the post.
        takes_back=facts.get("software") != "snac",
        measured_at_once=FIGURES_AT_ONCE if genuine and _version(facts) >= READS_MANY_SINCE else 1,
        # The limits are Mastodon's own; what another server takes it says by itself, with 429.
        max_requests=None if known_other else traits.max_requests,
    )


def _version(facts: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the first two numbers of the server's version; forks append words to it. Nothing where it has none."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})", str(facts.get("version", "")))
    return tuple(int(one) for one in found.groups()) if found else ()


def readable(reply: Reply, host: str) -> Reply:
    """Return ``reply`` when it holds JSON; used where another status than 200 may come without any."""
    try:
        reply.json()
    except ValueError:
        raise Unavailable(f"{host} answered with something other than what was asked for") from None
    return reply


def listed(reply: Reply, host: str) -> list[Any]:
    """Return what ``reply`` lists; an answer that is no list proves nothing about what is there."""
    found = reply.json()
    if not isinstance(found, list):
        raise Unavailable(f"{host} answered with something other than a list of posts")
    return found


def entity_id(data: Any) -> str | None:
    """Return the id of an entity."""
    found = data.get("id") if isinstance(data, dict) else None
    return str(found) if found else None


def moment(value: Any) -> datetime | None:
    """Return the time that the server wrote, in UTC; ``None`` when there is none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
