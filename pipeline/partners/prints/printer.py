"""Makes cards and prints, and remembers them by everything that went into them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from pipeline import shipped
from pipeline.content.listing import read_yaml
from pipeline.model import Message, Problem, Severity
from pipeline.partners.prints import art
from pipeline.partners.prints.art import Art
from pipeline.partners.prints.kinds import FORMS, Brand, Print, PrintKind
from pipeline.partners.prints.sheet import Desk, Drawn, Said, Sheet, of_words
from pipeline.partners.prints.typesetting import TEMPLATES, Typesetter, replace_file
from pipeline.settings import ProblemsFound
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
        self.cache = cache
        self.typesetter = Typesetter(public.project.root, cache)
        self._digests: dict[Path, str] = {}
        self._last: tuple[_Order, Sheet] | None = None
        self._drew = False
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
        :raises ProblemsFound: when it carries a number that must not be published, or picture or logo cannot be used.
        """
        if self._public.recalled(message):
            return []
        order = _Order(message, language, brand, self._desk.said(message, language))
        self._tell_missing(order)
        return [self._print(kind, order) for kind in kinds]

    def forget(self) -> None:
        """Give up the memory that the sheets so far have left behind; the fonts and templates stay."""
        self._last = None
        if self._drew:
            self.typesetter.forget()
        self._drew = False

    @cached_property
    def fingerprint(self) -> str:
        """What all prints depend on besides their message and partner: while it stays, so do they.

        :raises ProblemsFound: when the words of the prints are not complete.
        """
        return f"{self.typesetter.fingerprint} {self._desk.fingerprint}"

    @cached_property
    def _desk(self) -> Desk:
        root, languages = self._public.project.root, self._public.settings.languages
        problems: list[Problem] = []
        words = read_words(root, languages, problems)
        own, _ = read_yaml(shipped.keeper(root, WORDS), WORDS, problems)
        own = own if isinstance(own, dict) else {}
        problems += of_words(WORDS, own, languages)
        if problems:
            raise ProblemsFound(problems)
        return Desk(self._public, words, own)

    def _print(self, kind: PrintKind, order: _Order) -> Print:
        form = FORMS[kind]
        key = self._key(kind, order)
        path = self.cache / key[:2] / f"{key}{form.suffix}"
        mark = path.with_suffix(".sha256")
        try:
            digest = mark.read_text("ascii")
        except FileNotFoundError:
            digest = ""
        if not digest or not path.exists():
            self._drew = True
            made = self.typesetter.set(form, self._sheet(order).data(form))
            digest = hashlib.sha256(made).hexdigest()
            # The mark comes last: a print without it is made again.
            replace_file(path, made)
            replace_file(mark, digest.encode())
        name = f"{order.message.campaign}-{order.message.id}-{order.language}-{kind.value}{form.suffix}"
        alt = order.said.in_words
        return Print(kind, name, form.mime, path, digest, alt, form.width, form.height, form.unit)

    def _key(self, kind: PrintKind, order: _Order) -> str:
        """Return the name of a print in the cache: everything that it shows goes into it, and nothing else."""
        message, brand = order.message, order.brand
        told = [
            kind.value,
            self.fingerprint,
            [message.campaign, message.id, message.helpline, order.language],
            asdict(order.said),
            message.translations[order.language].body if kind is PrintKind.LEAFLET else "",
            self._digest(self._picture_path(message)),
            [brand.name, brand.contact, brand.link_query, self._digest(brand.logo)] if brand else [],
        ]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]

    def _digest(self, path: Path | None) -> str:
        if path is None:
            return ""
        if path not in self._digests:
            try:
                self._digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError:
                # What is wrong with it is told by whoever needs the picture.
                self._digests[path] = "unreadable"
        return self._digests[path]

    def _picture_path(self, message: Message) -> Path | None:
        name = message.source.head.picture.file
        return self._public.project.root / message.folder / name if name else None

    def _sheet(self, order: _Order) -> Sheet:
        # All kinds show the same, and what stands there is laid out once.
        if self._last is None or self._last[0] is not order:
            self._last = order, self.sheet(order.message, order.language, order.brand)
        return self._last[1]

    def sheet(self, message: Message, language: str, brand: Brand | None = None) -> Sheet:
        """Return what stands on a message's prints.

        :raises ProblemsFound: as :meth:`make`.
        """
        drawn = self._drawn(art.of_message(self._public.project.root, message))
        logo = self._drawn(art.read(brand.logo, str(brand.logo))) if brand and brand.logo else None
        return self._desk.sheet(message, language, drawn, brand, logo)

    def _drawn(self, picture: Art | None) -> Drawn | None:
        return Drawn(self.typesetter.keep(picture.data, picture.suffix), picture.ratio) if picture else None

    def _tell_missing(self, order: _Order) -> None:
        said = order.said
        if missing := self.typesetter.missing(said.title + said.summary + said.action):
            what = f"no font of the prints has {', '.join(f'‘{one}’' for one in missing)}; a sign stands in their place"
            path = order.message.translations[order.language].path
            told = Problem(path=path, rule="print", message=what, todo="write it otherwise", severity=Severity.WARNING)
            if told not in self.problems:
                self.problems.append(told)


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be printed."""

    message: Message
    language: str
    brand: Brand | None
    said: Said
