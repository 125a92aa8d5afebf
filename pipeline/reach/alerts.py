"""What a team wants to be told of without looking: a post far from its usual, a silence, an indicator behind its path.

Pure decisions over what the ledger has. Whether somebody was told already is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from pipeline.model import Alerts


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to look at. ``mark`` is the same for as long as it is the same matter."""

    rule: str
    mark: str
    what: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post that is out, and its engagements at the first reading that was old enough; ``None``: not read so far."""

    key: str
    account: str
    message: str
    language: str
    sent_at: datetime
    engagements: int | None


LATE = 1.5
"""How many times as old as planned a post may be when it is read, to be compared with others of its age."""


def at_age(
    history: Mapping[str, Sequence[tuple[datetime, int | None]]], moment: datetime, last: datetime
) -> int | None:
    """Return the sum of a post's metrics at the first reading from ``moment`` to ``last``.

    A reading that came much later is of another age, and is not compared with those of this one.

    :param history: the readings of each metric, oldest first.
    """
    values = []
    for readings in history.values():
        later = next((value for at, value in readings if moment <= at <= last and value is not None), None)
        if later is not None:
            values.append(later)
    return sum(values) if values else None


def unusual(posts: Iterable[Post], rules: Alerts) -> Iterator[Alert]:
    """Yield posts whose engagements are far from the median of the account's earlier posts at the same age.

    A median is not moved by one post that did well. With fewer than ``at_least`` earlier posts nothing is usual yet,
    and where the usual is below :data:`FEW` a multiple of it means nothing.
    """
    rule = rules.unusual
    if rule is None:
        return
    before: dict[str, list[int]] = {}
    for post in sorted(posts, key=lambda one: (one.sent_at, one.key)):
        if post.engagements is None:
            continue
        earlier = before.setdefault(post.account, [])
        usual = median(earlier) if len(earlier) >= rule.at_least else 0
        if usual >= FEW:
            ratio = post.engagements / usual
            if ratio <= rule.below or ratio >= rule.above:
                how = "far below" if ratio <= rule.below else "far above"
                told = f"{post.engagements} engagements, usually {usual:g} after {_span(rule.after)}"
                what = f"{post.account}: {post.message} ({post.language}) is {how} its usual: {told}."
                yield Alert("unusual", f"unusual/{post.key}", what)
        earlier.append(post.engagements)


FEW = 5
"""Engagements: below so many, chance alone makes a post three times as good as another."""


def silent(last: Mapping[str, datetime], now: datetime, rules: Alerts) -> Iterator[Alert]:
    """Yield accounts on which nothing has gone out for too long.

    :param last: when something went out last, or was to go out first, by account (UTC).
    """
    if rules.silent_after is None:
        return
    for account, at in sorted(last.items()):
        if now - at >= rules.silent_after:
            what = f"{account}: nothing has gone out since {at:%Y-%m-%d}; is that meant?"
            yield Alert("silent", f"silent/{account}/{at:%Y-%m-%dT%H:%M}", what)


def behind(
    name: str, reached: int, baseline: int, target: int, period: tuple[date, date], today: date, rules: Alerts
) -> Iterator[Alert]:
    """Yield an indicator that is behind a straight path from its baseline to its target.

    :param period: the first and the last day of the campaign.
    """
    first, last = period
    if rules.behind_path is None or target <= baseline or not first <= today <= last:
        return
    gone = ((today - first).days + 1) / ((last - first).days + 1)
    expected = baseline + (target - baseline) * gone
    if reached < expected * (1 - rules.behind_path):
        what = (
            f"the indicator {name} is behind its path: {reached:,} of {target:,}, where a straight path would have "
            f"{round(expected):,} by {today}."
        )
        yield Alert("behind", f"behind/{name}/{today:%Y-%m}", what)


def _span(span: timedelta) -> str:
    hours = round(span / timedelta(hours=1))
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 24 else f"{hours} hours"
