"""The local networks of a project: read, as they stand today, and what of them is late."""

from __future__ import annotations

from pipeline.app.files_of_plans import faulty, fit, read_all
from pipeline.app.house import House
from pipeline.model import Problem
from pipeline.programme.networks import appointments, board, pathway, standing
from pipeline.programme.networks.network_file import Network
from pipeline.programme.networks.reading import read_networks
from pipeline.programme.on_site import networks as on_site
from pipeline.programme.work_plan import WorkPlan
from pipeline.website.words import read_words


def networks(
    house: House, problems: list[Problem] | None = None, plans: dict[str, WorkPlan] | None = None
) -> dict[str, Network]:
    """Return the networks by ``plan/community``.

    :param problems: where what is wrong is added.
    :param plans: the work plans, where they have been read already.
    :raises ProblemsFound: with everything that is wrong, when ``problems`` is not given.
    """
    return read_all(house, read_networks, plans, problems)


def late(house: House) -> list[str]:
    """Return what is overdue in all networks, one sentence each; a network that cannot be read is told by the check."""
    language = house.settings.programme.languages[0]
    return [
        f"{one.key}: {what}"
        for one in networks(house, []).values()
        for what in standing.late(one, house.today, language)
    ]


def shown_networks(house: House, problems: list[Problem], plans: dict[str, WorkPlan]) -> on_site.Networks:
    """Return what makes the networks' pages; a network that is wrong has none, and the problem says why."""
    found: list[Problem] = []
    read = networks(house, found, plans)
    wrong = faulty(found)
    kept = {key: one for key, one in read.items() if one.public and one.path not in wrong}
    languages = house.settings.programme.languages
    words = read_words(house.root, languages, found, on_site.FOLDER) if kept else {}
    problems += found
    return on_site.Networks(kept, plans, words, fit(house), house.today)


def as_board(house: House, one: Network, language: str) -> str:
    """Return the coordinator's board of a network."""
    steps = pathway.steps(one.pathway, fit(house), language)
    return board.as_html(one, steps, today=house.today, language=language)


def as_ics(house: House, chosen: list[Network], language: str) -> bytes:
    """Return the meetings and the days of open actions as a calendar file."""
    return appointments.export(
        chosen,
        source=house.settings.programme.site,
        now=house.clock.now(),
        today=house.today,
        language=language,
    )
