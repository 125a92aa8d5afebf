"""When an attempt began, for networks that refuse the same words twice: is the twin ours, or an older one?"""

from __future__ import annotations

from datetime import datetime

from channels.contract import Steps

_NAME = "begun"


def first_attempt(steps: Steps, now: datetime) -> datetime:
    """Return when the first attempt at this part began (UTC), remembering ``now`` when this is the first."""
    kept = steps.get(_NAME)
    if kept:
        return datetime.fromisoformat(kept)
    steps.put(_NAME, now.isoformat())
    return now
