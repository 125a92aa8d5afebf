"""How institutions nominate from outside: a signed link to a prepared mail, and what comes back, by mail or webhook.

The site is static and no form is open. A link is an address ``mailto:`` whose subject carries a token: the link's id
and a keyed hash of whose it is, for which session, until when. What comes in is taken only with such a token.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

from standardwebhooks import Webhook

from pipeline.app import trained, training
from pipeline.app.house import House
from pipeline.app.trained import NotPossible
from pipeline.programme.lists import NOMINATED, template
from pipeline.programme.people import Vault
from pipeline.programme.trainings import Training
from pipeline.settings import ProblemsFound
from pipeline.store import NominationLink

TOKEN = re.compile(r"\bn-([0-9a-f]{8})-([0-9a-f]{32})\b")
"""What stands in the subject of a mail: the link's id and its signature."""
_SHEET = (".csv", ".xlsx")
_AHEAD = timedelta(minutes=5)
"""How far a partner's clock may be ahead, as Standard Webhooks allows."""


@dataclass(frozen=True)
class Made:
    """A link with its token, the prepared mail that it opens, and the secret that signs an institution's webhooks."""

    link: NominationLink
    token: str
    address: str
    secret: str


def make(house: House, one: Training, institution: str, days: int, who: str) -> Made:
    """Make a link by which an institution nominates for a session.

    :raises NotPossible: where there is no such partner, the session takes nobody, or no address takes mails.
    """
    if institution not in house.settings.partners:
        raise NotPossible(f"there is no partner '{institution}' in outreach.toml.")
    if why := training.closed(house, one):
        raise NotPossible(why)
    if not house.settings.site.contact:
        raise NotPossible("nobody takes the mails with nominations: name an address as 'contact' under [site].")
    safe, now = trained.vault(house), house.clock.now()
    # Whole seconds: every database gives them back as they were signed.
    expires = (now + timedelta(days=days)).replace(microsecond=0)
    link = NominationLink(secrets.token_hex(4), one.plan, one.id, institution, expires, now)
    house.store.trainings.make_link(link, who)
    return _made(house, safe, link)


def _made(house: House, safe: Vault, link: NominationLink) -> Made:
    token = f"n-{link.id}-{_signature(safe, link)}"
    body = template(NOMINATED)
    address = f"mailto:{house.settings.site.contact}?subject={quote(token)}&body={quote(body)}"
    return Made(link, token, address, _secret(safe, link))


def _signature(safe: Vault, link: NominationLink) -> str:
    said = f"{link.id}|{link.plan}|{link.session}|{link.institution}|{int(link.expires_at.timestamp())}"
    return safe.sign("nominate", said)[:32]


def _secret(safe: Vault, link: NominationLink) -> str:
    return "whsec_" + base64.b64encode(bytes.fromhex(safe.sign("webhook", link.id))).decode()


def verified(house: House, safe: Vault, text: str) -> NominationLink:
    """Return the link whose token stands in a text.

    :raises NotPossible: where none does, or it was altered, revoked or has expired.
    """
    found = TOKEN.search(text)
    link = found and next((one for one in house.store.trainings.links() if one.id == found[1]), None)
    if not found or not link or not hmac.compare_digest(found[2], _signature(safe, link)):
        raise NotPossible("it carries no token of an institution, or one that was altered.")
    if link.revoked_at:
        raise NotPossible(f"the link of {link.institution} was revoked on {link.revoked_at:%Y-%m-%d}.")
    if link.expires_at <= house.clock.now():
        raise NotPossible(f"the link of {link.institution} expired on {link.expires_at:%Y-%m-%d}.")
    return link


@dataclass(frozen=True)
class Received:
    """What became of one thing that came in. ``problems`` say why nothing was taken over."""

    what: str
    session: str = ""
    institution: str = ""
    new: int = 0
    known: int = 0
    problems: tuple[str, ...] = ()


def take_mails(house: House, mails: Iterable[bytes], who: str) -> list[Received]:
    """Take over the lists in mails that carry the token of an institution; each mail is taken whole or not at all.

    The sender proves nothing and is not looked at. Mails without a token are told of and left.
    """
    safe = trained.vault(house)
    return [_mail(house, safe, f"mail {place}", raw, who) for place, raw in enumerate(mails, start=1)]


def _mail(house: House, safe: Vault, name: str, raw: bytes, who: str) -> Received:
    mail = message_from_bytes(raw, policy=policy.default)
    text = _text(mail)
    try:
        link = verified(house, safe, f"{mail['subject'] or ''}\n{text}")
    except NotPossible as error:
        return Received(name, problems=(str(error),))
    for part in mail.iter_attachments():
        ending = Path(str(part.get_filename() or "")).suffix.lower()
        content = part.get_payload(decode=True)
        if ending in _SHEET and isinstance(content, bytes):
            return _take(house, link, name, content, ending, who)
    lines = [line.strip() for line in text.splitlines()]
    start = next((at for at, line in enumerate(lines) if re.match(r"name\b", line, re.IGNORECASE)), None)
    if start is None:
        return Received(name, problems=("it has neither a list as CSV or XLSX, nor one in its text.",))
    ends = next((at for at, line in enumerate(lines[start:], start) if not line or line == "--"), len(lines))
    return _take(house, link, name, "\n".join(lines[start:ends]).encode(), ".csv", who)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain",))
    try:
        return str(body.get_content()) if body else ""
    except (LookupError, UnicodeError):
        return ""


def take_webhook(house: House, name: str, raw: bytes, who: str) -> Received:
    """Take over a webhook that was kept as a file: ``{"headers": {…}, "body": "…"}`` as it came.

    It is signed by Standard Webhooks (https://www.standardwebhooks.com, read 2026-11-21) with the link's secret, and
    its body is ``{"token": "…", "people": [{"name": "…", "mail": "…", "function": "…"}]}``.
    """
    safe = trained.vault(house)
    try:
        kept = json.loads(raw)
        headers = {str(key).lower(): str(value) for key, value in kept["headers"].items()}
        body = str(kept["body"])
        said = json.loads(body)
        people = [{column: str(one.get(column) or "") for column in NOMINATED} for one in said["people"]]
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return Received(name, problems=("it is no webhook with headers and body as they came.",))
    try:
        link = verified(house, safe, str(said.get("token") or ""))
    except NotPossible as error:
        return Received(name, problems=(str(error),))
    right = Webhook(_secret(safe, link)).sign(headers.get("webhook-id", ""), at, body)
    given = headers.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(right, one) for one in given) or at > house.clock.now() + _AHEAD:
        return Received(name, problems=("its signature does not fit: it was altered, or signed with another secret.",))
    return _take(house, link, name, template(NOMINATED, people).encode(), ".csv", who)


def _take(house: House, link: NominationLink, name: str, content: bytes, ending: str, who: str) -> Received:
    about: dict[str, Any] = {"session": f"{link.plan}/{link.session}", "institution": link.institution}
    with tempfile.TemporaryDirectory() as folder:
        # The file lives as long as it is read; its own name is the sender's, and may be somebody's.
        path = Path(folder) / f"{name.replace(' ', '-')}{ending}"
        path.write_bytes(content)
        try:
            one = training.session(house, about["session"])
            done = training.nominate(house, one, path, link.institution, who)
        except NotPossible as error:
            return Received(name, **about, problems=(str(error),))
        except ProblemsFound as found:
            return Received(name, **about, problems=tuple(map(str, found.problems)))
    return Received(name, **about, new=done["new"], known=done["known"])
