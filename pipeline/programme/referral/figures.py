"""One figure of a referral mechanism for an indicator: a quarter's total as it may be shown, and what proves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.programme.referral.counts import MEDIAN, TOTAL, Shown
from pipeline.programme.referral.referral_file import Referral
from pipeline.store import Reading


def figure(
    one: Referral, known: Sequence[Reading], shown: Iterable[Shown], *, quarter: str, name: str
) -> Reading | None:
    """Return the total of a quarter with its evidence, or ``None`` where nothing is recorded.

    Its value is ``None`` where it is hidden; what the ledger has is then not in it.

    :param known: what the ledger has of mechanisms.
    :param shown: the mechanism's rows as they may be shown.
    :param name: one of the mechanism's ``figures``.
    """
    series = f"{one.plan} {quarter}", f"{name}|{TOTAL}|"
    recorded = next((row for row in known if (row.subject, row.metric) == series and row.value is not None), None)
    total = next((row for row in shown if (row.quarter, row.by) == (quarter, TOTAL)), None)
    if recorded is None or total is None:
        return None
    value = total.median_days if name == MEDIAN else total.counts.get(name)
    digest = f"SHA-256 {recorded.evidence_sha256}" if recorded.evidence_sha256 else ""
    evidence = ", ".join(part for part in (recorded.evidence, digest, quarter) if part)
    # Why counts were corrected is for those who keep them.
    return replace(recorded, value=value, evidence=evidence, note="")
