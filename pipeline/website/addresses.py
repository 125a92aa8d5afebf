"""Where everything stands on the site, below its address. A message's page is where `pipeline.compose` says it is."""

from __future__ import annotations

from pipeline.compose import page_address
from pipeline.model import HELP_PAGES, Message

__all__ = ["HELP_PAGES"]

LISTS = ("messages", "campaigns", "topics", "audiences")
RESERVED = frozenset({"assets", "pictures", "feeds", "kits", "cards", "posters", "embed", "search", "headers"})
"""Names that no page or campaign may take below a language."""
HOME = "home"


def written(language: str, page: str) -> str:
    """Return the address of one of the site's own pages."""
    return f"{language}/" if page == HOME else f"{language}/{page}/"


def message(language: str, one: Message) -> str:
    """Return the address of a message's page."""
    return page_address("", language, one.campaign, one.id).lstrip("/")


def campaign(language: str, name: str) -> str:
    """Return the address of a campaign's page."""
    return f"{language}/{name}/"


def listed(language: str, kind: str, name: str = "", number: int = 1) -> str:
    """Return the address of a list, or of one of its later sheets."""
    address = f"{language}/{kind}/{name}/" if name else f"{language}/{kind}/"
    return address if number == 1 else f"{address}{number}/"
