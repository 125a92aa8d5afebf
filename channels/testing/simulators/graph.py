"""What the simulators of Facebook, Instagram and Threads have in common: tokens, permissions, errors, lists, figures.

Not checked against Meta: there is no server of theirs that could be run here. Shapes and numbers are those of
developers.facebook.com, read 2026-11-25.
"""

from __future__ import annotations

import hashlib
import json
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Clock


class Refusal(Exception):
    """An answer that ends the handling of a request, in Meta's form."""

    def __init__(
        self, code: int, message: str, *, subcode: int | None = None, status: int = 400, passing: bool = False
    ) -> None:
        super().__init__(message)
        error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1b2C3"}
        if subcode is not None:
            error["error_subcode"] = subcode
        if passing:
            error["is_transient"] = True
        self.answer = Answer(status, {"error": error})


Handler = Callable[[Any, Request, str, str], Answer]
"""Answers a request of an account; the last argument is the object or account that the address names."""


def not_there(number: str) -> Refusal:
    """Return what Meta says of an object that does not exist or may not be seen."""
    return Refusal(
        100,
        f"Unsupported get request. Object with ID '{number}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation.",
        subcode=33,
    )


class GraphSimulator(HttpSimulator):
    """See the module. A token is made for each account that :meth:`settings` is asked for."""

    shows_json = True
    routes: ClassVar[tuple[tuple[str, str, str, Handler], ...]]
    """Method, path behind the version, permission, handler."""
    scopes: tuple[str, ...]
    """What the tokens allow."""
    prefix: ClassVar[str] = "EAA"
    page_size: int = 25

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.hidden_figures: set[str] = set()
        """Figures about which nothing is said."""
        self.dead_figures: set[str] = set()
        """Figures that Meta has taken away: their name is refused."""
        self.limited: int | None = None
        """Minutes for which everything is refused because of the business limit; 0: it is not said for how long."""
        self.refuses_token: int | None = None
        """The subcode with which every token is refused."""
        self._tokens: dict[str, str] = {}
        self._numbers = 0

    # --- accounts ---

    def token(self, account: str) -> str:
        """Return the token of an account, made when it is asked for the first time."""
        token = self.prefix + hashlib.sha256(f"token of {account} {self.prefix}".encode()).hexdigest()
        self._tokens[token] = account
        return token

    @staticmethod
    def number_of(account: str) -> str:
        """Return the number of an account's page or profile."""
        return str(10**14 + int(hashlib.sha256(account.encode()).hexdigest()[:10], 16))

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return what of :meth:`settings` leads here; the version stays the account's own."""
        return self.settings(account)

    # --- answering ---

    def answer(self, request: Request) -> Answer:
        """Answer as Meta does."""
        try:
            return self._handled(request)
        except Refusal as refusal:
            return refusal.answer

    def _handled(self, request: Request) -> Answer:
        found = re.fullmatch(r"/v\d+\.\d+/(?P<path>.+)", request.path)
        if not found:
            raise Refusal(2500, f"Unknown path components: {request.path}")
        account = self._known(request)
        for method, path, scope, handle in self.routes:
            match = re.fullmatch(path, found["path"])
            if match and method == request.method:
                self.must_have(scope)
                return handle(self, request, account, (match.groups() or ("",))[0])
        raise not_there(found["path"])

    def must_have(self, scope: str) -> None:
        """Refuse what the tokens do not allow."""
        if scope and scope not in self.scopes:
            raise Refusal(10, f"(#10) This endpoint requires the '{scope}' permission", status=403)

    def _known(self, request: Request) -> str:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token:
            raise Refusal(2500, "An active access token must be used to query information about the current user.")
        if kind != "Bearer" or token not in self._tokens:
            raise Refusal(190, "Invalid OAuth access token - Cannot parse access token", status=401)
        if self.refuses_token is not None:
            subcode = self.refuses_token or None
            raise Refusal(190, "Error validating access token", subcode=subcode, status=401)
        if self.limited is not None:
            refusal = Refusal(32, "(#32) Page request limit reached", status=403)
            usage = {"type": "pages", "call_count": 100, "total_cputime": 20, "total_time": 20}
            usage["estimated_time_to_regain_access"] = self.limited
            raise _with_headers(refusal, {"X-Business-Use-Case-Usage": json.dumps({"1": [usage]})})
        return self._tokens[token]

    def must_be_own(self, number: str, account: str) -> None:
        """Refuse what the token's account does not own."""
        if number != self.number_of(account):
            raise not_there(number)

    def listed(self, request: Request, entries: list[dict[str, Any]]) -> Answer:
        """Return one page of a list. As at Meta, the address of the next page holds the token."""
        limit = min(int(request.param("limit", "25")), self.page_size)
        start = int(request.param("after", "0"))
        page = entries[start : start + limit]
        body: dict[str, Any] = {"data": page}
        if page:
            body["paging"] = {"cursors": {"before": str(start), "after": str(start + len(page))}}
        if start + limit < len(entries):
            token = request.headers["Authorization"].removeprefix("Bearer ")
            query = {**dict(request.query), "access_token": token, "after": str(start + limit)}
            body["paging"]["next"] = f"{self.url}{request.path}?{urlencode(query)}"
        return Answer(body=body)

    # --- figures ---

    @abstractmethod
    def figures(self, number: str) -> Mapping[str, Any]:
        """Return what is counted about a post; raise :class:`Refusal` where there is no such post."""

    def insights(self, request: Request, account: str, number: str) -> Answer:
        """Answer a question for figures: one unknown name fails all of it."""
        figures = self.figures(number)
        names = request.param("metric").split(",")
        if any(name in self.dead_figures or name not in figures for name in names):
            raise Refusal(100, "(#100) The value must be a valid insights metric")
        rows = [
            {
                "name": name,
                "period": "lifetime",
                "values": [{"value": figures[name]}],
                "id": f"{number}/insights/{name}",
            }
            for name in names
            if name not in self.hidden_figures
        ]
        return Answer(body={"data": rows})

    # --- numbers and times ---

    def next_number(self) -> str:
        """Return a number that nothing else has, growing with time."""
        self._numbers += 1
        return str(int(self.clock().timestamp()) * 100_000 + self._numbers)

    @staticmethod
    def written(moment: datetime) -> str:
        """Return a time as Meta writes it."""
        return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _with_headers(refusal: Refusal, headers: Mapping[str, str]) -> Refusal:
    refusal.answer = Answer(refusal.answer.status, refusal.answer.body, headers)
    return refusal
