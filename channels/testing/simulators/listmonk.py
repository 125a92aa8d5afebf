"""listmonk as its clients know it: drafts that are started once, tags, roles, bodies that are templates.

Shapes, statuses and refusals are those of the documentation (listmonk.app/docs) and the sources of knadh/listmonk,
versions 4 to 6 (cmd/campaigns.go, internal/core/campaigns.go, queries/campaigns.sql), read 2026-11-25. Nobody has
compared it with a real one; the suite holds it to the OpenAPI document that listmonk publishes
(``channels/testing/documents/listmonk.yml``). A started campaign has reached everybody at once; how many that are is
:attr:`ListmonkSimulator.readers`.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock

PERMISSIONS = (
    "campaigns:send",
    "campaigns:manage",
    "campaigns:get",
    "campaigns:get_analytics",
    "templates:get",
    "media:manage",
)
MAY_BECOME = {
    "running": ("draft", "paused"),
    "paused": ("running",),
    "cancelled": ("running", "paused"),
    "draft": ("scheduled",),
}
LONGEST = 200
GOOD_TEMPLATE = '<main>{{ template "content" . }}</main><a href="{{ UnsubscribeURL }}">Dezabonare</a>'


@dataclass(slots=True)
class _Campaign:
    id: int
    user: str
    fields: dict[str, Any]
    at: datetime
    status: str = "draft"
    started: datetime | None = None
    figures: dict[str, int] = field(default_factory=lambda: {"to_send": 0, "sent": 0, "bounces": 0, "clicks": 0})
    links: dict[str, int] = field(default_factory=dict)


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"message": message})


_Handler = Callable[["ListmonkSimulator", Request, str, str], Answer]


class ListmonkSimulator(HttpSimulator):
    """See the module. An API user is made for each account that :meth:`settings` is asked for.

    :param filters_tags: whether campaigns can be asked for by tag; versions before 5 show all of them.
    """

    shows_json = True

    def __init__(self, clock: Clock, *, filters_tags: bool = True) -> None:
        super().__init__(clock)
        self.filters_tags = filters_tags
        self.permissions: set[str] = set(PERMISSIONS)
        """What the users' role allows."""
        self.hidden_figures: set[str] = set()
        """Figures that are left out of all campaigns."""
        self.templates: dict[int, str] = {1: GOOD_TEMPLATE}
        self.lists: set[int] = {1, 2}
        self.readers = 3
        """How many people are on the lists."""
        self.finishes = True
        """Whether a started campaign is sent at once; otherwise it runs until :meth:`progress` is called."""
        self._users: dict[str, str] = {}
        self._media: dict[int, bytes] = {}
        self._campaigns: dict[int, _Campaign] = {}

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the address, an API user, and what else an account needs."""
        token = hashlib.sha256(f"token of {account}".encode()).hexdigest()[:32]
        self._users[account] = token
        return {
            "server": self.url,
            "user": account,
            "token": token,
            "lists": (1,),
            "template": 1,
            "neutral_subject": "Our newsletter",
        }

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return what of :meth:`settings` leads here; subject and sender stay the account's own."""
        given = self.settings(account)
        return {name: given[name] for name in ("server", "user", "token", "lists", "template")}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """The campaigns that were started, oldest first, without those that were stopped in time."""
        with self._lock:
            stopped = [one for one in self._campaigns.values() if one.status == "cancelled" and not one.figures["sent"]]
            started = [one for one in self._campaigns.values() if one.status not in ("draft", "scheduled")]
            return tuple(self._arrived(one) for one in started if one not in stopped)

    @property
    def drafts(self) -> int:
        """How many campaigns are drafts."""
        return sum(1 for one in self._campaigns.values() if one.status == "draft")

    def set_figures(self, remote_id: str, links: dict[str, int] | None = None, **figures: int) -> None:
        """Set figures of a campaign, such as ``bounces``, and clicks by link."""
        campaign = self._campaigns[int(remote_id)]
        campaign.figures.update(figures)
        campaign.links.update(links or {})

    def progress(self, remote_id: str, *, sent: int, status: str = "running") -> None:
        """Go on sending, or come to an end."""
        campaign = self._campaigns[int(remote_id)]
        campaign.figures["sent"], campaign.status = sent, status

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would start or stop what readers get."""
        return request.method in ("PUT", "DELETE")

    def _arrived(self, campaign: _Campaign) -> Arrived:
        fields = campaign.fields
        text = _executed(fields["altbody"], f"{self.url}/subscription/…")
        pictures = [self._media[one] for one in fields.get("media", [])]
        shown = re.findall(r"^\[(.*)\]$", text, re.MULTILINE)
        return Arrived(
            account=campaign.user,
            remote_id=str(campaign.id),
            text=text.replace(f"{self.url}/subscription/…", "…"),
            alt_texts=tuple(shown[: len(pictures)]),
            media=tuple(hashlib.sha256(one).hexdigest() for one in pictures),
            key=fields["tags"][0],
            fields={"Subject": _executed(fields["subject"], ""), "lists": ", ".join(map(str, fields["lists"]))},
        )

    def html(self, remote_id: str) -> str:
        """Return the HTML of a campaign as readers get it."""
        campaign = self._campaigns[int(remote_id)]
        body = _executed(campaign.fields["body"], f"{self.url}/subscription/…")
        return self.templates[campaign.fields["template_id"]].replace('{{ template "content" . }}', body)

    # --- who asks ---

    def answer(self, request: Request) -> Answer:
        """Answer as listmonk does."""
        try:
            user = self._known(request)
            for method, path, permission, handle in _ROUTES:
                found = re.fullmatch(path, request.path)
                if found and method == request.method:
                    self._must_have(permission)
                    return handle(self, request, user, (found.groups() or ("",))[0])
        except Refusal as refusal:
            return refusal.answer
        return Refusal(404, "Not Found").answer

    def _known(self, request: Request) -> str:
        kind, _, said = request.headers.get("Authorization", "").partition(" ")
        name, _, token = b64decode(said).decode().partition(":") if kind == "Basic" else ("", "", "")
        if not token or self._users.get(name) != token:
            raise Refusal(403, "invalid API credentials")
        return name

    def _must_have(self, permission: str) -> None:
        if permission and permission not in self.permissions:
            raise Refusal(403, f"permission denied: {permission}")

    def _profile(self, request: Request, user: str, _: str) -> Answer:
        role = {"id": 2, "name": "outreach", "permissions": sorted(self.permissions)}
        return Answer(body={"data": {"username": user, "user_role": role}})

    def _all_lists(self, request: Request, user: str, _: str) -> Answer:
        results = [{"id": one, "name": f"List {one}"} for one in sorted(self.lists)]
        return Answer(body={"data": {"results": results, "total": len(results)}})

    def _template(self, request: Request, user: str, number: str) -> Answer:
        if int(number) not in self.templates:
            raise Refusal(400, "Template not found")
        return Answer(body={"data": {"id": int(number), "body": self.templates[int(number)]}})

    def _upload(self, request: Request, user: str, _: str) -> Answer:
        (upload,) = request.uploads()
        number = len(self._media) + 1
        self._media[number] = upload.data
        return Answer(body={"data": {"id": number, "filename": upload.filename}})

    # --- campaigns ---

    def _create(self, request: Request, user: str, _: str) -> Answer:
        fields = json.loads(request.body)
        if not 1 <= len(fields.get("name", "")) <= LONGEST:
            raise Refusal(400, "Invalid length for name.")
        if not 1 <= len(fields.get("subject", "")) <= LONGEST:
            raise Refusal(400, "Invalid length for subject.")
        if not fields.get("lists"):
            raise Refusal(400, "No lists selected.")
        for name in ("subject", "body", "altbody"):
            _executed(fields.get(name, ""), "")
        campaign = _Campaign(len(self._campaigns) + 1, user, fields, self.clock())
        self._campaigns[campaign.id] = campaign
        return Answer(body={"data": self._shown(campaign)})

    def _list(self, request: Request, user: str, _: str) -> Answer:
        tag = request.param("tags")
        found = list(reversed(self._campaigns.values()))
        if tag and self.filters_tags:
            found = [one for one in found if tag in one.fields.get("tags", [])]
        page, size = int(request.param("page", "1")), int(request.param("per_page", "20"))
        results = [{**self._shown(one), "body": ""} for one in found[(page - 1) * size : page * size]]
        return Answer(body={"data": {"results": results, "total": len(found), "per_page": size, "page": page}})

    def _one(self, request: Request, user: str, number: str) -> Answer:
        return Answer(body={"data": self._shown(self._existing(number))})

    def _status(self, request: Request, user: str, number: str) -> Answer:
        campaign, status = self._existing(number), json.loads(request.body)["status"]
        if campaign.status not in MAY_BECOME.get(status, ()):
            raise Refusal(400, f"Only {' and '.join(MAY_BECOME.get(status, ()))} campaigns can become {status}.")
        campaign.status = status
        shown = self._shown(campaign)
        if status == "running":
            campaign.started = campaign.started or self.clock()
            campaign.figures["to_send"] = self.readers
            if self.finishes:
                campaign.figures["sent"], campaign.status = self.readers, "finished"
        return Answer(body={"data": shown})

    def _delete(self, request: Request, user: str, number: str) -> Answer:
        del self._campaigns[self._existing(number).id]
        return Answer(body={"data": True})

    def _existing(self, number: str) -> _Campaign:
        if int(number) not in self._campaigns:
            raise Refusal(400, "Campaign not found.")
        return self._campaigns[int(number)]

    def _shown(self, campaign: _Campaign) -> dict[str, Any]:
        figures = {name: value for name, value in campaign.figures.items() if name not in self.hidden_figures}
        return {
            "id": campaign.id,
            "created_at": campaign.at.isoformat(),
            "started_at": campaign.started.isoformat() if campaign.started else None,
            "status": campaign.status,
            "views": 0,
            **{name: campaign.fields.get(name) for name in ("name", "subject", "body", "altbody", "tags")},
            **figures,
        }

    def _links(self, request: Request, user: str, _: str) -> Answer:
        for name in ("from", "to"):
            if not 10 <= len(request.param(name)) <= 30:
                raise Refusal(400, "Invalid dates")
        campaign = self._existing(request.param("id"))
        return Answer(body={"data": [{"url": url, "count": count} for url, count in campaign.links.items()]})


def _executed(template: str, unsubscribe: str) -> str:
    """Return what the template gives, of the few things that are known here; refuse the rest, as the parser does."""

    def act(found: re.Match[str]) -> str:
        action = found.group(1).strip()
        if action == "UnsubscribeURL":
            return unsubscribe
        quoted = re.fullmatch(r'(TrackLink )?("(?:[^"\\]|\\.)*")(?: \.)?', action)
        if not quoted:
            raise Refusal(400, f"error compiling body: function {action!r} not defined")
        text: str = json.loads(quoted.group(2))
        return (
            f"https://lists.example/link/{hashlib.sha256(text.encode()).hexdigest()[:8]}" if quoted.group(1) else text
        )

    template = re.sub(r"(https?://.+?)@TrackLink", r'{{ TrackLink "\1" . }}', template)
    return re.sub(r"\{\{(.*?)\}\}", act, template)


_ROUTES: tuple[tuple[str, str, str, _Handler], ...] = (
    ("GET", r"/api/profile", "", ListmonkSimulator._profile),
    ("GET", r"/api/lists", "", ListmonkSimulator._all_lists),
    ("GET", r"/api/templates/(\d+)", "templates:get", ListmonkSimulator._template),
    ("POST", r"/api/media", "media:manage", ListmonkSimulator._upload),
    ("POST", r"/api/campaigns", "campaigns:manage", ListmonkSimulator._create),
    ("GET", r"/api/campaigns", "campaigns:get", ListmonkSimulator._list),
    ("GET", r"/api/campaigns/analytics/links", "campaigns:get_analytics", ListmonkSimulator._links),
    ("GET", r"/api/campaigns/(\d+)", "campaigns:get", ListmonkSimulator._one),
    ("PUT", r"/api/campaigns/(\d+)/status", "campaigns:send", ListmonkSimulator._status),
    ("DELETE", r"/api/campaigns/(\d+)", "campaigns:manage", ListmonkSimulator._delete),
)
