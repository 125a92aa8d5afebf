"""Texts and pictures for testing channels, in scripts that break naive code. Nothing here is a campaign's own text."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import replace
from pathlib import Path

from channels.contract import Media, MediaTraits, Part

PUBLIC = "https://outreach.example/pictures"
"""Where the sample pictures would be public; nothing is ever fetched from there."""
LINK = "https://outreach.example/ro/oferta-de-munca?utm_source=fediverse&utm_campaign=proba#pasi"

TEXTS = {
    "ro": "Ți s-a promis un loc de muncă în străinătate? Verifică oferta înainte să pleci. Îți spunem cum.",
    "en": "Promised a job abroad? Check the offer before you leave – it takes ten minutes. We’ll show you how. 👩🏽‍⚕️",
    "pt": "Prometeram-te trabalho na colheita? Confirma o contrato antes de aceitares. Não estás só.",
    "uk": "Вам обіцяють роботу за кордоном? Перевірте пропозицію, перш ніж їхати. Її п’ять ознак – тут.",
    "ar": "هل وُعدت بعمل في الخارج؟ تحقّق من العرض قبل أن تسافر. نحن نساعدك، والخدمة سرّية.",
}
ALT_TEXTS = {
    "ro": "Desen: două persoane citesc împreună un contract; pe masă, o ceașcă și un pașaport închis.",
    "en": "Drawing: two people read a contract together; on the table a cup and a closed passport.",
    "pt": "Desenho: duas pessoas leem juntas um contrato; na mesa, uma chávena e um passaporte fechado.",
    "uk": "Малюнок: двоє людей разом читають договір; на столі чашка й закритий паспорт.",
    "ar": "رسم: شخصان يقرآن عقدًا معًا، وعلى الطاولة فنجان وجواز سفر مغلق.",
}


def part(language: str, *pictures: Media, link_in_text: bool = True) -> Part:
    """Return a part in one of the sample languages, with its link in the text or beside it."""
    text = f"{TEXTS[language]}\n\n{LINK}" if link_in_text else TEXTS[language]
    return Part(
        text=text,
        language=language,
        media=pictures,
        link=LINK,
        title=TEXTS[language].split("?")[0].split("؟")[0],
        html=f"<p>{TEXTS[language]}</p>",
    )


def picture(folder: Path, alt: str, *, shade: int = 128, side: int = 8) -> Media:
    """Write a plain grey square as PNG into ``folder`` and return it. Other shades are other pictures."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    # Stored without compression, so that the bytes are the same with every version of the library.
    rows = (b"\0" + bytes([shade]) * side) * side
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
    return _kept(folder, data, "png", "image/png", alt, side)


def photograph(folder: Path, alt: str, *, shade: int = 128) -> Media:
    """Write a plain grey square of 8 by 8 pixels as JPEG (ITU-T T.81) into ``folder`` and return it."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    # One block with nothing but its mean value. The code of a value's length is that length in four bits.
    mean = shade - 128
    size = abs(mean).bit_length()
    bits = f"{size:04b}" + (f"{mean if mean > 0 else mean + (1 << size) - 1:0{size}b}" if size else "") + "0"
    padded = bits + "1" * (-len(bits) % 8)
    scan = bytes(int(padded[at : at + 8], 2) for at in range(0, len(padded), 8)).replace(b"\xff", b"\xff\0")
    data = b"".join(
        [
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            segment(0xDB, b"\0" + bytes([8]) * 64),
            segment(0xC0, struct.pack(">BHHBBBB", 8, 8, 8, 1, 1, 0x11, 0)),
            segment(0xC4, b"\0" + bytes([0, 0, 0, 9, *[0] * 12]) + bytes(range(9))),
            segment(0xC4, b"\x10" + bytes([1, *[0] * 15]) + b"\0"),
            segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) + scan,
            b"\xff\xd9",
        ]
    )
    return _kept(folder, data, "jpg", "image/jpeg", alt, 8)


def fitting(folder: Path, alt: str, traits: MediaTraits, *, shade: int = 128) -> Media:
    """Return a picture as a network takes it: of its type, and with a public address where it fetches by itself."""
    takes_png = not traits.mime_types or "image/png" in traits.mime_types
    made = picture(folder, alt, shade=shade) if takes_png else photograph(folder, alt, shade=shade)
    return replace(made, url=f"{PUBLIC}/{made.path.name}") if traits.fetched else made


def _kept(folder: Path, data: bytes, suffix: str, mime: str, alt: str, side: int) -> Media:
    digest = hashlib.sha256(data).hexdigest()
    path = folder / f"{digest}.{suffix}"
    path.write_bytes(data)
    return Media(sha256=digest, mime=mime, alt=alt, width=side, height=side, size=len(data), path=path)
