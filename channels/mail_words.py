"""The few words that a mail adds to a message, in the languages of the programmes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailWords:
    """``because`` holds ``{name}``, the sender's name."""

    because: str
    unsubscribe: str
    read_on_the_web: str

    def why(self, name: str) -> str:
        """Return why the reader gets this mail."""
        return self.because.replace("{name}", name)


WORDS: dict[str, MailWords] = {
    "ar": MailWords("تصلك هذه الرسالة لأنك اشتركت في {name}.", "إلغاء الاشتراك", "القراءة على الموقع"),
    "en": MailWords("You get this mail because you subscribed to {name}.", "Unsubscribe", "Read on the web"),
    "pt": MailWords("Recebe esta mensagem porque subscreveu {name}.", "Cancelar a subscrição", "Ler no site"),
    "ro": MailWords("Primiți acest mesaj pentru că v-ați abonat la {name}.", "Dezabonare", "Citiți pe site"),
    "uk": MailWords("Ви отримали цього листа, бо підписалися на {name}.", "Відписатися", "Читати на сайті"),
}

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
"""Languages that are written from right to left by default (Unicode CLDR, character orientation)."""


def words_for(language: str) -> MailWords:
    """Return the words for a BCP 47 tag; English where a language has none of its own here."""
    return WORDS.get(language.split("-", maxsplit=1)[0].lower(), WORDS["en"])


def direction(language: str) -> str:
    """Return ``rtl`` or ``ltr``."""
    return "rtl" if language.split("-", maxsplit=1)[0].lower() in RIGHT_TO_LEFT else "ltr"
