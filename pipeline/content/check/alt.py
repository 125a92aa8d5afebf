"""Alt texts: they say in the text's language what the picture shows."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.content.check.fold import fold
from pipeline.content.check.language import speech
from pipeline.content.check.message import Subject
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.model import FrontMatter, Severity

ALT = rule("alt", Severity.ERROR, "The alt text describes the picture and does not repeat a title or a file's name.")
ALT_STYLE = rule("alt-style", Severity.WARNING, "The alt text says at once and shortly what the picture shows.")

MAX_ALT = 300
"""Characters. Own judgement; the networks take 1000 and more, but who listens cannot skim."""
MIN_ALT = 15


def check(subject: Subject) -> Iterator[Finding]:
    """Tell alt texts that do not help."""
    for translation in subject.message.translations.values():
        place = Place(translation.path, ("picture", "alt"))
        yield from _alt(translation.head, translation.language, place, subject.message.source.head.picture.file or "")


def _alt(head: FrontMatter, language: str, place: Place, file: str) -> Iterator[Finding]:
    alt = head.picture.alt
    folded = fold(alt).strip(" .!")
    plain = alt.lower().strip(" .!")
    if plain in {head.title.lower().strip(" .!"), head.summary.lower().strip(" .!")}:
        yield Finding(ALT, place, "the alt text repeats the title or the summary", "describe what the picture shows")
    elif folded in {file.lower(), file.lower().rpartition(".")[0]}:
        yield Finding(ALT, place, "the alt text is the name of the file", "describe what the picture shows")
    elif len(alt) < MIN_ALT:
        yield Finding(ALT_STYLE, place, f"the alt text has only {len(alt)} characters", "say what the picture shows")
    if begins := speech(language).picture_of.match(folded):
        what = f"the alt text begins with '{alt[: begins.end()]}'"
        yield Finding(ALT_STYLE, place, what, "say at once what is seen; that it is a picture is known")
    if len(alt) > MAX_ALT:
        what = f"the alt text has {len(alt)} characters; {MAX_ALT} are enough"
        yield Finding(ALT_STYLE, place, what, "move details into the body")
