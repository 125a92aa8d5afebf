"""Links tell where a visit came from, and nothing about the visitor."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.placement import PLACES, holds
from pipeline.model import HELP_PAGES
from pipeline.tracking import at_place, place_of, plain, tracked

SITE = "https://outreach.example"
PAGE = f"{SITE}/ro/proactiv/oferta/"
VALUES = {"source": "mastodon", "medium": "social", "campaign": "proactiv", "content": "oferta-ro"}


def test_the_parameters_come_in_the_order_that_people_know():
    assert tracked(PAGE, VALUES, SITE) == (
        f"{PAGE}?utm_source=mastodon&utm_medium=social&utm_campaign=proactiv&utm_content=oferta-ro"
    )


def test_a_query_and_a_fragment_stay_as_they_are():
    link = tracked(f"{PAGE}?a=%C8%9B&b#pa%C8%99i", VALUES, SITE)
    assert link == (
        f"{PAGE}?a=%C8%9B&b&utm_source=mastodon&utm_medium=social&utm_campaign=proactiv&utm_content=oferta-ro#pa%C8%99i"
    )


def test_what_the_link_says_already_is_not_said_otherwise():
    link = tracked(f"{PAGE}?utm_source=kit", VALUES, SITE)
    assert dict(parse_qsl(urlsplit(link).query))["utm_source"] == "kit"
    assert link.count("utm_source") == 1
    assert tracked(link, VALUES, SITE) == link


@pytest.mark.parametrize("page", HELP_PAGES)
@pytest.mark.parametrize("rest", ["", "#numere", "?a=1"])
def test_a_page_for_help_is_left_alone(page, rest):
    link = f"{SITE}/ro/{page}/{rest}"
    assert tracked(link, VALUES, SITE) == link


def test_a_site_below_a_path_has_pages_for_help_too():
    below = "https://agency.example/outreach"
    assert tracked(f"{below}/ro/help/", VALUES, below) == f"{below}/ro/help/"
    assert "utm_source" in tracked(f"{below}/ro/proactiv/help/", VALUES, below)


@given(st.text(max_size=80))
def test_a_value_is_small_letters_digits_and_hyphens(value):
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", plain(value))
    assert len(plain(value + "x" * 80)) <= 80, "the site's log is read with values of at most that"
    assert plain(plain(value)) == plain(value)


@given(
    st.dictionaries(st.sampled_from(("source", "medium", "campaign", "content", "term", "email")), st.text(max_size=20))
)
def test_nothing_but_the_four_parameters_is_ever_added(values):
    query = dict(parse_qsl(urlsplit(tracked(PAGE, values, SITE)).query))
    assert set(query) <= {"utm_source", "utm_medium", "utm_campaign", "utm_content"}


@given(st.text(min_size=1, max_size=120).filter(plain), st.sampled_from(PLACES))
def test_a_place_in_a_mail_is_read_again_as_it_was_written(content, place):
    said = at_place(content, place)
    assert plain(said) == said, "it stands in a link as it is"
    assert place_of(said) == (plain(content)[: 80 - len(place) - 1].rstrip("-"), place)


@pytest.mark.parametrize("content", ["", "oferta-ro", "button", "oferta-buttons", "-text"])
def test_what_names_no_place_has_none(content):
    assert place_of(content) == (content, "")


def test_a_text_holds_a_link_wherever_that_says_it_stands():
    button = tracked(PAGE, {**VALUES, "content": "oferta-ro-button"}, SITE)
    assert holds(f"Vezi {tracked(PAGE, {**VALUES, 'content': 'oferta-ro-text'}, SITE)}.", button)
    assert not holds(f"Vezi {tracked(PAGE, {**VALUES, 'content': 'alta-ro-text'}, SITE)}.", button)
    assert not holds(f"Vezi {SITE}/ro/.", button)
