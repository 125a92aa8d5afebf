"""What of a project may be public at an instant: messages past their embargo, helplines whose verification holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from pipeline.content import Project
from pipeline.content.project import HELPLINES, MessageKey, Messages, embargoes
from pipeline.model import Campaign, Correction, Helpline, Message, Problem, Severity
from pipeline.settings import Settings

RULE = "helpline-unverified"


def embargoed_until(written: str | None, campaign: Campaign) -> datetime | None:
    """Return the instant (UTC) at which a message's embargo ends, or ``None`` when it has none.

    :param written: what stands under ``embargo``, in the campaign's zone. Of a time that a clock change repeats or
        skips, the later reading counts, so that nothing is public too early.
    """
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
    def _embargoes(self) -> Mapping[MessageKey, datetime]:
        found = {}
        for key, written in embargoes(self.project.messages).items():
            until = embargoed_until(written, self.project.campaigns[key[0]])
            if until is not None:
                found[key] = until
        return found

    @cached_property
    def messages(self) -> Messages:
        """The messages that are public, by campaign and id, in the order of the folders."""
        ends = {} if self.embargoed else self._embargoes
        every = self.project.messages
        known = every if isinstance(every, Messages) else Messages(every, embargoes(every))
        return known.only(key for key in every if key not in ends or ends[key] <= self.now)

    def let_go(self, *keys: MessageKey) -> None:
        """Keep these messages in memory no longer, or none when no key is given; they can be made again."""
        for known in (self.messages, self.project.messages):
            if isinstance(known, Messages):
                known.release(keys or None)

    @cached_property
    def next_release(self) -> datetime | None:
        """When the next embargo ends: a build at that instant puts the message out on time."""
        return min((until for until in self._embargoes.values() if until > self.now), default=None)

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
        return self.corrections_of((message.campaign, message.id))

    def corrections_of(self, key: MessageKey) -> list[Correction]:
        """Return what was corrected in the message with this campaign and id, the newest first."""
        known = self.project.corrections
        return [one for one in known if (one.campaign, one.message) == key and one.date <= self.today]

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
