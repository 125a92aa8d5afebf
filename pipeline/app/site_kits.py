"""The kits that the site offers: of every public message and campaign, made before the pages that name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.app.house import House
from pipeline.app.kit_files import listing
from pipeline.app.kits import Shelf, Shelved
from pipeline.content.project import MessageKey
from pipeline.model import Problem
from pipeline.partners.kits.manifest import KitState
from pipeline.partners.kits.page import FOLDER, Offered, address, pages
from pipeline.website.extras import Download
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page


@dataclass
class Stand:
    """What the site shows of kits. ``problems`` are those that kept a kit from being made."""

    shelf: Shelf
    kits: list[Offered] = field(default_factory=list)
    downloads: dict[tuple[MessageKey, str], tuple[Download, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def make(self, shown: Shell) -> Iterable[Page | Asset]:
        """Yield the pages and files, and tell what is wrong."""
        shown.problems += self.problems
        return pages(shown, self.shelf.words, self.kits, self.shelf.ledger)


def set_up(house: House) -> Stand:
    """Make the kits of all that is public, and remember their versions."""
    shelf = Shelf(house)
    stand = Stand(shelf)
    label: Mapping[str, str] = {language: words["offer"] for language, words in shelf.words.items()}
    for (key, language), made in shelf.of_all(shelf.asked()):
        if isinstance(made, list):
            stand.problems += made
            continue
        _offer(stand, made)
        if made.manifest.state is KitState.CURRENT:
            path = f"{FOLDER}/{address(made.manifest)}"
            stand.downloads[key, language] = (Download(path, label[language], made.size),)
    for whole in shelf.of_all_campaigns():
        if isinstance(whole, list):
            stand.problems += whole
        else:
            _offer(stand, whole)
    shelf.save()
    return stand


def _offer(stand: Stand, made: Shelved) -> None:
    # The lists of all files of all kits together are large, and nobody asks for them again.
    known = made.manifest.model_copy(update={"files": ()})
    stand.kits.append(Offered(made.path, listing(made.path), made.size, known))
