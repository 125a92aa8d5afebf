"""One number, in all the ways in which people write it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Helpline
from pipeline.spellings import spellings


def helpline(number: str, country: str = "RO", e164: str | None = None) -> Helpline:
    return Helpline(
        id="line", number=number, e164=e164, country=country, name={"en": "Line"}, operator="Nobody",
        purpose={"en": "Test"}, dialable_from=(country,),
        sources=({"title": "Test", "url": "https://outreach.example/", "read_on": date(2026, 11, 1)},),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Sună la 0800 800 678.",
        "0800800678",
        "0800-800-678, gratuit",
        "+40 800 800 678",
        "+40 (0) 800 800 678",
        "0040800800678",
        "tel:+40800800678",
        "<b>0800</b>&nbsp;800 678",
        "0800 <span>800</span> 678",
        "٠٨٠٠ ٨٠٠ ٦٧٨",
        "＋40 800 800 678",
        "0800\u00ad800\u202f678",
    ],
)
def test_a_number_is_found_however_it_is_written(text):
    assert spellings(helpline("0800 800 678")).found_in(text)


@pytest.mark.parametrize("text", ["0800 800 679", "0800 800 6781", "10800800678", "", "1800 800 67"])
def test_another_number_is_not_it(text):
    assert spellings(helpline("0800 800 678")).found_in(text) is None


@pytest.mark.parametrize(("text", "there"), [("112", True), ("Sună la 112!", True), ("1120", False), ("5.112", False), ("112/2020", False), ("1 12", False)])  # fmt: skip
def test_a_short_number_is_not_seen_in_figures(text, there):
    assert bool(spellings(helpline("112")).found_in(text)) is there


def test_the_form_with_the_countrys_code_is_found_at_home_too():
    found = spellings(helpline("+40 21 313 3100", e164="+40213133100"))
    assert found.found_in("021 313 31 00") == "021 313 31 00"


@given(st.lists(st.sampled_from(["", " ", "-", ".", "\u00a0", "/", ") "]), min_size=9, max_size=9))
def test_whatever_stands_between_the_digits(between):
    digits = "0800800678"
    written = digits[0] + "".join(gap + digit for gap, digit in zip(between, digits[1:], strict=True))
    assert spellings(helpline("0800 800 678")).found_in(f"Sună: {written}, gratuit")
