"""Pictures of the site besides the messages' own: cards for previews, and those that networks fetch for posts."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from small_project import NOW, SETTINGS, SVG, Project, message

from channels.contract import MediaTraits
from channels.webhook import Webhook
from pipeline.app.house import House
from pipeline.app.writing import Writer
from pipeline.clock import VirtualClock
from pipeline.partners.prints.typesetting import Typesetter

SEEDS = "ro/spring/seeds/index.md"
ACCOUNTS = """
[accounts.fetching]
kind = "webhook"
language = "ro"
url = "https://network.example/hook"
"""
EMBARGO = "embargo: 2026-12-03 10:00\n"
FOLDER = "content/campaigns/spring/messages/seeds"


def cards(site) -> list[str]:
    return [path for path in site.assets if path.startswith("cards/")]


# --- cards -------------------------------------------------------------------------------------------------


def test_a_message_s_page_shows_its_card_where_it_is_shared(project: Project) -> None:
    site = project.site()
    (path,) = cards(site)
    image = site.pages[SEEDS].meta["social"]["image"]
    assert image["url"] == f"https://trial.example/{path}"
    assert image["alt"] == "Semințe. Sună la 0000\u00a0000\u00a0000. Un desen."
    with Image.open(io.BytesIO(site.assets[path].read())) as picture:
        assert picture.size == (image["width"], image["height"]) == (1200, 630)


def test_no_other_page_has_a_card(project: Project) -> None:
    pages = project.site().pages
    assert [path for path, page in pages.items() if "image" in page.meta.get("social", {})] == [SEEDS]
    assert "social" not in pages["ro/help/index.md"].meta


def test_nothing_of_a_message_under_embargo_is_drawn_or_published(project: Project) -> None:
    project.message("seeds", message(more=EMBARGO))
    assert not cards(project.site())
    assert not list((project.root / "build").rglob("*.png"))
    assert len(cards(project.site(NOW + timedelta(days=3)))) == 1


def test_a_message_that_was_taken_back_has_no_card(project: Project) -> None:
    project.write(
        "content/corrections.yml",
        "- {date: 2026-11-30, campaign: spring, message: seeds, what: {ro: Nu mai e adevărat.}, recalled: true}\n",
    )
    assert not cards(project.site())


def test_cards_can_be_switched_off(project: Project) -> None:
    project.write("outreach.toml", SETTINGS.replace("[site]\n", "[site]\ncards = false\n"))
    site = project.site()
    assert not cards(site)
    assert "image" not in site.pages[SEEDS].meta["social"]


def test_a_build_in_which_nothing_changed_draws_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cards(project.site())

    def no_typst(*_: object) -> bytes:
        raise AssertionError("a card was drawn although nothing had changed")

    monkeypatch.setattr(Typesetter, "set", no_typst)
    assert cards(project.site()) == before


def test_a_new_title_is_a_new_card_under_a_new_name(project: Project) -> None:
    before = cards(project.site())
    project.message("seeds", message(title="Flori"))
    after = cards(project.site())
    assert len(after) == 1
    assert after != before


def test_what_is_wrong_is_told_once_although_page_and_card_both_meet_it(project: Project) -> None:
    project.write(f"{FOLDER}/picture.svg", SVG.replace("<rect", "<script/><rect"))
    assert [problem.rule for problem in project.told()] == ["svg"]


# --- what networks fetch -----------------------------------------------------------------------------------


@pytest.fixture
def fetching(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project with an account whose network fetches JPEG by itself."""
    takes = MediaTraits(max_count=1, mime_types=("image/jpeg",), max_bytes=8_000_000, fetched=True)
    monkeypatch.setattr(Webhook, "traits", replace(Webhook.traits, media=takes))
    project.write("outreach.toml", SETTINGS + ACCOUNTS)
    return project


def post_of(project: Project):
    with House(project.root, VirtualClock(NOW), {"OUTREACH_FETCHING_SECRET": "whsec_" + "c2VjcmV0" * 4}) as house:
        account = house.settings.accounts["fetching"]
        made = Writer(house).write(house.project.messages["spring", "seeds"], account)
        assert not made.faults
        (picture,) = made.post.parts[0].media
        return picture


def test_the_site_has_exactly_the_bytes_that_a_post_names(fetching: Project) -> None:
    picture = post_of(fetching)
    assert picture.mime == "image/jpeg"
    assert picture.url == f"https://trial.example/pictures/posts/{picture.sha256}.jpg"
    asset = fetching.site().assets[f"pictures/posts/{picture.sha256}.jpg"]
    assert asset.read() == picture.read()


def test_what_is_fetched_keeps_the_embargo_too(fetching: Project) -> None:
    fetching.message("seeds", message(more=EMBARGO))
    path = f"pictures/posts/{post_of(fetching).sha256}.jpg"
    assert path not in fetching.site().assets
    assert path in fetching.site(NOW + timedelta(days=3)).assets


def test_a_message_without_a_text_in_the_account_s_language_is_not_fetched(fetching: Project) -> None:
    fetching.write("outreach.toml", SETTINGS + ACCOUNTS.replace('"ro"', '"en"'))
    assert not [path for path in fetching.site().assets if path.startswith("pictures/posts/")]


def test_a_site_whose_networks_take_bytes_opens_no_store(project: Project) -> None:
    project.write("outreach.toml", SETTINGS + ACCOUNTS)
    assert not [path for path in project.site().assets if path.startswith("pictures/posts/")]
    assert not (project.root / "state").exists()


# --- what a network takes ----------------------------------------------------------------------------------


def takes(project: Project, monkeypatch: pytest.MonkeyPatch, media: MediaTraits):
    monkeypatch.setattr(Webhook, "traits", replace(Webhook.traits, media=media))
    project.write("outreach.toml", SETTINGS + ACCOUNTS)
    return post_of(project)


def test_a_network_that_takes_the_picture_gets_it_as_it_always_was(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_kind = takes(project, monkeypatch, MediaTraits(4))
    limited = takes(project, monkeypatch, MediaTraits(1, ("image/png",), 5_000_000, 2000, max_alt=100))
    assert any_kind == limited
    assert (any_kind.mime, any_kind.width, any_kind.url) == ("image/png", 1600, None)


def test_a_variant_is_made_once_and_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    small = MediaTraits(1, ("image/jpeg",), 20_000, 800)
    picture = takes(project, monkeypatch, small)
    assert (picture.mime, picture.width, picture.alt) == ("image/jpeg", 800, "Un desen.")
    assert picture.size == len(picture.read()) <= 20_000

    def no_pillow(*_: object) -> bytes:
        raise AssertionError("a picture was made again")

    monkeypatch.setattr("pipeline.pictures.variants.make", no_pillow)
    assert takes(project, monkeypatch, small) == picture


def test_a_lost_file_is_made_again_with_the_same_bytes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    small = MediaTraits(1, ("image/jpeg",), 20_000, 800)
    picture = takes(project, monkeypatch, small)
    Path(picture.path).unlink()
    again = takes(project, monkeypatch, small)
    assert again == picture
    assert again.read()
