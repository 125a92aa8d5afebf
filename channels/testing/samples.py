"""Texts and pictures for testing channels, in scripts that break naive code. Nothing here is a campaign's own text."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

from channels.contract import Media, Part

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
    digest = hashlib.sha256(data).hexdigest()
    path = folder / f"{digest}.png"
    path.write_bytes(data)
    return Media(sha256=digest, mime="image/png", alt=alt, width=side, height=side, size=len(data), path=path)
