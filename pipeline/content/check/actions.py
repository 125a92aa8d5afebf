"""One message, one action: a reader in a hurry or in fear is told one thing to do."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.content.check.helplines import helplines_in
from pipeline.content.check.language import speech
from pipeline.content.check.message import Subject
from pipeline.content.check.reading import ACTION, BODY, LONG, SHORT, Reading
from pipeline.content.check.rules import Finding, rule
from pipeline.model import Severity

ONE_ACTION = rule("one-action", Severity.ERROR, "A short text carries one helpline besides the emergency number.")
OTHER_ACTION = rule("other-action", Severity.WARNING, "A short text asks for the message's own action and no other.")
NO_NUMBER = rule("action-number", Severity.WARNING, "The number of the action's helpline stands in what is published.")
UNKNOWN_AUDIENCE = rule("unknown-audience", Severity.ERROR, "A message's audience and topic are those of its campaign.")


def check(subject: Subject) -> Iterator[Finding]:
    """Tell what asks for more than one thing."""
    yield from _audience(subject)
    for reading in subject.readings.values():
        for key in (SHORT, LONG):
            yield from _short(subject, reading, key)
        shown = {name for key in (ACTION, SHORT, LONG, BODY) for name in helplines_in(subject, reading, key)}
        own = subject.message.helpline
        if own in subject.registry.helplines and own not in shown:
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


def _short(subject: Subject, reading: Reading, key: tuple[str, ...]) -> Iterator[Finding]:
    start, end = reading.passage(key)
    if start == end:
        return
    helplines = subject.registry.helplines
    lines = {
        name for name in helplines_in(subject, reading, key) if name in helplines and not helplines[name].emergency
    }
    if len(lines) > 1:
        what = f"'{key[0]}' carries {len(lines)} helplines ({', '.join(sorted(lines))})"
        yield Finding(ONE_ACTION, reading.place(start), what, "keep the action's, and the emergency number if need be")
    actions = speech(reading.language).actions
    first, last = reading.passage(ACTION)
    asked = {name for name, pattern in actions if pattern.search(reading.folded, first, last)}
    for name, pattern in actions:
        if name not in asked and name != "call" and (found := pattern.search(reading.folded, start, end)):
            said = reading.raw[found.start() : found.end()]
            what = f"'{said}' asks for something else than the message's action"
            yield Finding(OTHER_ACTION, reading.place(found.start(), said), what, "make it a message of its own")
