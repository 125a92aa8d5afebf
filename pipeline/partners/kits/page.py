"""What the site has of kits: their files, the list of versions, and a page that checks a kit without uploading it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.partners.kits.ledger import KEPT, Ledger
from pipeline.partners.kits.manifest import KitState, Manifest
from pipeline.website import addresses
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page
from pipeline.website.words import Words

FOLDER = addresses.KITS
_DIGITS = 12


@dataclass(frozen=True)
class Offered:
    """A kit that the site offers: where its ZIP lies on this machine, its size in bytes, its manifest."""

    path: Path
    size: int
    manifest: Manifest


def address(manifest: Manifest) -> str:
    """Return the path of a kit's ZIP below ``/kits/``: the same for every version, so that a link to it stays right."""
    return zip_name(manifest.kit, manifest.language)


def zip_name(kit: str, language: str) -> str:
    """Return the path below ``/kits/`` of the ZIP of a campaign (``proactiv``) or a message (``proactiv/signs``)."""
    return f"{kit}-{language}.zip"


def pages(shown: Shell, words: Mapping[str, Words], kits: Sequence[Offered], ledger: Ledger) -> Iterator[Page | Asset]:
    """Yield the kits' files, and the page on which they are checked, in each of the programme's languages."""
    for one in kits:
        place = f"{FOLDER}/{address(one.manifest)}"
        yield Asset(place, source=one.path)
        yield Asset(f"{place.removesuffix('.zip')}.json", data=one.manifest.to_json())
    yield Asset(f"{FOLDER}/versions.json", data=versions(kits, ledger))
    others = {language: f"{language}/{FOLDER}/" for language in shown.programme_languages if language in words}
    for language, here in others.items():
        known = words[language]
        rows = [_row(one, known) for one in kits if one.manifest.language == language]
        text = shown.parts.render("kits", here, words=known.texts, rows=rows)
        meta = shown.meta(
            language,
            here,
            title=known["check_title"],
            description=known["check_lead"],
            kind="kits",
            section="partners",
            others=others,
            translated=tuple(others),
        )
        meta |= {"scripts": ["assets/outreach/kits.js"], "styles": ["assets/outreach/kits.css"]}
        yield Page(f"{here}index.md", block(text), meta, ())


def _row(one: Offered, words: Words) -> dict[str, str | int]:
    said = one.manifest
    title = said.title if "/" in said.kit else words["kit_campaign"].format(title=said.title)
    recalled = said.state is KitState.RECALLED
    return {
        "title": title,
        "path": f"{FOLDER}/{address(said)}",
        "size": one.size,
        "version": said.version,
        "digest": said.digest[:_DIGITS],
        "until": words["kit_recalled"] if recalled else words.day(said.valid_until),
    }


def versions(kits: Sequence[Offered], ledger: Ledger) -> bytes:
    """Return ``versions.json``: what counts now, and the digests of the versions before it."""
    found = {}
    for one in kits:
        said = one.manifest
        earlier = [issue for issue in ledger.kits.get(said.name, ()) if issue.digest != said.digest]
        found[said.name] = {
            "version": said.version,
            "digest": said.digest,
            "state": said.state.value,
            "title": said.title,
            "valid_until": said.valid_until.isoformat(),
            "zip": address(said),
            "manifest": f"{address(said).removesuffix('.zip')}.json",
            "earlier": {issue.digest: issue.version for issue in earlier[-KEPT:]},
        }
    return (json.dumps({"schema": 1, "kits": found}, ensure_ascii=False, indent=0) + "\n").encode()
