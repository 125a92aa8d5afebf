"""Which numbers are telephone numbers, which are figures, and which are neither."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.content.check.language import known_languages, speech
from pipeline.content.check.numbers import Context, Kind, digits, figure_value, numbers
from pipeline.content.check.reading import Reading

REGISTERED = frozenset({"0800800678", "+40213133100", "0040213133100", "964608288", "116006", "144", "112"})


def found(text: str, language: str) -> list[tuple[str, str]]:
    reading = Reading("x.md", language, [(("body",), text)])
    context = Context(speech(language), ("PT", "RO"), REGISTERED)
    return [(number.kind.value, number.value) for number in numbers(reading, context) if number.kind is not Kind.OTHER]


PHONES = [
    ("en", "Call 0000 000 000 now.", "0000000000"),
    ("en", "Call 0800 800 678 now.", "0800800678"),
    ("ro", "Sună la 0800.800.678.", "0800800678"),
    ("ro", "Sună la 0800-800-678.", "0800800678"),
    ("ro", "Sună la 0800800678!", "0800800678"),
    ("ro", "Sună la **0800** 800 678!", "0800800678"),
    ("ro", "(021) 313 3100", "0213133100"),
    ("ro", "din străinătate +40 21 313 3100", "+40213133100"),
    ("ro", "00 40 21 313 3100", "0040213133100"),
    ("pt", "Ligue 964 608 288, a qualquer hora.", "964608288"),
    ("pt", "964608288", "964608288"),
    ("pt", "o número 116 006 é gratuito", "116006"),
    ("en", "Missing children: 116 000", "116000"),
    ("pt", "Ligue 144.", "144"),
    ("pt", "Linha 144", "144"),
    ("en", "dial 112 at once", "112"),
    ("ro", "la 112", "112"),
    ("ro", "linia 1547", "1547"),
    ("en", "tel. 0000000", "0000000"),
    ("en", "Zero-width: 0800\u200b800\u200b678", "0800800678"),
    ("en", "Full width: ０８００ ８００ ６７８", "0800800678"),
    ("en", "Arabic digits: ٠٨٠٠٨٠٠٦٧٨", "0800800678"),
    ("en", "hard space: 0800\u00a0800\u00a0678", "0800800678"),
    ("uk", "Телефон: 0 000 000 000", "0000000000"),
]


@pytest.mark.parametrize(("language", "text", "value"), PHONES)
def test_telephone_numbers(language, text, value):
    assert ("phone", value) in found(text, language)


QUIET = [
    ("en", "Directive 2011/36/EU, as amended by Directive (EU) 2024/1712"),
    ("ro", "Legea nr. 678/2001, art. 13 alin. (2) și Legea 211/2004"),
    ("pt", "o artigo 160.º do Código Penal, a Lei n.º 23/2007"),
    ("en", "On 2026-12-01, 01.12.2026, 1/12/2026, December 1, 2026 and 1 December 2026"),
    ("ro", "între 1–15 decembrie 2026, pe 1 decembrie și pe 30.11.2026"),
    ("pt", "a 1 de dezembro de 2026, no dia 15 de janeiro"),
    ("en", "at 10:30, 08:00–16:00, 24/7 and 8 am"),
    ("pt", "das 08h00 às 23h00, 24 horas por dia"),
    ("ro", "programul 08.00-16.00, 24 de ore din 24, 7 zile din 7"),
    ("en", "in 2014–2021, in 2021-28 and since 1999"),
    ("en", "Test account GB00 0000 0000 0000 0000 00 and RO00AAAA0000000000000000"),
    ("en", "programme RO-ACTIVECITIZENS-0289, room A4, ISF02, COM(2010)674"),
    ("en", "1. First\n2. Second\n12. Twelfth"),
    ("en", "two of three, 3 steps, 5 questions"),
    ("en", "people under 18, children aged 14"),
    ("ro", "persoane sub 18 ani, copii de 14 ani, minori de la 15 ani"),
    ("pt", "menores de 18 anos, a partir dos 16 anos"),
    ("en", "within 24 hours, after 30 days, 45 minutes, 90-day period"),
    ("ro", "în 24 de ore, după 30 de zile, 45 de minute, timp de 90 de zile"),
    ("en", "SDG 16.2, page 32, section 12, annex 15"),
    ("en", "see https://outreach.example/2026/1234567890 and `0000 000 000`"),
    ("en", "[the page](https://outreach.example/0000000000)"),
    ("en", "Call {helpline:xx-112} or {helpline}."),
]


@pytest.mark.parametrize(("language", "text"), QUIET)
def test_what_is_neither(language, text):
    assert found(text, language) == []


FIGURES = [
    ("en", "93 professionals were trained", "93"),
    ("en", "over 6,300 people", "6300"),
    ("ro", "peste 6.300 de persoane", "6300"),
    ("pt", "mais de 6 300 pessoas", "6300"),
    ("en", "48% of referrals", "48%"),
    ("ro", "48 la sută dintre ele", "48%"),
    ("pt", "3,5 por cento", "3.5%"),
    ("en", "5 percent", "5%"),
    ("en", "1 in 4 people", "1"),
    ("ro", "1 din 4 oameni", "4"),
    ("en", "2.5 million people", "2.5"),
    ("ro", "20 de milioane", "20"),
    ("en", "150,000 EUR", "150000"),
    ("en", "€150 000", "150000"),
    ("pt", "150.000 euros", "150000"),
    ("en", "385 answers", "385"),
    ("en", "In Q2 2023 there were 3,998 referrals", "3998"),
    ("ro", "În 2023 3.998 de persoane", "3998"),
    ("en", "27 600 000 people", "27600000"),
]


@pytest.mark.parametrize(("language", "text", "value"), FIGURES)
def test_figures(language, text, value):
    kinds = found(text, language)
    assert ("figure", value) in kinds
    assert not [kind for kind, _ in kinds if kind == "phone"]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=200), st.sampled_from(["en", "ro", "pt", "uk"]))
def test_a_text_without_digits_has_no_number(text, language):
    assert found(text, language) == []


@settings(deadline=None)
@given(
    st.sampled_from(["0800 800 678", "964 608 288", "+40 21 313 3100"]),
    st.text(st.characters(categories=["L", "P"], exclude_characters="`/<>()[]{}\\+0123456789"), max_size=12),
    st.sampled_from(known_languages()),
)
def test_a_registered_number_is_found_between_any_words(number, word, language):
    text = f"{word} x {number} y {word}"
    value = ("+" if number.startswith("+") else "") + digits(number)
    assert ("phone", value) in found(text, language)


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(known_languages()))
def test_any_text_can_be_asked_and_every_number_lies_in_it(text, language):
    reading = Reading("x.md", language, [(("body",), text)])
    position = 0
    for number in numbers(reading, Context(speech(language), ("PT", "RO"), REGISTERED)):
        assert position <= number.start < number.end <= len(reading.text)
        position = number.end


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("6,300", "6300"),
        ("6.300", "6300"),
        ("6 300", "6300"),
        ("3,5", "3.5"),
        ("3.50", "3.5"),
        ("007", "7"),
        ("0", "0"),
    ],
)
def test_the_value_of_a_figure_does_not_depend_on_how_it_is_written(written, value):
    assert figure_value(written) == value
