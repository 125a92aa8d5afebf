from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st

from pipeline.calendar.occurrences import Expansion, expand
from pipeline.model import Campaign, Entry, Message

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


# --- arbitrary calendar entries ----------------------------------------------------------------------------

_SLUGS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4})?", fullmatch=True)
_TIMES = st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2028-01-01")).map(
    lambda wall: f"{wall:%Y-%m-%d %H:%M}"
)
_RULES = st.one_of(
    st.sampled_from(
        ["FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6", "=1+1", "'=x", "'quoted'", "@a", "-1", "a: b # c", "no", "[x]"]
    ),
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20),
)
_SOME_SLUGS = st.lists(_SLUGS, min_size=1, max_size=3).map(tuple)


@st.composite
def _any_entry(draw: st.DrawFn) -> Entry:
    said: dict[str, Any] = {"accounts": draw(_SOME_SLUGS), "during_quiet_hours": draw(st.booleans())}
    shape = draw(st.sampled_from(["single", "series", "rotation"]))
    if shape == "single":
        said |= {"message": draw(_SLUGS), "at": draw(_TIMES), "not_after": draw(st.none() | _TIMES)}
    else:
        said |= {"starts": draw(_TIMES), "repeat": draw(_RULES)}
        said |= {"rotation": draw(_SOME_SLUGS)} if shape == "rotation" else {"message": draw(_SLUGS)}
        minutes = draw(st.none() | st.integers(1, 5000))
        said["good_for"] = timedelta(minutes=minutes) if minutes else None
    if shape == "rotation" or draw(st.booleans()):
        said["id"] = draw(_SLUGS)
    return Entry.model_validate(said)


@pytest.fixture(scope="session")
def calendars() -> st.SearchStrategy[list[Entry]]:
    """Lists of entries with a key of their own each."""
    return st.lists(_any_entry(), max_size=5, unique_by=lambda entry: entry.key)
