"""The page of results shows what somebody released, nothing else, and the build follows the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from small_project import CAMPAIGN, NOW, ROOT, SETTINGS
from test_site_incremental import writable

from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.app.website import build_site, make_site
from pipeline.clock import VirtualClock
from pipeline.content.results import read_release
from pipeline.reach.units import UNITS
from pipeline.store import Reading
from pipeline.store.web import LogMark

PAGE = "---\ntitle: Rezultate\nsummary: Cifre.\nupdated: 2026-11-01\n---\nAici.\n\n{list:results}\n"
RELEASE = """\
until: 2026-11-20
released_by: editor
released_on: 2026-11-25
figures:
  - {campaign: spring, units: [materials, exposures, persons-trained, visits]}
"""


def reading(value, unit, day=date(2026, 11, 10), kind="reported", subject="a", **more):
    return Reading(
        "people", subject, unit, datetime(2026, 11, 21, tzinfo=UTC), value, kind, unit=unit, campaign="spring",
        definition="counted when packed", period_first=day, period_last=day, **more,
    )  # fmt: skip


def tell(project, *readings):
    with House(project.root, VirtualClock(NOW), {}) as house:
        house.store.reach.add(readings)


def page(project, language="ro"):
    with House(project.root, VirtualClock(NOW), {}) as house:
        site = make_site(house)
    return site.pages[f"{language}/results/index.md"].text, site


def test_nothing_is_shown_that_nobody_released(project):
    project.write("content/pages/results/ro.md", PAGE)
    tell(project, reading(500, "materials"))
    text, _ = page(project)
    assert "Aici nu sunt încă cifre" in text
    assert "500" not in text


def test_released_figures_are_shown_with_their_origin_in_the_pages_language(project):
    project.write("content/pages/results/ro.md", PAGE)
    project.write("content/results.yml", RELEASE)
    tell(
        project,
        reading(12345, "materials"),
        reading(77777, "materials", day=date(2026, 11, 22), subject="b"),
        reading(88888, "engagements"),
        reading(7, "persons-trained"),
        reading(3000, "exposures", kind="estimated"),
    )
    text, site = page(project)
    assert not site.errors
    assert "12.345" in text
    for said in ("materiale", "raportat", "estimat", "counted when packed", "20 nov. 2026", "Primăvara"):
        assert said in text, said
    assert "77.777" not in text, "what is later than the release is not in it"
    assert "88.888" not in text, "a unit that is not released is not shown"
    assert "nu se arată" in text, "a small number of people is hidden"
    assert "Nu s-au numărat: vizite" in text, "what is missing is said"


def chart_of(text):
    return text[text.index("<svg") : text.index("</svg>")]


def test_the_chart_says_in_words_and_in_a_table_what_it_draws_and_needs_no_style(project):
    project.write("content/pages/results/ro.md", PAGE)
    project.write("content/results.yml", RELEASE)
    tell(
        project,
        reading(12345, "materials"),
        reading(7, "persons-trained"),
        reading(3000, "exposures", kind="estimated"),
        reading(800, "exposures", kind="measured", subject="b"),
    )
    text, _ = page(project)
    drawn = chart_of(text)
    assert text.count("<svg") == 1
    assert "style" not in drawn, "the policy of the site allows no style inside a page"
    assert "\n" not in drawn, "Markdown would take it apart"
    assert "<script" not in drawn
    said = drawn[drawn.index('aria-label="') :].split('"')[1]
    assert "materiale, 12.345 · raportat" in said
    assert "afișări, 3.000 · estimat" in said
    assert drawn.count("var(--link)") == 3, "a bar for each number that is shown"
    assert "Fiecare unitate are scara ei" in text
    table = text[text.index("<tbody>") : text.index("</tbody>")]
    assert table.count("<tr>") == 4
    assert "nu se arată" in table
    assert ">7<" not in text


def test_campaigns_stand_beside_each_other_within_a_unit(project):
    project.write("content/pages/results/ro.md", PAGE)
    project.write(
        "content/campaigns/other/campaign.yml",
        CAMPAIGN.replace("Primăvara", "Toamna <b>&").replace("id: spring", "id: other"),
    )
    project.write("content/results.yml", f"{RELEASE}  - {{campaign: other, units: [materials]}}\n")
    other = reading(500, "materials", subject="o")
    fields = {name: getattr(other, name) for name in other.__dataclass_fields__} | {"campaign": "other"}
    tell(project, reading(12345, "materials"), Reading(**fields))
    text, _ = page(project)
    drawn = chart_of(text)
    assert "500 · raportat · Toamna &lt;b&gt;&amp;" in drawn
    assert "12.345 · raportat · Primăvara" in drawn
    assert drawn.count("var(--link)") == 2


def test_where_no_number_is_shown_nothing_is_drawn(project):
    project.write("content/pages/results/ro.md", PAGE)
    project.write("content/results.yml", RELEASE)
    tell(project, reading(7, "persons-trained"))
    assert "<svg" not in page(project)[0]


def test_a_figure_whose_days_reach_beyond_the_release_is_not_in_it(project):
    project.write("content/pages/results/ro.md", PAGE)
    project.write("content/results.yml", RELEASE)
    days = {"period_first": date(2026, 11, 18), "period_last": date(2026, 11, 22)}
    one = reading(4321, "materials")
    tell(project, Reading(**{name: getattr(one, name) for name in one.__dataclass_fields__} | days))
    assert "4.321" not in page(project)[0]


def test_a_release_that_is_yet_to_come_shows_nothing(project):
    project.write("content/pages/results/ro.md", PAGE)
    project.write("content/results.yml", RELEASE.replace("2026-11-25", "2026-12-25"))
    tell(project, reading(500, "materials"))
    text, site = page(project)
    assert "500" not in text
    assert any("yet to come" in str(problem) for problem in site.problems)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("campaign: spring", "campaign: summer", 5, "there is no campaign 'summer'"),
        ("materials,", "likes,", 5, "'likes' is no unit"),
        ("released_by: editor", "released_by: nobody", 2, "'nobody' is not among [people]"),
        ("released_on: 2026-11-25", "released_on: 2026-11-20", 1, "once it is over"),
        ("visits]}", "visits]}\n  - {units: [materials]}", 1, "name each campaign once, or none at all"),
        ("until:", "untl:", 1, "unknown key 'untl'"),
    ],
)
def test_a_release_that_is_wrong_is_told_with_its_line(tmp_path, old, new, line, says):
    (tmp_path / "content").mkdir()
    (tmp_path / "content/results.yml").write_text(RELEASE.replace(old, new, 1), "utf-8")
    told = []
    known = {"units": UNITS, "campaigns": ["spring"], "people": ["editor"]}
    assert read_release(tmp_path, told, **known) is None
    assert any(says in str(one) and one.line == line for one in told), [str(one) for one in told]


def test_a_release_that_is_wrong_shows_nothing_and_keeps_no_page_back(project):
    project.write("content/pages/results/ro.md", PAGE)
    project.write("content/results.yml", RELEASE.replace("spring", "summer"))
    tell(project, reading(500, "materials"))
    text, site = page(project)
    assert "500" not in text
    assert not site.errors
    assert any(one.path == "content/results.yml" for one in site.problems)
    with House(project.root, VirtualClock(NOW), {}) as house:
        assert [one.line for one in check_project(house).errors if one.path == "content/results.yml"] == [5]


def test_a_correction_in_the_ledger_is_on_the_page_after_the_next_build_and_nothing_else_is_written(tmp_path):
    with writable(tmp_path) as project:
        project.write("outreach.toml", SETTINGS)
        project.write("content/pages/results/ro.md", PAGE)
        project.write("content/results.yml", RELEASE)
        tell(project, reading(500, "materials"))
        built = tmp_path / "build" / "site"

        def build():
            with House(project.root, VirtualClock(NOW), {}) as house:
                build_site(house)
            return {path: path.stat().st_mtime_ns for path in built.rglob("*.html")}

        before = build()
        assert "500" in (built / "ro/results/index.html").read_text("utf-8")
        tell(
            project,
            Reading(
                **{name: getattr(one, name) for one in [reading(650, "materials")] for name in one.__dataclass_fields__}
                | {"at": datetime(2026, 11, 26, tzinfo=UTC)}
            ),
        )
        after = build()
        text = (built / "ro/results/index.html").read_text("utf-8")
        assert "650" in text
        assert "500" not in text
        # The home of this project holds every list that there is, that of results too.
        showing = {built / "ro/results/index.html", built / "ro/index.html"}
        assert {path for path in after if after[path] != before[path]} == showing


def test_a_page_does_not_change_while_its_figures_do_not(project):
    project.write("content/pages/results/ro.md", PAGE)
    project.write("content/results.yml", RELEASE)
    tell(project, reading(500, "materials"))
    day = (date(2026, 11, 12), "ro", "spring", "", "", "")
    with House(project.root, VirtualClock(NOW), {}) as house:
        house.store.web.add(LogMark("h", "access.log", 1, "t", 1, 0), NOW, [], [(*day, 40)], {})
    text, _ = page(project)
    assert "vizitatorii unei zile" in text
    assert "12 nov. 2026" in text
    with House(project.root, VirtualClock(NOW + timedelta(days=3)), {}) as house:
        later = make_site(house)
    assert later.pages["ro/results/index.md"].text == text


def test_the_sample_says_that_there_are_no_figures(sample):
    assert not (ROOT / "content" / "results.yml").exists()
    for language in ("ro", "en", "pt"):
        assert 'class="notice"' in sample.site.pages[f"{language}/results/index.md"].text
