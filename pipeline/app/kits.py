"""Kits put together: which there are, kept by what they were made from, with their versions remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import SecretStr

import channels
import pipeline
from channels import registry
from channels.contract import Channel
from pipeline import shipped
from pipeline.app.atomic import replace_file
from pipeline.app.house import House
from pipeline.app.kit_files import KitFiles
from pipeline.content.halves import outside
from pipeline.content.project import MessageKey
from pipeline.model import Campaign, Message, Problem
from pipeline.partners.kits.brief import Brief, of_message
from pipeline.partners.kits.cobranding import Brand, brand
from pipeline.partners.kits.ledger import FILE, Issue, Ledger, LedgerUnreadable
from pipeline.partners.kits.making import Content, Workshop, bind, campaign_content, message_content
from pipeline.partners.kits.manifest import Base, Manifest, kit_name
from pipeline.partners.kits.pieces import Network, Piece
from pipeline.partners.kits.printed import marks
from pipeline.partners.kits.templates import FOLDER, Templates
from pipeline.partners.prints import Print, Printer
from pipeline.partners.prints.typesetting import TEMPLATES
from pipeline.settings import Account, ProblemsFound
from pipeline.website import made_with
from pipeline.website.public import Public
from pipeline.website.tree import digest
from pipeline.website.words import Words, read_words

FEW = 6
"""From how many kits on other processes make them."""
ROUND = 20
"""How many kits they make before new ones take their places: the typesetter remembers ever more of its drawings."""
_TOOLS = (
    *("typst", "segno", "pipeline.partners.prints.boxes"),
    *("pipeline.partners.kits.docx_file", "pipeline.partners.kits.odt_file"),
)
"""What making a kit imports at last. None of them starts a thread by being imported."""
_LIBRARIES = ("python-docx", "odfdo", "lxml", "pillow", "typst", "markdown-it-py", "jinja2", "babel")
"""What the bytes of a kit hang on besides our own code."""


class KitProblem(Exception):
    """A kit cannot be made; one sentence for a person."""


@dataclass(frozen=True)
class Shelved:
    """A kit that was made: where its ZIP lies, its size in bytes, its manifest, and whether it was made anew."""

    path: Path
    size: int
    manifest: Manifest
    anew: bool = False


class Stocked(NamedTuple):
    """A message of which there are kits: in which languages, the title of its source, whether it was taken back."""

    key: MessageKey
    languages: tuple[str, ...]
    title: str
    recalled: bool


Asked = tuple[MessageKey, str]
"""A message and a language."""


class Tried(NamedTuple):
    """What came of making a kit: what has to be mended first, or the version that it has."""

    problems: list[Problem]
    issue: Issue | None = None

    def row(self) -> str:
        """Return it as one line."""
        problems = [problem.model_dump(mode="json") for problem in self.problems]
        return json.dumps([problems, self.issue and self.issue.model_dump(mode="json")])

    @classmethod
    def read(cls, row: Any) -> Tried:
        """Return it from what :meth:`row` gave."""
        return cls([Problem.model_validate(one) for one in row[0]], row[1] and Issue.model_validate(row[1]))


class Shelf:
    """Makes kits, and keeps them in ``build/kits`` by what they were made from.

    :param with_embargoed: also those whose embargo has not ended, for a partner named for it. They are kept apart.
    :param record: whether new versions are remembered. What is only looked at is not a version.
    """

    def __init__(self, house: House, *, with_embargoed: bool = False, record: bool = True) -> None:
        self._house = house
        self._record = record
        self._networks: dict[str, list[Network]] = {}
        self._brands: dict[tuple[str, str], Brand] = {}
        self._known = self._read_ledger()
        self.ledger = self._known
        self.public = Public(house.project, house.settings, house.clock.now(), embargoed=with_embargoed)
        self._files = KitFiles(house.settings.build / ("private/kits" if with_embargoed else "kits"))

    # --- which kits there are ---

    @cached_property
    def stock(self) -> list[Stocked]:
        """Every public message with the languages in which its text is up to date, if there are any."""
        return [self._stocked(key) for key in self.public.messages]

    def _stocked(self, key: MessageKey) -> Stocked:
        memory, name = self._house.memory, f"kit:{'/'.join(key)}"
        of = digest([made_with.program(), self.public.project.digests[key], list(self.words)])
        row = memory.get(name, of)
        if row is None:
            message = self.public.messages[key]
            spoken = [one for one in message.translations if one in self.words and not message.stale(one)]
            row = [spoken, message.source.head.title]
            memory.put(name, of, row)
            self.public.let_go(key)
        recalled = any(one.recalled for one in self.public.corrections_of(key))
        return Stocked(key, tuple(row[0]), row[1], recalled)

    def asked(self) -> list[Asked]:
        """Return every message that may have a kit, with each of its languages whose text is up to date."""
        return [(one.key, language) for one in self.stock for language in one.languages]

    def messages(self) -> Iterator[tuple[Message, str]]:
        """Yield the same, as messages."""
        for key, language in self.asked():
            yield self.public.messages[key], language

    def campaigns(self) -> Iterator[tuple[Campaign, str]]:
        """Yield every campaign that has such a message, in each of those languages."""
        for name, language in dict.fromkeys((key[0], language) for key, language in self.asked()):
            yield self.public.project.campaigns[name], language

    # --- making ---

    def of_all(self, asked: Sequence[Asked]) -> Iterator[tuple[Asked, Shelved | list[Problem]]]:
        """Yield the kit of each message in its language, or why there is none; two processes make what is lacking."""
        lacking = [one for one in asked if self._lies_there(one) is None]
        wrong: dict[Asked, list[Problem]] = {}
        if len(lacking) >= FEW:
            self._get_ready()
        for first in range(0, len(lacking), ROUND):
            some = lacking[first : first + ROUND]
            made = outside(some, self._try, Tried.row, self._tried) if len(some) >= FEW else self._each(some)
            wrong |= {one: found.problems for one, found in made if found.problems}
        for one in asked:
            yield one, wrong[one] if one in wrong else self._of(*one, "")

    def of_all_campaigns(self) -> Iterator[Shelved | list[Problem]]:
        """Yield the kit of each campaign in each of its languages, or why there is none.

        Other processes make what is lacking, and take away with them what that needed; their messages' kits lie there.
        """
        asked = {(campaign.id, language): campaign for campaign, language in self.campaigns()}
        lacking = [one for one in asked if self._current(kit_name(*one), self._place_of_campaign(*one)) is None]

        def make(one: tuple[str, str]) -> Tried:
            return self._made(partial(self.of_campaign, asked[one], one[1]))

        found = outside(lacking, make, Tried.row, lambda one, row: self._took(kit_name(*one), row))
        wrong = {one: tried.problems for one, tried in found if tried.problems}
        for one, campaign in asked.items():
            yield wrong[one] if one in wrong else self.of_campaign(campaign, one[1])

    def _get_ready(self) -> None:
        """Load what every process that makes kits needs, once and before they start: they share what lies here."""
        for name in _TOOLS:
            import_module(name)
        for language in self.words:
            self._networks_of(language)

    def _each(self, lacking: Iterable[Asked]) -> Iterator[tuple[Asked, Tried]]:
        for one in lacking:
            yield one, self._try(one)

    def _try(self, one: Asked) -> Tried:
        return self._made(partial(self._of, *one, ""))

    def _made(self, make: Callable[[], Shelved]) -> Tried:
        try:
            made = make()
        except ProblemsFound as found:
            return Tried(list(found.problems))
        return Tried([], self.ledger.newest(made.manifest.name))

    def _tried(self, one: Asked, row: Any) -> Tried:
        """Take over what the other process made: the kit lies on the shelf, and its version is remembered here."""
        return self._took(kit_name("/".join(one[0]), one[1]), row)

    def _took(self, name: str, row: Any) -> Tried:
        found = Tried.read(row)
        if found.issue:
            self.ledger = self.ledger.with_issue(name, found.issue)
        return found

    def of_message(self, message: Message, language: str, partner: str = "") -> Shelved:
        """Return a message's kit in a language.

        :raises ProblemsFound: when something that people wrote has to be mended first.
        """
        return self._of((message.campaign, message.id), language, partner)

    def _of(self, key: MessageKey, language: str, partner: str) -> Shelved:
        def content() -> tuple[Content, Base | None]:
            made = self._content(key, language, partner)
            return made, self._base(self._hashed(key, language)) if partner else None

        return self._shelved(*self._named(key, language, partner), content)

    def of_campaign(self, campaign: Campaign, language: str, partner: str = "") -> Shelved:
        """Return a campaign's kit in a language, with the kits of its messages; those taken back are not in it.

        Kits of its messages that are lacking are made first.
        """
        standing, own = self._standing(campaign.id, language)
        lacking = [one.title for one in standing if language not in one.languages]
        key = self._key(campaign.id, own, language, partner)

        def of(slug: str, part: Callable[[MessageKey], Content]) -> Content:
            marks = self._brand(slug, language)
            return campaign_content(self._shop, campaign, [part(one) for one in own], lacking, language, marks)

        def content() -> tuple[Content, Base | None]:
            made = of(partner, lambda one: self._lying(one, language, partner))
            return made, self._base(of("", lambda one: self._hashed(one, language))) if partner else None

        return self._shelved(kit_name(campaign.id, language, partner), key, content)

    def _standing(self, campaign: str, language: str) -> tuple[list[Stocked], list[MessageKey]]:
        """Return a campaign's messages that were not taken back, and those of them that speak a language."""
        standing = [one for one in self.stock if one.key[0] == campaign and not one.recalled]
        return standing, [one.key for one in standing if language in one.languages]

    def _place_of_campaign(self, campaign: str, language: str) -> Path:
        key = self._key(campaign, self._standing(campaign, language)[1], language, "")
        return self._files.place(kit_name(campaign, language), key)

    def save(self) -> None:
        """Remember the versions that were given, if they are to be remembered."""
        self._files.close()
        if self._record and self.ledger is not self._known:
            path = self._house.settings.state / FILE
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, self.ledger.to_json())
            self._known = self.ledger

    # --- inside ---

    def _named(self, key: MessageKey, language: str, partner: str) -> tuple[str, str]:
        """Return the name of a message's kit, and the digest of all that it is made from."""
        return kit_name("/".join(key), language, partner), self._key(key[0], [key], language, partner)

    def _lies_there(self, one: Asked) -> Manifest | None:
        """Return the manifest of a message's kit where it lies on the shelf and is the version that counts."""
        name, key = self._named(*one, "")
        return self._current(name, self._files.place(name, key))

    def _current(self, name: str, place: Path) -> Manifest | None:
        newest = self.ledger.newest(name)
        kept = self._files.kept(place) if newest else None
        if newest and kept and (kept.version, kept.digest) == (newest.version, newest.digest):
            return kept
        return None

    def _shelved(self, name: str, key: str, content: Callable[[], tuple[Content, Base | None]]) -> Shelved:
        place = self._files.place(name, key)
        if kept := self._current(name, place):
            return Shelved(place, place.stat().st_size, kept)
        made, base = content()
        kit, self.ledger = bind(self._shop, made, self.ledger, base)
        return Shelved(place, self._files.put(place, kit), kit.manifest, anew=True)

    def _base(self, public: Content) -> Base:
        """Return the public kit that a partner's is made from, with the version that it has or will have."""
        name = kit_name(public.brief.kit, public.brief.language)
        known, newest = self.ledger.of_digest(name, public.digest), self.ledger.newest(name)
        version = known.version if known else newest.version + 1 if newest else 1
        return Base(version=version, digest=public.digest)

    def _content(self, key: MessageKey, language: str, partner: str) -> Content:
        message = self.public.messages[key]
        try:
            return message_content(self._shop, message, language, self._brand(partner, language))
        finally:
            self.public.let_go(key)
            self._printer.forget()

    def _lying(self, key: MessageKey, language: str, partner: str) -> Content:
        """Return the content of a message's kit as it lies on the shelf, where it is laid first if it is not there."""
        place = self._files.place(*self._named(key, language, partner))
        manifest = self._files.kept(place) or self._of(key, language, partner).manifest
        return self._shown(key, language, partner, manifest, self._files.pieces(place, manifest))

    def _hashed(self, key: MessageKey, language: str) -> Content:
        """Return the content of a message's public kit without its bytes. It gets no version here."""
        place = self._files.place(*self._named(key, language, ""))
        if manifest := self._files.kept(place):
            return self._shown(key, language, "", manifest, self._files.pieces(place, manifest))
        return self._content(key, language, "").hashed()

    def _shown(
        self, key: MessageKey, language: str, partner: str, manifest: Manifest, pieces: Iterable[Piece]
    ) -> Content:
        brief = of_message(self.public, self.words[language], self.public.messages[key], self._brand(partner, language))
        self.public.let_go(key)
        return Content(brief, tuple(pieces), manifest.left_out, manifest.state)

    def _brand(self, partner: str, language: str) -> Brand | None:
        if not partner:
            return None
        if (partner, language) not in self._brands:
            found = self._house.settings.partners.get(partner)
            if found is None:
                names = ", ".join(self._house.settings.partners) or "none"
                raise KitProblem(f"there is no partner '{partner}' in outreach.toml; there are: {names}.")
            made = brand(self._house.root, partner, found, language, self.public.project.helplines)
            self._brands[partner, language] = made
        return self._brands[partner, language]

    @cached_property
    def words(self) -> Mapping[str, Words]:
        """The words of kits in each of the programme's languages.

        :raises ProblemsFound: when a language lacks some.
        """
        problems: list[Problem] = []
        words = read_words(self._house.root, self._house.settings.programme.languages, problems, f"{FOLDER}/words")
        if problems:
            raise ProblemsFound(problems)
        return words

    @cached_property
    def _shop(self) -> Workshop:
        return Workshop(
            public=self.public,
            words=self.words,
            templates=Templates(self._house.root),
            networks=self._networks_of,
            draw=self._draw,
        )

    def _networks_of(self, language: str) -> Sequence[Network]:
        if language not in self._networks:
            found = []
            for kind, channel in registry.load_all()[0].items():
                made = _uncommitted(kind, channel, self._house)
                account = Account(kind, kind, language, made.settings)
                found.append(Network(account, made))
            self._networks[language] = found
        return self._networks[language]

    def _draw(self, message: Message, brief: Brief) -> list[Print]:
        return self._printer.make(message, brief.language, brand=marks(brief))

    @cached_property
    def _printer(self) -> Printer:
        return Printer(self.public, self._house.settings.build / "cache" / "prints")

    def _read_ledger(self) -> Ledger:
        path = self._house.settings.state / FILE
        try:
            return Ledger.from_json(path.read_bytes())
        except FileNotFoundError:
            return Ledger()
        except LedgerUnreadable as wrong:
            todo = "take it from a backup, or move it away to begin with version 1"
            told = Problem(path=f"state/{FILE}", rule="kits", message=str(wrong), todo=todo)
            raise ProblemsFound([told]) from None

    # --- what a kit was made from ---

    def _key(self, campaign: str, messages: Iterable[MessageKey], language: str, partner: str) -> str:
        project = self.public.project
        parts = [
            self._shared,
            language,
            project.campaigns[campaign].model_dump_json(exclude={"calendar"}),
            *(f"{one[1]} {project.digests[one]}" for one in messages),
            *(one.model_dump_json() for one in project.corrections if one.campaign == campaign),
            self._of_partner(partner),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    @cached_property
    def _shared(self) -> str:
        """What all kits of the project are made from besides their messages."""
        project, settings = self.public.project, self._house.settings
        parts = [
            self._code,
            *(one.model_dump_json() for one in project.helplines.values()),
            *(one.model_dump_json() for one in project.funders.values()),
            project.boilerplate.model_dump_json() if project.boilerplate else "",
            settings.programme.model_dump_json(),
            settings.site.contact or "",
            str(sorted(name for name, one in project.helplines.items() if one.unfit(self.public.today))),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _of_partner(self, partner: str) -> str:
        found = self._house.settings.partners.get(partner)
        if found is None:
            return ""
        logo = found.logo.read_bytes() if found.logo and found.logo.is_file() else b""
        return f"{found.model_dump_json(include={'name', 'local_contact', 'utm'})} {hashlib.sha256(logo).hexdigest()}"

    @cached_property
    def _code(self) -> str:
        """The digest of everything that makes kits: an edited template or a newer library makes them anew."""
        digest = hashlib.sha256(repr([metadata.version(name) for name in _LIBRARIES]).encode())
        rooms = [Path(next(iter(pipeline.__path__))), Path(next(iter(channels.__path__)))]
        ours = [rooms[0] / name for name in ("partners", "pictures", "settings", "website")]
        files = [path for room in ours for path in room.rglob("*.py")]
        files += [*rooms[0].glob("*.py"), rooms[0] / "content" / "speaking.yml", *rooms[1].glob("*.py")]
        for templates in (FOLDER, TEMPLATES):
            files += shipped.files(self._house.root, templates).values()
        for path in sorted(files):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()


def _uncommitted(kind: str, channel: type[Channel[Any]], house: House) -> Channel[Any]:
    """Return a channel of a kind that counts and previews, and belongs to no account: partners have their own.

    What its settings need is filled with nothing. It has no secret and no address, so nothing can be sent through it.
    """
    needed = {name: info for name, info in channel.Settings.model_fields.items() if info.is_required()}
    nothing = {name: SecretStr("") if "SecretStr" in str(info.annotation) else "" for name, info in needed.items()}
    return registry.connect(channel, kind, channel.Settings.model_construct(None, **nothing), house.clock.now)
