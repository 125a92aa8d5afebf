"""One message, one action: a reader in a hurry or in fear is told one thing to do."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.content.check.helplines import helplines_in
from pipeline.content.check.language import speech
from pipeline.content.check.message import Subject
from pipeline.content.check.reading import ACTION, BODY, LONG, SHORT, Reading
from pipeline.content.check.rules import Finding, rule
from pipeline.content.yaml import Path as KeyPath
from pipeline.model import Severity

ONE_ACTION = rule(
    "one-action", Severity.ERROR, "A short text carries one operator's helpline, and the emergency number at most."
)
OTHER_ACTION = rule("other-action", Severity.WARNING, "A short text asks for the message's own action and no other.")
NO_NUMBER = rule("action-number", Severity.WARNING, "The number of the action's helpline stands in what is published.")
UNKNOWN_AUDIENCE = rule("unknown-audience", Severity.ERROR, "A message's audience and topic are those of its campaign.")


def check(subject: Subject) -> Iterator[Finding]:
    """Tell what asks for more than one thing."""
    yield from _audience(subject)
    for reading in subject.readings.values():
        for key in (SHORT, LONG):
            yield from _short(subject, reading, key)
        own = subject.message.helpline
        if own and own in subject.registry.helplines and not _shown(subject, reading, own):
            what = f"the action's helpline is '{own}', but its number stands nowhere in this text"
            yield Finding(
                NO_NUMBER, reading.place(reading.passage(ACTION)[0]), what, "write {helpline} into 'action: text'"
            )


def _audience(subject: Subject) -> Iterator[Finding]:
    head, campaign = subject.message.source.head, subject.campaign
    for key, value, known in (
        ("audience", head.audience, campaign.audiences),
        ("topic", head.topic, campaign.topics),
    ):
        if value and value not in known:
            place = subject.readings[subject.message.source_language].place(0)._replace(key=(key,), phrase="")
            yield Finding(UNKNOWN_AUDIENCE, place, f"the campaign has no {key} '{value}'", f"it has {', '.join(known)}")


def _short(subject: Subject, reading: Reading, key: KeyPath) -> Iterator[Finding]:
    start, end = reading.passage(key)
    if start == end:
        return
    helplines = subject.registry.helplines
    carried = helplines_in(subject, reading, key) & helplines.keys()
    lines = {name for name in carried if not helplines[name].emergency}
    if len({helplines[name].operator for name in lines}) > 1:
        what = f"'{key[0]}' carries the helplines of several operators ({', '.join(sorted(lines))})"
        yield Finding(ONE_ACTION, reading.place(start), what, "keep the action's, and the emergency number if need be")
    here = reading.folded[start:end]
    for _, words, pattern in speech(reading.language).actions:
        found = pattern.search(here) if any(word in here for word in words) else None
        if found and not pattern.search(reading.folded, *reading.passage(ACTION)):
            said = reading.raw[start + found.start() : start + found.end()]
            what = f"'{said}' asks for something else than the message's action"
            yield Finding(
                OTHER_ACTION, reading.place(start + found.start(), said), what, "make it a message of its own"
            )


def _shown(subject: Subject, reading: Reading, own: str) -> bool:
    """Whether a number of the action's helpline stands in what is published."""
    published = (ACTION, SHORT, LONG, BODY)
    if any(one.helpline in {"", own} and reading.key(one.start) in published for one in reading.placeholders):
        return True
    return any(own in helplines_in(subject, reading, key) for key in published)
