"""What somebody should look at before a campaign begins, found out by a rehearsal; the heaviest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.app.gate import helplines_in
from pipeline.app.house import House
from pipeline.app.planning import Planned
from pipeline.model import Severity, State
from pipeline.rehearsal.record import Concern, Showing, Weight
from pipeline.settings import Settings
from pipeline.store import Store

ON_TIME = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Background:
    """The real project as it stands: its settings, and a copy of its store where there is one."""

    settings: Settings
    store: Store | None


def concerns_of(
    house: House,
    planned: Planned,
    showings: list[Showing],
    strangers: int,
    absent: Mapping[str, str],
    background: Background,
) -> list[Concern]:
    """Return every concern that has a case.

    :param house: the rehearsal's own house.
    :param strangers: how many things arrived that no delivery sent.
    :param absent: accounts that could not be put on stage, and why.
    :param background: the real project.
    """
    told = _Concerns(house, planned, showings, strangers, absent, background)
    found = [concern for concern in told.all() if concern.cases]
    return sorted(found, key=lambda concern: concern.weight)


def _name(one: Showing) -> str:
    return f"{one.local:%a %d %b %Y %H:%M}, {one.account}: {one.title} ({one.language})"


@dataclass(frozen=True)
class _Concerns:
    house: House
    planned: Planned
    showings: list[Showing]
    strangers: int
    absent: Mapping[str, str]
    background: Background

    def all(self) -> Iterator[Concern]:
        yield from self._outcome()
        yield from self._texts()
        yield from self._accounts()
        yield self._helplines()
        yield from self._approvals()
        yield from self._calendar()
        yield self._check()

    # --- what came of it ---

    def _outcome(self) -> Iterator[Concern]:
        failing = [one for one in self.showings if one.faults]
        cases = [f"{_name(one)}: {'; '.join(one.faults)}" for one in failing]
        if self.strangers:
            cases.append(f"{self.strangers} arrived that nothing in the calendar had sent")
        advice = "Mend the cause that each line names, then rehearse again."
        yield Concern(Weight.STOPS, "Would not go out, or not as shown", advice, tuple(cases))
        late = [one for one in self.showings if one.went_at and one.went_at > one.due_at + ON_TIME]
        cases = [f"{_name(one)}: goes out at {_clock(one.went_at, one.zone)}" for one in late if one.went_at]
        advice = "Quiet hours or a network's limit keep them back; move them to a better time."
        yield Concern(Weight.LOOK, "Would go out late", advice, tuple(cases))

    def _texts(self) -> Iterator[Concern]:
        kinds = {
            "cut": ("Cut texts", "Write a 'short' wording that fits.", Weight.LOOK),
            "hashtags": (
                "Hashtags left out",
                "There was no room; shorten the text if they matter.",
                Weight.KNOW,
            ),
            "older text": ("Stale translations", "Bring them up to date; until then they are held.", Weight.LOOK),
        }
        for sign, (title, advice, weight) in kinds.items():
            cases = dict.fromkeys(
                f"{one.account}: {one.title} ({one.language}): {note}"
                for one in self.showings
                for note in one.notes
                if sign in note
            )
            yield Concern(weight, title, advice, tuple(cases))

    # --- accounts ---

    def _accounts(self) -> Iterator[Concern]:
        used = sorted({one.account for one in self.showings})
        real = self.background.settings.accounts
        missing = [f"{name}: {' and '.join(real[name].missing)}" for name in used if real[name].missing]
        advice = "Put these secrets into the environment or into .env; `outreach doctor` then asks each network."
        yield Concern(Weight.LOOK, "Accounts without credentials", advice, tuple(missing))
        paused = []
        for name in used if self.background.store else []:
            assert self.background.store is not None
            state = self.background.store.accounts.get(name)
            if state.paused_at:
                paused.append(f"{name}: {state.paused_why}")
        yield Concern(Weight.LOOK, "Accounts that are paused", "Go on with `outreach resume`.", tuple(paused))
        cases = [f"{name}: {why}; its posts are shown as previews" for name, why in self.absent.items() if name in used]
        yield Concern(Weight.LOOK, "Not rehearsed", "Look at these posts at the network itself.", tuple(cases))

    # --- content ---

    def _helplines(self) -> Concern:
        project = self.house.project
        cases: dict[str, None] = {}
        for one in self.showings:
            message = project.messages[one.campaign, one.message]
            for name in helplines_in(message, one.language, project):
                helpline = project.helplines[name]
                campaign = project.campaigns[one.campaign]
                if helpline.expires and helpline.expires <= campaign.ends:
                    cases[f"{name} ({helpline.number}) expires on {helpline.expires}, {one.campaign} ends later"] = None
        advice = "Verify them again in time; a post with an expired number is held."
        return Concern(Weight.LOOK, "Helplines that expire during a campaign", advice, tuple(cases))

    def _approvals(self) -> Iterator[Concern]:
        rows, lacking = {}, set()
        if self.background.store is not None:
            store = self.background.store
            rows = {row.key: row for row in store.plans.rows_of({one.campaign for one in self.showings})}
            lacking = store.desk.lacking_approval()
        unplanned, unapproved, changed = [], [], []
        for one in self.showings:
            row, sheet = rows.get(one.key), self.planned.sheets[one.key]
            if row is None:
                unplanned.append(_name(one))
            elif row.post_digest != sheet.post.digest and row.state is not State.SENT:
                changed.append(_name(one))
            elif row.id in lacking:
                unapproved.append(_name(one))
        advice = "Put them into the outbox with `outreach plan --apply`, then have them approved."
        yield Concern(Weight.LOOK, "Not in the outbox yet, so not approved", advice, tuple(unplanned))
        advice = "The outbox has an older text; `outreach plan --apply` takes the new one over, and it needs approval."
        yield Concern(Weight.LOOK, "Changed since it was planned", advice, tuple(changed))
        advice = "Nobody who may has let them out; see `outreach approve`."
        yield Concern(Weight.LOOK, "Without approval", advice, tuple(unapproved))

    # --- calendar and check ---

    def _calendar(self) -> Iterator[Concern]:
        past = [f"{item.due_at:%Y-%m-%d %H:%M} UTC, {item.key}" for item in self.planned.plan.past]
        advice = "They lie before the day on which the helplines were verified."
        yield Concern(Weight.KNOW, "Not rehearsed, because their time has passed", advice, tuple(past))
        advice = "They fall on days without publishing; nothing has to be done if that is wanted."
        skipped = tuple(str(one) for one in self.planned.skipped)
        yield Concern(Weight.KNOW, "Dates that are left out", advice, skipped)

    def _check(self) -> Concern:
        cases = [str(one) for one in self.planned.problems if one.severity is Severity.WARNING]
        return Concern(Weight.LOOK, "Warnings of the check", "See `outreach check`.", tuple(cases))


def _clock(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%a %d %b %Y %H:%M}"
