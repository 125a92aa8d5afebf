"""The assistance centres of a project: read, and what somebody should see to."""

from __future__ import annotations

from datetime import date

from pipeline.app.files_of_plans import faulty, fit, read_all
from pipeline.app.house import House
from pipeline.model import Problem
from pipeline.programme.centre import opening
from pipeline.programme.centre.centre_file import Centre
from pipeline.programme.centre.reading import read_centres
from pipeline.programme.on_site import centres as on_site
from pipeline.programme.work_plan import WorkPlan
from pipeline.website.words import read_words


def centres(
    house: House, problems: list[Problem] | None = None, plans: dict[str, WorkPlan] | None = None
) -> dict[str, Centre]:
    """Return the centres by plan.

    :param problems: where what is wrong is added.
    :param plans: the work plans, where they have been read already.
    :raises ProblemsFound: with everything that is wrong, when ``problems`` is not given.
    """
    return read_all(house, read_centres, plans, problems)


def shown_centres(house: House, problems: list[Problem], plans: dict[str, WorkPlan]) -> on_site.Centres:
    """Return what shows the centres on pages; one that is wrong is left out, and the problem says why."""
    found: list[Problem] = []
    read = centres(house, found, plans)
    wrong = faulty(found)
    kept = {name: one for name, one in read.items() if one.path not in wrong}
    words = read_words(house.root, house.settings.languages, found, on_site.FOLDER) if kept else {}
    problems += found
    return on_site.Centres(kept, words, fit(house), house.today)


def late(house: House) -> list[str]:
    """Return what somebody should see to at the centres, one sentence each."""
    found: list[Problem] = []
    read = centres(house, found)
    wrong = faulty(found)
    language = house.settings.programme.languages[0]
    return [
        f"{one.plan}: {what}"
        for one in read.values()
        for what in opening.late(
            one, house.today, _holidays(one, house.today), shown=one.path not in wrong, language=language
        )
    ]


def _holidays(one: Centre, today: date) -> list[tuple[date, str]]:
    """Return the public holidays of a centre's country from ``today`` on, as far as the team is reminded of them."""
    if one.country is None:
        return []
    import holidays  # noqa: PLC0415  (its tables take long to import, and most commands need none)

    last = today + opening.SOON
    try:
        days = holidays.country_holidays(one.country, years=sorted({today.year, last.year}))
    except NotImplementedError:
        # The library has no tables for this country.
        return []
    return sorted((day, name) for day, name in days.items() if today <= day <= last)
