"""Certificates as tagged PDF files (PDF/UA-1), and what can be read out of such a file again."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import zxingcpp
from babel.numbers import format_decimal

from pipeline.programme.certificates import Certificate
from pipeline.programme.typeset import missing, pdf
from pipeline.website import addresses
from pipeline.website.words import Words

TEMPLATE = "certificate.typ"


class CannotBeSet(Exception):
    """A certificate has letters that no font has: one sentence."""


@dataclass(frozen=True)
class Press:
    """Prints certificates. ``root`` is the project's folder, ``site`` its public address.

    ``statement`` is what the funder wants to be said, in the language of the certificates; it stands at the foot.
    """

    root: Path
    site: str
    author: str
    statement: str = ""

    def file(self, one: Certificate, words: Words) -> bytes:
        """Return a certificate as PDF; the same certificate always gives the same bytes.

        :param words: those of certificates, in its language.
        :raises CannotBeSet: when a letter of it is in no font of the project.
        """
        if lacking := missing(self.root, one.name + one.session + one.programme + self.statement):
            raise CannotBeSet(
                f"no font in site/fonts has {', '.join(f'‘{letter}’' for letter in lacking)}; add one that has."
            )
        return pdf(self.root, TEMPLATE, self.data([one], words))

    def data(self, certificates: Sequence[Certificate], words: Words) -> dict[str, Any]:
        """Return what the template gets. It can set several on as many pages; a file holds one."""
        first = certificates[0]
        return {
            "language": words.language,
            "title": f"{words['heading']}: {first.session}",
            "author": self.author,
            "statement": self.statement,
            "keywords": [first.code],
            "words": {name: words[name] for name in ("heading", "certifies", "took_part", "checked", "number", "code")},
            "certificates": [self._page(one, words) for one in certificates],
        }

    def _page(self, one: Certificate, words: Words) -> dict[str, Any]:
        page = f"{self.site.rstrip('/')}/{addresses.certificates(words.language)}"
        link = f"{page}#{one.code}"
        return {
            "name": one.name, "session": one.session, "programme": one.programme, "number": one.number,
            "when": _when(one.hours, one.day, words["when"], words.language),
            "site": page, "link": link, "code": _drawn(link),
        }  # fmt: skip


@lru_cache(maxsize=256)
def _when(hours: Decimal, day: date, form: str, language: str) -> str:
    """Return hours and day as a language writes them; those of a session have few."""
    spoken = Words(language, {})
    return form.format(hours=format_decimal(hours, locale=spoken.locale), date=spoken.day(day))


def _drawn(link: str) -> dict[str, Any]:
    """Return a QR code as grey values, one for each of its modules; its quiet zone is the template's."""
    made = zxingcpp.create_barcode(link, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    # The image speaks the buffer protocol, which its types do not say.
    image: Any = made.to_image(scale=1, add_quiet_zones=False)
    modules = memoryview(image).tobytes()
    return {"side": math.isqrt(len(modules)), "modules": list(modules)}


def code_of(data: bytes) -> str:
    """Return the code that a certificate's file carries, ``""`` without one.

    :raises ValueError: when it is no PDF.
    """
    found = _reader(data).metadata
    said = str(found.get("/Keywords") or "") if found else ""
    code = re.search(r"[\w-]{24}\.[\w-]+", said)
    return code[0] if code else ""


def text_of(data: bytes) -> str:
    """Return the text of a file's pages, as a reader of PDF takes it out.

    :raises ValueError: when it is no PDF.
    """
    return "\n".join(page.extract_text() for page in _reader(data).pages)


def _reader(data: bytes) -> Any:
    from pypdf import PdfReader  # noqa: PLC0415  (only checking a file needs it)
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        reader = PdfReader(io.BytesIO(data))
        len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, OSError) as error:
        raise ValueError("it is no PDF that can be read") from error
    return reader
