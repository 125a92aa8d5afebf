"""Mastodon, and the many servers that speak its interface (GoToSocial, Pleroma, snac2 …).

They differ where it matters most: Mastodon itself remembers an ``Idempotency-Key`` for an hour, most others ignore it
and would post twice. So :meth:`Mastodon.learn` asks what the server is; only for Mastodon itself an unconfirmed post
is sent again with its key, for all others it is looked up among the account's own posts first.

Facts are from docs.joinmastodon.org and Mastodon's sources, read 2026-11-22; those about snac2 were seen on 2.75.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from channels.contract import (
    Channel,
    ForgetfulSteps,
    Media,
    MediaTraits,
    Outcome,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Throttled,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.http import Door, Reply
from channels.mastodon_server import MastodonSettings, Server, entity_id, listed, moment, readable, traits_of
from channels.mastodon_text import length, said, said_by
from channels.pasted import token_faults
from channels.text import count_graphemes, neutralise
from channels.verdicts import Overrides

PAGE = 40
MOST_PAGES = 100
SHORTEST_PAGE, LONGEST_PAGE = 20, 256
"""What servers show at once that do not page back: a page of fewer posts, or of more than were asked for, is all."""
CLOCKS_DIFFER = timedelta(minutes=5)
FIGURES = ("replies_count", "reblogs_count", "favourites_count", "quotes_count")


class Mastodon(Channel[MastodonSettings]):
    """One account on a server that speaks Mastodon's interface."""

    kind = "mastodon"
    Settings = MastodonSettings
    simulator = "channels.testing.simulators.mastodon:MastodonSimulator"
    traits = Traits(
        label="Mastodon",
        counted_as="characters as a reader sees them, a link as 23, the content warning included",
        facts_from="https://docs.joinmastodon.org/user/posting/",
        facts_read_on=date(2026, 11, 22),
        max_length=500,
        replay=Replay.FINDABLE,
        settle_after=timedelta(minutes=2),
        media=MediaTraits(
            max_count=4,
            mime_types=("image/png", "image/jpeg", "image/webp", "image/gif"),
            max_bytes=16 * 1024 * 1024,
            max_side=4096,
            max_alt=1500,
        ),
        max_parts=20,
        content_warning=True,
        # The stricter of two limits: 300 posts in 3 hours (rate_limiter.rb), 300 requests in 5 minutes.
        max_requests=300,
        per=timedelta(hours=3),
    )

    def __init__(
        self, account: str, settings: MastodonSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self.traits = traits_of(type(self).traits, self.facts, settings.max_characters)
        self._server = Server(settings, door)
        self._uploaded = ForgetfulSteps()

    @property
    def _is_genuine(self) -> bool:
        return self.facts.get("software") == "mastodon"

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length as this server counts it; of servers other than Mastodon we know only that links count."""
        if self.facts.get("software", "mastodon") == "mastodon":
            return length(text)
        return len(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit."""
        fields = {"language": _language(part), "visibility": self.settings.visibility}
        if part.content_warning:
            fields["content warning"] = neutralise(part.content_warning)
        return Preview(
            text=neutralise(part.text),
            length=self.count(neutralise(part.text)) + count_graphemes(neutralise(part.content_warning or "")),
            limit=self.traits.max_length,
            alt_texts=tuple(neutralise(picture.alt) for picture in part.media),
            fields=fields,
        )

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Upload the pictures that are not there yet, then publish with one request.

        A picture that the server is still processing is :class:`Unavailable`: nothing is published, and the next
        attempt goes on with the same upload.
        """
        self._refuse_what_does_not_fit(part)
        ids = [self._media_id(picture, steps or ForgetfulSteps()) for picture in part.media]
        form = self._form(part, ids)
        if after:
            form.append(("in_reply_to_id", after.remote_id))
        try:
            reply = self.door.publish(
                "POST",
                self._server.url("/api/v1/statuses"),
                headers={**self._server.headers(), "Idempotency-Key": key},
                data=form,
                doing="publishing the post",
            )
        except Rejected as refusal:
            unfinished = refusal.status == 422 and "finished processing" in refusal.what
            if not unfinished:
                raise
        else:
            self._require_pictures(reply, part)
            return self._receipt(reply)
        raise _still_processing(self.settings.server)

    def _form(self, part: Part, media_ids: list[str]) -> list[tuple[str, str]]:
        preview = self.preview(part)
        form = [("status", preview.text), ("visibility", self.settings.visibility), ("language", _language(part))]
        if part.content_warning:
            form += [("spoiler_text", preview.fields["content warning"]), ("sensitive", "true")]
        return form + [("media_ids[]", one) for one in media_ids]

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        preview, media = self.preview(part), self.traits.media
        faults = []
        if preview.limit is not None and preview.length > preview.limit:
            faults.append(f"the text has {preview.length} characters, {preview.limit} are allowed")
        if not preview.text.strip() and not part.media:
            faults.append("there is neither text nor picture")
        if len(part.media) > media.max_count:
            faults.append(f"there are {len(part.media)} pictures, {media.max_count} are allowed")
        for picture in part.media:
            if picture.mime not in media.mime_types:
                faults.append(f"pictures of the type {picture.mime} are not taken")
            if media.max_bytes is not None and picture.size > media.max_bytes:
                faults.append(f"a picture has {picture.size} bytes, {media.max_bytes} are allowed")
            if media.max_alt is not None and len(picture.alt) > media.max_alt:
                faults.append(f"an alternative text has {len(picture.alt)} characters, {media.max_alt} are allowed")
        if faults:
            raise Rejected(
                f"{self._server.host} would refuse this post: {'; '.join(faults)}", next_step="shorten the message"
            )

    # --- pictures ---

    def _media_id(self, picture: Media, steps: Steps) -> str:
        """Return the id of an uploaded picture that is ready to be attached."""
        name = f"media:{picture.sha256}:{sha256(picture.alt.encode()).hexdigest()[:16]}"
        kept = steps.get(name)
        try:
            if kept and self._is_ready(kept):
                return kept
        except Rejected:
            # The server could not process that upload; the next attempt must not ask for it again.
            steps.put(name, "")
            raise
        reply = self._upload(picture)
        uploaded = entity_id(reply.json())
        if uploaded is None:
            raise Unavailable(f"{self._server.host} took the picture without telling its id")
        steps.put(name, uploaded)
        if reply.status == 202 and self._is_ready(uploaded) is False:
            raise _still_processing(self.settings.server)
        return uploaded

    def _upload(self, picture: Media) -> Reply:
        file = (f"{picture.sha256[:12]}.{picture.mime.rpartition('/')[2]}", picture.read(), picture.mime)

        def upload(version: str, overrides: Overrides) -> Reply:
            return self.door.ask(
                "POST",
                self._server.url(f"/api/{version}/media"),
                headers=self._server.headers(),
                data={"description": neutralise(picture.alt)},
                files={"file": file},
                expect=None,
                overrides=overrides,
                doing="uploading a picture",
            )

        reply = upload("v2", {404: None})
        if reply.status == 404:  # Servers that only know the first version of this request.
            reply = upload("v1", {})
        return readable(reply, self._server.host)

    def _is_ready(self, media_id: str) -> bool | None:
        """Whether an uploaded picture can be attached; ``None`` when the server does not know it or cannot tell."""
        reply = self.door.ask(
            "GET",
            self._server.url(f"/api/v1/media/{media_id}"),
            headers=self._server.headers(),
            expect=None,
            overrides={404: None, 405: None},
            doing="asking for a picture",
        )
        if reply.status == 206:
            raise _still_processing(self.settings.server)
        return True if reply.status == 200 else None

    def _require_pictures(self, reply: Reply, part: Part) -> None:
        """Older servers leave out a picture that they no longer have, without a word; such a post is taken back."""
        if len(_alt_texts(reply.json())) >= len(part.media):
            return
        try:
            self.delete(self._receipt(reply))
        except Outcome:
            raise Unconfirmed(
                f"{self._server.host} published the post without its picture and does not take it back",
                next_step="look at it there, then run `outreach resolve`",
            ) from None
        raise Rejected(f"{self._server.host} published the post without its picture, so it was taken back")

    # --- looking up ---

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Look for the post among the account's own, from the newest back to ``since``.

        Servers keep no trace of the key, so it is recognised by what it says: text with the addresses of its links,
        content warning, and whether it is an answer. Of several the oldest is returned.
        """
        found = None
        for status, reply in self._own_statuses(since):
            if entity_id(status) not in known and self._carries(status, part, known, after):
                found = self._receipt_of(status, reply)
        return found

    def _carries(self, status: Mapping[str, Any], part: Part, known: frozenset[str], after: Receipt | None) -> bool:
        parent = status.get("in_reply_to_id")
        # Elsewhere than on Mastodon the parent's id may have changed since, so any parent will do there that is not
        # known to belong to another thread.
        moved = parent and not self._is_genuine and parent not in known
        fits = (parent == after.remote_id or moved) if after else not parent
        return bool(
            fits
            and not status.get("reblog")
            and said(str(status.get("spoiler_text") or "")) == said(part.content_warning or "")
            and said_by(status) == said(neutralise(part.text))
        )

    def _own_statuses(self, since: datetime) -> Iterator[tuple[Mapping[str, Any], Reply]]:
        """Yield the account's own statuses, newest first, back to ``since``; raise when that is not possible."""
        path = f"/api/v1/accounts/{self._server.own_id()}/statuses"
        seen: set[str] = set()
        page_from: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            reply = self._server.get(
                path, doing="looking for the post", limit=str(PAGE), exclude_reblogs="true", **page_from
            )
            page = [one for one in listed(reply, self._server.host) if isinstance(one, dict) and entity_id(one)]
            new = [one for one in page if str(one["id"]) not in seen]
            oldest = since + reply.skew(self.door.clock()) - CLOCKS_DIFFER
            for status in new:
                if (moment(status.get("created_at")) or oldest) < oldest:
                    return
                yield status, reply
            if not new:
                if len(page) < SHORTEST_PAGE or PAGE < len(page) < LONGEST_PAGE:
                    return
                break
            seen |= {str(one["id"]) for one in new}
            page_from = {"max_id": str(new[-1]["id"])}
        raise Unavailable(
            f"{self._server.host} does not show the account's posts back to {since:%Y-%m-%d %H:%M} UTC",
            next_step="look at the account there, then run `outreach resolve`",
        )

    # --- changing and taking back ---

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace text and pictures of a post in place; the server tells readers that it was edited."""
        self._refuse_what_does_not_fit(part)
        ids = [self._media_id(picture, self._uploaded) for picture in part.media]
        reply = self.door.publish(
            "PUT",
            self._server.url(f"/api/v1/statuses/{receipt.remote_id}"),
            headers=self._server.headers(),
            data=self._form(part, ids),
            doing="correcting the post",
        )
        changed = self._receipt(reply)
        if _alt_texts(reply.json()) != list(self.preview(part).alt_texts):
            # Seen on snac2: the text is replaced, the pictures stay as they were.
            raise Rejected(
                f"{self._server.host} corrected the text, but kept the old picture",
                next_step=f"delete the post at {changed.url} and publish it anew",
            )
        return changed

    def delete(self, receipt: Receipt) -> None:
        """Take a post back, and read that it is gone: some servers have no way to delete, and say only 404."""
        url = self._server.url(f"/api/v1/statuses/{receipt.remote_id}")
        gone = {404: None, 410: None}
        self.door.publish(
            "DELETE", url, headers=self._server.headers(), expect=None, overrides=gone, doing="taking the post back"
        )
        if self.still_there(receipt):
            raise Rejected(
                f"{self._server.host} still shows the post after it was asked to delete it",
                next_step=f"delete it by hand at {receipt.url or self.settings.server}",
            )

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether the server still shows a post."""
        reply = self.door.ask(
            "GET",
            self._server.url(f"/api/v1/statuses/{receipt.remote_id}"),
            headers=self._server.headers(),
            expect=None,
            overrides={404: None, 410: None},
            doing="reading whether the post is gone",
        )
        return reply.status not in (404, 410)

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return replies, boosts, favourites and quotes that this server knows of; views exist nowhere here.

        A post that is gone is left out. When the network fails on the way, what has been read is returned; when it
        fails before anything was read, the outcome is raised.
        """
        found: dict[str, dict[str, int]] = {}
        failure: Outcome | None = None
        ids, many = [one.remote_id for one in receipts], self.traits.measured_at_once
        for start in range(0, len(ids), many):
            try:
                found |= self._figures(ids[start]) if many == 1 else self._figures_of(ids[start : start + many])
            except Outcome as outcome:
                failure = outcome
                if isinstance(outcome, (Throttled, Unauthorized)):
                    break
        if failure and not found:
            raise failure
        return found

    def _figures(self, remote_id: str) -> dict[str, dict[str, int]]:
        reply = self.door.ask(
            "GET",
            self._server.url(f"/api/v1/statuses/{remote_id}"),
            headers=self._server.headers(),
            expect=None,
            overrides={404: None, 410: None},
            doing="reading figures",
        )
        if reply.status in (404, 410):
            return {}
        return {remote_id: _told(readable(reply, self._server.host).json())}

    def _figures_of(self, ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """Read several posts with one request; the server leaves out those that are gone."""
        reply = self.door.ask(
            "GET",
            self._server.url("/api/v1/statuses"),
            headers=self._server.headers(),
            params=[("id[]", one) for one in ids],
            expect=None,
            overrides={404: None, 422: None},
            doing="reading figures",
        )
        if reply.status in (404, 422):
            # A fork that calls itself newer than it is, or takes fewer at once.
            return {name: told for one in ids for name, told in self._figures(one).items()}
        readable(reply, self._server.host)
        shown = {entity_id(one): one for one in listed(reply, self._server.host)}
        return {one: _told(shown[one]) for one in ids if one in shown}

    # --- asking what the server is ---

    def learn(self) -> dict[str, Any]:
        """Return what the server is and what it allows; unknown things are left out."""
        return self._server.learn()

    def check(self) -> list[str]:
        """Return what would keep this account from publishing: its token, its permissions, its limits."""
        problems = token_faults(self.settings.token.get_secret_value())
        if problems:
            return [f"the token of {self.account} {problem}" for problem in problems]
        try:
            account = self._server.credentials().json()
        except Unauthorized as refusal:
            return [f"{refusal.what}; make a new token for {self.account} in the server's settings."]
        for state in ("suspended", "limited"):
            if isinstance(account, dict) and account.get(state):
                problems.append(f"the account {self.account} is {state} by the moderators of {self._server.host}.")
        missing = self._server.missing_scopes()
        if missing:
            problems.append(f"the token of {self.account} lacks the permissions {', '.join(missing)}.")
        allowed, wanted = self.learn().get("max_characters"), self.settings.max_characters
        if allowed and wanted and wanted > allowed:
            problems.append(
                f"{self.account} has max_characters = {wanted}, but {self._server.host} allows {allowed}; lower it."
            )
        return problems

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    def _receipt(self, reply: Reply) -> Receipt:
        data = reply.json()
        if entity_id(data) is None:
            raise Unconfirmed(f"{self._server.host} answered without the post's id")
        return self._receipt_of(data, reply)

    def _receipt_of(self, status: Mapping[str, Any], reply: Reply) -> Receipt:
        url = status.get("url") or status.get("uri")
        at = moment(status.get("created_at")) or self.door.clock()
        return Receipt(str(status["id"]), str(url) if url else None, at, reply.limits)


def _told(status: Any) -> dict[str, int]:
    """Return the figures that a status carries; one that it does not carry is missing."""
    if not isinstance(status, dict):
        return {}
    return {name: status[name] for name in FIGURES if type(status.get(name)) is int}


def _still_processing(server: str) -> Unavailable:
    return Unavailable(
        f"{urlsplit(server).hostname} is still processing the picture",
        next_step="nothing has to be done, it is tried again",
    )


def _alt_texts(status: Any) -> list[str]:
    """Return the alternative texts of a status's pictures, one for each picture."""
    attached = status.get("media_attachments") if isinstance(status, dict) else None
    return [str(one.get("description") or "") for one in attached or [] if isinstance(one, dict)]


def _language(part: Part) -> str:
    """Return the language as ISO 639, for that is what the interface takes: ``pt`` for ``pt-PT``."""
    return part.language.partition("-")[0].lower()
