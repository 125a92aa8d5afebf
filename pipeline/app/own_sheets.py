"""What the house itself has to say: a row of the outbox that no calendar asked for, to team, partners, offices."""

from __future__ import annotations

from datetime import timedelta

from channels.contract import Part, Post
from pipeline.app.gate import HOUSE
from pipeline.app.house import House
from pipeline.store import Sheet


def own_sheet(
    house: House,
    about: str,
    part: Part,
    account: str,
    occurrence: str,
    *,
    late_after: timedelta,
    campaign: str = HOUSE,
    approval: str = "none",
    place: str = "outreach.toml",
    key: str = "",
) -> Sheet:
    """Return a row that is due now. Its key follows from what it is about, so that it is queued once, as all else is.

    :param about: what it is about, in one word; it stands where a message's name does.
    :param occurrence: which one it is of those about the same, and the last piece of its key unless ``key`` is.
    :param late_after: how late it may go out by itself.
    :param approval: whose eyes it needs before it goes out.
    :param place: the file that a person would look into.
    """
    now = house.clock.now()
    return Sheet(
        key="/".join((campaign, about, part.language, account, key or occurrence)),
        campaign=campaign,
        message=about,
        language=part.language,
        account=account,
        occurrence=occurrence,
        due_at=now,
        late_at=now + late_after,
        not_after=None,
        post=Post(account, (part,)),
        approval=approval,
        authors=(),
        place=place,
    )
