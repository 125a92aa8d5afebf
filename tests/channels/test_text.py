"""Text is measured as networks measure it, and never broken where it must stay whole."""

import re
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from channels.text import (
    ELLIPSIS,
    addresses,
    count_graphemes,
    count_with_urls,
    cut,
    graphemes,
    neutralise,
    split,
    utf8_length,
    utf16_length,
)

FAMILY = "👨‍👩‍👧‍👦"
ROMANIAN = "Recrutorii promit mult. Verifică oferta înainte să pleci! Sună la 0000 000 000, gratuit și confidențial."
ARABIC = "لا تدفع مقابل العمل. اتصل بنا، فالمكالمة سرية."
UKRAINIAN = "Роботодавець не має права забирати твій паспорт. Зателефонуй нам."

TEXTS = st.lists(
    st.sampled_from(
        [
            *"aăâîșț .!?\n-",
            "ți",
            "s\u0326i",
            FAMILY,
            "🇵🇹",
            "👍🏽",
            "слово",
            "كلمة",
            " ",
            ". ",
            "https://outreach.example/ro/oferta?utm_source=x",
            "https://t.example/(a)",
            "0000 000 000",
            "…",
            "€",
        ]
    ),
    max_size=60,
).map("".join)
NUMBER = "0000 000 000"


@pytest.mark.parametrize(
    ("text", "seen", "bytes_", "units"),
    [
        ("", 0, 0, 0),
        ("ț", 1, 2, 1),
        ("t\u0326", 1, 3, 2),
        (FAMILY, 1, 25, 11),
        ("🇷🇴🇵🇹", 2, 16, 8),
        ("€…", 2, 6, 2),
        ("سلام", 4, 8, 4),
        ("\r\n", 1, 2, 2),
    ],
)
def test_lengths(text, seen, bytes_, units):
    assert (count_graphemes(text), utf8_length(text), utf16_length(text)) == (seen, bytes_, units)
    assert "".join(graphemes(text)) == text


@given(TEXTS | st.text() | st.text("aț\u0326\u0301\u200d\u00a9\u00ad\r\n…€Я\u0483"))
def test_counting_and_listing_agree(text):
    assert count_graphemes(text) == len(graphemes(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vezi https://a.example/x.", ["https://a.example/x"]),
        ("(https://a.example/x_(y))", ["https://a.example/x_(y)"]),
        ("https://a.example, http://b.example?q=1#f!", ["https://a.example", "http://b.example?q=1#f"]),
        ("„https://a.example/ă”", ["https://a.example/ă"]),
        ("HTTPS://A.example/", ["HTTPS://A.example/"]),
        ("a.example, xhttps://b.example, https://", []),
    ],
)
def test_addresses_without_the_punctuation_around_them(text, found):
    assert [address.url for address in addresses(text)] == found
    assert all(text[one.start : one.end] == one.url for one in addresses(text))


def test_an_address_costs_what_the_network_says_however_long_it_is():
    long = "https://outreach.example/" + "x" * 300
    assert count_with_urls(f"Vezi {long} acum", 23) == len("Vezi ") + 23 + len(" acum")
    assert count_with_urls("https://a.bc", 23) == 23
    assert count_with_urls(f"Vezi {long}", 23, shortens=lambda url: False) == len("Vezi ") + len(long)


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        (ROMANIAN, 200, ROMANIAN),
        (ROMANIAN, 60, "Recrutorii promit mult. Verifică oferta înainte să pleci!"),
        (ROMANIAN, 40, "Recrutorii promit mult."),
        (ROMANIAN, 20, "Recrutorii promit…"),
        (ARABIC, 30, "لا تدفع مقابل العمل."),
        (UKRAINIAN, 50, "Роботодавець не має права забирати твій паспорт."),
        (UKRAINIAN, 30, "Роботодавець не має права…"),
        ("Sunați la 0000 000 000 acum, e gratuit", 16, "Sunați la…"),
        ("Vezi https://outreach.example/oferta azi", 20, "Vezi…"),
        ("Preț: 3.50 lei pe oră și nimic mai mult", 9, "Preț…"),
        ("nemărginit", 5, "nemă…"),
        (FAMILY * 5, 3, FAMILY * 2 + "…"),
        ("text", 0, ""),
    ],
)
def test_cutting(text, limit, kept):
    assert cut(text, limit, protect=[NUMBER]) == kept


@given(TEXTS, st.integers(1, 80))
@example("a" + "\u0326" * 200, 1)
@example("a" + "https://outreach.example/ro https://outreach.example/ro", 5)
def test_what_is_cut_fits_and_is_whole(text, limit):
    assume(not any(NUMBER[:4] in one.url for one in addresses(text)))  # glued together they are no number
    short = cut(text, limit, protect=[NUMBER])
    assert count_graphemes(short) <= limit
    assert cut(short, limit, protect=[NUMBER]) == short
    body = short.removesuffix(ELLIPSIS) if short != text.strip() else short
    assert text.strip().startswith(body)
    # A scheme that is glued to a word before it makes no address, so it may be cut like any long word.
    whole = text.strip()
    kept_whole = [(one.start, one.end) for one in addresses(whole)]
    kept_whole += [(found.start(), found.end()) for found in re.finditer(re.escape(NUMBER), whole)]
    for start, end in kept_whole:
        assert not start + 3 <= len(body) < end, f"{whole[start:end]!r} was cut inside: {short!r}"


@given(TEXTS, st.integers(60, 120), st.booleans())
def test_a_thread_loses_no_word_and_every_part_fits(text, limit, number):
    assume(all(len(address.url) <= limit - 10 for address in addresses(text)))
    parts = split(text, limit, number=number, protect=[NUMBER])
    assert all(0 < count_graphemes(part) <= limit for part in parts)
    if number and len(parts) > 1:
        ends = [f" {place}/{len(parts)}" for place in range(1, len(parts) + 1)]
        assert all(part.endswith(end) for part, end in zip(parts, ends, strict=True))
        parts = [part.removesuffix(end) for part, end in zip(parts, ends, strict=True)]
    assert "".join("".join(parts).split()) == "".join(text.split())
    assume(all(count_graphemes(word) < limit // 2 for word in text.split()))
    assert " ".join(parts).split() == text.split()


def test_a_thread_breaks_at_sentences_and_is_numbered():
    assert split(ROMANIAN, 70) == [
        "Recrutorii promit mult. Verifică oferta înainte să pleci! 1/2",
        "Sună la 0000 000 000, gratuit și confidențial. 2/2",
    ]
    assert split("scurt", 70) == ["scurt"]
    assert split("  ", 70) == []


def test_more_than_nine_parts_still_fit():
    parts = split("cuvânt " * 200, 60)
    assert len(parts) > 9
    assert parts[-1].endswith(f" {len(parts)}/{len(parts)}")
    assert all(count_graphemes(part) <= 60 for part in parts)


def test_what_cannot_stay_whole_is_said_and_not_broken():
    with pytest.raises(ValueError, match=r"cannot hold 'https://outreach\.example/a-long-path' whole"):
        split("https://outreach.example/a-long-path și încă ceva", 20)


def test_five_megabytes_are_cut_at_once():
    assert cut("cuvânt " * 700_000, 20) == "cuvânt cuvânt…"


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\ufeffTitlu\x00\x1b[31m\x07\t!", "Titlu[31m\t!"),
        ("exe\u202egnp.\u202c", "exegnp."),
        ("رقم \u2066+40\u2069 هنا", "رقم \u2066+40\u2069 هنا"),
        ("\u2067deschis \u2066închis\u2069", "deschis \u2066închis\u2069"),
        ("închis\u2069 \u2066peste\nrând\u2069", "închis peste\nrând"),
        ("\ud83d singur", "\ufffd singur"),
        ("s\u0326i", "și"),
        ("mâini 👨‍👩‍👧 می‌خواهم", "mâini 👨‍👩‍👧 می‌خواهم"),
    ],
)
def test_harmless(dirty, clean):
    assert neutralise(dirty) == clean


@given(st.text(st.characters(codec=None, categories=None)) | TEXTS)
@example("a\x00\u0301")
def test_making_harmless_is_idempotent_normal_and_encodable(text):
    clean = neutralise(text)
    assert neutralise(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    clean.encode()
