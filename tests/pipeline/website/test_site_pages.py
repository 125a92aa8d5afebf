"""What stands on the site, for whom, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from small_project import NOW, ROOT, Project, message

from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.compose import page_address
from pipeline.content.stamp import stamp_translation
from pipeline.model import Severity
from pipeline.website.tree import Site

SEEDS = "ro/spring/seeds/index.md"


def everything(site: Site) -> str:
    """All that a visitor, a search engine or somebody who guesses addresses could find."""
    pages = "".join(page.path + page.markdown for page in site.pages.values())
    return pages + "".join(f"{path}\n{asset.read().decode(errors='replace')}" for path, asset in site.assets.items())


def test_a_message_stands_where_posts_say_it_does(project: Project) -> None:
    page = project.site().pages[SEEDS]
    assert f"https://trial.example/{page.url}" == page_address("https://trial.example", "ro", "spring", "seeds")


def test_a_page_says_what_to_do_and_dials_the_number(project: Project) -> None:
    text = project.site().pages[SEEDS].text
    assert "Sună la 0000 000 000." in text
    assert 'href="tel:0000000000"' in text


def test_the_same_content_gives_the_same_tree(project: Project) -> None:
    assert everything(project.site()) == everything(project.site())


def test_a_page_names_the_files_it_was_made_from(project: Project) -> None:
    assert "content/campaigns/spring/messages/seeds/ro.md" in project.site().pages[SEEDS].sources


# --- embargo ---


def test_a_message_under_embargo_is_nowhere(project: Project) -> None:
    project.message("secret-bulbs", message("Bulbi.", title="Bulbi ascunși", more='embargo: "2026-12-05 09:00"\n'))
    project.message("seeds", message("Vezi [bulbii](../secret-bulbs/ro.md)."))
    site = project.site(NOW)
    assert not site.errors
    found = everything(site)
    assert "secret-bulbs" not in found
    assert "Bulbi ascunși" not in found
    assert "Vezi bulbii." in found.replace("<a>", "").replace("</a>", "").replace('<a rel="noopener noreferrer">', "")


def test_an_embargo_ends_at_its_time_in_the_campaign_s_zone(project: Project) -> None:
    project.message("bulbs", message(more='embargo: "2026-12-05 09:00"\n'))
    ends = datetime(2026, 12, 5, 7, 0, tzinfo=UTC)
    before = project.site(ends - timedelta(seconds=1))
    assert before.next_release == ends
    assert "ro/spring/bulbs/index.md" not in before.pages
    after = project.site(ends)
    assert "ro/spring/bulbs/index.md" in after.pages
    assert after.next_release is None


def test_an_embargo_at_an_hour_that_comes_twice_ends_with_the_second(project: Project) -> None:
    project.message("bulbs", message(more='embargo: "2027-10-31 03:30"\n'))
    first, second = (datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert project.site(first).next_release == second


def test_a_campaign_whose_every_message_is_under_embargo_is_not_named(project: Project) -> None:
    project.message("seeds", message(more='embargo: "2027-01-05 09:00"\n'))
    assert "Primăvara" not in everything(project.site())


# --- helplines ---


def test_an_expired_helpline_is_an_error_at_each_place_that_carries_it(project: Project) -> None:
    site = project.site(datetime(2027, 5, 2, 12, 0, tzinfo=UTC))
    places = {(problem.path, problem.line) for problem in site.errors}
    assert ("content/helplines.yml", 1) in places
    assert ("content/campaigns/spring/messages/seeds/ro.md", 6) in places
    assert "0000 000 000" not in site.pages["ro/help/index.md"].text


def test_a_draft_that_nothing_uses_is_left_out_with_a_warning(project: Project) -> None:
    extra = "draft:\n  number: '0000 111 111'\n  country: RO\n  name: {ro: Ciornă}\n  operator: Trial\n"
    extra += "  purpose: {ro: Probă}\n  dialable_from: [RO]\n"
    extra += "  sources: [{title: T, url: 'https://trial.example', read_on: 2026-11-01}]\n"
    known = (project.root / "content/helplines.yml").read_text("utf-8")
    project.write("content/helplines.yml", known + extra)
    site = project.site()
    assert not site.errors
    assert [problem.severity for problem in project.told()] == [Severity.WARNING]
    assert "0000 111 111" not in everything(site)


# --- languages ---


def test_a_message_that_is_not_translated_says_so_and_leads_to_the_source(project: Project) -> None:
    stub = project.site().pages["en/spring/seeds/index.md"]
    assert "not in English yet" in stub.text
    assert 'href="../../../ro/spring/seeds/"' in stub.text
    assert stub.meta["robots"] == "noindex"


def test_what_is_not_translated_is_neither_in_the_map_nor_an_alternate(project: Project) -> None:
    site = project.site()
    mapped = site.assets["sitemap.xml"].read().decode()
    assert "https://trial.example/ro/spring/seeds/" in mapped
    assert "https://trial.example/en/spring/seeds/" not in mapped
    assert "alternates" not in site.pages[SEEDS].meta


def test_the_switch_stays_on_the_page(project: Project) -> None:
    switch = {one["language"]: one["url"] for one in project.site().pages["ro/help/index.md"].meta["switch"]}
    assert switch == {"ro": "ro/help/", "en": "en/help/", "ar": "ar/help/"}


def test_a_help_language_has_the_help_pages_and_no_messages(project: Project) -> None:
    arabic = {page.url for page in project.site().pages.values() if page.meta["language"] == "ar"}
    assert arabic == {"ar/", "ar/help/"}


def test_a_stale_translation_is_shown_with_a_word_of_warning(project: Project) -> None:
    text = "---\ntitle: Numbers\nsummary: Numbers.\nsource_hash: 0123456789abcdef\n---\nText.\n"
    project.write("content/pages/help/en.md", text)
    site = project.site()
    assert "older than the text" in site.pages["en/help/index.md"].text
    assert [(problem.path, problem.severity) for problem in project.told()] == [
        ("content/pages/help/en.md", Severity.WARNING)
    ]


def test_two_sources_of_a_page_are_told(project: Project) -> None:
    project.write("content/pages/help/en.md", "---\ntitle: Numbers\nsummary: Numbers.\n---\nText.\n")
    found = project.told()
    assert [problem.rule for problem in found] == ["page-source"]
    assert "en and ro" in found[0].message


# --- help pages ---


def test_help_pages_have_no_preview_and_a_plain_title(project: Project) -> None:
    meta = project.site().pages["ro/help/index.md"].meta
    assert meta["title"] == "Numere"
    assert meta["template"] == "lean.html"
    assert not {"social", "description"} & set(meta)


# --- corrections ---


def test_a_correction_stands_on_the_message_and_in_the_log(project: Project) -> None:
    project.write(
        "content/corrections.yml",
        "- {date: 2026-11-30, campaign: spring, message: seeds, what: {ro: Era greșit anul.}}\n",
    )
    project.write("content/pages/corrections/ro.md", "---\ntitle: Corecturi\nsummary: C.\n---\n{list:corrections}\n")
    site = project.site()
    assert "Era greșit anul." in site.pages[SEEDS].text
    assert "Era greșit anul." in site.pages["ro/corrections/index.md"].text


def test_a_message_that_was_taken_back_shows_no_text_and_no_picture(project: Project) -> None:
    project.message("seeds", message("Text care nu mai e bun."))
    project.write(
        "content/corrections.yml",
        "- {date: 2026-11-30, campaign: spring, message: seeds, recalled: true, what: {ro: Numărul s-a schimbat.}}\n",
    )
    site = project.site()
    page = site.pages[SEEDS]
    assert "Numărul s-a schimbat." in page.text
    assert "Text care nu mai e bun." not in everything(site)
    assert not any(path.startswith("pictures/spring/seeds") for path in site.assets)
    assert page.meta["robots"] == "noindex"


# --- mistakes ---


def test_a_campaign_cannot_take_the_address_of_a_page(project: Project) -> None:
    folder = project.root / "content/campaigns"
    (folder / "spring").rename(folder / "help")
    project.write(
        "content/campaigns/help/campaign.yml",
        (folder / "help/campaign.yml").read_text("utf-8").replace("spring", "help"),
    )
    found = [problem for problem in project.site().errors if problem.rule == "address"]
    assert found[0].path == "content/campaigns/help/campaign.yml"


def test_a_link_to_nothing_and_an_unknown_list_are_told_with_their_lines(project: Project) -> None:
    body = "---\ntitle: Numere\nsummary: Numere.\n---\nVezi\n[asta](../nothing/ro.md).\n\n{list:nothing}\n"
    project.write("content/pages/help/ro.md", body)
    assert {(problem.rule, problem.line) for problem in project.site().errors} == {("link", 6), ("list", 8)}


def test_a_word_that_a_language_lacks_is_a_problem_of_its_file(project: Project) -> None:
    (project.root / "site").unlink()
    # What the project does not hold of the site is shipped.
    words = (ROOT / "site/words/en.yml").read_text("utf-8")
    project.write("site/words/en.yml", words.replace("skip: Skip to the content\n", ""))
    found = project.told()
    assert [(problem.path, "skip" in problem.message) for problem in found] == [("site/words/en.yml", True)]


def test_a_translation_of_a_page_is_brought_up_to_date_with_one_command(project: Project) -> None:
    project.write("content/pages/help/en.md", "---\ntitle: N\nsummary: N.\nsource_hash: 0123456789abcdef\n---\nText.\n")
    assert [problem.rule for problem in project.told()] == ["stale"]
    with House(project.root, VirtualClock(NOW), {}) as house:
        stamp_translation(project.root, house.project.pages["help"], "en")
    assert project.told() == []


def test_a_funder_s_statement_stands_on_the_pages_it_pays_for(project: Project) -> None:
    project.write(
        "content/funders.yml",
        "grants:\n  name: {ro: Granturi}\n  period: 2014–2021\n  statement: {ro: Plătit din granturi.}\n"
        "  campaigns: [spring]\n  sources: [{title: T, url: 'https://trial.example', read_on: 2026-11-01}]\n",
    )
    pages = project.site().pages
    assert "Plătit din granturi." in pages[SEEDS].text
    assert "Plătit din granturi." in pages["ro/spring/index.md"].text


def test_a_drawing_that_acts_is_refused(project: Project) -> None:
    project.write(
        "content/campaigns/spring/messages/seeds/picture.svg", '<svg viewBox="0 0 9 9"><script>x</script></svg>'
    )
    assert [(problem.rule, problem.path.rpartition("/")[2]) for problem in project.site().errors] == [
        ("svg", "picture.svg")
    ]
