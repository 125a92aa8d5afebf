"""Scripts for radio and television, with their seconds, and their text layers: subtitles (SRT) and the spoken text.

SubRip has no standard; the form here is what players agree on. Two lines of at most 37 letters is our own choice: they
can be read on a telephone and on a screen in a bus.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline import markdown
from pipeline.content.speaking import rate, seconds, spoken_words
from pipeline.partners.kits.brief import Brief, Shown
from pipeline.partners.kits.pieces import Pieces
from pipeline.partners.kits.templates import Templates
from pipeline.website.words import Words

LINE = 37
"""Letters in a line of a subtitle."""
LINES = 2
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


@dataclass(frozen=True)
class _Timed:
    """A scene of a script: what is seen and said, and from when to when (whole seconds) as a person reads it."""

    seen: str
    said: str
    span: str


def scripts(templates: Templates, brief: Brief, words: Words, into: Pieces) -> None:
    """Add the scripts that the kit sheet holds; what it lacks is told, unless the whole sheet is missing."""
    for wanted in (20, 30):
        if spoken := brief.radio.get(wanted):
            _script(templates, f"scripts/radio-{wanted}", "radio", [Shown("", spoken)], brief, words, into)
        elif brief.sheet == "there":
            into.left_out.append(words["left_radio"].format(seconds=wanted))
    if brief.television:
        _script(templates, "scripts/television", "television", brief.television, brief, words, into)
    elif brief.sheet == "there":
        into.left_out.append(words["left_television"])


def _script(
    templates: Templates, path: str, kind: str, scenes: Sequence[Shown], brief: Brief, words: Words, into: Pieces
) -> None:
    spoken = " ".join(scene.said for scene in scenes)
    takes = _whole(seconds(spoken, brief.language))
    text = templates.render(
        "script",
        words=words.texts,
        title=words[kind].format(seconds=takes, title=brief.title),
        seconds=takes,
        count=spoken_words(spoken),
        rate=rate(brief.language),
        scenes=list(_timed(scenes, brief.language, words)),
    )
    into.text(f"{path}.txt", markdown.to_text(text), words["file_script"].format(seconds=takes))
    into.text(f"{path}.srt", srt([scene.said for scene in scenes], brief.language), words["file_subtitles"])
    into.text(f"{path}-spoken.txt", "\n\n".join(scene.said for scene in scenes), words["file_layer"])


def _timed(scenes: Sequence[Shown], language: str, words: Words) -> Iterator[_Timed]:
    at = 0.0
    for scene in scenes:
        after = at + seconds(scene.said, language)
        yield _Timed(
            scene.seen,
            scene.said,
            words["span"].format(start=round(at), end=_whole(after) if scene is scenes[-1] else round(after)),
        )
        at = after


def _whole(length: float) -> int:
    """A second that has begun is taken."""
    return int(length) + (length > int(length))


def srt(passages: Sequence[str], language: str) -> str:
    """Return subtitles: each for as long as its words take to read, none with more than two lines."""
    at = 0.0
    cues: list[str] = []
    for passage in passages:
        for shown in _screens(passage):
            after = at + seconds(" ".join(shown), language)
            cues.append(f"{len(cues) + 1}\n{_clock(at)} --> {_clock(after)}\n" + "\n".join(shown))
            at = after
    return "\n\n".join(cues)


def _screens(passage: str) -> Iterator[list[str]]:
    """Yield what stands on the screen at once: whole sentences where they fit, else parts of one."""
    waiting = ""
    for sentence in _SENTENCE.split(" ".join(passage.split())):
        longer = f"{waiting} {sentence}".strip()
        if waiting and len(_wrapped(longer)) > LINES:
            yield _wrapped(waiting)
            longer = sentence
        lines = _wrapped(longer)
        while len(lines) > LINES:
            yield lines[:LINES]
            lines = lines[LINES:]
        waiting = " ".join(lines)
    if waiting:
        yield _wrapped(waiting)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, LINE, break_long_words=False, break_on_hyphens=False)


def _clock(at: float) -> str:
    thousandths = round(at * 1000)
    whole, rest = divmod(thousandths, 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{rest:03}"
