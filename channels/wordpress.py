"""WordPress: posts on partners' sites, published or left as drafts for their editors.

WordPress knows no idempotency keys, and where an address is taken it makes another one without a word. So a post has
a slug that is made from our key, and carries the key's mark in its content, where it survives the filters and an
editor's change of the slug. Before a second attempt it is looked up by both.

Figures: WordPress itself counts nothing but comments, so this channel has none.

Facts are from developer.wordpress.org/rest-api and the sources of WordPress 6.8, read 2026-11-25, and were seen there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from html import escape
from typing import Any

from channels.contract import (
    Channel,
    ForgetfulSteps,
    MediaTraits,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Traits,
    Unavailable,
    Unconfirmed,
)
from channels.foreign_content import foreign_content
from channels.http import Door
from channels.long_html import reading
from channels.pictures import require_fitting
from channels.text import count_graphemes, neutralise
from channels.wordpress_media import alt_text, is_there, media_id, remove_ours
from channels.wordpress_site import POSTS, Site, WordPressSettings, body_of
from channels.wordpress_text import content, mark_in, mark_of, slug_of, title_of

TRIED = "tried"
ANY_STATUS = "publish,future,draft,pending,private"


class WordPress(Channel[WordPressSettings]):
    """One user on one WordPress site."""

    kind = "wordpress"
    Settings = WordPressSettings
    simulator = "channels.testing.simulators.wordpress:WordPressSimulator"
    traits = Traits(
        label="WordPress",
        counted_as="characters, without a limit",
        facts_from="https://developer.wordpress.org/rest-api/reference/posts/",
        facts_read_on=date(2026, 11, 25),
        replay=Replay.FINDABLE,
        media=MediaTraits(
            max_count=1,
            mime_types=("image/png", "image/jpeg", "image/webp"),
            # What PHP takes unless its administrator allows more (upload_max_filesize); larger sides are made smaller.
            max_bytes=2 * 1024 * 1024,
            max_side=2560,
        ),
        link_in_text=False,
        long_text=True,
    )

    def __init__(
        self, account: str, settings: WordPressSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self._site = Site(account, settings, door)
        self._uploaded = ForgetfulSteps()

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the number of characters as a reader sees them."""
        return count_graphemes(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit; ``text`` as a reader of the post reads it."""
        text = reading(content(part))
        fields = {"title": title_of(part), "status": self.settings.status, "language": part.language}
        return Preview(text, self.count(text), None, alt_texts=tuple(map(alt_text, part.media)), fields=fields)

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Upload the picture that is not there yet, then make the post with one request.

        On a second attempt the post is looked up first: a taken slug does not keep WordPress from making another.
        """
        self._refuse_what_does_not_fit(part)
        kept = steps or ForgetfulSteps()
        now = self.door.clock()
        tried = kept.get(TRIED)
        found = self.find(part, key, since=datetime.fromisoformat(tried)) if tried else None
        if found:
            return found
        body = self._body(part, mark_of(key), [media_id(self._site, picture, kept) for picture in part.media])
        body |= {"slug": slug_of(part, mark_of(key)), "status": self.settings.status}
        body |= {name: list(value) for name in ("categories", "tags") if (value := getattr(self.settings, name))}
        kept.put(TRIED, tried or now.isoformat())
        reply = self._site.publish("POST", POSTS, "publishing the post", json=body)
        post = body_of(reply)
        if type(post.get("id")) is not int:
            raise Unconfirmed(f"{self._site.host} answered without the post's number")
        return self._receipt(post)

    def _body(self, part: Part, mark: str, media: list[int]) -> dict[str, Any]:
        return {
            "title": escape(title_of(part), quote=False),
            "content": content(part, mark),
            "excerpt": escape(neutralise(part.summary or ""), quote=False),
            "featured_media": media[0] if media else 0,
        }

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        html = content(part)
        found = foreign_content(html)
        if found:
            raise Rejected(
                f"the post's text holds {', '.join(found)}, which would fetch or run something at the reader's",
                next_step="remove it from the message",
            )
        if not reading(html):
            raise Rejected("the post would be empty", next_step="write a text")
        require_fitting(part.media, self.traits.media)

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
        """Look for the post by its slug, then by the mark in its content; whatever its status, but not in the trash.

        :raises Unconfirmed: when a post stands under our slug that bears neither our mark nor our words.
        """
        mark, slug = mark_of(key), slug_of(part, mark_of(key))
        foreign = None
        for params in ({"slug": slug}, {"search": mark}):
            for post in self._posts(params):
                if str(post["id"]) in known:
                    continue
                if mark_in(_raw(post, "content")) == mark:
                    return self._receipt(post)
                if post.get("slug") == slug:
                    foreign = post
        if foreign is None:
            return None
        if mark_in(_raw(foreign, "content")) is None and self._says(foreign, part):
            # The site took the mark out, but left the words.
            return self._receipt(foreign)
        raise Unconfirmed(
            f"{self._site.host} has another post under the address that ours would have: {foreign.get('link')}",
            next_step="look at it there, then run `outreach resolve`",
        )

    def _says(self, post: Mapping[str, Any], part: Part) -> bool:
        return reading(_raw(post, "content")) == reading(content(part))

    def _posts(self, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        wanted = {**params, "status": ANY_STATUS, "context": "edit", "per_page": "100"}
        reply = self._site.ask("GET", POSTS, "looking for the post", params=wanted)
        posts = reply.json()
        for post in posts if isinstance(posts, list) else []:
            if isinstance(post, dict) and type(post.get("id")) is int:
                yield post

    def _read(self, remote_id: str, doing: str) -> dict[str, Any]:
        """Return a post; nothing when there is none or it lies in the trash."""
        gone = {404: None, 410: None}
        reply = self._site.ask("GET", f"{POSTS}/{remote_id}", doing, params={"context": "edit"}, overrides=gone)
        if reply.status in gone:
            return {}
        post = body_of(reply)
        if type(post.get("id")) is not int:
            # Nothing may be taken for gone because the site answered with something else.
            raise Unavailable(f"{self._site.host} answered with something other than the post, while {doing}")
        return {} if post.get("status") == "trash" else post

    # --- changing and taking back ---

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace words and picture in place; address, status, categories and the mark stay as they are."""
        self._refuse_what_does_not_fit(part)
        post = self._read(receipt.remote_id, "reading the post")
        if not post:
            raise Rejected(
                f"{self._site.host} no longer has the post {receipt.url or receipt.remote_id}",
                next_step="publish it anew",
            )
        old = int(post.get("featured_media") or 0)
        kept = [old] if part.media and old and is_there(self._site, old, part.media[0]) else []
        media = kept or [media_id(self._site, picture, self._uploaded) for picture in part.media]
        mark = mark_in(_raw(post, "content")) or mark_of(key)
        path = f"{POSTS}/{receipt.remote_id}"
        changed = body_of(self._site.publish("POST", path, "correcting the post", json=self._body(part, mark, media)))
        if not self._says(changed, part) or changed.get("featured_media") != (media[0] if media else 0):
            raise Rejected(
                f"{self._site.host} did not take the correction as it is",
                next_step=f"look at the post at {receipt.url or self.settings.address}",
            )
        if old and old not in media:
            remove_ours(self._site, old)
        return self._receipt(changed)

    def delete(self, receipt: Receipt) -> None:
        """Put a post into the trash, read that it is there, and remove its picture, which would stay public."""
        path = f"{POSTS}/{receipt.remote_id}"
        post = self._read(receipt.remote_id, "reading the post")
        if post:
            gone = {404: None, 410: None, 501: None}
            reply = self._site.publish("DELETE", path, "taking the post back", overrides=gone)
            if reply.status == 501:  # A site without a trash (EMPTY_TRASH_DAYS is 0).
                self._site.publish("DELETE", path, "taking the post back", params={"force": "true"}, overrides=gone)
        if post and self.still_there(receipt):
            raise Rejected(
                f"{self._site.host} still shows the post after it was asked to delete it",
                next_step=f"delete it by hand at {receipt.url or self.settings.address}",
            )
        if post.get("featured_media"):
            remove_ours(self._site, int(post["featured_media"]))

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether the site still has a post, elsewhere than in the trash."""
        return bool(self._read(receipt.remote_id, "reading whether the post is gone"))

    # --- whether it could publish ---

    def check(self) -> list[str]:
        """Return what keeps this account from publishing: its password, the site's interface, the user's rights."""
        return list(self._site.problems())

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    def _receipt(self, post: Mapping[str, Any]) -> Receipt:
        number = str(post["id"])
        at = _moment(post.get("date_gmt")) or self.door.clock()
        if post.get("status") in ("draft", "pending"):
            # Nobody but the site's editors can see it yet.
            return Receipt(number, self._site.url(f"/wp-admin/post.php?post={number}&action=edit"), at)
        return Receipt(number, str(post.get("link") or "") or None, at)


def _raw(post: Mapping[str, Any], name: str) -> str:
    value = post.get(name)
    return str(value.get("raw") or "") if isinstance(value, dict) else ""


def _moment(value: Any) -> datetime | None:
    """Return the time that WordPress wrote, which is in UTC without saying so; ``None`` for a draft that has none."""
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    except ValueError:
        return None
