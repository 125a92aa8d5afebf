"""Partners as they stand in outreach.toml: added without touching the rest of the file, listed, looked over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import Table

from pipeline.app.atomic import replace_file
from pipeline.app.house import House
from pipeline.partners.changes import unknown_campaigns
from pipeline.settings import FILE


class AlreadyThere(Exception):
    """There is a partner of this name."""


@dataclass(frozen=True)
class Row:
    """A partner, and what is wrong with how it is written down."""

    name: str
    title: str
    languages: tuple[str, ...]
    tell: tuple[str, ...]
    contact: str
    campaigns: tuple[str, ...]
    embargoed: bool
    links: int
    wrong: tuple[str, ...]


def rows(house: House) -> list[Row]:
    """Return every partner."""
    open_links = [link.partner for link in house.store.partners.links() if link.revoked_at is None]
    found = []
    for name, partner in house.settings.partners.items():
        wrong = [f"there is no campaign '{one}'" for one in unknown_campaigns(partner, house.project.campaigns)]
        wrong += [
            f"the site has no language '{one}'" for one in partner.languages if one not in house.settings.languages
        ]
        if partner.logo and not partner.logo.is_file():
            wrong.append(f"its logo {partner.logo.relative_to(house.root)} is not there")
        found.append(
            Row(
                name,
                partner.name,
                partner.languages,
                partner.tell,
                partner.contact or "",
                partner.campaigns,
                partner.embargoed,
                open_links.count(name),
                tuple(wrong),
            )
        )
    return found


def add(house: House, name: str, values: dict[str, Any]) -> None:
    """Write the table of a new partner into outreach.toml, after the other partners; the file's other text stays.

    :raises AlreadyThere: when there is a partner of this name.
    :raises ProblemsFound: when the settings could not be used with it; the file is then as it was.
    """
    if name in house.settings.partners:
        raise AlreadyThere(f"there is a partner '{name}' in outreach.toml already.")
    path = house.root / FILE
    before = path.read_bytes()
    document = tomlkit.parse(before.decode("utf-8-sig"))
    table = tomlkit.table()
    for key, value in values.items():
        table[key] = value
    partners = document.get("partners")
    if isinstance(partners, Table):
        partners.append(name, table)
    else:
        document["partners"] = tomlkit.table(is_super_table=True).append(name, table)
    replace_file(path, tomlkit.dumps(document).encode())
    try:
        House(house.root, house.clock).close()
    except BaseException:
        replace_file(path, before)
        raise
