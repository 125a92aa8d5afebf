"""What a report looks like: the figures of a rehearsal, collected from its simulators as from any network.

The readers are made up, by a rule that gives the same numbers every time, and every page of the report says so first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zlib import crc32

from channels.testing.simulator import Reacts
from pipeline.app import collecting, reporting
from pipeline.app.rehearsing import Rehearsal
from pipeline.reach.saying import Said
from pipeline.reports.findings import Query

WAIT = timedelta(days=7)
"""How long after the last post the figures are read."""
SAID = Said("The readers of this report are made up by a rehearsal. No number in it says anything about a campaign.")


def write_report(rehearsal: Rehearsal, folder: Path) -> bool:
    """Let made-up readers react, collect that, and write the report into ``folder``; return whether there is any.

    :param rehearsal: one whose context is still open. Its clock moves on.
    """
    if not _react(rehearsal):
        return False
    rehearsal.clock.advance(WAIT)
    house = rehearsal.house
    collecting.from_networks(house)
    collecting.from_outbox(house)
    found = reporting.make_report(house, Query())
    found = replace(found, missing=(SAID, *found.missing))
    language = house.settings.programme.languages[0]
    spoken = "en" if "en" in house.settings.languages else language
    # Whoever opens it sees by its title already what kind of readers these are.
    report = replace(reporting.whole(house, found, spoken), title=Said("Reach: made-up readers of a rehearsal"))
    reporting.write(house, report, folder, ("html", "pdf", "xlsx"), spoken)
    return True


def _react(rehearsal: Rehearsal) -> bool:
    """Let readers like, pass on and answer posts where a simulator knows such things."""
    reacted = False
    for simulator in rehearsal.stage.simulators:
        if isinstance(simulator, Reacts):
            for number, post in enumerate(simulator.posts):
                # By the text and not by its id, so that the same rehearsal gives the same report.
                chance = crc32(f"{post.account} {number} {post.text}".encode())
                simulator.react(post.remote_id, likes=chance % 40, shares=chance // 40 % 12, answers=chance // 480 % 5)
                reacted = True
    return reacted
