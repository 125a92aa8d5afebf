"""What a report may be narrowed to: the names that the project, its accounts and its ledger know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from pipeline.app.house import House
from pipeline.reports.findings import Query


class UnknownName(Exception):
    """A report was asked about something that is nowhere; the message names what there is."""


def known_names(house: House, name: str) -> list[str]:
    """Return what a report can be narrowed to.

    :param name: campaign, partner, channel, language or audience.
    """
    settings, project = house.settings, house.project
    configured: Mapping[str, Iterable[str]] = {
        "campaign": project.campaigns,
        "partner": settings.partners,
        "channel": [account.kind for account in settings.accounts.values()],
        "language": settings.languages,
        "audience": [one for campaign in project.campaigns.values() for one in campaign.audiences],
    }
    return sorted({*configured[name], *house.store.reach.names(name)})


def check_names(house: House, query: Query) -> None:
    """Make sure that everything that a report is narrowed to is known.

    :raises UnknownName: with every name that is not.
    """
    wrong = []
    for name, value in query.words.items():
        known = known_names(house, name)
        if value not in known:
            close = get_close_matches(value, known, 1)
            meant = f" (did you mean '{close[0]}'?)" if close else ""
            wrong.append(f"there is no {name} '{value}'{meant}; there are: {', '.join(known) or 'none'}.")
    if query.since and query.until and query.until < query.since:
        wrong.append(f"the period ends on {query.until}, before it begins on {query.since}.")
    if wrong:
        raise UnknownName(" ".join(wrong))
