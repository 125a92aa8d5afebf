"""The monitoring of referral mechanisms: read, taken in by quarters, and beside the published bulletin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.app.atomic import replace_file
from pipeline.app.files_of_plans import read_all, regions
from pipeline.app.house import House
from pipeline.content.indicators import FromReferral
from pipeline.model import Problem, Severity
from pipeline.programme.on_site import monitoring as on_site
from pipeline.programme.referral.reading import RULE, read_referrals
from pipeline.programme.referral.referral_file import Referral
from pipeline.programme.referral.release import Released, made_from, read
from pipeline.programme.work_plan import WorkPlan
from pipeline.settings import ProblemsFound
from pipeline.store import Reading
from pipeline.website.words import read_words

if TYPE_CHECKING:
    from pipeline.programme.referral.counts import Shown


class NotReleasable(Exception):
    """Nothing can be published; one sentence for a person."""


def referrals(
    house: House, problems: list[Problem] | None = None, plans: dict[str, WorkPlan] | None = None
) -> dict[str, Referral]:
    """Return what is monitored, by plan.

    :param problems: where what is wrong is added.
    :param plans: the work plans, where they have been read already.
    :raises ProblemsFound: with everything that is wrong, when ``problems`` is not given.
    """
    return read_all(house, read_referrals, plans, problems)


def shown(house: House, one: Referral) -> list[Shown]:
    """Return the quarters as they may be shown."""
    from pipeline.programme.referral import counts  # noqa: PLC0415  (it reckons, and the check reads files only)

    known = house.store.reach.figures(source=counts.SOURCE)
    return counts.shown(one, counts.of_plan(one.plan, known))


def figure_of(house: House, wanted: FromReferral) -> list[Reading]:
    """Return the one figure that an indicator takes from a mechanism, with its evidence; nothing while there is none.

    Its value is ``None`` where it is hidden.
    """
    from pipeline.programme.referral import counts, figures  # noqa: PLC0415

    one = referrals(house, []).get(wanted.plan)
    if one is None:
        return []
    known = house.store.reach.figures(source=counts.SOURCE)
    rows = counts.shown(one, counts.of_plan(one.plan, known))
    found = figures.figure(one, known, rows, quarter=wanted.quarter, name=wanted.figure)
    return [found] if found else []


def record(house: House, one: Referral, path: Path, by: str, reason: str = "") -> tuple[int, list[Problem]]:
    """Write the counts of a table into the ledger; return how many quarters, and what somebody should look at.

    :param reason: why counts that are there already are replaced; without one they are not.
    :raises ProblemsFound: with everything that is wrong; nothing has been written then.
    """
    from pipeline.programme.counts import cells  # noqa: PLC0415
    from pipeline.programme.counts.entry import Entry  # noqa: PLC0415
    from pipeline.programme.referral import counts  # noqa: PLC0415

    told = regions(house)
    sheet = cells.read(path, one.columns, told)
    if reason and (what := cells.looks_like(reason, told)):
        sheet.wrong(None, f"the reason looks as if it held {what}", "say it without anything about a person")
    known = house.store.reach.figures(source=counts.SOURCE)
    quarters = {key[0] for key in counts.of_plan(one.plan, known)}
    found = counts.read_counts(sheet, one, today=house.today, known=quarters, correcting=bool(reason))
    if any(problem.severity is Severity.ERROR for problem in sheet.problems):
        raise ProblemsFound(sheet.problems)
    entry = Entry(house.clock.now(), by, reason, cells.table_name(sheet, told), sheet.sha256)
    house.store.reach.add(counts.readings(one, found, known, entry))
    return len({key[0] for key in found}), sheet.problems


def release(house: House, one: Referral) -> Released:
    """Write the totals that may be published beside the file, and return them.

    :raises NotReleasable: when the file does not say that it is released, or there is nothing of those quarters.
    """
    if not one.released:
        raise NotReleasable(f"{one.path} does not say 'released: true'; write it when the counts may be published.")
    made = made_from(one, shown(house, one), house.today)
    if not made.rows:
        raise NotReleasable(f"there are no counts until {one.released_until}; see `outreach referral record`.")
    replace_file(house.root / one.released_path, (made.model_dump_json(indent=1) + "\n").encode())
    return made


def shown_monitoring(house: House, problems: list[Problem], plans: dict[str, WorkPlan]) -> on_site.Monitoring:
    """Return what makes the pages of what is monitored and released; the rest has none."""
    found: list[Problem] = []
    every = referrals(house, found, plans)
    wrong = {problem.path for problem in found}
    released: dict[str, tuple[Referral, Released]] = {}
    for name, one in every.items():
        if not one.released or one.path in wrong or not (house.root / one.released_path).exists():
            continue
        try:
            made = read(one, (house.root / one.released_path).read_bytes())
        except (OSError, ValueError) as error:
            what = f"the released counts cannot be shown ({_first(error)})"
            todo = f"make them anew with `outreach referral release --plan {name}`"
            found.append(Problem(path=one.released_path, rule=RULE, message=what, todo=todo))
        else:
            released[name] = (one, made)
    words = read_words(house.root, house.settings.programme.languages, found, on_site.FOLDER) if released else {}
    problems += found
    return on_site.Monitoring(released, plans, words)


def _first(error: Exception) -> str:
    # A library's error has many lines, and shows what the file holds.
    return str(error) if type(error) is ValueError else "they are not as the command writes them"
