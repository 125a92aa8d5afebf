"""Figures of a page's posts on LinkedIn.

Source: learn.microsoft.com/linkedin, "Organization Share Statistics", read 2026-11-21: organic figures of the last
twelve months, for administrators of the page. A post without any activity is left out of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from channels.contract import Outcome, Rejected, Throttled, Unauthorized
from channels.linkedin_server import POST_URN, Server, body_of, encoded, listed

STATISTICS = "/rest/organizationalEntityShareStatistics"
AT_ONCE = 20
FAILURES_IN_A_ROW = 3
FIGURES = ("impressionCount", "uniqueImpressionsCount", "clickCount", "likeCount", "commentCount", "shareCount")
"""What is counted; ``engagement`` is a rate and no count."""


def figures_of(server: Server, remote_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return the figures that LinkedIn gives, by remote id.

    When a question for many posts fails, it is asked in halves, so that one post cannot take the others with it.

    :raises Outcome: when nothing could be read.
    """
    urns = [urn for urn in remote_ids if POST_URN.fullmatch(urn)]
    waiting = [
        group[start : start + AT_ONCE]
        for group in ([urn for urn in urns if _is_share(urn)], [urn for urn in urns if not _is_share(urn)])
        for start in range(0, len(group), AT_ONCE)
    ]
    found: dict[str, dict[str, int]] = {}
    failure: Outcome | None = None
    in_a_row = 0
    while waiting and in_a_row < FAILURES_IN_A_ROW:
        group = waiting.pop(0)
        try:
            found.update(_asked(server, group))
            in_a_row = 0
        except (Throttled, Unauthorized) as outcome:
            failure = outcome
            break
        except Outcome as outcome:
            # A refusal is about one of the posts; anything else may be about LinkedIn itself, and then it is enough.
            failure, in_a_row = outcome, 0 if isinstance(outcome, Rejected) else in_a_row + 1
            half = len(group) // 2
            waiting[:0] = [group[:half], group[half:]] if half else []
    if failure and not found:
        raise failure
    return found


def _is_share(urn: str) -> bool:
    return ":share:" in urn


def _asked(server: Server, urns: Sequence[str]) -> dict[str, dict[str, int]]:
    name, field = ("shares", "share") if _is_share(urns[0]) else ("ugcPosts", "ugcPost")
    page = encoded(server.settings.author)
    query = f"q=organizationalEntity&organizationalEntity={page}&{name}={listed(urns)}"
    elements = body_of(server.ask("GET", f"{STATISTICS}?{query}", "reading figures")).get("elements")
    found = {}
    for element in elements if isinstance(elements, list) else []:
        figures = element.get("totalShareStatistics") if isinstance(element, dict) else None
        if isinstance(figures, dict) and element.get(field) in urns:
            found[str(element[field])] = {one: figures[one] for one in FIGURES if type(figures.get(one)) is int}
    return found
