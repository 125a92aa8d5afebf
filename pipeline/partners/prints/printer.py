"""Makes cards and prints, and remembers them by everything that went into them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.content.listing import read_yaml
from pipeline.model import Message, Problem, Severity
from pipeline.partners.prints.kinds import FORMS, Brand, Print, PrintKind
from pipeline.partners.prints.sheet import Desk, Drawn, Sheet, of_words
from pipeline.partners.prints.typesetting import TEMPLATES, Typesetter, write_once
from pipeline.settings import ProblemsFound
from pipeline.website.pictures import picture
from pipeline.website.public import Public
from pipeline.website.words import read_words

WORDS = f"{TEMPLATES}/words.yml"


class Printer:
    """Makes the prints of messages, with what of the project may be public.

    :param cache: the folder in which prints are kept, named by what went into them; it can be deleted at any time.

    ``problems`` gathers what people should mend although a print could be made.
    """

    def __init__(self, public: Public, cache: Path) -> None:
        self._public = public
        self._cache = cache
        self._typesetter = Typesetter(public.project.root, cache)
        self.problems: list[Problem] = []

    def make(
        self,
        message: Message,
        language: str,
        kinds: Iterable[PrintKind] = tuple(PrintKind),
        brand: Brand | None = None,
    ) -> list[Print]:
        """Return the prints of a message in a language, in the order of ``kinds``; none of one that was taken back.

        Whether the message's embargo is over is for the caller to ask: who is named for it may have prints earlier.

        :raises KeyError: when the message has no text in that language.
        :raises ProblemsFound: when it carries a number that must not be published, or a picture that cannot be used.
        """
        if self._public.recalled(message):
            return []
        sheet = self._sheet(message, language, brand)
        return [self._print(kind, message, language, sheet, brand) for kind in kinds]

    @cached_property
    def _desk(self) -> Desk:
        root, languages = self._public.project.root, self._public.settings.languages
        problems: list[Problem] = []
        words = read_words(root, languages, problems)
        own, _ = read_yaml(root, WORDS, problems)
        own = own if isinstance(own, dict) else {}
        problems += of_words(WORDS, own, languages)
        if problems:
            raise ProblemsFound(problems)
        return Desk(self._public, words, own)

    def _sheet(self, message: Message, language: str, brand: Brand | None) -> Sheet:
        return self._desk.sheet(message, language, self._picture(message), brand, self._logo(brand))

    def _picture(self, message: Message) -> Drawn | None:
        found, problem = picture(self._public.project.root, message)
        if problem:
            raise ProblemsFound([problem])
        if found is None:
            return None
        data = found.asset.read()
        return Drawn(self._typesetter.keep(data, Path(found.asset.path).suffix), found.width / found.height)

    def _logo(self, brand: Brand | None) -> Drawn | None:
        if brand is None or brand.logo is None:
            return None
        return Drawn(self._typesetter.keep(brand.logo.read_bytes(), brand.logo.suffix.lower()), 1)

    def _print(self, kind: PrintKind, message: Message, language: str, sheet: Sheet, brand: Brand | None) -> Print:
        form = FORMS[kind]
        data = sheet.data(form)
        packed = json.dumps([self._typesetter.fingerprint, form.template, data], ensure_ascii=False, sort_keys=True)
        key = hashlib.sha256(packed.encode()).hexdigest()[:32]
        path = self._cache / key[:2] / f"{key}{form.suffix}"
        if not path.exists():
            self._tell_missing(message, language, data)
            write_once(path, self._typesetter.set(form, data))
        name = f"{message.campaign}-{message.id}-{language}-{kind.value}{form.suffix}"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return Print(kind, name, form.mime, path, digest, sheet.alt, form.width, form.height, form.unit)

    def _tell_missing(self, message: Message, language: str, data: dict[str, Any]) -> None:
        """Tell the characters that no font has; they are not remembered, because an edit makes the print anew."""
        texts = [data["title"], *data["summaries"][:1], *data["actions"][:1], *data["partners"][:1]]
        if missing := self._typesetter.missing("".join(texts)):
            what = f"no font of the prints has {', '.join(f'‘{one}’' for one in missing)}; a sign stands in their place"
            path = message.translations[language].path
            told = Problem(path=path, rule="print", message=what, todo="write it otherwise", severity=Severity.WARNING)
            if told not in self.problems:
                self.problems.append(told)
