"""A letter for one office: its text with the office put in. Pure; nothing that a text holds is executed.

The texts are Jinja in the sandbox of the house's wording: they reach the words below and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import TemplateError

from pipeline.programme.advocacy.advocacy_file import Advocacy, Office
from pipeline.programme.work_plan import said
from pipeline.wording import DEFAULT, Wording, WordingError, compiled

WORDS = ("institution", "office", "programme", "asks")
"""What a text is given: the institution, the office in it, the programme's name, and the asks as a list."""


class LetterFault(Exception):
    """A letter cannot be made: one sentence, and the file that it is about."""

    def __init__(self, path: str, what: str, todo: str = "") -> None:
        self.path, self.what, self.todo = path, what, todo
        super().__init__(f"{path}: {what}" + (f"; {todo}" if todo else ""))


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as one office gets it. ``text`` is Markdown; ``name`` is the office's short name."""

    name: str
    office: Office
    title: str
    text: str


def text_path(one: Advocacy, letter: str, language: str) -> str:
    """Return the file of a letter's text, relative to the project."""
    return f"{one.folder}/letters/{letter}/{language}.md"


def write(one: Advocacy, letter: str, name: str, programme: str) -> Written:
    """Return a letter for the office ``name``, in the office's language.

    :raises LetterFault: when there is no text in that language, or the text does not hold.
    """
    office, about = one.file.offices[name], one.file.letters[letter]
    path = text_path(one, letter, office.language)
    source = one.texts.get((letter, office.language))
    if source is None:
        raise LetterFault(path, f"'{name}' reads {office.language}, and there is no text", "write this file")
    title = about.title.get(office.language)
    if not title:
        raise LetterFault(f"{one.folder}/advocacy.yml", f"the letter '{letter}' has no title in {office.language}")
    return Written(name, office, title, fill(source, path, _words(one, letter, office, programme)))


def fill(source: str, path: str, words: dict[str, str | list[str]]) -> str:
    """Return a text with its places filled in.

    :raises LetterFault: when it is no template, or names something that it is not given.
    """
    try:
        made = Wording({DEFAULT: compiled(source)}, {DEFAULT: path}).write(DEFAULT, words)  # type: ignore[arg-type]
    except (TemplateError, WordingError) as error:
        what = " ".join(str(error).split()).rpartition("fails: ")[2]
        raise LetterFault(path, f"this text cannot be filled in: {what}", f"it is given {', '.join(WORDS)}") from None
    return made


def _words(one: Advocacy, letter: str, office: Office, programme: str) -> dict[str, str | list[str]]:
    language = office.language
    return {
        "institution": office.institution,
        "office": said(office.office, language),
        "programme": programme,
        "asks": [said(one.file.asks[ask].what, language) for ask in one.file.letters[letter].asks],
    }


def trials(one: Advocacy) -> Iterator[LetterFault]:
    """Yield what is wrong with the texts, tried with words that stand for any others."""
    for (letter, language), source in one.texts.items():
        trial: dict[str, str | list[str]] = {**dict.fromkeys(WORDS[:3], "…"), "asks": ["…"]}
        try:
            fill(source, text_path(one, letter, language), trial)
        except LetterFault as fault:
            yield fault
