"""Correcting a message where it went: in place, by deleting and publishing again, or by a notice to its readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from channels.contract import Post
from pipeline.app.house import House
from pipeline.app.notice_posts import notice
from pipeline.app.places_on_site import corrected
from pipeline.app.recalling import LATE_AFTER, Everywhere, Place
from pipeline.app.writing import Writer
from pipeline.model import CORRECTS, OPEN, Deed, Message, State, Why
from pipeline.outbox import deeds
from pipeline.outbox.deeds import Line, Row, Stands
from pipeline.settings import Account
from pipeline.store import Act


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for where a post cannot be edited in place: to delete and publish again, to send a notice."""

    replacing: bool = False
    noticing: bool = False


@dataclass
class Correction:
    """What correcting a message means at each place, and the rows that would be put into the outbox for it."""

    campaign: str
    message: str
    places: list[Place] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "campaign": self.campaign,
            "message": self.message,
            "places": [place.to_dict() for place in self.places],
        }


def plan(house: House, message: Message, asked: Asked) -> Correction:
    """Return what correcting ``message`` by today's files means at each place where it went."""
    return _Planner(house, message, asked).plan()


def apply(house: House, correction: Correction, who: str) -> int:
    """Put the correction's rows into the outbox; return how many are new."""
    return house.store.recalls.act(correction.acts, who, house.clock.now())


class _Planner:
    def __init__(self, house: House, message: Message, asked: Asked) -> None:
        self._house, self._message, self._asked = house, message, asked
        self._there = Everywhere(house, message.campaign, message.id)
        self._now_there = house.store.recalls.corrected(message.campaign, message.id)
        self._writer = Writer(house)
        self._now = house.clock.now()
        self._campaign = house.project.campaigns[message.campaign]
        self._recipients = house.store.recalls.recipients_of(message.campaign, message.id)

    def plan(self) -> Correction:
        made = Correction(self._message.campaign, self._message.id)
        for row in self._there.rows:
            if row.deed is Deed.NOTICE or not self._is_there(row):
                continue
            line, acts = self._judge(row)
            made.acts += acts
            means = self._there.means(row.account)
            numbers = tuple(act.id for act in self._there.acts.get(row.id, []))
            made.places.append(Place(means.kind, row.account, row.language, line, row.url, row.id, numbers))
        made.places += self._elsewhere()
        return made

    def _is_there(self, row: Row) -> bool:
        if row.state is State.RECALLED:
            # Taken back to make room for a corrected post that has not come yet.
            acts = self._there.acts.get(row.id, [])
            replacing = [act for act in acts if act.deed is Deed.REPLACE]
            return bool(replacing) and not any(deeds.is_out(act) for act in replacing)
        return deeds.is_out(row) and (row.state is not State.CANCELLED or row.known_by is not None)

    # --- one place ---

    def _judge(self, row: Row) -> tuple[Line, list[Act]]:
        account = self._house.settings.accounts.get(row.account)
        if account is None or row.language not in self._message.translations or account.language != row.language:
            return Line(Stands.STILL_LIVE, "there is no account or no text for it any more", "correct it by hand"), []
        if row.state is State.UNCONFIRMED or row.state is State.SENDING:
            return Line(
                Stands.IN_DOUBT, row.reason or "it is on its way", "correct it when it is known to be there"
            ), []
        if self._message.stale(row.language):
            todo = f"bring it up to date, then `outreach translated {self._message.id} {row.language}`"
            return Line(Stands.STILL_LIVE, "the translation was made from an older text", todo), []
        posts = self._today(account)
        stands_there = self._now_there.get(row.id, row.post_digest)
        if stands_there in {post.digest for post in posts} and row.state is not State.RECALLED:
            done = next((act for act in self._acts(row) if act.state is State.SENT), None)
            return _settled(done), []
        return self._differs(row, posts[0])

    def _today(self, account: Account) -> list[Post]:
        """Return the posts that today's files make; what the server told of itself since may have changed one."""
        channels = (None, self._house.channels.untaught(account))
        return [self._writer.write(self._message, account, channel).post for channel in channels]

    def _acts(self, row: Row) -> list[Row]:
        told = {*CORRECTS, Deed.NOTICE, Deed.DELETE}
        return [act for act in reversed(self._there.acts.get(row.id, [])) if act.deed in told]

    def _differs(self, row: Row, post: Post) -> tuple[Line, list[Act]]:
        means, acts = self._there.means(row.account), self._acts(row)
        last = next((act.id for act in acts if act.deed in CORRECTS and act.state is State.SENT), 0)
        name = f"{last}-{post.digest[:12]}"
        under_way = [act for act in acts if act.id > last and act.post_digest in self._digests(row, post)]
        if under_way and under_way[0].state is not State.CANCELLED:
            return _under_way(under_way[0]), []
        parts = len(self._house.store.deliveries.targets_of(row.id))
        ways = deeds.to_correct(
            means,
            same_parts=parts == len(post.parts) and row.state is not State.RECALLED,
            replacing=self._asked.replacing or row.state is State.RECALLED,
            noticing=self._asked.noticing,
        )
        if not ways:
            return self._cannot(row), []
        made = [self._act(way, row, post, name) for way in ways]
        return _will(ways), made

    def _digests(self, row: Row, post: Post) -> set[str]:
        return {post.digest, post.telling("corrected").digest, self._notice(row, post).digest}

    def _act(self, way: Deed, row: Row, post: Post, name: str) -> Act:
        right = post.digest
        if way is Deed.TELL_CORRECTED:
            post = post.telling("corrected")
        elif way is Deed.NOTICE:
            post = self._notice(row, post)
        word = {Deed.DELETE: "making-room", Deed.REPLACE: "replaced", Deed.NOTICE: "noticed"}.get(way, "corrected")
        heads = (self._message.source.head.author, self._message.translations[row.language].head.translator)
        authors = tuple(dict.fromkeys(person for person in heads if person))
        if way is Deed.NOTICE:
            # In full, so that the plan can tell by it which text the readers know by now.
            name = f"{name.partition('-')[0]}-{right}"
        late = self._now + LATE_AFTER
        # A deletion that makes room carries the post that follows it: both wait for the same approval.
        return Act(way, (row.id,), f"{word}-{name}", self._now, late, post, self._campaign.approval, authors)

    def _notice(self, row: Row, right: Post) -> Post:
        wrong = Post.from_json(self._house.store.desk.body_of(row.post_digest))
        said = [
            one
            for one in self._house.project.corrections
            if (one.campaign, one.message) == (self._message.campaign, self._message.id) and not one.recalled
        ]
        what = said[0].what.get(row.language, "") if said else ""
        return notice(self._house.channel(row.account), wrong, recalled=False, what=what, now_right=right)

    def _cannot(self, row: Row) -> Line:
        means = self._there.means(row.account)
        if means.fans_out:
            return Line(Stands.IMPOSSIBLE, "its readers have it and it cannot be changed", "tell them with --notice")
        if means.deletes:
            what = f"{means.label} does not correct this in place"
            return Line(Stands.STILL_LIVE, what, "delete and publish again with --replace-where-needed, or --notice")
        return Line(Stands.STILL_LIVE, f"{means.label} neither corrects nor deletes it", "follow it by a --notice")

    # --- what is not in the outbox ---

    def _elsewhere(self) -> Iterator[Place]:
        for one in corrected(self._house, self._message):
            yield Place(one.kind, one.name, one.language, one.line, one.url)


def _settled(act: Row | None) -> Line:
    if act is None:
        return Line(Stands.UNCHANGED, "what is there is what the files say")
    if act.deed is Deed.NOTICE:
        return Line(Stands.NOTICED, "its readers were told")
    if act.deed is Deed.REPLACE:
        return Line(Stands.REPLACED, "deleted and published again")
    told = "told of the correction" if act.deed is Deed.TELL_CORRECTED else "corrected in place"
    return Line(Stands.CORRECTED, told if act.known_by != "person" else "somebody said that it was done by hand")


def _under_way(act: Row) -> Line:
    if act.deed is Deed.NOTICE and act.state is State.SENT:
        return Line(Stands.NOTICED, "its readers were told")
    if act.state is State.FAILED or act.reason_kind == Why.PERSON:
        return Line(Stands.STILL_LIVE, act.reason or "it could not be corrected", f"see `outreach resolve {act.id}`")
    if act.reason_kind == Why.TASK:
        return Line(Stands.STILL_LIVE, "the task to replace it is laid out", deeds.task_todo(act))
    if act.state in OPEN and act.approval != "none":
        return Line(Stands.UNDER_WAY, act.reason or "goes out when the new text is approved; see `outreach approve`")
    return Line(Stands.UNDER_WAY, act.reason or "is done with the next round of `outreach run` or `deliver`")


def _will(ways: Iterable[Deed]) -> Line:
    said = {
        (Deed.EDIT,): "can be corrected in place",
        (Deed.DELETE, Deed.REPLACE): "can be deleted and published again",
        (Deed.NOTICE,): "can only be followed by a notice",
        (Deed.TELL_CORRECTED,): "is told of the correction",
    }[tuple(ways)]
    return Line(Stands.STILL_LIVE, said, "--apply does it")
