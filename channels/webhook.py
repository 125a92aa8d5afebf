"""Webhooks for partners: a signed notice of each message, by the Standard Webhooks specification.

Facts: Standard Webhooks 1.0.0 (standard-webhooks/standard-webhooks, spec, read 2026-11-21): headers ``webhook-id``
(the same for every attempt: the receiver's idempotency key), ``webhook-timestamp`` (of the attempt),
``webhook-signature`` (several, separated by spaces, while a secret is being changed); only 2xx is success; a payload
stays below 20 kB; 410 means that the endpoint wants nothing more.

A partner gets the words and the facts, not the picture's bytes: they stay small, and the picture is named by its
SHA-256, which is also how it is named in the kit that a partner downloads.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, ValidationInfo, field_validator
from standardwebhooks import Webhook as Signer

from channels.contract import (
    Channel,
    ChannelSettings,
    MediaTraits,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Traits,
    Unauthorized,
    Unconfirmed,
)
from channels.pictures import require_fitting
from channels.text import count_graphemes, neutralise

MOST_BYTES: Final = 20_000
"""The specification's advice for a payload (§ Payload structure); receivers may refuse more."""

EVENT: Final = "event-time"

_PAGE = re.compile(rb"\s*<(!doctype html|html)\b", re.IGNORECASE)


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text:
        # Not set in this environment. Whoever reads the settings says so; looking at the content works without it.
        return value
    try:
        length = len(base64.b64decode(text.removeprefix("whsec_") + "==", validate=False))
    except binascii.Error:
        length = 0
    if not text.startswith("whsec_") or not 24 <= length <= 64:
        raise ValueError("must be 'whsec_' and then 24 to 64 random bytes in base64")
    return value


Secret = Annotated[SecretStr, AfterValidator(_secret)]


class WebhookSettings(ChannelSettings):
    """The settings of one partner's endpoint."""

    allow_private: bool = False
    """Whether ``url`` may lead into a private network or to this machine, and may be without encryption."""
    url: str
    secret: Secret
    old_secret: Secret | None = None
    """While the partner changes over: signed with both, until this one is taken out."""

    @field_validator("url")
    @classmethod
    def _safe_address(cls, value: str, info: ValidationInfo) -> str:
        try:
            parts = urlsplit(value)
            well_formed = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            well_formed = False
        if not well_formed or parts.scheme not in {"http", "https"}:
            raise ValueError("must be an address such as https://partner.example/hooks/outreach")
        if parts.username is not None or parts.password is not None:
            raise ValueError("must hold no user name or password: the signature says who sends")
        if parts.scheme == "http" and not info.data.get("allow_private"):
            raise ValueError("must begin with https://; http:// only within a private network (allow_private = true)")
        return value

    def may_be_private(self) -> bool:
        """Whether this account may be at an address inside a private network."""
        return self.allow_private


class Webhook(Channel[WebhookSettings]):
    """One partner's endpoint."""

    kind: ClassVar[str] = "webhook"
    Settings = WebhookSettings
    simulator: ClassVar[str] = "channels.testing.simulators.webhook:PartnerSimulator"
    traits = Traits(
        label="Partner webhook",
        counted_as="characters; the whole notice at most 20 kB",
        facts_from="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
        facts_read_on=date(2026, 11, 21),
        replay=Replay.IDEMPOTENT,
        replay_window=timedelta(days=4),
        media=MediaTraits(max_count=4, mime_types=("image/png", "image/jpeg", "image/svg+xml", "image/webp")),
        link_in_text=False,
        long_text=True,
        tells=True,
        for_programs=True,
    )

    def count(self, text: str) -> int:
        """Return the number of characters as a reader sees them."""
        return count_graphemes(text)

    def preview(self, part: Part) -> Preview:
        """Return the text as the partner gets it, and the notice's other fields."""
        notice = self._notice(part, self.door.clock())
        fields = {"type": notice["type"]} | {
            name: value for name, value in notice["data"].items() if isinstance(value, str) and name != "text"
        }
        alts = tuple(picture["alt"] for picture in notice["data"]["media"])
        return Preview(notice["data"]["text"], self.count(part.text), None, alt_texts=alts, fields=fields)

    def send(
        self,
        part: Part,
        key: str,
        *,
        after: Receipt | None = None,
        steps: Steps | None = None,
    ) -> Receipt:
        """Deliver one notice. Every attempt carries the same id and bytes, and a signature of its own."""
        if not self.settings.secret.get_secret_value():
            raise Unauthorized(
                "the partner's secret is not set, so nothing can be signed",
                next_step=f"put the secret of the account {self.account} into the environment",
            )
        require_fitting(part.media, self.traits.media)
        for picture in part.media:
            # Only its name travels, but a name of what is not there would help nobody.
            picture.read()
        now = self.door.clock()
        body = self._body(part, self._event_time(now, steps))
        reply = self.door.publish(
            "POST",
            self.settings.url,
            headers={
                "Content-Type": "application/json",
                "webhook-id": key,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": self._signatures(key, now, body),
            },
            data=body.encode(),
            expect=None,
            overrides={410: Unauthorized},
            doing="telling the partner",
        )
        if _PAGE.match(reply.body):
            raise Unconfirmed(
                f"the partner's endpoint answered {reply.status} with a web page, perhaps a login page",
                next_step=f"ask the partner whether it arrived, and check the url of the account {self.account}",
                status=reply.status,
            )
        return Receipt(key, None, now)

    @staticmethod
    def _event_time(now: datetime, steps: Steps | None) -> datetime:
        """Return when this was sent first, so that a second attempt is the same notice, byte for byte."""
        kept = steps.get(EVENT) if steps else None
        if kept:
            return datetime.fromisoformat(kept)
        if steps:
            steps.put(EVENT, now.isoformat())
        return now

    def _signatures(self, key: str, now: datetime, body: str) -> str:
        # The library takes the clock face for UTC whatever the zone says, hence the conversion.
        moment = now.astimezone(UTC)
        secrets = [secret.get_secret_value() for secret in (self.settings.secret, self.settings.old_secret) if secret]
        return " ".join(Signer(secret).sign(key, moment, body) for secret in secrets if secret)

    def _body(self, part: Part, moment: datetime) -> str:
        """Return the notice as JSON of less than 20 kB. The HTML reading goes first when it is too long."""
        notice = self._notice(part, moment)
        for without in (None, "html"):
            if without:
                notice["data"][without] = None
                notice["data"]["omitted"] = [without]
            body = json.dumps(notice, ensure_ascii=False, separators=(",", ":"))
            if len(body.encode("utf-8", "surrogatepass")) < MOST_BYTES:
                return body.encode("utf-8", "replace").decode()
        raise Rejected(
            f"the notice for the partner is longer than {MOST_BYTES // 1000} kB",
            next_step="shorten the message's text",
        )

    @staticmethod
    def _notice(part: Part, moment: datetime) -> dict[str, Any]:
        about = part.about
        return {
            "type": f"message.{about.event if about else 'published'}",
            "timestamp": moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "data": {
                "campaign": about.campaign if about else None,
                "message": about.message if about else None,
                "occurrence": (about.occurrence or None) if about else None,
                "language": part.language,
                "title": part.title,
                "summary": part.summary,
                "text": neutralise(part.text),
                "html": part.html,
                "link": part.link,
                "media": [
                    {
                        "sha256": picture.sha256,
                        "mime": picture.mime,
                        "alt": picture.alt,
                        "width": picture.width,
                        "height": picture.height,
                        "size": picture.size,
                    }
                    for picture in part.media
                ],
            },
        }

    def check(self) -> list[str]:
        """Tell what is wrong with the endpoint, as far as can be seen without sending a notice.

        It connects and asks with GET, which changes nothing (RFC 9110 §9.2.1); most answers to that say nothing about
        the endpoint, since many know POST alone.
        """
        answers = dict.fromkeys((*range(300, 500), 501))
        reply = self.door.ask("GET", self.settings.url, expect=None, overrides=answers, doing="looking it up")
        problems = []
        if 300 <= reply.status < 400:
            problems.append(f"the partner's endpoint redirects ({reply.status}); ask the partner for its new address.")
        if reply.status in {404, 410}:
            problems.append(f"the partner's endpoint is gone ({reply.status}); ask the partner for its new address.")
        if self.settings.old_secret:
            problems.append("old_secret is still set; take it out when the partner has changed over.")
        return problems
