"""What a partner may put into a kit of its own: a logo, a local contact, and what its links carry.

Nothing else of a kit depends on the partner. The helpline, the funder's line and the message are taken from the content
alone, and what a partner's settings say is put into the places that are left for it, as plain text.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from pipeline.content.check.language import speech
from pipeline.content.check.message import Registry
from pipeline.content.check.numbers import Context, Kind, numbers
from pipeline.content.check.reading import Reading
from pipeline.content.files import MAX_PICTURE, Refused, read_bytes
from pipeline.model import Helpline, Problem
from pipeline.partners.kits.paper import Logo
from pipeline.pictures.drawings import read_drawing
from pipeline.placeholders import expand
from pipeline.settings import FILE, Partner, ProblemsFound

LOGO_WIDTH = 600
"""Pixels of a logo as it lies in documents."""
_DRAWING = b'#set page(width: 600pt, height: auto, margin: 0pt, fill: none)\n#image("logo.svg", width: 600pt)\n'


@dataclass(frozen=True)
class Brand:
    """A partner as a kit shows it. ``query`` is what its links carry; ``file`` is where the logo lies."""

    slug: str
    name: str
    local_contact: str = ""
    query: str = ""
    logo: Logo | None = None
    file: Path | None = None


def brand(root: Path, slug: str, partner: Partner, language: str, helplines: Mapping[str, Helpline]) -> Brand:
    """Return what a partner's settings allow a kit in ``language`` to show.

    :raises ProblemsFound: when the logo cannot be used, or the local contact holds a number that nobody has verified.
    """
    contact = _contact(slug, partner.local_contact.get(language, ""), language, helplines)
    query = "&".join(f"utm_{key}={partner.utm[key]}" for key in sorted(partner.utm))
    return Brand(
        slug=slug,
        name=partner.name,
        local_contact=contact,
        query=f"?{query}" if query else "",
        logo=_logo(root, partner.logo, partner.name) if partner.logo else None,
        file=partner.logo,
    )


def _contact(slug: str, written: str, language: str, helplines: Mapping[str, Helpline]) -> str:
    found = expand(written, helplines, None)
    if found.unknown:
        what = f"'local_contact' of the partner '{slug}' names a helpline that is not in the registry"
        raise ProblemsFound(
            [Problem(path=FILE, rule="helpline-unknown", message=what, todo="see content/helplines.yml")]
        )
    registry = Registry(helplines)
    reading = Reading(FILE, language, [(1, found.text)])
    context = Context(speech(language), registry.regions, registry.registered)
    for number in numbers(reading, context):
        if number.kind is Kind.PHONE and number.value not in registry.by_digits:
            said = reading.raw[number.start : number.end]
            what = f"'local_contact' of the partner '{slug}' holds '{said}', which is not in the registry of helplines"
            todo = "add the number to content/helplines.yml with its source, and write {helpline:id} here"
            raise ProblemsFound([Problem(path=FILE, rule="phone", message=what, todo=todo)])
    return " ".join(found.text.split())


def _logo(root: Path, place: Path, name: str) -> Logo:
    path = place.relative_to(root).as_posix()
    try:
        data = read_bytes(place, path, MAX_PICTURE)
        if place.suffix.lower() == ".svg":
            for fault in read_drawing(data).faults:
                told = Problem(path=path, line=fault.line, rule="svg", message=fault.message, todo=fault.todo)
                raise ProblemsFound([told])
            # Only what is drawn here needs it, and it takes long to import.
            import typst  # noqa: PLC0415

            files = {"main.typ": _DRAWING, "logo.svg": data}
            data = bytes(typst.compile(files, format="png", ppi=72.0))  # type: ignore[call-overload]
        with Image.open(io.BytesIO(data)) as image:
            still = image.convert("RGBA")
            still.thumbnail((LOGO_WIDTH, LOGO_WIDTH))
    except Refused as refused:
        raise ProblemsFound([refused.problem]) from None
    except (ValueError, UnidentifiedImageError, OSError, RuntimeError) as error:
        what = f"the logo cannot be used: {str(error).splitlines()[0]}"
        raise ProblemsFound([Problem(path=path, rule="picture", message=what)]) from None
    out = io.BytesIO()
    still.save(out, "PNG", optimize=True)
    return Logo(out.getvalue(), still.width, still.height, name)
