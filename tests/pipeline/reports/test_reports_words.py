"""What reports say is there in every language, says the same things, and follows the code."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.cli.catalogues import sentences, updated
from pipeline.reach.saying import Said, Tongue
from pipeline.reports.form import LOCALE, Form, catalogue, spoken

ROOT = Path(__file__).parents[3]
ZONE = ZoneInfo("Europe/Bucharest")


def test_the_languages_of_the_sample_are_spoken():
    assert set(spoken()) >= {"en", "ro", "pt"}


@pytest.mark.parametrize("language", [one for one in spoken() if one != "en"])
def test_a_catalogue_is_whole_and_fresh(language):
    assert (LOCALE / f"{language}.po").read_bytes() == updated(language), "run: python -m pipeline.cli.catalogues"
    words = catalogue(language)
    assert sorted(set(sentences()) - set(words)) == [], "these lack a translation"


@pytest.mark.parametrize("language", [one for one in spoken() if one != "en"])
def test_a_translation_holds_the_same_values(language):
    for text, said in catalogue(language).items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", said)), text


def test_catalogues_are_installed_with_the_program():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "*.po" in settings["tool"]["setuptools"]["package-data"]["*"]


def test_a_sentence_is_said_with_its_values_in_the_language():
    said = Said("{unit}: most on {day} ({number})", unit=Said("visits"), day=date(2026, 12, 5), number=12345)
    assert said == "visits: most on 2026-12-05 (12345)"
    assert Form("ro", ZONE).say(said) == "vizite: cele mai multe la 5 dec. 2026 (12.345)"
    assert Form("pt", ZONE).say(said).startswith("visitas: o máximo em 05/12/2026 (12")


def test_joined_sentences_keep_their_own_words():
    both = Said.joined([Said("exposures"), Said("visits")], Said(" and "))
    assert both == "exposures and visits"
    assert Form("ro", ZONE).say(both) == "afișări și vizite"


@pytest.mark.parametrize(
    ("language", "number", "amount", "rate"),
    [("en", "12,345", "2.50", "1.25%"), ("ro", "12.345", "2,50", "1,25\xa0%"), ("pt", "12\xa0345", "2,50", "1,25%")],
)
def test_numbers_look_as_the_language_writes_them(language, number, amount, rate):
    form = Form(language, ZONE)
    assert (form.cell(12345), form.cell(Decimal("2.50")), form.cell(0.0125)) == (number, amount, rate)
    assert form.cell(None) == ""


def test_times_are_those_of_the_zone_and_languages_have_their_names():
    form = Form("ro", ZONE)
    assert "01:30" in form.cell(datetime(2026, 12, 4, 23, 30, tzinfo=UTC))
    assert form.cell(Tongue("pt")) == "portugheză"


def test_a_language_without_a_catalogue_is_said_in_english_with_its_own_numbers():
    form = Form("uk", ZONE)
    assert form.words_in == "en"
    assert form.say(Said("{units} are different things and have no sum.", units="a")) == (
        "a are different things and have no sum."
    )
    assert form.cell(12345) == "12\xa0345"
