"""Bluesky, over the AT Protocol.

A post is a record that the account puts into its own repository under a name. The name is drawn from the idempotency
key, and the record is put with ``swapRecord: null``, which means "only if nothing is there": a second attempt finds
either nothing, and publishes, or the first one's post, and is told so (``InvalidSwap``). That is settled without a
question to anybody, for as long as the post exists.

A picture is posted as a picture, because only there alternative text has a place; the link then stands in the text. A
post without a picture gets a card of its link, made here, since the network makes none. ``picture_as = "card"`` in the
account's settings shows the picture as the card's thumbnail instead, with its alternative text in the card's
description.

Facts: lexicons and PDS of bluesky-social/atproto and docs.bsky.app, read 2026-11-21; answers and refusals as seen from
the server in @atproto/dev-env 0.6.7, 2026-11-22.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import regex

from channels.bluesky_session import BlueskySettings, Home, claims, error_of
from channels.bluesky_text import MOST_BYTES, MOST_GRAPHEMES, RichText, length, record_key, rich
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
from channels.pasted import token_faults
from channels.pictures import require_fitting
from channels.text import neutralise

POSTS = "app.bsky.feed.post"
MOST_THUMB_BYTES = 1_000_000
AT_ONCE = 25
"""How many posts can be asked about with one request."""
FIGURES = ("likeCount", "repostCount", "replyCount", "quoteCount", "bookmarkCount")

_RECORD = regex.compile(
    rf"at://(?P<repo>did:[a-z]+:[A-Za-z0-9._:%-]+)/{regex.escape(POSTS)}/(?P<rkey>[A-Za-z0-9._~:-]+)"
)
_APP_PASSWORD = regex.compile(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}")


class Bluesky(Channel[BlueskySettings]):
    """One account, on bsky.social or on a server (PDS) of its own."""

    kind = "bluesky"
    Settings = BlueskySettings
    simulator = "channels.testing.simulators.bluesky:BlueskySimulator"
    traits = Traits(
        label="Bluesky",
        counted_as="characters as a reader sees them, links as they are shown short; at most ten bytes each on average",
        facts_from="https://docs.bsky.app/docs/advanced-guides/posts",
        facts_read_on=date(2026, 11, 21),
        max_length=MOST_GRAPHEMES,
        replay=Replay.IDEMPOTENT,
        media=MediaTraits(
            max_count=4,
            mime_types=("image/png", "image/jpeg", "image/webp"),
            max_bytes=2_000_000,
            # The network names no limit; its own app lets people write as many.
            max_alt=2000,
        ),
        max_parts=20,
        # 5000 points an hour and 35,000 a day; a post is three at most.
        max_requests=1666,
        measured_at_once=AT_ONCE,
        per=timedelta(hours=1),
    )

    def __init__(
        self, account: str, settings: BlueskySettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        if settings.picture_as == "card":
            media = replace(self.traits.media, max_count=1, max_bytes=MOST_THUMB_BYTES)
            self.traits = replace(self.traits, media=media)
        self._home = Home(account, settings, door)

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length against the limit of 300 graphemes and 3000 bytes, links as they are shown."""
        return length(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit."""
        text = rich(neutralise(part.text))
        fields = {"language": part.language}
        if text.links:
            fields["links"] = " ".join(text.links)
        card = self._card(part)
        if card:
            fields["card"] = " – ".join(piece for piece in (card["title"], card["description"], card["uri"]) if piece)
        alt_texts = tuple(neutralise(picture.alt) for picture in part.media)
        return Preview(text.text, length(neutralise(part.text)), self.traits.max_length, alt_texts, fields)

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Upload the pictures that are not there yet, then put the record, only if it is not there."""
        self._refuse_what_does_not_fit(part)
        steps = steps or ForgetfulSteps()
        rkey = _once(steps, "rkey", record_key(key))
        created = _once(steps, "created_at", _written(self.door.clock()))
        reply_to = self._reply_to(after) if after else None
        blobs = [self._blob(picture, steps) for picture in part.media]
        body = {
            "repo": self._home.did(),
            "collection": POSTS,
            "rkey": rkey,
            "record": self._record(part, created, blobs, reply_to),
            "swapRecord": None,
        }
        doing = "publishing the post"
        reply = self._home.publish("com.atproto.repo.putRecord", body, doing)
        uri = f"at://{body['repo']}/{POSTS}/{rkey}"
        name = error_of(reply)[0]
        if reply.status == 200:
            self._require(reply, uri)
        elif name == "BlobNotFound":
            for picture in part.media:
                steps.put(_blob_step(picture), "")
            raise Unavailable(f"{self._home.host} has thrown the picture away meanwhile", next_step=_AGAIN)
        elif name != "InvalidSwap":
            # InvalidSwap means that an earlier attempt arrived: nobody else knows a name drawn from this key.
            raise self._home.refusal(reply, doing)
        return self._receipt(uri, created, reply)

    def _record(
        self, part: Part, created: str, blobs: Sequence[Mapping[str, Any]], reply_to: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        text: RichText = rich(neutralise(part.text))
        record: dict[str, Any] = {
            "$type": POSTS,
            "text": text.text,
            "createdAt": created,
            "langs": [part.language],
            "facets": list(text.facets),
            "embed": self._embed(part, blobs),
            "reply": reply_to,
        }
        return {name: value for name, value in record.items() if value not in (None, [])}

    def _embed(self, part: Part, blobs: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
        card = self._card(part)
        if card:
            thumb = {"thumb": blobs[0]} if blobs else {}
            return {"$type": "app.bsky.embed.external", "external": {**card, **thumb}}
        images = [
            {
                "image": blob,
                "alt": neutralise(picture.alt),
                "aspectRatio": {"width": picture.width, "height": picture.height},
            }
            for picture, blob in zip(part.media, blobs, strict=True)
        ]
        return {"$type": "app.bsky.embed.images", "images": images} if images else None

    def _card(self, part: Part) -> dict[str, str] | None:
        """Return the link's card, without its thumbnail; ``None`` where the pictures themselves are posted."""
        if not part.link or (part.media and self.settings.picture_as == "image"):
            return None
        # A thumbnail has no place for an alternative text; the description is read out with the card.
        described = [neutralise(piece) for piece in (part.summary, *(one.alt for one in part.media)) if piece]
        title = neutralise(part.title or "") or part.link
        return {"uri": part.link, "title": title, "description": "\n\n".join(described)}

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        preview = self.preview(part)
        faults = []
        if preview.length > MOST_GRAPHEMES:
            allowed = f"{MOST_GRAPHEMES} characters and {MOST_BYTES} bytes are allowed"
            faults.append(f"the text counts {preview.length}; {allowed}")
        if not preview.text.strip() and not part.media:
            faults.append("there is neither text nor picture")
        most_alt = self.traits.media.max_alt or 0
        faults += [
            f"an alternative text has {len(picture.alt)} characters, {most_alt} are allowed"
            for picture in part.media
            if len(picture.alt) > most_alt
        ]
        if faults:
            raise Rejected(f"Bluesky would refuse this post: {'; '.join(faults)}", next_step="shorten the message")
        require_fitting(part.media, self.traits.media)

    def _require(self, reply: Reply, uri: str) -> None:
        data = reply.json()
        if not isinstance(data, dict) or data.get("uri") != uri or not data.get("cid"):
            raise Unconfirmed(f"{self._home.host} answered without the post's address")

    def _receipt(self, uri: str, created: str, reply: Reply) -> Receipt:
        return Receipt(uri, _page(uri), _moment(created) or self.door.clock(), reply.limits)

    # --- pictures ---

    def _blob(self, picture: Media, steps: Steps) -> dict[str, Any]:
        """Return the reference to an uploaded picture. What no post refers to, the server throws away after a while."""
        kept = steps.get(_blob_step(picture))
        if kept:
            reference: dict[str, Any] = json.loads(kept)
            return reference
        doing = "uploading a picture"
        reply = self._home.ask("POST", "com.atproto.repo.uploadBlob", doing, data=picture.read(), mime=picture.mime)
        if reply.status != 200:
            raise self._home.refusal(reply, doing)
        data = reply.json()
        blob = data.get("blob") if isinstance(data, dict) else None
        if not isinstance(blob, dict) or not blob.get("ref"):
            raise Unavailable(f"{self._home.host} took the picture without telling its name")
        if blob.get("size") != picture.size:
            raise Unavailable(f"{self._home.host} took {blob.get('size')} of the picture's {picture.size} bytes")
        steps.put(_blob_step(picture), json.dumps(blob))
        return blob

    # --- reading records ---

    def _get(self, uri: str, doing: str) -> Mapping[str, Any] | None:
        """Return a record with its ``cid`` and ``value``; ``None`` when the server says that there is none."""
        match = _RECORD.fullmatch(uri)
        if match is None:
            raise Rejected(f"'{uri}' is not the address of a post on Bluesky")
        params = {"repo": match["repo"], "collection": POSTS, "rkey": match["rkey"]}
        reply = self._home.ask("GET", "com.atproto.repo.getRecord", doing, params=params)
        name, sentence = error_of(reply)
        if reply.status == 400 and (name == "RecordNotFound" or sentence.startswith("Could not locate record")):
            return None
        data = reply.json() if reply.status == 200 else None
        if not isinstance(data, dict) or not isinstance(data.get("value"), dict) or not data.get("cid"):
            raise Unavailable(f"{self._home.host} answered with something other than a post while {doing}")
        return data

    def _reply_to(self, after: Receipt) -> dict[str, Any]:
        """Return the references of an answer: to the post before it, and to the first of the thread."""
        before = self._get(after.remote_id, "reading the post before this one")
        if before is None:
            raise Rejected(
                "the part before this one is no longer on Bluesky", next_step="publish the message anew, from its start"
            )
        parent = {"uri": after.remote_id, "cid": before["cid"]}
        return {"root": (before["value"].get("reply") or {}).get("root") or parent, "parent": parent}

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Look up the record under the name that the key gives; its server shows it as soon as it has taken it."""
        uri = f"at://{self._home.did()}/{POSTS}/{record_key(key)}"
        record = self._get(uri, "looking for the post") if uri not in known else None
        if record is None:
            return None
        parent = (record["value"].get("reply") or {}).get("parent") or {}
        if parent.get("uri") != (after.remote_id if after else None):
            return None
        at = _moment(record["value"].get("createdAt")) or self.door.clock()
        return Receipt(uri, _page(uri), at)

    # --- taking back ---

    def delete(self, receipt: Receipt) -> None:
        """Delete the record, and read that it is gone. Copies elsewhere in the network follow within moments."""
        match, doing = _RECORD.fullmatch(receipt.remote_id), "taking the post back"
        if match is None:
            raise Rejected(
                f"'{receipt.remote_id}' is not the address of a post on Bluesky",
                next_step="delete the post by hand in the app",
            )
        body = {"repo": match["repo"], "collection": POSTS, "rkey": match["rkey"]}
        reply = self._home.publish("com.atproto.repo.deleteRecord", body, doing)
        if reply.status != 200:
            raise self._home.refusal(reply, doing)
        if self.still_there(receipt):
            raise Rejected(
                f"{self._home.host} still has the post after it was asked to delete it",
                next_step=f"delete it by hand at {_page(receipt.remote_id)}",
            )

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether the account's repository still holds the record."""
        return self._get(receipt.remote_id, "reading whether the post is gone") is not None

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return likes, reposts, replies, quotes and bookmarks; the network knows no views.

        A post that is gone is left out. When a request for several fails, they are asked for one by one; when nothing
        at all can be read, the outcome is raised.
        """
        uris = list(dict.fromkeys(one.remote_id for one in receipts if _RECORD.fullmatch(one.remote_id)))
        found: dict[str, dict[str, int]] = {}
        failure: Outcome | None = None
        batches = [uris[start : start + AT_ONCE] for start in range(0, len(uris), AT_ONCE)]
        while batches:
            batch = batches.pop(0)
            try:
                found |= self._figures(batch)
            except Throttled as outcome:
                failure = outcome
                break
            except Outcome as outcome:
                failure = outcome
                if len(batch) > 1:
                    batches += [[uri] for uri in batch]
        if failure and not found:
            raise failure
        return found

    def _figures(self, uris: Sequence[str]) -> dict[str, dict[str, int]]:
        reply = self.door.ask(
            "GET",
            f"{self.settings.appview}/xrpc/app.bsky.feed.getPosts",
            params=[("uris", uri) for uri in uris],
            doing="reading figures",
        )
        data = reply.json()
        posts = data.get("posts") if isinstance(data, dict) else None
        if not isinstance(posts, list):
            raise Unavailable("the network answered with something other than figures")
        return {
            str(post["uri"]): {name: post[name] for name in FIGURES if type(post.get(name)) is int}
            for post in posts
            if isinstance(post, dict) and post.get("uri") in uris
        }

    # --- before the slot comes ---

    def check(self) -> list[str]:
        """Return what would keep this account from publishing; it signs in, which the network counts."""
        password = self.settings.app_password.get_secret_value()
        problems = [f"the app password of {self.account} {fault}" for fault in token_faults(password)]
        if problems:
            return problems
        try:
            session = self._home.sign_in()
        except Unauthorized as refusal:
            return [f"{refusal.what}; {refusal.next_step}."]
        scope = claims(session.access).get("scope")
        if scope == "com.atproto.access" or (scope is None and not _APP_PASSWORD.fullmatch(password)):
            problems.append(
                f"{self.account} signs in with the account's main password, which opens everything; "
                "make an app password in the app under Settings, Privacy and security, and use that."
            )
        if not self._home.keeps_sessions():
            problems.append(
                f"the session of {self.account} cannot be written to {self.settings.sessions}, so that every run signs "
                "in anew, and Bluesky allows 300 sign-ins a day; make the folder writable."
            )
        return problems

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()


_AGAIN = "nothing has to be done, it is uploaded again"


def _once(steps: Steps, name: str, value: str) -> str:
    """Return what an earlier attempt remembered, or remember ``value`` now, before anything is sent."""
    kept = steps.get(name)
    if kept:
        return kept
    steps.put(name, value)
    return value


def _blob_step(picture: Media) -> str:
    return f"blob:{sha256(f'{picture.mime}:{picture.sha256}'.encode()).hexdigest()[:32]}"


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(written: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(written)).astimezone(UTC)
    except ValueError:
        return None


def _page(uri: str) -> str:
    match = _RECORD.fullmatch(uri)
    return f"https://bsky.app/profile/{match['repo']}/post/{match['rkey']}" if match else uri
