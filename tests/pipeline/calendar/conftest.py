from collections.abc import Callable
from typing import Any

import pytest

from pipeline.calendar.occurrences import Expansion, expand
from pipeline.model import Campaign, Message

ACCOUNTS = {"fediverse-ro": "ro", "newsletter-en": "en", "fediverse-pt": "pt"}


def _message(name: str, languages: tuple[str, ...] = ("ro", "en"), embargo: str | None = None) -> Message:
    head = {"title": name, "summary": "s", "action": {"text": "a"}, "picture": {"alt": "p"}}
    translations = {
        language: {
            "language": language,
            "path": f"content/campaigns/proactiv/messages/{name}/{language}.md",
            "head": {**head, "embargo": embargo} if language == languages[0] else head,
            "body": "text",
        }
        for language in languages
    }
    return Message.model_validate(
        {
            "campaign": "proactiv",
            "id": name,
            "folder": f"content/campaigns/proactiv/messages/{name}",
            "source_language": languages[0],
            "translations": translations,
        }
    )


def _campaign(*entries: dict[str, Any], **fields: Any) -> Campaign:
    words = {"ro": "text"}
    return Campaign.model_validate(
        {
            "id": "proactiv",
            "title": words,
            "summary": words,
            "objective": words,
            "source_language": "ro",
            "languages": ["ro", "en"],
            "timezone": "Europe/Bucharest",
            "starts": "2026-12-01",
            "ends": "2027-12-31",
            "audiences": {"public": words},
            "topics": {"work": words},
            "calendar": entries,
            **fields,
        }
    )


Expand = Callable[..., Expansion]


@pytest.fixture(scope="session")
def make_message() -> Callable[..., Message]:
    return _message


@pytest.fixture(scope="session")
def make_campaign() -> Callable[..., Campaign]:
    return _campaign


@pytest.fixture(scope="session")
def expanded() -> Expand:
    """Expand a calendar of these entries; the entries stand in the lines 11, 12, …"""

    def run(*entries: dict[str, Any], messages: list[Message] | None = None, **fields: Any) -> Expansion:
        campaign = _campaign(*entries, **fields)
        known = messages if messages is not None else [_message(name) for name in ("signs-at-work", "stigma", "job")]
        return expand(
            campaign,
            path="content/campaigns/proactiv/campaign.yml",
            lines=range(11, 11 + len(entries)),
            accounts=ACCOUNTS,
            messages={message.id: message for message in known},
        )

    return run
