"""The registry of helplines, as people see to it: what is verified, by whom, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipeline.app.atomic import replace_file
from pipeline.app.house import House
from pipeline.content.project import HELPLINES
from pipeline.content.verify import VerifyRefused, write_verification
from pipeline.model import Helpline, Verification

GOOD_FOR = timedelta(days=180)
"""How long a verification holds unless somebody says otherwise: telephone numbers of services change about yearly."""
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one helpline stands: ``unfit`` says why it must not be published today, ``soon`` that it expires soon."""

    helpline: Helpline
    unfit: str | None
    soon: bool

    def __str__(self) -> str:
        line = self.helpline
        if self.unfit:
            return self.unfit
        how = "by a call" if line.verified_how is Verification.CALLED else "in a source"
        tail = " (soon)" if self.soon else ""
        return f"verified {how} on {line.verified_on} by {line.verified_by}, expires {line.expires}{tail}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        line = self.helpline
        return {
            "id": line.id,
            "number": line.number,
            "country": line.country,
            "fit": self.unfit is None,
            "unfit": self.unfit,
            "expires": line.expires.isoformat() if line.expires else None,
            "verified_on": line.verified_on.isoformat() if line.verified_on else None,
            "verified_by": line.verified_by,
            "verified_how": line.verified_how.value if line.verified_how else None,
        }


def standings(house: House) -> list[Standing]:
    """Return how each helpline of the registry stands today, in the order of the file."""
    today = house.today
    return [
        Standing(line, line.unfit(today), line.expires is not None and today <= line.expires < today + SOON)
        for line in house.project.helplines.values()
    ]


def verify(house: House, name: str, *, by: str, how: Verification, expires: date | None = None) -> Helpline:
    """Write into the registry that ``by`` has verified a helpline today; return it as it now stands.

    :param expires: the last day on which it may be published; 180 days from today without it.
    :raises VerifyRefused: one sentence, when the person may not, or the day or the way does not fit.
    """
    person = house.settings.people.get(by)
    if person is None or "verify" not in person.may:
        known = ", ".join(who for who, found in house.settings.people.items() if "verify" in found.may)
        raise VerifyRefused(
            f"'{by}' may not verify helplines; who may, says [people] in outreach.toml: {known or 'nobody yet'}"
        )
    line = house.project.helplines.get(name)
    if line is None:
        known = ", ".join(house.project.helplines) or "none yet"
        raise VerifyRefused(f"content/helplines.yml has no helpline '{name}' that can be read; it has: {known}")
    if line.emergency and how is Verification.CALLED:
        raise VerifyRefused(f"'{name}' is an emergency number, which is never dialled as a test; say --how source")
    today = house.today
    last = expires or today + GOOD_FOR
    if last <= today:
        raise VerifyRefused(f"the verification would expire on {last}; name a day that lies ahead")
    path = house.root / HELPLINES
    text = path.read_bytes().decode("utf-8")
    body = text.removeprefix("\ufeff")
    changed = write_verification(body, name, how=how, on=today, by=by, expires=last)
    replace_file(path, (text[: len(text) - len(body)] + changed).encode())
    return line.model_copy(update={"verified_on": today, "verified_by": by, "verified_how": how, "expires": last})
