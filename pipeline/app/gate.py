"""The last look at a post, right before it would go out.

What was planned and approved is compared with today's files and today's registry: a text that has changed, a
translation that is stale, a helpline that expired overnight, a quiet hour that has begun. In doubt nothing goes out.
"""

from __future__ import annotations

import threading
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from channels.contract import Post
from pipeline.app.house import House
from pipeline.app.writing import Writer
from pipeline.calendar.quiet import Silence
from pipeline.content.project import MessageKey, Project
from pipeline.content.read import read_campaigns, read_helplines, read_message_of
from pipeline.model import Delivery, Message, Why
from pipeline.outbox.equipment import Hold, Wait
from pipeline.placeholders import expand

HOUSE = "_house"
"""The campaign of posts that no campaign makes: notices to the team."""


def helplines_in(message: Message, language: str, project: Project) -> list[str]:
    """Return the ids of the helplines whose numbers a message's text in ``language`` carries."""
    translation = message.translations[language]
    head = translation.head
    words = (head.title, head.summary, head.action.text, head.short, head.long, head.picture.alt, translation.body)
    used = {name for text in words for name in expand(text, project.helplines, message.helpline).used}
    return sorted(used | ({message.helpline} if message.helpline else set()))


class ContentGate:
    """Compares deliveries with the files. The files are read anew after :meth:`refresh`, once for each round.

    Several threads may ask at once, and one that asked before a refresh is answered from what was read before it.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._reading = _Reading(house)

    def refresh(self) -> None:
        """Forget what was read; it is read again when a row asks for it."""
        self._reading = _Reading(self._house)

    def __call__(self, delivery: Delivery, _post: Post, now: datetime) -> Hold | Wait | None:
        """Return why the post must not go out now, or ``None``."""
        if delivery.campaign == HOUSE:
            return None
        return self._reading.judge(delivery, now)


class _Reading:
    """The files at one moment, as far as rows have asked for them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = threading.RLock()
        self._messages: dict[MessageKey, Message] = {}
        self._holds: dict[tuple[MessageKey, str, str], Hold | None] = {}

    @cached_property
    def _project(self) -> Project:
        """The campaigns and helplines; messages are read when they are asked for."""
        helplines = read_helplines(self._house.root, [])
        return Project(self._house.root, read_campaigns(self._house.root, []), self._messages, helplines)

    @cached_property
    def _writer(self) -> Writer:
        return Writer(self._house, self._project)

    def judge(self, delivery: Delivery, now: datetime) -> Hold | Wait | None:
        """Return why a delivery must not go out now, or ``None``."""
        key = ((delivery.campaign, delivery.message), delivery.account, delivery.post_digest)
        with self._lock:
            if key not in self._holds:
                self._holds[key] = self._today(delivery)
            hold = self._holds[key]
        return hold or self._silence(delivery, now)

    def _message(self, delivery: Delivery) -> Message | None:
        key = (delivery.campaign, delivery.message)
        campaign = self._project.campaigns.get(delivery.campaign)
        if key not in self._messages and campaign is not None:
            message, _ = read_message_of(self._house.root, campaign, delivery.message)
            if message is not None:
                self._messages[key] = message
        return self._messages.get(key)

    def _today(self, delivery: Delivery) -> Hold | None:
        """Return why today's files do not make the post that was planned."""
        message = self._message(delivery)
        account = self._house.settings.accounts.get(delivery.account)
        if message is None or account is None:
            return Hold(Why.UNSAFE, "its message can no longer be read; see `outreach check`")
        if delivery.language not in message.translations or account.language != delivery.language:
            return Hold(Why.UNSAFE, f"there is no text in '{delivery.language}' any more; see `outreach check`")
        if message.stale(delivery.language):
            return Hold(
                Why.UNSAFE, "its translation was made from an older text; bring it up to date, see `outreach check`"
            )
        if reason := self._unfit(message, delivery.language):
            return Hold(Why.UNSAFE, reason)
        # What was planned before the server told its limits was composed without them, and is as true to the files.
        for channel_of in (lambda _: None, self._house.channels.untaught):
            made = self._writer.write(message, account, channel_of(account))
            if made.post.digest == delivery.post_digest:
                return Hold(Why.UNSAFE, f"{made.faults[0]}; see `outreach check`") if made.faults else None
        return Hold(
            Why.UNSAFE,
            "its text is no longer what the files say; run `outreach plan --apply` to take the new text over",
        )

    def _unfit(self, message: Message, language: str) -> str | None:
        """Return why a helpline in the message must not be published today."""
        zone = ZoneInfo(self._house.settings.programme.timezone)
        today = self._house.clock.now().astimezone(zone).date()
        for name in helplines_in(message, language, self._project):
            helpline = self._project.helplines.get(name)
            if helpline is None:
                return f"the helpline '{name}' is not in content/helplines.yml"
            if reason := helpline.unfit(today):
                return f"the helpline '{name}' {reason}; verify it and write the date into content/helplines.yml"
        return None

    def _silence(self, delivery: Delivery, now: datetime) -> Wait | None:
        campaign = self._project.campaigns[delivery.campaign]
        name = delivery.occurrence.partition("@")[0]
        waived = any(entry.key == name and entry.during_quiet_hours for entry in campaign.calendar)
        silence = Silence.of(campaign)
        until = silence.until(now, during_quiet_hours=waived)
        if until is None:
            return None
        return Wait(until, f"waits because {silence.reason(now, during_quiet_hours=waived)}")
