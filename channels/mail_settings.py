"""The settings of a mail account, and which addresses may stand in them."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from channels.contract import ChannelSettings
from channels.smtp import Security

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What may stand for a recipient in links and return paths: it needs no escaping anywhere."""

_LOCAL = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f]{1,64}")
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
_NEWLINE = re.compile(r"[\x00-\x1f\x7f]")


def _address(value: str) -> str:
    if wire_address(value) is None or not value.isascii():
        raise ValueError(f"'{value}' is not an e-mail address such as 'news@example.org'")
    return value


def _token_address(value: str) -> str:
    if value.count("{token}") != 1:
        raise ValueError("needs {token} once, where the recipient's token belongs: 'bounces+{token}@example.org'")
    _address(value.replace("{token}", "t"))
    return value


def _line(value: str) -> str:
    if _NEWLINE.search(value):
        raise ValueError("must be one line without control characters")
    return value.strip()


EmailAddress = Annotated[str, AfterValidator(_address)]
TokenAddress = Annotated[str, AfterValidator(_token_address)]
OneLine = Annotated[str, AfterValidator(_line)]


def wire_address(address: str) -> bytes | None:
    """Return an address as SMTP takes it, its domain in IDNA; ``None`` when it is none (RFC 5321 §4.1.2, no quotes)."""
    local, _, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
        wire = f"{local}@{domain}".encode()
    except UnicodeError:
        return None
    if not _LOCAL.fullmatch(local) or len(domain) > 253 or not _DOMAIN.fullmatch(domain):
        return None
    return wire if not (local.startswith(".") or local.endswith(".") or ".." in local) else None


class MailSettings(ChannelSettings):
    """The settings of a newsletter. Time-outs are in seconds."""

    host: Annotated[str, Field(min_length=1)]
    """The mail server that takes the mails in (a relay of one's own or a provider's)."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    allow_unencrypted: bool = False
    tls: Annotated[Security, Field(validate_default=True)] = "starttls"
    """``starttls`` (usually port 587), ``tls`` (usually 465); ``none`` only to this machine itself."""
    ca_file: Path | None = None
    username: str = ""
    password: SecretStr | None = None
    helo: OneLine = ""
    """What this machine calls itself; the From address's domain if empty."""
    from_address: EmailAddress
    from_name: Annotated[OneLine, Field(min_length=1)]
    """Seen in every inbox: neutral, as the subject."""
    reply_to: EmailAddress | None = None
    """A function of the organisation that reads answers, not a person."""
    return_path: TokenAddress | None = None
    """Where bounces go, with the recipient's ``{token}`` in it (VERP)."""
    purpose: Literal["newsletter", "notices"] = "newsletter"
    """``notices`` is mail to the team itself: without links to unsubscribe."""
    list_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")] | None = None
    unsubscribe_url: Annotated[str | None, Field(validate_default=True)] = None
    """``https://…/u/{token}``: answers a POST in one click (RFC 8058); a GET only shows a button."""
    unsubscribe_address: TokenAddress | None = None
    subject: Literal["neutral", "title"] = "neutral"
    neutral_subject: Annotated[OneLine, Field(validate_default=True)] = ""
    neutral_preheader: OneLine = ""
    imprint: str = ""
    """Who sends this and where they are, at the foot of each mail; several lines are allowed."""
    connections: Annotated[int, Field(ge=1, le=50)] = 4
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0
    """For connecting and logging in."""
    reply_timeout: Annotated[float, Field(gt=0, le=900)] = 300.0
    """For each reply while mails are handed in. RFC 5321 §4.5.3.2 asks for up to ten minutes after the final dot."""

    @field_validator("tls")
    @classmethod
    def _encrypted(cls, value: str, info: ValidationInfo) -> str:
        if value == "none" and not (info.data.get("allow_unencrypted") or _is_loopback(info.data.get("host", ""))):
            raise ValueError(
                "'none' would send addresses and the password readable for everybody on the way: "
                "use 'starttls' or 'tls', or say allow_unencrypted = true if the way is safe otherwise"
            )
        return value

    @field_validator("unsubscribe_url")
    @classmethod
    def _one_click(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("purpose", "notices") == "newsletter":
            raise ValueError('a newsletter needs a way out: unsubscribe_url = "https://…/u/{token}"')
        if value is not None and not re.fullmatch(r"https://[!-~]+", value.replace("<", " ").replace(">", " ")):
            raise ValueError("must be an address with https:// and without spaces (RFC 8058 asks for HTTPS)")
        if value is not None and value.count("{token}") != 1:
            raise ValueError("needs {token} once, where the recipient's token belongs")
        return value

    @field_validator("neutral_subject")
    @classmethod
    def _has_subject(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("subject") == "neutral":
            raise ValueError(
                'is needed: it stands on locked screens; or say subject = "title" for professional readers'
            )
        return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
