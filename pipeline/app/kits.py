"""Kits put together: which there are, kept by what they were made from, with their versions remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import SecretStr

import channels
import pipeline
from channels import registry
from channels.contract import Channel
from pipeline import shipped
from pipeline.app.atomic import replace_file
from pipeline.app.house import House
from pipeline.model import Campaign, Message, Problem
from pipeline.partners.kits.brief import Brief
from pipeline.partners.kits.cobranding import Brand, brand
from pipeline.partners.kits.ledger import FILE, Ledger, LedgerUnreadable
from pipeline.partners.kits.making import Content, Kit, Workshop, bind, campaign_content, message_content
from pipeline.partners.kits.manifest import Base, Manifest, kit_name
from pipeline.partners.kits.pieces import Network
from pipeline.partners.kits.printed import marks
from pipeline.partners.kits.templates import FOLDER, Templates
from pipeline.partners.prints import Print, Printer
from pipeline.partners.prints.typesetting import TEMPLATES
from pipeline.settings import Account, ProblemsFound
from pipeline.website.public import Public
from pipeline.website.words import Words, read_words

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


class Shelf:
    """Makes kits, and keeps them in ``build/kits`` by what they were made from.

    :param with_embargoed: also those whose embargo has not ended, for a partner named for it. They are kept apart.
    :param record: whether new versions are remembered. What is only looked at is not a version.
    """

    def __init__(self, house: House, *, with_embargoed: bool = False, record: bool = True) -> None:
        self._house = house
        self._embargoed = with_embargoed
        self._record = record
        self._contents: dict[tuple[str, str, str], Content] = {}
        self._networks: dict[str, list[Network]] = {}
        self._known = self._read_ledger()
        self.ledger = self._known
        self.public = Public(house.project, house.settings, house.clock.now(), embargoed=with_embargoed)

    # --- which kits there are ---

    def messages(self) -> Iterator[tuple[Message, str]]:
        """Yield every message that may have a kit, in each of its languages whose text is up to date."""
        for message in self.public.messages.values():
            for language in message.translations:
                if language in self.words and not message.stale(language):
                    yield message, language

    def campaigns(self) -> Iterator[tuple[Campaign, str]]:
        """Yield every campaign that has such a message, in each of those languages."""
        seen = dict.fromkeys((message.campaign, language) for message, language in self.messages())
        for name, language in seen:
            yield self.public.project.campaigns[name], language

    # --- making ---

    def of_message(self, message: Message, language: str, partner: str = "") -> Shelved:
        """Return a message's kit in a language.

        :raises ProblemsFound: when something that people wrote has to be mended first.
        """
        key = self._key(message.campaign, [message], language, partner)
        name = kit_name(f"{message.campaign}/{message.id}", language, partner)

        def content() -> tuple[Content, Base | None]:
            made = self._content(message, language, partner)
            return made, self._base(self._content(message, language, "")) if partner else None

        return self._shelved(name, key, content)

    def of_campaign(self, campaign: Campaign, language: str, partner: str = "") -> Shelved:
        """Return a campaign's kit in a language, with the kits of its messages; those taken back are not in it."""
        own = [one for one, spoken in self.messages() if spoken == language and one.campaign == campaign.id]
        own = [one for one in own if not self.public.recalled(one)]
        there = {one.id for one in own}
        lacking = [
            one.source.head.title
            for one in self.public.messages.values()
            if one.campaign == campaign.id and one.id not in there and not self.public.recalled(one)
        ]
        key = self._key(campaign.id, own, language, partner)
        made = self._brand(partner, language)

        def of(slug: str) -> Content:
            contents = [self._content(one, language, slug) for one in own]
            return campaign_content(self._shop, campaign, contents, lacking, language, made if slug else None)

        def content() -> tuple[Content, Base | None]:
            return of(partner), self._base(of("")) if partner else None

        return self._shelved(kit_name(campaign.id, language, partner), key, content)

    def save(self) -> None:
        """Remember the versions that were given, if they are to be remembered."""
        if self._record and self.ledger is not self._known:
            path = self._house.settings.state / FILE
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, self.ledger.to_json())
            self._known = self.ledger

    # --- inside ---

    def _shelved(self, name: str, key: str, content: Callable[[], tuple[Content, Base | None]]) -> Shelved:
        place = self._place(name, key)
        newest = self.ledger.newest(name)
        if newest and (kept := _kept(place)) and (kept.version, kept.digest) == (newest.version, newest.digest):
            return Shelved(place, place.stat().st_size, kept)
        made, base = content()
        kit, self.ledger = bind(self._shop, made, self.ledger, base)
        _put(place, kit)
        return Shelved(place, len(kit.data), kit.manifest, anew=True)

    def _base(self, public: Content) -> Base:
        """Return the public kit that a partner's is made from, with the version that it has or will have."""
        name = kit_name(public.brief.kit, public.brief.language)
        known, newest = self.ledger.of_digest(name, public.digest), self.ledger.newest(name)
        version = known.version if known else newest.version + 1 if newest else 1
        return Base(version=version, digest=public.digest)

    def _place(self, name: str, key: str) -> Path:
        folder = self._house.settings.build / ("private/kits" if self._embargoed else "kits")
        return folder / f"{name.replace('/', '-').replace('@', '-')}.{key}.zip"

    def _content(self, message: Message, language: str, partner: str) -> Content:
        asked = (f"{message.campaign}/{message.id}", language, partner)
        if asked not in self._contents:
            self._contents[asked] = message_content(self._shop, message, language, self._brand(partner, language))
        return self._contents[asked]

    def _brand(self, partner: str, language: str) -> Brand | None:
        if not partner:
            return None
        found = self._house.settings.partners.get(partner)
        if found is None:
            names = ", ".join(self._house.settings.partners) or "none"
            raise KitProblem(f"there is no partner '{partner}' in outreach.toml; there are: {names}.")
        return brand(self._house.root, partner, found, language, self.public.project.helplines)

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

    def _key(self, campaign: str, messages: Iterable[Message], language: str, partner: str) -> str:
        project, settings = self.public.project, self._house.settings
        found = settings.partners.get(partner)
        logo = found.logo if found else None
        parts = [
            self._code,
            language,
            project.campaigns[campaign].model_dump_json(exclude={"calendar"}),
            *(f"{one.id} {project.digests[one.campaign, one.id]}" for one in messages),
            *(one.model_dump_json() for one in project.helplines.values()),
            *(one.model_dump_json() for one in project.funders.values()),
            *(one.model_dump_json() for one in project.corrections if one.campaign == campaign),
            project.boilerplate.model_dump_json() if project.boilerplate else "",
            settings.programme.model_dump_json(),
            settings.site.contact or "",
            found.model_dump_json(include={"name", "local_contact", "utm"}) if found else "",
            hashlib.sha256(logo.read_bytes()).hexdigest() if logo and logo.is_file() else "",
            str(sorted(name for name, one in project.helplines.items() if one.unfit(self.public.today))),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    @cached_property
    def _code(self) -> str:
        """The digest of everything that makes kits: an edited template or a newer library makes them anew."""
        digest = hashlib.sha256(repr([metadata.version(name) for name in _LIBRARIES]).encode())
        rooms = [Path(next(iter(pipeline.__path__))), Path(next(iter(channels.__path__)))]
        ours = [rooms[0] / "partners", rooms[0] / "pictures", rooms[0] / "website"]
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


def _kept(place: Path) -> Manifest | None:
    """Return the manifest of a kit that lies there already, or ``None``."""
    try:
        if place.is_file():
            return Manifest.model_validate_json(place.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return None
    return None


def _put(place: Path, kit: Kit) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    for older in place.parent.glob(f"{place.name.partition('.')[0]}.*"):
        older.unlink(missing_ok=True)
    replace_file(place, kit.data)
    replace_file(place.with_suffix(".json"), kit.manifest.to_json())
