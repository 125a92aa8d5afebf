"""A test as a sheet to be printed: how to make one's code, the questions, and, for the trainer alone, the answers."""

from __future__ import annotations

from datetime import date

from pipeline.programme.final_report import Heading, Paragraph, Piece, Points, Report
from pipeline.programme.knowledge_tests import KnowledgeTest, Wave
from pipeline.website.words import Words


def sheet(test: KnowledgeTest, wave: Wave, words: Words, *, author: str, made_on: date) -> Report:
    """Return the sheet of a wave, in the language of ``words``."""
    language = words.language
    pieces: list[Piece] = [
        Paragraph(words["no_name"]),
        Heading(words["code_title"]),
        Paragraph(words["code_how"]),
        Points((words["code_1"], words["code_2"], words["code_3"])),
        Paragraph(words["code_line"]),
        Heading(words["questions"]),
        Paragraph(words["one_answer"]),
    ]
    for number, item in enumerate(test.items.values(), start=1):
        pieces.append(Paragraph(f"{number}. {item.asks[language]}"))
        pieces.append(Points(tuple(f"({letter}) {text[language]}" for letter, text in item.answers.items())))
    return Report(language, test.title[language], words[wave.value], author, made_on, tuple(pieces))


def key(test: KnowledgeTest, words: Words, *, author: str, made_on: date) -> Report:
    """Return the right answers, each with its sources."""
    language = words.language
    pieces: list[Piece] = []
    for number, item in enumerate(test.items.values(), start=1):
        pieces.append(Paragraph(f"{number}. ({item.right}) {item.answers[item.right][language]}"))
        if item.sources:
            pieces.append(Points(tuple(f"{one.title}, {one.publisher}, {one.url}" for one in item.sources)))
    return Report(language, test.title[language], words["key"], author, made_on, tuple(pieces))
