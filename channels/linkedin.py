"""LinkedIn: pages and members, by the REST interface for posts.

LinkedIn knows no idempotency key, but its refusal of a duplicate names the post that was there first, so a lost answer
can be settled. It cuts a text off in silence where a reserved character has no backslash; a page's post is therefore
read back at once, and taken back when it is not whole. A member's posts may be read by few applications only; there
nothing can be looked up, and what is unconfirmed is left to a person.

Facts are from learn.microsoft.com/linkedin, read 2026-11-21; the wording of the duplicate refusal is from users'
reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from channels.attempts import first_attempt
from channels.contract import (
    Channel,
    ForgetfulSteps,
    MediaTraits,
    Outcome,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.http import Door, Reply
from channels.linkedin_figures import figures_of
from channels.linkedin_media import image_urn
from channels.linkedin_server import (
    POST_URN,
    TOKEN_LIVES,
    TOKEN_TOLD_BEFORE,
    TOLD_BEFORE,
    LinkedInSettings,
    Server,
    body_of,
    created_at,
    encoded,
    modified_at,
    version_ends,
)
from channels.linkedin_text import LONGEST, is_cut_off, is_same, length, shown, written
from channels.pasted import token_faults
from channels.pictures import require_fitting
from channels.text import cut, neutralise

POSTS = "/rest/posts"
CLOCKS_DIFFER = timedelta(minutes=5)
PAGE, MOST_PAGES = 50, 100
LONGEST_TITLE = 400

_DUPLICATE = re.compile(r"duplicate of (urn:li:(?:share|ugcPost):\d+)")


class LinkedIn(Channel[LinkedInSettings]):
    """One page or member on LinkedIn."""

    kind = "linkedin"
    Settings = LinkedInSettings
    simulator = "channels.testing.simulators.linkedin:LinkedInSimulator"
    traits = Traits(
        label="LinkedIn",
        counted_as="characters, those that LinkedIn reserves, such as '(' and '_', as two",
        facts_from="https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api",
        facts_read_on=date(2026, 11, 21),
        max_length=LONGEST,
        replay=Replay.FINDABLE,
        settle_after=timedelta(minutes=2),
        media=MediaTraits(max_count=20, mime_types=("image/png", "image/jpeg"), max_alt=4086),
    )

    def __init__(
        self, account: str, settings: LinkedInSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self._server = Server(account, settings, door)
        if not settings.is_page:
            # Of a member's posts nothing may be read.
            self.traits = replace(type(self).traits, replay=Replay.BLIND, reads_back=False)

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length as it is written for LinkedIn, backslashes included."""
        return length(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit; ``text`` as a reader sees it, without the backslashes."""
        text = neutralise(part.text)
        card = self._card(part)
        return Preview(
            text=text,
            length=length(text),
            limit=self.traits.max_length,
            alt_texts=tuple(neutralise(picture.alt) for picture in part.media),
            fields={"card": card["title"]} if card else {},
        )

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Upload the pictures that are not there yet, then publish with one request, then read whether it is whole."""
        self._refuse_what_does_not_fit(part)
        kept = steps or ForgetfulSteps()
        begun = first_attempt(kept, self.door.clock())
        images = [image_urn(self._server, picture, kept) for picture in part.media]
        reply = self._server.publish(
            "POST", POSTS, "publishing the post", json=self._body(part, images), overrides={409: None, 422: None}
        )
        if reply.status in (409, 422):
            return self._settled(reply, part, begun)
        urn = reply.headers.get("x-restli-id", "")
        if not POST_URN.fullmatch(urn) or (reply.body and not body_of(reply) and reply.body.strip() != b"{}"):
            raise Unconfirmed(f"{self._server.host} answered without the post's id")
        self._require_whole(urn, part)
        return self._receipt(urn, reply.at)

    def _body(self, part: Part, images: Sequence[str]) -> dict[str, Any]:
        body: dict[str, Any] = {
            "author": self.settings.author,
            "commentary": written(neutralise(part.text)),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        pictures = [{"id": urn, "altText": alt} for urn, alt in zip(images, self.preview(part).alt_texts, strict=True)]
        card = self._card(part)
        if len(pictures) == 1:
            body["content"] = {"media": pictures[0]}
        elif pictures:
            body["content"] = {"multiImage": {"images": pictures}}
        elif card:
            body["content"] = {"article": card}
        return body

    def _card(self, part: Part) -> dict[str, str]:
        """Return the card of a post with a link and no picture: LinkedIn does not read linked pages by itself."""
        if part.media or not part.link or not part.title:
            return {}
        card = {"source": part.link, "title": cut(neutralise(part.title), LONGEST_TITLE)}
        summary = cut(neutralise(part.summary or ""), LONGEST_TITLE)
        return {**card, "description": summary} if summary else card

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        preview, media = self.preview(part), self.traits.media
        faults = []
        if preview.limit is not None and preview.length > preview.limit:
            faults.append(f"the text has a length of {preview.length} by its count, {preview.limit} are allowed")
        if not preview.text.strip():
            faults.append("there is no text")
        faults += [
            f"an alternative text has {len(alt)} characters, {media.max_alt} are allowed"
            for alt in preview.alt_texts
            if media.max_alt is not None and len(alt) > media.max_alt
        ]
        if faults:
            raise Rejected(f"LinkedIn would refuse this post: {'; '.join(faults)}", next_step="shorten the message")
        require_fitting(part.media, media)

    def _require_whole(self, urn: str, part: Part) -> None:
        """Read a page's new post back; one that LinkedIn cut off is taken back at once."""
        if not self.settings.is_page:
            return
        commentary = None
        try:
            post = self._read(urn, "reading the post back")
            commentary = post.get("commentary") if post else None
        except Outcome:
            # That it was published is known; whether it is whole will be seen by whoever reads it.
            return
        if not isinstance(commentary, str) or not is_cut_off(neutralise(part.text), commentary):
            return
        left: Outcome | None = None
        try:
            self._take_back(urn)
        except Outcome as outcome:
            left = outcome
        end = " ".join(shown(commentary).split())[-40:]
        if left:
            raise Unconfirmed(
                f"{self._server.host} published only the beginning, to '{end}', and does not take it back",
                next_step="look at it there, then run `outreach resolve`",
            )
        raise Rejected(
            f"{self._server.host} published only the beginning, to '{end}', so it was taken back",
            next_step="write what follows there without special characters",
        )

    # --- looking up ---

    def _settled(self, reply: Reply, part: Part, begun: datetime) -> Receipt:
        """Return the receipt of our earlier success, if the refusal names it; otherwise raise what it means."""
        refusal = self.door.refusal(reply, self.settings.server, publishing=True, doing="publishing the post")
        named = _DUPLICATE.search(str(body_of(reply).get("message") or ""))
        if not named:
            raise refusal
        urn = named.group(1)
        post, unread = None, not self.settings.is_page
        try:
            post = None if unread else self._read(urn, "reading the post that was there first")
        except Outcome:
            unread = True
        at = created_at(post) if post else None
        if post is None or at is None:
            why = "may not be read" if unread else "cannot be found"
            raise Unconfirmed(
                f"{self._server.host} says that these words were published before, as {urn}, which {why}",
                next_step="look at the account there, then run `outreach resolve`",
            )
        if at < begun - CLOCKS_DIFFER or not is_same(neutralise(part.text), str(post.get("commentary") or "")):
            raise Rejected(
                f"{self._server.host} refuses the post because the same words were published on {at:%Y-%m-%d} as {urn}",
                next_step="change the wording",
                status=reply.status,
            )
        return self._receipt(urn, at)

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Look for the post among the page's own since ``since``, by what it says.

        Of several the oldest is returned.
        """
        found = None
        for post in self._own_posts(since):
            urn = str(post.get("id") or "")
            if urn in known or post.get("lifecycleState", "PUBLISHED") != "PUBLISHED":
                continue
            if is_same(neutralise(part.text), str(post.get("commentary") or "")):
                found = self._receipt(urn, created_at(post))
        return found

    def _own_posts(self, since: datetime) -> Iterator[dict[str, Any]]:
        """Yield the page's own posts back to ``since``, those changed last first; raise when that is not possible."""
        if not self.settings.is_page:
            raise Unconfirmed(
                f"{self._server.host} does not show a member's posts to programs",
                next_step="look at the account there, then run `outreach resolve`",
            )
        for page in range(MOST_PAGES):
            query = f"q=author&author={encoded(self.settings.author)}&count={PAGE}&start={page * PAGE}"
            reply = self._server.ask(
                "GET", f"{POSTS}?{query}&sortBy=LAST_MODIFIED", "looking for the post", restli="FINDER"
            )
            elements = body_of(reply).get("elements")
            if not isinstance(elements, list):
                break
            oldest = since + reply.skew(self.door.clock()) - CLOCKS_DIFFER
            for post in elements:
                if not isinstance(post, dict) or not POST_URN.fullmatch(str(post.get("id") or "")):
                    continue
                if (modified_at(post) or oldest) < oldest:
                    return
                if (created_at(post) or oldest) >= oldest:
                    yield post
            if len(elements) < PAGE:
                return
        raise Unavailable(
            f"{self._server.host} does not show the page's posts back to {since:%Y-%m-%d %H:%M} UTC",
            next_step="look at the page there, then run `outreach resolve`",
        )

    def _read(self, urn: str, doing: str) -> dict[str, Any] | None:
        """Return a post, ``None`` when it is gone."""
        reply = self._server.ask("GET", f"{POSTS}/{encoded(urn)}", doing, overrides={404: None, 410: None})
        return None if reply.status in (404, 410) else body_of(reply)

    # --- changing and taking back ---

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace the text in place, and read that it was; pictures and cards stay as they are."""
        self._refuse_what_does_not_fit(part)
        self._server.publish(
            "POST",
            f"{POSTS}/{encoded(receipt.remote_id)}",
            "correcting the post",
            restli="PARTIAL_UPDATE",
            json={"patch": {"$set": {"commentary": written(neutralise(part.text))}}},
        )
        if not self.settings.is_page:
            return receipt
        post = self._read(receipt.remote_id, "reading the correction back") or {}
        if not is_same(neutralise(part.text), str(post.get("commentary") or "")):
            raise Rejected(
                f"{self._server.host} did not take the correction as it is",
                next_step=f"look at the post at {receipt.url or self.settings.server}",
            )
        if _alt_texts(post) != list(self.preview(part).alt_texts):
            raise Rejected(
                f"{self._server.host} corrected the text, but kept the old picture or its description",
                next_step=f"delete the post at {receipt.url or self.settings.server} and publish it anew",
            )
        return receipt

    def delete(self, receipt: Receipt) -> None:
        """Take a post back, and read that it is gone."""
        self._take_back(receipt.remote_id)
        if self.settings.is_page and self.still_there(receipt):
            raise Rejected(
                f"{self._server.host} still shows the post after it was asked to delete it",
                next_step=f"delete it by hand at {receipt.url or self.settings.server}",
            )

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether a page still shows a post; of a member's posts nothing can be read."""
        if not self.settings.is_page:
            raise Unavailable(
                f"{self._server.host} does not show a member's posts to programs",
                next_step=f"look at {receipt.url or self.settings.server}",
            )
        return self._read(receipt.remote_id, "reading whether the post is gone") is not None

    def _take_back(self, urn: str) -> None:
        self._server.publish(
            "DELETE",
            f"{POSTS}/{encoded(urn)}",
            "taking the post back",
            restli="DELETE",
            overrides={404: None, 410: None},
        )

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return views, people reached, clicks, likes, comments and reposts of a page's posts.

        LinkedIn leaves out posts that nobody has seen or touched, posts older than twelve months, and everything of
        members; these are missing here as well, and are not zero.
        """
        return figures_of(self._server, [one.remote_id for one in receipts]) if self.settings.is_page else {}

    # --- whether it could publish ---

    def check(self) -> list[str]:
        """Return what keeps this account from publishing or soon will: its token, its version, its permissions."""
        faults = token_faults(self.settings.token.get_secret_value())
        if faults:
            return [f"the token of {self.account} {fault}" for fault in faults]
        problems = [*self._ageing()]
        try:
            self._asks_for_nothing()
        except Unauthorized as refusal:
            problems.append(str(refusal))
        return problems

    def _ageing(self) -> Iterator[str]:
        today, version = self.door.clock().date(), self.settings.version
        ends = version_ends(version)
        newer = f'write a newer `version = "YYYYMM"` under [accounts.{self.account}].'
        if today >= ends:
            yield f"the version {version} of LinkedIn's interface may be switched off any day; {newer}"
        elif today >= ends - TOLD_BEFORE:
            yield f"the version {version} of LinkedIn's interface may be switched off from {ends} on; {newer}"
        made = self.settings.token_made_on
        if made and today >= made + TOKEN_LIVES - TOKEN_TOLD_BEFORE:
            yield f"the token of {self.account} ends on {made + TOKEN_LIVES}; make a new one and write its day."

    def _asks_for_nothing(self) -> None:
        """Ask for the page's newest post; of a member only whether the token lives, for more may not be asked."""
        if self.settings.is_page:
            query = f"q=author&author={encoded(self.settings.author)}&count=1"
            self._server.ask("GET", f"{POSTS}?{query}", "asking for the page's posts", restli="FINDER")
        else:
            self._server.ask("GET", "/v2/userinfo", "asking whose token this is", overrides={403: None})

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    def _receipt(self, urn: str, at: datetime | None) -> Receipt:
        return Receipt(urn, f"https://www.linkedin.com/feed/update/{urn}/", at or self.door.clock())


def _alt_texts(post: Mapping[str, Any]) -> list[str]:
    """Return the alternative texts of a post's pictures, one for each picture."""
    content = post.get("content")
    media = content.get("media") if isinstance(content, dict) else None
    several = content.get("multiImage") if isinstance(content, dict) else None
    images = several.get("images") if isinstance(several, dict) else None
    pictures = [media] if isinstance(media, dict) else images if isinstance(images, list) else []
    return [str(one.get("altText") or "") for one in pictures if isinstance(one, dict)]
