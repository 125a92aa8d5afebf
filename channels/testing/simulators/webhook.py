"""A partner's endpoint as the Standard Webhooks specification asks for one: it checks signatures and drops doubles.

Unlike the specification's example it remembers ids for ever, because senders repeat for days.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock

PATH = "/hooks/outreach"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD_SECRET = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
TOLERANCE = timedelta(minutes=5)
MOST_BYTES = 20_000


class PartnerSimulator(HttpSimulator):
    """One partner. ``secret`` is the one it knows; ``gone`` makes it say that it wants nothing more.

    It verifies with lines of its own and not with the library that the channel signs with, so that a mistake in how
    the library is used is found.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.secret = SECRET
        self.gone = False
        self._notices: dict[str, Arrived] = {}

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the settings that point an account of this name at the simulator."""
        return {"url": f"{self.url}{PATH}/{account}", "secret": SECRET, "allow_private": True}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """The notices that were accepted, each once."""
        with self._lock:
            return tuple(self._notices.values())

    def is_publishing(self, request: Request) -> bool:
        """Whether this is a notice."""
        return bool(request.method == "POST")

    def answer(self, request: Request) -> Answer:
        """Refuse what a careful partner refuses; accept the rest, a repeated id without taking it in again."""
        if not request.path.startswith(PATH):
            return Answer(404, {"error": "no such endpoint"})
        if self.gone:
            return Answer(410, {"error": "this endpoint wants nothing more"})
        if request.method != "POST":
            return Answer(405, {"error": "POST only"}, {"Allow": "POST"})
        refusal = self._refusal(request)
        if refusal is None:
            key = request.headers["webhook-id"]
            self._notices.setdefault(key, _arrived(request, key))
        return refusal or Answer(200, {"received": True})

    def _refusal(self, request: Request) -> Answer | None:
        key, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        if not key or not stamp.isdecimal():
            return Answer(400, {"error": "webhook-id and webhook-timestamp are needed"})
        if len(request.body) >= MOST_BYTES:
            return Answer(413, {"error": "the payload is too large"})
        if request.headers.get("Content-Type") != "application/json":
            return Answer(415, {"error": "JSON only"})
        if abs(datetime.fromtimestamp(int(stamp), UTC) - self.clock()) > TOLERANCE:
            return Answer(400, {"error": "the timestamp is too old or too new"})
        if not self._signed(key, stamp, request):
            return Answer(401, {"error": "no signature fits"})
        return None

    def _signed(self, key: str, stamp: str, request: Request) -> bool:
        secret = base64.b64decode(self.secret.removeprefix("whsec_"))
        wanted = hmac.new(secret, f"{key}.{stamp}.".encode() + request.body, hashlib.sha256).digest()
        for given in request.headers.get("webhook-signature", "").split(" "):
            version, _, signature = given.partition(",")
            if version == "v1" and hmac.compare_digest(base64.b64decode(signature), wanted):
                return True
        return False

    def transmitted(self) -> list[dict[str, Any]]:
        """Return every notice that came, without the signature, which no one can read."""
        with self._lock:
            notices = [request for request in self.wire if self.is_publishing(request)]
        return [
            {
                "request": f"{notice.method} {notice.path}",
                "webhook-id": notice.headers.get("webhook-id"),
                "webhook-timestamp": notice.headers.get("webhook-timestamp"),
                "body": json.loads(notice.body),
            }
            for notice in notices
        ]


def _arrived(request: Request, key: str) -> Arrived:
    notice = json.loads(request.body)
    data = notice["data"]
    shown = {name: value for name, value in data.items() if isinstance(value, str) and name != "text"}
    return Arrived(
        account=request.path.rpartition("/")[2],
        remote_id=key,
        text=data["text"],
        language=data["language"],
        alt_texts=tuple(picture["alt"] for picture in data["media"]),
        media=tuple(picture["sha256"] for picture in data["media"]),
        key=key,
        fields={"type": notice["type"], **shown, "payload": json.dumps(notice, ensure_ascii=False, indent=2)},
    )
