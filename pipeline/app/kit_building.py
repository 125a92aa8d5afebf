"""`outreach kit build` and `outreach kit verify`: which kits are asked for, and what is compared with what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.app.house import House
from pipeline.app.kits import KitProblem, Shelf, Shelved
from pipeline.clock import Clock, stopwatch
from pipeline.partners.kits.ledger import FILE, Ledger, LedgerUnreadable
from pipeline.partners.kits.verify import Verdict, hold, judge
from pipeline.website.public import embargoed_until


@dataclass(frozen=True)
class Asked:
    """Which kits are asked for; what is ``None`` is not narrowed down."""

    message: str | None = None
    campaign: str | None = None
    language: str | None = None
    partner: str = ""
    embargoed: bool = False


@dataclass(frozen=True)
class Done:
    """The kits that were asked for, and how many seconds it took."""

    made: tuple[Shelved, ...]
    seconds: float


def build_kits(house: House, asked: Asked) -> Done:
    """Make the kits that are asked for.

    :raises KitProblem: when there is nothing like that.
    :raises ProblemsFound: when something that people wrote has to be mended first.
    """
    elapsed = stopwatch()
    _possible(house, asked)
    shelf = Shelf(house, with_embargoed=asked.embargoed)
    made = tuple(_each(shelf, asked))
    if not made:
        raise KitProblem(_nothing(house, asked))
    shelf.save()
    return Done(made, elapsed())


def _possible(house: House, asked: Asked) -> None:
    partner = house.settings.partners.get(asked.partner)
    if asked.partner and partner is None:
        names = ", ".join(house.settings.partners) or "none"
        raise KitProblem(f"there is no partner '{asked.partner}' in outreach.toml; there are: {names}.")
    if asked.embargoed and partner is None:
        raise KitProblem("what is under embargo is made for a partner that is named; say which with --partner.")
    if asked.embargoed and partner and not partner.embargoed:
        what = f"the partner '{asked.partner}' is not given anything before its embargo ends"
        raise KitProblem(f"{what}; 'embargoed = true' in [partners.{asked.partner}] would change that.")


def _each(shelf: Shelf, asked: Asked) -> Iterator[Shelved]:
    partner = shelf.public.settings.partners.get(asked.partner)
    chosen = partner.campaigns if partner else ()

    def wanted(campaign: str, language: str) -> bool:
        if chosen and campaign not in chosen:
            return False
        return asked.campaign in (None, campaign) and asked.language in (None, language)

    for message, language in shelf.messages():
        if asked.message in (None, message.id) and wanted(message.campaign, language):
            yield shelf.of_message(message, language, asked.partner)
    for campaign, language in shelf.campaigns():
        if asked.message is None and wanted(campaign.id, language):
            yield shelf.of_campaign(campaign, language, asked.partner)


def _nothing(house: House, asked: Asked) -> str:
    found = house.project.find(asked.message) if asked.message else []
    if asked.message and not found:
        return f"there is no message '{asked.message}' that can be read; see `outreach check`."
    for one in found:
        until = embargoed_until(one.source.head.embargo, house.project.campaigns[one.campaign])
        if until and until > house.clock.now():
            return f"'{one.id}' is under embargo until {until:%Y-%m-%d %H:%M} UTC; see --embargoed."
    return "there is no kit like that: no public message in this language whose text is up to date."


def verify_kit(root: Path, clock: Clock, file: Path, versions: Path | None) -> Verdict:
    """Say what a downloaded kit is worth today.

    :param versions: the site's list of versions, instead of the memory of the project in ``root``.
    :raises NotAKit: when the file is no kit.
    :raises KitProblem: when there is nothing to compare with.
    """
    held = hold(file)
    memory = root / "state" / FILE
    try:
        if versions is not None:
            ledger = Ledger.from_versions(versions.read_bytes())
        else:
            ledger = Ledger.from_json(memory.read_bytes())
    except FileNotFoundError:
        raise KitProblem(
            f"{memory}: no version of any kit is remembered here; give the site's list with --versions."
        ) from None
    except LedgerUnreadable as wrong:
        raise KitProblem(f"{versions or memory}: {wrong}.") from None
    return judge(held, ledger, clock.now().date())
