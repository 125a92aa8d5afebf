"""Looking where partners and the press took messages over, and settling what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from channels.contract import Outcome, Throttled
from channels.http import Door
from pipeline import markdown
from pipeline.app.house import House
from pipeline.compose import page_address
from pipeline.placeholders import expand
from pipeline.reach.pickups.finding import Finder, Found, Wanted
from pipeline.reach.pickups.sources import fetch
from pipeline.reach.units import Kind
from pipeline.store import Pickup, PickupState, Reading, Source

EVERY = timedelta(hours=3)
LONGEST_PAUSE = timedelta(days=2)
MOST_BYTES = 5 * 1024 * 1024
"""Of a feed or page; what is longer is not read further, and says so."""


@dataclass
class Looked:
    """What a look at partners' feeds brought: sources read, pickups that are new, and what could not be read."""

    read: int = 0
    new: int = 0
    troubles: list[str] = field(default_factory=list)


def look(house: House, *, allow_private: bool = False) -> Looked:
    """Read the feeds and pages of partners that are due, and keep what looks like a message of ours.

    :param allow_private: whether addresses inside private networks may be asked (for tests on this machine).
    """
    done, now = Looked(), house.clock.now()
    finder = Finder(_wanted(house))
    with Door("partners", clock=house.clock.now, allow_private=allow_private, max_bytes=MOST_BYTES, total=30.0) as door:
        for name, partner in house.settings.partners.items():
            for url in partner.watch:
                source = house.store.pickups.source(url, name, now)
                if source.next_at <= now:
                    _read(house, door, finder, source, done)
    return done


def _read(house: House, door: Door, finder: Finder, source: Source, done: Looked) -> None:
    now = house.clock.now()
    try:
        fetched = fetch(door, source.url, etag=source.etag, modified=source.modified)
    except Outcome as outcome:
        pause = min(EVERY * 2 ** min(source.failures, 10), LONGEST_PAUSE)
        later = max(outcome.until, now + EVERY) if isinstance(outcome, Throttled) else now + pause
        trouble = f"{source.partner}: {outcome}"
        house.store.pickups.save(replace(source, failures=source.failures + 1, next_at=later, trouble=trouble))
        done.troubles.append(trouble)
        return
    done.read += 1
    done.new += house.store.pickups.add(_pickup(found, source.partner, house) for found in finder.look(fetched.entries))
    house.store.pickups.save(
        replace(
            source,
            etag=fetched.etag,
            modified=fetched.modified,
            read_at=now,
            next_at=now + EVERY,
            failures=0,
            trouble="",
        )
    )


def _pickup(found: Found, partner: str, house: House) -> Pickup:
    return Pickup(
        0, partner, found.url, found.campaign, found.message, found.language, found.title, found.how,
        round(found.score * 1000), found.excerpt, house.clock.now(),
    )  # fmt: skip


def _wanted(house: House) -> Iterator[Wanted]:
    project, site = house.project, house.settings.programme.site.rstrip("/")
    for (campaign, message), one in project.messages.items():
        tags = project.campaigns[campaign].hashtags
        for language, text in one.translations.items():
            head = text.head
            said = (f"{head.title}. {head.summary}", head.long, markdown.to_text(text.body))
            texts = tuple(expand(piece, project.helplines, one.helpline).text for piece in said if piece)
            page = page_address(site, language, campaign, message)
            yield Wanted(campaign, message, language, page, tags.get(language, ()), texts)


class Unknown(LookupError):
    """There is no such pickup."""


def settle(house: House, pickup_id: int, *, confirmed: bool, who: str) -> Pickup:
    """Confirm or dismiss a pickup; a confirmed one counts in the ledger, a dismissed one no more.

    :raises Unknown: when there is none with this number.
    """
    state = PickupState.CONFIRMED if confirmed else PickupState.DISMISSED
    known = house.store.pickups.settle(pickup_id, state, who, house.clock.now())
    if known is None:
        raise Unknown(f"there is no pickup with the number {pickup_id}; see `outreach pickups`")
    house.store.reach.add([_reading(known, 1 if confirmed else None, house, who)])
    return known


def _reading(pickup: Pickup, value: int | None, house: House, who: str) -> Reading:
    day = pickup.found_at.date()
    return Reading(
        source="pickups", subject=pickup.url, metric=f"{pickup.campaign}/{pickup.message}", at=house.clock.now(),
        value=value, kind=Kind.MEASURED, unit="pickups", word="pickups",
        definition="re-publications that a person confirmed", campaign=pickup.campaign, message=pickup.message,
        language=pickup.language, channel="partner", partner=pickup.partner, period_first=day, period_last=day,
        method=f"found by {pickup.how}", evidence=pickup.url, by=who,
    )  # fmt: skip
