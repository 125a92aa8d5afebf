"""Reviewing a rehearsal: each delivery beside what its network shows of it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from channels.contract import Channel, Part, Post, Recipient
from pipeline.app.house import House
from pipeline.app.planning import Planned
from pipeline.model import Delivery, State
from pipeline.rehearsal.judge import Promise, Verdict, judge
from pipeline.rehearsal.record import Shot, Showing, Shown
from pipeline.rehearsal.stage import Stage

STAND_IN = "rehearsal"
"""What stands for a recipient's token where one mail is shown for all; tokens are random."""
_UNSHOWN = frozenset({"To", "html", "payload", "text", "written_at"})


def review(house: House, stage: Stage, planned: Planned, campaigns: Iterable[str]) -> tuple[list[Showing], int]:
    """Return every delivery with what came of it, and how many things arrived that none of them sent."""
    return _Review(house, stage, planned).showings(list(campaigns))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the calendar, its recipients' rows (itself, where it has none), and their addresses."""

    parent: Delivery
    rows: tuple[Delivery, ...]


class _Review:
    def __init__(self, house: House, stage: Stage, planned: Planned) -> None:
        self.house, self.stage, self.planned = house, stage, planned
        self.desk = house.store.desk
        self.people: dict[int, tuple[str, str, str]] = {}
        self.posts: dict[str, Post] = {}

    def showings(self, campaigns: list[str]) -> tuple[list[Showing], int]:
        found = [row for row in self.desk.find(with_recipients=True) if row.campaign in campaigns]
        children: dict[int, list[Delivery]] = defaultdict(list)
        for row in found:
            if row.parent_id is not None:
                children[row.parent_id].append(row)
        wanted = [row.recipient_id for row in found if row.recipient_id is not None]
        self.people = self.house.store.subscribers.addresses(wanted)
        rows = [
            _Row(row, tuple(sorted(children.get(row.id, [row]), key=self._address)))
            for row in found
            if row.parent_id is None
        ]
        verdicts, strangers = self._judged([one for row in rows for one in row.rows])
        showings = [self._showing(row, [v for one in row.rows for v in verdicts.get(one.id, [])]) for row in rows]
        return sorted(showings, key=lambda one: (one.due_at, one.key)), strangers

    def _address(self, row: Delivery) -> tuple[str, int]:
        return (self.people.get(row.recipient_id or -1, ("", "", ""))[0], row.id)

    # --- sent beside arrived ---

    def _judged(self, rows: list[Delivery]) -> tuple[dict[int, list[Verdict]], int]:
        by_id = {row.id: row for row in rows}
        promises: dict[int, list[Promise]] = defaultdict(list)
        for arrival in self.desk.arrivals(by_id):
            row = by_id[arrival.delivery_id]
            simulator = self.stage.of(row.account)
            if simulator is None or arrival.known_by == "person":
                continue
            part = self._parts(row)[arrival.part]
            preview = self.house.channel(row.account).preview(part)
            promises[id(simulator)].append(Promise(row.id, arrival.part, arrival.remote_id, preview, part.media))
        verdicts: dict[int, list[Verdict]] = defaultdict(list)
        strangers = 0
        for simulator in self.stage.simulators:
            found, more = judge(promises[id(simulator)], simulator.posts)
            strangers += len(more)
            for verdict in found:
                verdicts[verdict.promise.delivery].append(verdict)
        return verdicts, strangers

    def _post(self, digest: str) -> Post:
        if digest not in self.posts:
            self.posts[digest] = Post.from_json(self.desk.body_of(digest), self.house.pictures.path)
        return self.posts[digest]

    def _parts(self, row: Delivery) -> list[Part]:
        parts = list(self._post(row.post_digest).parts)
        if row.recipient_id is None:
            return parts
        address, token, _ = self.people[row.recipient_id]
        return [replace(part, recipient=Recipient(address, token)) for part in parts]

    # --- one showing ---

    def _showing(self, row: _Row, verdicts: list[Verdict]) -> Showing:
        parent = row.parent
        channel = self.house.channel(parent.account)
        parts = self._parts(parent)
        first = {verdict.promise.part: verdict for verdict in reversed(verdicts)}
        tokens = {one.id: self._token(one) for one in row.rows}
        unfinished = next((one for one in row.rows if one.state is not State.SENT), None)
        state = unfinished or parent
        rehearsed = parent.account not in self.stage.absent
        campaign = self.house.project.campaigns[parent.campaign]
        return Showing(
            key=parent.key,
            campaign=parent.campaign,
            message=parent.message,
            title=parts[0].title or parent.message,
            account=parent.account,
            kind=self.house.settings.accounts[parent.account].kind,
            label=channel.traits.label,
            language=parent.language,
            zone=campaign.timezone,
            due_at=parent.due_at,
            went_at=None if unfinished else parent.sent_at,
            state=state.state.value,
            reason=state.reason if unfinished else "",
            parts=tuple(self._shown(channel, part, first.get(number), tokens) for number, part in enumerate(parts)),
            counted_as=channel.traits.counted_as,
            place=parent.place,
            handed_over=len(verdicts),
            arrived=sum(1 for verdict in verdicts if not verdict.lost),
            lost=sum(1 for verdict in verdicts if verdict.lost),
            double=sum(verdict.double for verdict in verdicts),
            notes=tuple(self.planned.notes.get(parent.key, ())),
            faults=tuple(_faults(state if unfinished and rehearsed else None, verdicts)),
            rehearsed=rehearsed,
        )

    def _token(self, row: Delivery) -> str:
        """Return what stands for the row's recipient in its mail, if it has one."""
        return self.people[row.recipient_id][1] if row.recipient_id is not None else ""

    def _shown(self, channel: Channel[Any], part: Part, verdict: Verdict | None, tokens: Mapping[int, str]) -> Shown:
        arrived = verdict.arrived[0] if verdict and verdict.arrived else None
        token = tokens[verdict.promise.delivery] if verdict else ""
        preview = verdict.promise.preview if verdict else channel.preview(part)
        alts = arrived.alt_texts if arrived else preview.alt_texts
        shots = tuple(
            Shot(one.sha256, one.mime, alts[number] if number < len(alts) else "", one.width, one.height, one.path)
            for number, one in enumerate(part.media)
        )
        fields = dict(arrived.fields if arrived else preview.fields)
        return Shown(
            text=_neutral(arrived.text if arrived else preview.text, token),
            length=preview.length,
            limit=preview.limit,
            pictures=shots,
            content_warning=arrived.content_warning if arrived else part.content_warning,
            fields={name: value for name, value in fields.items() if name not in _UNSHOWN or name == "payload"},
            title=part.title or "",
            html=_neutral(fields.get("html") or part.html or "", token),
            link=part.link,
        )


def _neutral(text: str, token: str) -> str:
    return text.replace(token, STAND_IN) if token else text


def _faults(unfinished: Delivery | None, verdicts: list[Verdict]) -> list[str]:
    found = [f"it is {unfinished.state}: {unfinished.reason or 'nothing moved it on'}"] if unfinished else []
    if lost := sum(1 for verdict in verdicts if verdict.lost):
        found.append(f"{lost} did not arrive although the network confirmed them")
    if double := sum(verdict.double for verdict in verdicts):
        found.append(f"{double} arrived a second time")
    return found + list(dict.fromkeys(difference for verdict in verdicts for difference in verdict.differences))
