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
from pipeline.model import OF_RECALL, POSTS, Deed, Delivery, Message, Why
from pipeline.outbox.equipment import Hold, Wait
from pipeline.placeholders import expand
from pipeline.settings import Account

HOUSE = "_house"
"""The campaign of posts that no campaign makes: notices to the team."""
LETTERS = "_letters"
"""The campaign of letters to institutions (``content/activities/<plan>/advocacy``)."""


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

    def __call__(self, delivery: Delivery, post: Post, now: datetime) -> Hold | Wait | None:
        """Return why the post must not go out now, or ``None``. What takes something back is never kept waiting."""
        if delivery.campaign == HOUSE or delivery.deed in OF_RECALL:
            return None
        if delivery.campaign == LETTERS:
            from pipeline.app.letters import judge  # noqa: PLC0415  (letters are rare, and know this module)

            return judge(self._house, delivery)
        # Not from what was read before: a recall holds from the moment it is written down.
        if self._house.store.recalls.get(delivery.campaign, delivery.message):
            return Hold(Why.RECALLED, "its message was taken back, so it does not go out any more")
        return self._reading.judge(delivery, post, now)


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

    def judge(self, delivery: Delivery, post: Post, now: datetime) -> Hold | Wait | None:
        """Return why a delivery must not go out now, or ``None``."""
        key = ((delivery.campaign, delivery.message), delivery.account, delivery.post_digest)
        with self._lock:
            if key not in self._holds:
                self._holds[key] = self._today(delivery, post)
            hold = self._holds[key]
        # A wrong text is put right at any hour; readers are told of it in the hours that the campaign allows.
        return hold or (self._silence(delivery, now) if delivery.deed in POSTS else None)

    def _message(self, delivery: Delivery) -> Message | None:
        key = (delivery.campaign, delivery.message)
        campaign = self._project.campaigns.get(delivery.campaign)
        if key not in self._messages and campaign is not None:
            message, _ = read_message_of(self._house.root, campaign, delivery.message)
            if message is not None:
                self._messages[key] = message
        return self._messages.get(key)

    def _today(self, delivery: Delivery, post: Post) -> Hold | None:
        """Return why today's files do not make the post that was planned."""
        message = self._message(delivery)
        account = self._house.settings.accounts.get(delivery.account)
        if message is None or account is None:
            return Hold(Why.UNSAFE, "its message can no longer be read; see `outreach check`")
        if reason := self._unsafe(delivery, message, account):
            return Hold(Why.UNSAFE, reason)
        if delivery.deed is Deed.NOTICE:
            # Its words are its own, and were approved as they are.
            return None
        about = post.parts[0].about
        event = about.event if about else "published"
        # What was planned before the server told its limits was composed without them, and is as true to the files.
        for channel_of in (lambda _: None, self._house.channels.untaught):
            made = self._writer.write(message, account, channel_of(account))
            if made.post.telling(event).digest == delivery.post_digest:
                return Hold(Why.UNSAFE, f"{made.faults[0]}; see `outreach check`") if made.faults else None
        again = "plan --apply" if delivery.deed is Deed.PUBLISH else f"correct {delivery.message} --apply"
        return Hold(
            Why.UNSAFE, f"its text is no longer what the files say; run `outreach {again}` to take the new text over"
        )

    def _unsafe(self, delivery: Delivery, message: Message, account: Account) -> str | None:
        if delivery.language not in message.translations or account.language != delivery.language:
            return f"there is no text in '{delivery.language}' any more; see `outreach check`"
        if message.stale(delivery.language):
            return "its translation was made from an older text; bring it up to date, see `outreach check`"
        return self._unfit(message, delivery.language)

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
