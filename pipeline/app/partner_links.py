"""Links by which partners read what is under embargo: made, revoked, and written out beside the site."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.app.house import House
from pipeline.app.website import shell
from pipeline.partners import press
from pipeline.partners.opened import Opened, opened
from pipeline.settings import ProblemsFound
from pipeline.website.policy import PRIVATE

if TYPE_CHECKING:
    # The store takes long to import, and a build of the site needs it only where there is one.
    from pipeline.store import Link

FOLDER = "partners"
"""Below ``build``: one folder for each open link. The web server serves it as ``/partner/``."""
_BYTES = 24


class NotPossible(Exception):
    """A link cannot be made; the message says why."""


@dataclass(frozen=True)
class Standing:
    """A link, its address, and whether it opens anything."""

    link: Link
    address: str
    opens: bool


def address(house: House, token: str) -> str:
    """Return where a link leads."""
    return f"{house.settings.programme.site}/{PRIVATE}/{token}/"


def links(house: House) -> list[Standing]:
    """Return every link, the oldest first."""
    return [Standing(one, address(house, one.token), _opens(house, one)) for one in house.store.partners.links()]


def make(house: House, partner: str, who: str, note: str = "") -> Standing:
    """Make a link for a partner that may read what is under embargo, and write out what it opens.

    :raises NotPossible: when there is no such partner, or it is not named for that.
    """
    known = house.settings.partners.get(partner)
    if known is None:
        raise NotPossible(f"there is no partner '{partner}' in outreach.toml.")
    if not known.embargoed:
        raise NotPossible(
            f"'{partner}' is not given anything under embargo; [partners.{partner}] needs embargoed = true."
        )
    link = house.store.partners.make_link(secrets.token_urlsafe(_BYTES), partner, who, note, house.clock.now())
    write(house)
    return Standing(link, address(house, link.token), opens=True)


def revoke(house: House, names: Iterable[str], who: str) -> list[str]:
    """Revoke links, named by their token, its beginning, or the partner whose they are; return the tokens.

    What they opened is deleted from this machine at once.
    """
    wanted = list(names)
    tokens = [
        link.token
        for link in house.store.partners.links()
        if any(name == link.partner or (len(name) >= 6 and link.token.startswith(name)) for name in wanted)
    ]
    gone = house.store.partners.revoke(tokens, who, house.clock.now())
    for token in gone:
        shutil.rmtree(house.settings.build / FOLDER / token, ignore_errors=True)
    return gone


def counted(house: House, lines: Iterable[str]) -> list[tuple[Link, Opened | None]]:
    """Return how often each link was opened, by a web server's log."""
    found = opened(lines)
    return [(link, found.get(link.token)) for link in house.store.partners.links()]


def _opens(house: House, link: Link) -> bool:
    partner = house.settings.partners.get(link.partner)
    return link.revoked_at is None and partner is not None and partner.embargoed


def write(house: House) -> Path | None:
    """Write out what every open link opens now; return the folder, or ``None`` where no link was ever made.

    The folder changes at the end and at once.

    :raises ProblemsFound: when something under embargo has to be mended first.
    """
    if not remembers(house):
        return None
    known = house.store.partners.links()
    if not known:
        return None
    shown = shell(house, embargoed=True)
    target = house.settings.build / FOLDER
    target.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".partners-", dir=target.parent))
    try:
        for link in known:
            if _opens(house, link):
                folder = new / link.token
                folder.mkdir()
                for name, data in press.files(
                    shown, house.settings.partners[link.partner], link.token, shown.public.now
                ):
                    (folder / name).write_bytes(data)
        if errors := [problem for problem in shown.problems if problem.severity == "error"]:
            raise ProblemsFound(errors)
        new.chmod(0o755)
        old = Path(tempfile.mkdtemp(prefix=".partners-", dir=target.parent))
        if target.exists():
            target.rename(old / FOLDER)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return target


def remembers(house: House) -> bool:
    """Whether there is a store yet; a site can be built without one, and that makes none."""
    url = house.settings.store.url
    name = url.removeprefix("sqlite:///")
    return name == url or (house.root / name).exists()
