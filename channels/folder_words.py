"""What a person is asked to do with a task, in the languages of the programmes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from channels.contract import Part, Traits

ENDINGS: Mapping[str, str] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}
"""How a picture's file ends, by its MIME type."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A kind of place. ``page``: whether it is read like a page and takes the message's body."""

    label: str
    page: bool = False

    def shape(self, traits: Traits) -> Traits:
        """Return the traits of an account of this medium."""
        return dataclasses.replace(traits, label=self.label, long_text=self.page)


MEDIA: dict[str, Medium] = {
    "print": Medium("Print", page=True),
    "radio": Medium("Radio"),
    "noticeboard": Medium("Noticeboard", page=True),
    "whatsapp": Medium("WhatsApp channel"),
    "other": Medium("By hand"),
}


@dataclass(frozen=True, slots=True)
class TaskWords:
    """The sentences of a task. ``place`` holds ``{account}``, ``document`` ``{file}``."""

    task: str
    published: dict[str, str]
    corrected: str
    recalled: str
    place: str
    text: str
    picture: str
    document: str
    link: str
    done: str


WORDS: dict[str, TaskWords] = {
    "en": TaskWords(
        task="Task",
        published={
            "print": "Have this text printed.",
            "radio": "Give this text to the radio editors to be read out.",
            "noticeboard": "Put this text up on the noticeboard.",
            "whatsapp": "Post this in the WhatsApp channel.",
            "other": "Publish this text.",
        },
        corrected="This corrects a text that was published before. Replace the old one by this one.",
        recalled="This takes back a text that was published before. Take the old one down everywhere.",
        place="Place: {account}",
        text="Copy the text from text.txt, and change nothing in it: telephone numbers and wording have been checked.",
        picture="Add {picture}; where a description of the picture can be given, copy it from {alt}.",
        document="{file} is the same text, laid out as a letter: print it, sign it and post it.",
        link="See that the link works: {link}",
        done="Then tick the task off with `outreach done`.",
    ),
    "ro": TaskWords(
        task="Sarcină",
        published={
            "print": "Dați acest text la tipărit.",
            "radio": "Predați acest text redacției radio, spre a fi citit.",
            "noticeboard": "Afișați acest text la avizier.",
            "whatsapp": "Publicați acest text pe canalul WhatsApp.",
            "other": "Publicați acest text.",
        },
        corrected="Acest text corectează unul publicat anterior. Înlocuiți textul vechi cu acesta.",
        recalled="Un text publicat anterior este retras. Îndepărtați textul vechi de peste tot.",
        place="Locul: {account}",
        text="Copiați textul din text.txt și nu schimbați nimic: numerele de telefon și formulările sunt verificate.",
        picture="Adăugați {picture}; unde se poate da o descriere a imaginii, copiați-o din {alt}.",
        document="{file} este același text, așezat ca scrisoare: tipăriți-l, semnați-l și trimiteți-l prin poștă.",
        link="Verificați că linkul funcționează: {link}",
        done="Apoi bifați sarcina cu `outreach done`.",
    ),
    "pt": TaskWords(
        task="Tarefa",
        published={
            "print": "Mande imprimir este texto.",
            "radio": "Entregue este texto à redação da rádio, para ser lido.",
            "noticeboard": "Afixe este texto no painel de avisos.",
            "whatsapp": "Publique este texto no canal de WhatsApp.",
            "other": "Publique este texto.",
        },
        corrected="Este texto corrige um que já foi publicado. Substitua o antigo por este.",
        recalled="Um texto já publicado foi retirado. Retire o texto antigo de todos os lugares.",
        place="Local: {account}",
        text="Copie o texto de text.txt e não altere nada: os números de telefone e as palavras foram verificados.",
        picture="Junte {picture}; onde for possível descrever a imagem, copie a descrição de {alt}.",
        document="{file} é o mesmo texto, disposto como carta: imprima-o, assine-o e envie-o pelo correio.",
        link="Verifique se a ligação funciona: {link}",
        done="Depois assinale a tarefa como feita com `outreach done`.",
    ),
    "uk": TaskWords(
        task="Завдання",
        published={
            "print": "Віддайте цей текст у друк.",
            "radio": "Передайте цей текст редакції радіо, щоб його прочитали.",
            "noticeboard": "Розмістіть цей текст на дошці оголошень.",
            "whatsapp": "Опублікуйте цей текст у каналі WhatsApp.",
            "other": "Опублікуйте цей текст.",
        },
        corrected="Цей текст виправляє опублікований раніше. Замініть старий текст цим.",
        recalled="Опублікований раніше текст відкликано. Приберіть старий текст звідусіль.",
        place="Місце: {account}",
        text="Скопіюйте текст із text.txt і нічого не змінюйте: номери телефонів і формулювання перевірено.",
        picture="Додайте {picture}; де можна описати зображення, скопіюйте опис із {alt}.",
        document="{file} — той самий текст, оформлений як лист: роздрукуйте його, підпишіть і надішліть поштою.",
        link="Перевірте, чи працює посилання: {link}",
        done="Потім позначте завдання виконаним: `outreach done`.",
    ),
    "ar": TaskWords(
        task="مهمة",
        published={
            "print": "اطبعوا هذا النص.",
            "radio": "سلّموا هذا النص إلى محرري الإذاعة ليُقرأ.",
            "noticeboard": "علّقوا هذا النص على لوحة الإعلانات.",
            "whatsapp": "انشروا هذا النص في قناة واتساب.",
            "other": "انشروا هذا النص.",
        },
        corrected="هذا النص يصحح نصًا نُشر من قبل. ضعوه مكان النص القديم.",
        recalled="سُحب نص نُشر من قبل. أزيلوا النص القديم من كل مكان.",
        place="المكان: {account}",
        text="انسخوا النص من text.txt ولا تغيروا فيه شيئًا: أرقام الهاتف والعبارات تم التحقق منها.",
        picture="أضيفوا {picture}؛ وحيث يمكن وصف الصورة، انسخوا الوصف من {alt}.",
        document="{file} هو النص نفسه بشكل رسالة: اطبعوه ووقّعوه وأرسلوه بالبريد.",
        link="تأكدوا من أن الرابط يعمل: {link}",
        done="ثم سجّلوا المهمة منجزة: `outreach done`.",
    ),
}


def steps_for(medium: str, part: Part, *, account: str, more: str = "") -> str:
    """Return what the person is to do, step by step, in the language of the post (English where there is none)."""
    words = WORDS.get(part.language.split("-", maxsplit=1)[0].lower(), WORDS["en"])
    event = part.about.event if part.about else "published"
    first = {"corrected": words.corrected, "recalled": words.recalled}.get(event, words.published[medium])
    title = " ".join((part.title or "").split())
    steps = [first]
    if event != "recalled":
        steps.append(words.text)
        for number, picture in enumerate(part.media, 1):
            file = f"picture-{number}.{ENDINGS.get(picture.mime, 'bin')}"
            steps.append(words.picture.replace("{picture}", file).replace("{alt}", f"picture-{number}-alt.txt"))
        steps += [words.document.replace("{file}", document.name) for document in part.documents]
        if part.link:
            steps.append(words.link.replace("{link}", part.link))
    steps += [line.strip() for line in more.splitlines() if line.strip()]
    steps.append(words.done)
    head = f"{words.task}: {title}" if title else words.task
    numbered = [f"{number}. {step}" for number, step in enumerate(steps, 1)]
    return "\n".join([head, words.place.replace("{account}", account), "", *numbered]) + "\n"
