"""Cards, posters, leaflet, staff card and signature as pieces of a kit, from :mod:`pipeline.partners.prints`."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.partners.kits.brief import Brief
from pipeline.partners.kits.pieces import Piece, Pieces
from pipeline.partners.prints import FORMS, Print, PrintKind
from pipeline.partners.prints import Brand as Marks
from pipeline.website.words import Words


def marks(brief: Brief) -> Marks | None:
    """Return what a partner puts on prints: the same that the rest of its kit shows."""
    own = brief.partner
    if own is None:
        return None
    return Marks(name=own.name, logo=own.file, contact=own.local_contact, link_query=own.query.removeprefix("?"))


def printed(made: Iterable[Print], words: Words, into: Pieces) -> None:
    """Add prints, with their descriptions in a file beside the cards."""
    told = []
    for one in made:
        form = FORMS[one.kind]
        if one.kind is PrintKind.SIGNATURE:
            path = f"e-mail/signature{form.suffix}"
        else:
            path = f"{'cards' if form.unit == 'px' else 'prints'}/{one.kind.value}{form.suffix}"
        kind = words[f"print_{one.kind.name.lower()}"]
        width, height = (f"{side:g} {form.unit}" for side in (one.width, one.height))
        what = words["file_print"].format(kind=kind, width=width, height=height)
        into.made.append(Piece(path, one.path.read_bytes(), what))
        if form.unit == "px":
            told.append(f"{path}\n{one.alt}")
    if told:
        into.text("cards/alt.txt", "\n\n".join(told), words["file_alt"])
