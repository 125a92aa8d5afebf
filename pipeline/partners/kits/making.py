"""From content to a kit: its pieces, its version, its manifest, its ZIP. Same content and history, same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO

from channels import registry
from pipeline import markdown
from pipeline.compose import Surroundings
from pipeline.model import Campaign, Message
from pipeline.partners.kits import brief as briefs
from pipeline.partners.kits import manifest as manifests
from pipeline.partners.kits.brief import Brief
from pipeline.partners.kits.cobranding import Brand
from pipeline.partners.kits.images import images, render
from pipeline.partners.kits.ledger import Ledger, changes
from pipeline.partners.kits.manifest import NAME, README, Base, Changes, File, KitState, Manifest
from pipeline.partners.kits.pack import pack_into
from pipeline.partners.kits.pieces import (
    Lying,
    Network,
    Piece,
    Pieces,
    documents,
    embargo_line,
    gathered,
    signature,
    texts,
)
from pipeline.partners.kits.printed import printed
from pipeline.partners.kits.scripts import scripts
from pipeline.partners.kits.templates import Templates
from pipeline.partners.prints import Print
from pipeline.website.public import Public
from pipeline.website.words import Words
from pipeline.wording import Wording
from pipeline.wording import read as read_wording

Draw = Callable[[Message, Brief], Sequence[Print]]
"""Draws cards, posters, leaflet and staff card of a message."""


@dataclass(frozen=True)
class Workshop:
    """What all kits of a project are made with.

    ``networks`` gives, for a language, the networks that are installed; ``draw`` a message's cards and prints.
    """

    public: Public
    words: Mapping[str, Words]
    templates: Templates
    networks: Callable[[str], Sequence[Network]]
    draw: Draw

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.public.project.root

    @cached_property
    def wording(self) -> Wording:
        """The project's templates of wording; what is wrong with one is told by `outreach check`."""
        return read_wording(self.root, registry.kinds())[0]

    def check_page(self, language: str) -> str:
        """Return the page on which kits are checked."""
        programme = self.public.settings.programme
        spoken = language if language in programme.languages else programme.languages[0]
        return f"{programme.site.rstrip('/')}/{spoken}/kits/"


@dataclass(frozen=True)
class Content:
    """A kit before it has a version: its brief, its pieces, and what is missing."""

    brief: Brief
    pieces: tuple[Piece, ...]
    left_out: tuple[str, ...] = ()
    state: KitState = KitState.CURRENT

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file by path."""
        return {one.path: one.sha256 for one in self.pieces}

    def hashed(self) -> Content:
        """Return it with what is known of its pieces, and without their bytes."""
        known = (Lying(one.path, one.what, one.sha256, one.size) for one in self.pieces)
        return replace(self, pieces=tuple(known))

    @property
    def digest(self) -> str:
        """What tells this content from any other; see :mod:`pipeline.partners.kits.manifest`."""
        said = self.brief
        return manifests.digest(
            self.hashes, kit=said.kit, language=said.language, partner=said.partner.slug if said.partner else "",
            state=self.state, valid_until=said.valid_until, embargo=said.embargo_time,
        )  # fmt: skip


@dataclass(frozen=True)
class Kit:
    """A kit as it is handed over: its manifest, and the pieces that it names, by path."""

    manifest: Manifest
    pieces: Mapping[str, Piece]

    def write(self, out: IO[bytes]) -> None:
        """Write the ZIP, piece by piece."""

        def read(path: str) -> bytes:
            return self.manifest.to_json() if path == NAME else self.pieces[path].data

        pack_into(out, [*self.pieces, NAME], read, self.manifest.made_on)


def message_content(shop: Workshop, message: Message, language: str, partner: Brand | None = None) -> Content:
    """Make the pieces of a message's kit.

    :raises ProblemsFound: when something that people wrote has to be mended first.
    """
    words = shop.words[language]
    said = briefs.of_message(shop.public, words, message, partner)
    if recalled := shop.public.recalled(message):
        return _recalled(said, recalled.what.get(language) or next(iter(recalled.what.values()), ""), words)
    made = Pieces()
    documents(shop.templates, said, words, made)
    networks = [one for one in shop.networks(language) if not one.channel.traits.for_programs]
    campaign = shop.public.project.campaigns[message.campaign]
    site = shop.public.settings.programme.site.rstrip("/")
    around = Surroundings(campaign, shop.public.project.helplines, site, shop.wording, partner.query if partner else "")
    picture = render(shop.root, message)
    texts(message, around, networks, picture.media if picture else None, said, words, made)
    signature(said, words, made)
    scripts(shop.templates, said, words, made)
    images(picture, networks, said, words, made)
    printed(shop.draw(message, said), words, made)
    # Several networks take the same e-mail; a kit has each file once.
    once = {one.path: one for one in made.made}
    return Content(said, tuple(once.values()), tuple(made.left_out))


def campaign_content(
    shop: Workshop, campaign: Campaign, contents: Sequence[Content], lacking: Sequence[str], language: str,
    partner: Brand | None = None,
) -> Content:  # fmt: skip
    """Make the pieces of a campaign's kit, from the contents of its messages' kits.

    :param lacking: the titles of messages that are not there in this language.
    """
    words = shop.words[language]
    said = briefs.of_campaign(shop.public, words, campaign, [one.brief for one in contents], partner)
    made = Pieces()
    documents(shop.templates, said, words, made)
    made.left_out += [words["left_message"].format(title=title) for title in lacking]
    for one in contents:
        folder = f"messages/{one.brief.kit.partition('/')[2]}"
        # The licence is the same for all, and lies at the top.
        made.made += gathered([piece for piece in one.pieces if not piece.path.startswith("licence/")], folder)
        made.left_out += [f"{one.brief.title}: {what}" for what in one.left_out]
    return Content(said, tuple(made.made), tuple(made.left_out))


def _recalled(said: Brief, why: str, words: Words) -> Content:
    """What is left of the kit of a message that was taken back: a notice, and nothing that could be used."""
    lines = [words["recalled_title"].format(title=said.title), words["recalled_text"], f"{words['recalled_why']} {why}"]
    notice = Piece("NOTICE.txt", ("\n\n".join(lines) + "\n").encode(), words["recalled_text"])
    return Content(said, (notice,), state=KitState.RECALLED)


def bind(shop: Workshop, content: Content, ledger: Ledger, base: Base | None = None) -> tuple[Kit, Ledger]:
    """Give a content its version, its manifest and what tells people to read first.

    :param base: the kit without a partner's marks, where this is a partner's.
    :returns: the kit, and the ledger that knows its version.
    """
    said = content.brief
    partner = said.partner.slug if said.partner else ""
    name = manifests.kit_name(said.kit, said.language, partner)
    found = content.hashes
    ledger, issue = ledger.issue(name, content.digest, content.state, found)
    old = ledger.before(name, issue.version)
    changed = changes(old, issue) if old else None
    files = {one.path: one for one in content.pieces}
    if content.state is KitState.CURRENT:
        readme = _readme(shop, content, issue.version, changed)
        files[README] = Piece(README, readme, "")
    manifest = Manifest(
        kit=said.kit,
        language=said.language,
        partner=partner,
        version=issue.version,
        digest=content.digest,
        state=content.state,
        title=said.title,
        page=said.page,
        check=shop.check_page(said.language),
        made_on=said.made_on,
        valid_until=said.valid_until,
        embargo=said.embargo_time,
        embargo_zone=said.zone if said.embargo else "",
        base=base,
        changes=changed,
        left_out=content.left_out,
        files=tuple(_file(files[path]) for path in sorted(files)),
    )
    return Kit(manifest, files), ledger


def _file(piece: Piece) -> File:
    return File(path=piece.path, sha256=piece.sha256, size=piece.size, what=piece.what)


def _readme(shop: Workshop, content: Content, version: int, changed: Changes | None) -> bytes:
    said = content.brief
    words = shop.words[said.language]
    text = shop.templates.render(
        "read-me",
        brief=said,
        words=words.texts,
        embargo=embargo_line(said, words),
        valid_until=words.day(said.valid_until),
        version=version,
        check_address=shop.check_page(said.language),
        files=sorted(content.pieces, key=lambda one: one.path),
        left_out=content.left_out,
        changes=changes_in_words(changed, words) if changed else [],
        since=changed.since if changed else 0,
    )
    return (markdown.to_text(text).strip() + "\n").encode()


def changes_in_words(changed: Changes, words: Words) -> list[str]:
    """Return what changed, one sentence for each file."""
    told = [words["change_added"].format(path=path) for path in changed.added]
    told += [words["change_changed"].format(path=path) for path in changed.changed]
    told += [words["change_removed"].format(path=path) for path in changed.removed]
    return told or [words["change_facts"]]
