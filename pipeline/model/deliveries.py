"""What is to go out and what became of it: states, deeds, slots, the rows of the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pipeline.model.words import Frozen


class State(StrEnum):
    """The states of a delivery."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RECALLED = "recalled"


class Deed(StrEnum):
    """What a row of the outbox does. All but the first act upon an earlier row, which they name."""

    PUBLISH = "publish"
    EDIT = "edit"
    """Replaces the text of a post in place."""
    DELETE = "delete"
    """Takes a post back."""
    REPLACE = "replace"
    """Publishes the corrected post, once the earlier one has been taken back."""
    NOTICE = "notice"
    """Publishes that an earlier post, which stays, was wrong."""
    NOTICE_RECALLED = "notice-recalled"
    """Publishes that an earlier post, which cannot be taken back, shall be disregarded."""
    TELL_CORRECTED = "tell-corrected"
    """Tells a partner, or a person with a task, that the text has changed."""
    TELL_RECALLED = "tell-recalled"
    """Tells a partner, or a person with a task, to take the text down."""


POSTS = frozenset({Deed.PUBLISH, Deed.REPLACE, Deed.NOTICE})
"""Deeds by which something is there that a recall has to take back."""
TAKES_BACK = frozenset({Deed.DELETE, Deed.TELL_RECALLED})
"""Deeds after which an earlier row counts as recalled. They need nobody's approval: stopping is always allowed."""
CORRECTS = frozenset({Deed.EDIT, Deed.REPLACE, Deed.TELL_CORRECTED})
"""Deeds after which an earlier row's place shows another text."""
OF_RECALL = frozenset({*TAKES_BACK, Deed.NOTICE_RECALLED})
"""Deeds that a recall makes, and that it does not stop."""
REPEATABLE = frozenset({Deed.EDIT, Deed.DELETE})
"""Deeds that leave the same when done twice: one in doubt is simply done again."""


OPEN = frozenset({State.PLANNED, State.HELD})
"""States in which nothing has left the house and the plan may still change a row."""
BUSY = frozenset({State.CLAIMED, State.SENDING})


class Slot(Frozen):
    """One occurrence of a calendar entry for one account: what the plan wants to exist. Times are UTC."""

    campaign: str
    message: str
    language: str
    account: str
    occurrence: str
    due_at: datetime
    not_after: datetime | None = None
    late_after: timedelta
    during_quiet_hours: bool = False
    """Whether it may go out in the campaign's quiet hours too; blackouts hold for every slot."""
    path: str
    """The campaign file, relative to the project, and the line of its entry."""
    line: int | None = None

    @property
    def key(self) -> str:
        """What makes a delivery this delivery: campaign, message, language, account, occurrence; not its text."""
        return "/".join((self.campaign, self.message, self.language, self.account, self.occurrence))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox: one post for one occurrence on one account (or for one recipient of it). Times are UTC."""

    id: int
    key: str
    campaign: str
    message: str
    language: str
    account: str
    occurrence: str
    state: State
    due_at: datetime
    late_at: datetime
    next_try_at: datetime
    post_digest: str
    approval: str
    authors: tuple[str, ...]
    attempts: int
    parent_id: int | None = None
    recipient_id: int | None = None
    not_after: datetime | None = None
    worker: str | None = None
    lease_until: datetime | None = None
    first_sending_at: datetime | None = None
    last_sending_at: datetime | None = None
    sent_at: datetime | None = None
    reason_kind: str = ""
    reason: str = ""
    place: str = ""
    deed: Deed = Deed.PUBLISH
    of_id: int | None = None
    """The row that this one acts upon."""


BY_HAND = "by-hand:"
"""How the remote id of a receipt begins that is a person's word: the network was never asked."""


class Why(StrEnum):
    """Why a delivery is held, failed or unconfirmed: the word that the machine goes by."""

    APPROVAL = "approval"
    """Nobody has approved this text yet."""
    LATE = "late"
    """Its time passed while nothing ran, or the network would not take it, for longer than the campaign allows."""
    UNSAFE = "unsafe"
    """A helpline in it is no longer verified, or its text no longer agrees with the files."""
    REFUSED = "refused"
    """The network refused the content."""
    GAVE_UP = "gave-up"
    """The network could not be reached as often as was tried."""
    SETTLING = "settling"
    """Whether it arrived is being looked up."""
    PERSON = "person"
    """Whether it arrived can only be told by a person."""
    TASK = "task"
    """A person has to carry it out and tick it off."""
    RECALLED = "recalled"
    """Its message was taken back."""
