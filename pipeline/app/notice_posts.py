"""The words with which readers are told that something they were sent was wrong. Pure.

Only where a post can neither be corrected nor taken back: a letter, a network that edits nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

from channels import text
from channels.contract import Channel, Part, Post


@dataclass(frozen=True, slots=True)
class _Words:
    """The sentences in one language; ``{title}`` is that of the message."""

    corrected: str
    recalled: str


_WORDS = {
    "en": _Words(
        corrected="Correction: we told you something wrong in “{title}”.",
        recalled="We take back “{title}”. Please disregard it, and do not pass it on.",
    ),
    "ro": _Words(
        corrected="Rectificare: în „{title}” v-am spus ceva greșit.",
        recalled="Retragem textul „{title}”. Vă rugăm să nu țineți cont de el și să nu îl trimiteți mai departe.",
    ),
    "pt": _Words(
        corrected="Correção: em «{title}» dissemos algo errado.",
        recalled="Retiramos o texto «{title}». Por favor, não o tenham em conta nem o reencaminhem.",
    ),
    "uk": _Words(
        corrected="Виправлення: у повідомленні «{title}» була помилка.",
        recalled="Ми відкликаємо повідомлення «{title}». Будь ласка, не зважайте на нього й не пересилайте далі.",
    ),
    "ar": _Words(
        corrected="تصحيح: ورد خطأ في «{title}».",
        recalled="نسحب ما أرسلناه إليكم بعنوان «{title}». يرجى عدم الأخذ به وعدم إعادة إرساله.",
    ),
}


def notice(
    channel: Channel[Any], wrong: Post, *, recalled: bool, what: str = "", now_right: Post | None = None
) -> Post:
    """Return the post that tells readers what was wrong.

    :param wrong: what they were sent.
    :param what: what was wrong and what is right, in the language of the post, as the log of corrections says it.
    :param now_right: the corrected post, for networks that are read like a page.
    """
    first = wrong.parts[0]
    words = _WORDS.get(first.language.partition("-")[0], _WORDS["en"])
    title = first.title or first.text.partition("\n")[0]
    head = (words.recalled if recalled else words.corrected).replace("{title}", title)
    paragraphs = [head, what.strip()]
    if now_right is not None and channel.traits.long_text:
        paragraphs += [part.text for part in now_right.parts]
    body = "\n\n".join(one for one in paragraphs if one)
    if channel.traits.max_length is not None:
        body = text.cut(body, channel.traits.max_length, channel.count)
    event = "recalled" if recalled else "corrected"
    html = "".join(f"<p>{escape(one)}</p>" for one in body.split("\n\n")) if channel.traits.long_text else None
    part = Part(
        text=body,
        language=first.language,
        title=head if channel.traits.long_text else None,
        html=html,
        about=replace(first.about, event=event) if first.about else None,
    )
    return Post(wrong.account, (part,))
