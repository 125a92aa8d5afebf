"""Where everything stands on the site, below its address. A message's page is where `pipeline.compose` says it is."""

from __future__ import annotations

from pipeline.compose import page_address
from pipeline.model import HELP_PAGES, Message

__all__ = ["HELP_PAGES"]

LISTS = ("messages", "campaigns", "topics", "audiences")
RESERVED = frozenset(
    {
        "assets",
        "pictures",
        "feeds",
        "kits",
        "cards",
        "posters",
        "embed",
        "search",
        "headers",
        "programme",
        "certificates",
    }
)
"""Names that no page or campaign may take below a language."""
FRAMES = "embed"
"""The folder of what partners show in a frame of theirs."""
KITS = "kits"
"""The folder of what partners download."""
HOME = "home"


def written(language: str, page: str) -> str:
    """Return the address of one of the site's own pages."""
    return f"{language}/" if page == HOME else f"{language}/{page}/"


def message(language: str, one: Message) -> str:
    """Return the address of a message's page."""
    return message_named(language, one.campaign, one.id)


def message_named(language: str, campaign: str, name: str) -> str:
    """Return the address of the page of the message ``name`` of a campaign."""
    return page_address("", language, campaign, name).lstrip("/")


def campaign(language: str, name: str) -> str:
    """Return the address of a campaign's page."""
    return f"{language}/{name}/"


def storefront(language: str, kind: str = "", name: str = "", number: int = 1) -> str:
    """Return where partners take messages over: all of them, or those of a campaign or for an audience; in sheets."""
    address = f"{language}/partners/messages/{kind}-{name}/" if name else f"{language}/partners/messages/"
    return address if number == 1 else f"{address}{number}/"


def embed(language: str, one: Message) -> str:
    """Return where the page lies that partners show in a frame of theirs."""
    return f"{FRAMES}/{message(language, one)}"


def listed(language: str, kind: str, name: str = "", number: int = 1) -> str:
    """Return the address of a list, or of one of its later sheets."""
    address = f"{language}/{kind}/{name}/" if name else f"{language}/{kind}/"
    return address if number == 1 else f"{address}{number}/"


def programme(language: str, plan: str, activity: str = "") -> str:
    """Return where a programme is told of, or one activity of it."""
    return f"{language}/programme/{plan}/{activity}/" if activity else f"{language}/programme/{plan}/"


def network(language: str, plan: str, community: str) -> str:
    """Return where a local network is told of. No activity can be in its way: activities lie one folder higher."""
    return f"{language}/programme/{plan}/networks/{community}/"


def training(language: str, plan: str, activity: str, session: str) -> str:
    """Return where a training session of an activity is told of."""
    return f"{programme(language, plan, activity)}{session}/"


def trainings(language: str, plan: str) -> str:
    """Return where professionals see the training sessions of a programme."""
    return f"{programme(language, plan)}sessions/"


def certificates(language: str) -> str:
    """Return where a certificate of a training is checked."""
    return f"{language}/certificates/"


def study(language: str, plan: str, activity: str) -> str:
    """Return where it is told what a programme's study found."""
    return f"{programme(language, plan, activity)}results/"


def monitoring(language: str, plan: str, activity: str) -> str:
    """Return where it is told what the monitoring of a referral mechanism counted."""
    return f"{programme(language, plan, activity)}referral/"
