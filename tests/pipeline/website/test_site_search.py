"""The index of the search: what is in it, what it weighs, and that words find each other through their stems."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_project import HELPLINES, NOW, ROOT, Project, Sample, message

from pipeline.content.site import read_pages
from pipeline.website.search import Entry, index
from pipeline.website.stems import Stems, folded, spoken, words

LIMIT = 80_000
"""Bytes, as transferred: `search.json` and the script."""


def texts(language: str) -> Iterator[str]:
    for page in read_pages(ROOT, []).values():
        if text := page.texts.get(language):
            yield text.body
    for path in sorted(ROOT.glob(f"content/campaigns/*/messages/*/{language}.md")):
        yield path.read_text("utf-8").split("---\n", 2)[2]


def many(language: str, messages: int) -> list[Entry]:
    """Messages of words in the frequencies of the sample's texts, but in no order: they pack worse than sentences."""
    chance = random.Random(7)
    pool = [word for text in texts(language) for word in words(text)]
    entries = []
    for number in range(messages):
        title, summary, rest = (" ".join(chance.choices(pool, k=count)) for count in (7, 18, 200))
        slug = "-".join(folded(word) for word in words(title)[:4])
        entries.append(Entry(3, f"{language}/campaign-{number // 200}/{slug}/", title, summary, spoken(rest, 80)))
    return entries


@pytest.mark.parametrize("language", ["ro", "en", "pt", "uk", "ar"])
def test_the_first_answer_at_two_thousand_messages_weighs_less_than_80_kb(language: str) -> None:
    data = index(language, {}, many(language, 2000), Stems(language, None))
    script = (ROOT / "site/theme/assets/outreach/search.js").read_bytes()
    assert len(json.loads(data)["titles"]) == 2000
    weight = len(gzip.compress(data, 6)) + len(gzip.compress(script, 6))
    assert weight <= LIMIT


def found(project: Project, language: str = "ro", hours: int = 0) -> dict[str, Any]:
    data = project.site(NOW + timedelta(hours=hours)).assets[f"search/{language}.json"].read()
    return dict(json.loads(data))


def test_what_is_public_is_in_it_and_what_is_not_is_not(project: Project) -> None:
    project.message("later", message("Plicul albastru.", title="Mai târziu", more="embargo: 2026-12-01 13:00\n"))
    project.message("gone", message("Caietul verde.", title="Luat înapoi"))
    project.write(
        "content/corrections.yml",
        "- {date: 2026-11-20, campaign: spring, message: gone, what: {ro: A expirat.}, recalled: true}\n",
    )
    data = found(project)
    assert "Semințe" in data["titles"]
    assert "Mai târziu" not in data["titles"]
    assert "Luat înapoi" not in data["titles"]
    told = json.dumps(data, ensure_ascii=False)
    assert "albastru" not in told
    assert "caiet" not in told
    assert "Mai târziu" in found(project, hours=1)["titles"]


def test_helplines_that_hold_are_in_it_and_others_are_not(project: Project) -> None:
    assert "0000 000 000 · Linie de probă · România" in found(project)["titles"]
    project.write("content/helplines.yml", HELPLINES.replace("verified_by: editor", "note: nobody called"))
    project.message("seeds", message().replace(", helpline: line", "").replace("{helpline}", "noi"))
    assert not [title for title in found(project)["titles"] if "0000" in title]


def test_a_language_for_help_finds_help_and_no_messages(sample: Sample) -> None:
    data = json.loads(sample.site.assets["search/uk.json"].read())
    assert set(data["kinds"]) == {"0", "1"}
    assert data["told"]["search_label"] == "Пошук на цьому сайті"


def test_every_address_in_it_is_a_page(sample: Sample) -> None:
    pages = {page.url for page in sample.site.pages.values()}
    for language in ("ro", "en", "pt", "uk", "ar"):
        data = json.loads(sample.site.assets[f"search/{language}.json"].read())
        assert {f"{language}/{url.partition('#')[0]}" for url in data["urls"]} <= pages


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("ro", "ajutoare", "ajutor"),
        ("ro", "semnelor", "semn"),
        ("ro", "pașaportul", "pașaport"),
        ("pt", "sinais", "sinal"),
        ("pt", "mulheres", "mulher"),
        ("en", "trafficking", "trafficked"),
        ("uk", "людьми", "людина"),
        ("uk", "допомогою", "допомога"),
        ("uk", "документів", "документ"),
        ("ar", "العلامات", "علامات"),
        ("ar", "المساعدة", "مساعدة"),
    ],
)
def test_forms_of_a_word_share_a_stem(language: str, one: str, other: str) -> None:
    known = Stems(language, None).of([one, other])
    assert set(known[one]) & set(known[other])


@pytest.mark.parametrize(
    ("written", "typed"), [("sănătate", "sanatate"), ("Ştiri", "stiri"), ("ação", "acao"), ("إجراء", "اجراء")]
)
def test_accents_may_be_left_out(written: str, typed: str) -> None:
    assert folded(written.lower()) == folded(typed)


def test_a_letter_of_its_own_stays_one() -> None:
    assert folded("їжа") != folded("іжа")
    assert folded("край") != folded("краи")


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    for word in words(text):
        assert folded(folded(word)) == folded(word)


def test_markup_and_placeholders_are_no_words() -> None:
    assert spoken("[Numărul](https://trial.example/secret) {helpline:line} <b>verde</b> verde") == "verde numărul"
