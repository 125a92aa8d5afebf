"""One WordPress site, as one account sees it: its address, its login, and what keeps it from publishing.

Facts are from developer.wordpress.org/rest-api and the sources of WordPress 6.8, read 2026-11-25. A login that is
wrong and a login that never reached WordPress give the same answer there (``rest_not_logged_in``), unless something on
the site asked for the user early; both are told then.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationInfo, field_validator

from channels.contract import ChannelSettings, Outcome
from channels.http import Door, Reply
from channels.pasted import token_faults

API = "/wp-json"
POSTS, MEDIA = f"{API}/wp/v2/posts", f"{API}/wp/v2/media"

_APPLICATION_PASSWORD = re.compile(r"[A-Za-z0-9]{24}")
_ABOUT_THE_LOGIN = ("invalid_username", "invalid_email", "incorrect_password", "application_passwords_disabled")
_NOT_AN_ANSWER = dict.fromkeys((*range(300, 500), 501))


class WordPressSettings(ChannelSettings):
    """One user on one site. The application password is made on the site, in the user's profile."""

    allow_private: bool = False
    """Whether ``address`` may lead into a private network or to this machine, and may be without encryption."""
    address: str
    """The site's address, such as ``https://partner.example`` or ``https://partner.example/blog``."""
    user: str
    password: SecretStr
    status: Literal["publish", "draft"] = "publish"
    """``draft``: an editor of the site publishes it."""
    categories: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()

    @field_validator("address")
    @classmethod
    def _safe_address(cls, value: str, info: ValidationInfo) -> str:
        try:
            parts = urlsplit(value.strip().rstrip("/"))
            well_formed = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            well_formed = False
        if not well_formed or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
            raise ValueError("write the site's address as its visitors see it, such as https://partner.example")
        if parts.username is not None or parts.password is not None:
            raise ValueError("write the address without a user; user and password are settings of their own")
        if parts.path.endswith(("/wp-admin", "/wp-json", "/wp-login.php")):
            raise ValueError("write the address of the site itself, without /wp-admin or /wp-json")
        if parts.scheme == "http" and not info.data.get("allow_private"):
            raise ValueError("must begin with https://; http:// only within a private network (allow_private = true)")
        return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"

    @field_validator("user")
    @classmethod
    def _has_a_name(cls, value: str) -> str:
        if not value.strip() or ":" in value:
            raise ValueError("write the user's name on the site, which has no colon")
        return value.strip()

    def may_be_private(self) -> bool:
        """Whether this account may be at an address inside a private network."""
        return self.allow_private


class Site:
    """Sends an account's requests."""

    def __init__(self, account: str, settings: WordPressSettings, door: Door) -> None:
        self.account = account
        self.settings = settings
        self.host = urlsplit(settings.address).hostname or settings.address
        self._door = door
        secret = settings.password.get_secret_value().strip()
        login = b64encode(f"{settings.user}:{secret}".encode("utf-8", "replace")).decode()
        self._headers = {"Authorization": f"Basic {login}"}
        door.redact.add([login, "".join(secret.split())])

    def url(self, path: str) -> str:
        """Return the address of a path on this site."""
        return self.settings.address + path

    def ask(self, method: str, path: str, doing: str, **more: Any) -> Reply:
        """Send a request by which nothing becomes public. Arguments as for :meth:`channels.http.Door.ask`."""
        return self._door.ask(method, self.url(path), headers=self._headers, doing=doing, **more)

    def publish(self, method: str, path: str, doing: str, **more: Any) -> Reply:
        """Send the one request that readers see the result of. Arguments as for :meth:`channels.http.Door.publish`."""
        return self._door.publish(method, self.url(path), headers=self._headers, doing=doing, **more)

    # --- what keeps it from publishing ---

    def problems(self) -> Iterator[str]:
        """Yield what is wrong, one sentence each; what hides the rest comes alone."""
        faults = token_faults(self.settings.password.get_secret_value())
        # WordPress shows an application password in groups and takes it so.
        faults = [fault for fault in faults if "spaces inside" not in fault]
        if faults:
            yield from (f"the password of {self.account} {fault}" for fault in faults)
            return
        told = self._interface()
        if told:
            yield told
            return
        yield from self._login()

    def _interface(self) -> str:
        """Say why the site's interface cannot be used; nothing when it can."""
        reply = self.ask("GET", f"{API}/", "looking for its interface", expect=None, overrides=_NOT_AN_ANSWER)
        index, where = body_of(reply), self.url(f"{API}/")
        if str(index.get("code") or "").startswith(_ABOUT_THE_LOGIN):
            return self._refused(str(index["code"]))
        if 300 <= reply.status < 400:
            return (
                f"{self.host} sends visitors of {where} elsewhere; write the address that the browser shows at the end "
                f"as the address of {self.account}."
            )
        if reply.status in (404, 410) and not index:
            return (
                f"{self.host} has no interface at {where}; either the address is wrong, or the permalinks are set to "
                "'Plain' (Settings, Permalinks), or a plugin switched the REST API off."
            )
        if "wp/v2" not in (index.get("namespaces") or ()):
            return (
                f"{self.host} answers {reply.status} at {where} with something else than WordPress's interface; "
                "either it stands behind a login or maintenance page, or a plugin closed the REST API."
            )
        if "application-passwords" not in (index.get("authentication") or {}):
            return f"{self.host} takes no application passwords; a plugin switched them off, or HTTPS is missing there."
        return ""

    def _login(self) -> Iterator[str]:
        reply = self.ask(
            "GET",
            f"{API}/wp/v2/users/me",
            "asking whose password this is",
            params={"context": "edit"},
            expect=None,
            overrides={401: None, 403: None},
        )
        me = body_of(reply)
        if reply.status in (401, 403):
            yield self._refused(str(me.get("code") or ""))
            return
        able = me.get("capabilities")
        if not isinstance(able, dict):
            yield f"{self.host} does not tell what {self.settings.user} may do; a plugin may restrict the REST API."
            return
        if not able.get("edit_posts") or (self.settings.status == "publish" and not able.get("publish_posts")):
            yield (
                f"the user {self.settings.user} may not publish on {self.host}; give it the role Author, or set "
                f'status = "draft" for {self.account}.'
            )
        if not able.get("upload_files"):
            yield (
                f"the user {self.settings.user} may not upload pictures on {self.host}; give it the role Author, or "
                "messages with a picture will be refused."
            )
        yield from self._unknown("categories", self.settings.categories)
        yield from self._unknown("tags", self.settings.tags)

    def _refused(self, code: str) -> str:
        user, again = self.settings.user, "Users, Profile, Application Passwords"
        if code in ("invalid_username", "invalid_email"):
            return f"{self.host} knows no user {user}; write the name with which it logs in there."
        if code.startswith("application_passwords_disabled"):
            return f"{self.host} lets {user} use no application passwords; ask the site's administrator."
        secret = "".join(self.settings.password.get_secret_value().split())
        if not _APPLICATION_PASSWORD.fullmatch(secret):
            return (
                f"{self.host} refuses the password of {user}, which looks like the one for logging in; make an "
                f"application password there ({again}), it has 24 letters and digits."
            )
        if code == "incorrect_password":
            return f"{self.host} says that the application password of {user} is wrong or revoked; make one ({again})."
        return (
            f"{self.host} saw no valid login of {user}; either the application password was revoked (make a new one: "
            f"{again}), or the web server keeps the header 'Authorization' from WordPress (the site's provider can "
            "pass it on)."
        )

    def _unknown(self, kind: str, wanted: Sequence[int]) -> Iterator[str]:
        if not wanted:
            return
        params = {"include": ",".join(map(str, wanted)), "per_page": "100"}
        try:
            reply = self.ask("GET", f"{API}/wp/v2/{kind}", f"looking for its {kind}", params=params)
            there = {one.get("id") for one in reply.json() if isinstance(one, dict)}
        except Outcome as outcome:
            yield str(outcome)
            return
        missing = [str(one) for one in wanted if one not in there]
        if missing:
            yield f"{self.host} has no {kind} with the numbers {', '.join(missing)}; correct them for {self.account}."


def body_of(reply: Reply) -> dict[str, Any]:
    """Return what an answer holds, as a mapping; empty when it holds nothing or something else."""
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
