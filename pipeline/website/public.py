"""What of a project may be public at an instant: messages past their embargo, helplines whose verification holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from pipeline.content import Project
from pipeline.content.project import HELPLINES
from pipeline.model import Campaign, Correction, Helpline, Message, Problem, Severity
from pipeline.settings import Settings

RULE = "helpline-unverified"


def embargoed_until(message: Message, campaign: Campaign) -> datetime | None:
    """Return the instant (UTC) at which a message's embargo ends, or ``None`` when it has none.

    The embargo is written in the campaign's zone. Of a time that a clock change repeats or skips, the later reading
    counts, so that nothing is public too early.
    """
    written = message.source.head.embargo
    if written is None:
        return None
    wall = datetime.fromisoformat(written.replace(" ", "T"))
    zone = ZoneInfo(campaign.timezone)
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


@dataclass(frozen=True)
class Public:
    """The part of a project that may be public at ``now`` (aware).

    ``settings`` give the languages, and ``today`` is the day in the programme's zone.
    """

    project: Project
    settings: Settings
    now: datetime
    embargoed: bool = False
    """Whether messages under embargo are in it as well: for what is given to partners named for it, never the site."""

    @cached_property
    def today(self) -> date:
        """The day on which helplines have to be fit."""
        return self.now.astimezone(ZoneInfo(self.settings.programme.timezone)).date()

    @cached_property
    def messages(self) -> Mapping[tuple[str, str], Message]:
        """The messages that are public, by campaign and id, in the order of the folders."""
        kept = {}
        for key, message in self.project.messages.items():
            until = embargoed_until(message, self.project.campaigns[key[0]])
            if until is None or until <= self.now or self.embargoed:
                kept[key] = message
        return kept

    @cached_property
    def next_release(self) -> datetime | None:
        """When the next embargo ends: a build at that instant puts the message out on time."""
        ends = [
            until
            for key, message in self.project.messages.items()
            if (until := embargoed_until(message, self.project.campaigns[key[0]])) and until > self.now
        ]
        return min(ends, default=None)

    @cached_property
    def campaigns(self) -> Mapping[str, Campaign]:
        """The campaigns that have a public message: the name of a campaign under embargo is not public either."""
        shown = {campaign for campaign, _ in self.messages}
        return {name: campaign for name, campaign in self.project.campaigns.items() if name in shown}

    @cached_property
    def helplines(self) -> Mapping[str, Helpline]:
        """The helplines that may be published today, in the order of the registry."""
        return {name: one for name, one in self.project.helplines.items() if one.unfit(self.today) is None}

    def corrections(self, message: Message) -> list[Correction]:
        """Return what was corrected in a message, the newest first."""
        return [
            one
            for one in self.project.corrections
            if (one.campaign, one.message) == (message.campaign, message.id) and one.date <= self.today
        ]

    def recalled(self, message: Message) -> Correction | None:
        """Return the log's entry that took the message back, or ``None``."""
        return next((one for one in self.corrections(message) if one.recalled), None)

    def helpline_problems(self) -> Iterator[Problem]:
        """Tell the registry's entries that cannot be shown: an error for one that was fit, a warning for a draft."""
        for name, helpline in self.project.helplines.items():
            if (why := helpline.unfit(self.today)) is None:
                continue
            was_fit = helpline.expires is not None and helpline.expires < self.today
            yield Problem(
                path=HELPLINES,
                line=self.project.lines.of(HELPLINES, (name,)),
                rule=RULE,
                message=f"the helpline '{name}' {why}, so it is not on the site",
                todo="read its sources again or call it, then renew verified_on and expires",
                severity=Severity.ERROR if was_fit else Severity.WARNING,
            )

    def unfit(self, used: str, path: str, line: int | None) -> Problem | None:
        """Return the problem of a text that carries the helpline ``used``, or ``None`` when it may."""
        helpline = self.project.helplines.get(used)
        if helpline is None:
            what = f"there is no helpline '{used}'" if used else "{helpline} stands here, but the action names none"
            return Problem(path=path, line=line, rule="helpline-unknown", message=what, todo=f"see {HELPLINES}")
        if why := helpline.unfit(self.today):
            what = f"this carries the helpline '{used}', which {why}"
            return Problem(path=path, line=line, rule=RULE, message=what, todo=f"see {HELPLINES}")
        return None
