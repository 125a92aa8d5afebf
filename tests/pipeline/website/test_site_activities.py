"""The programmes around the campaigns have pages: every line of a plan can be opened, and nothing internal shows."""

from small_project import NOW

from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.clock import VirtualClock

PLAN = """
title: {ro: Planul, en: The plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
cost: {amount: 1250.50, source: {title: Card, publisher: Funder, url: "https://example.org/card", read_on: 2026-09-01}}
roles: {coordinator: {ro: Coordonare}}
activities:
  study:
    sort: study
    title: {ro: "Studiul <b>mare</b>", en: The study}
    does: {ro: Întreabă.}
    owner: coordinator
    period: {from: 2026-01-05, to: 2026-02-06}
  training:
    sort: training
    title: {ro: Instruiri}
    does: {ro: Învață.}
    owner: coordinator
    count: 5
    done_on: 2026-03-02
"""


def made(project):
    with House(project.root, VirtualClock(NOW), {}) as house:
        return make_site(house)


def test_every_activity_can_be_opened_and_nothing_of_the_team_shows(project):
    project.write("content/activities/here/programme.yml", PLAN)
    project.write(
        "content/pages/about/ro.md", "---\ntitle: Despre\nsummary: Noi.\nupdated: 2026-01-01\n---\n{list:activities}\n"
    )
    site = made(project)
    assert not site.errors
    plan, study, training = (site.pages[f"ro/programme/here/{end}index.md"].text for end in ("", "study/", "training/"))
    assert 'href="study/"' in plan
    assert 'href="training/"' in plan
    assert "1.250,50" in plan
    assert "https://example.org/card" in plan
    assert "Studiul &lt;b&gt;mare" in study
    assert "De la 5 ianuarie 2026 până la 6 februarie 2026" in study
    assert "late" not in study, "what is late is for the team"
    assert "2 martie 2026" in training
    assert 'href="../programme/here/"' in site.pages["ro/about/index.md"].text


def test_a_plan_that_is_wrong_has_no_page_and_hinders_no_other(project):
    project.write("content/activities/here/programme.yml", "title: {ro: Planul}\n")
    site = made(project)
    assert not [path for path in site.pages if "/programme/" in path]
    assert "ro/index.md" in site.pages
    assert not site.errors
    assert any("programme.yml" in str(problem) for problem in site.problems), "the build says so"


def test_the_sample_shows_every_line_of_both_plans(sample):
    plans = {"proactiv": ("ro", "en"), "alentejo-litoral": ("pt", "en")}
    for plan, languages in plans.items():
        for language in languages:
            assert f"{language}/programme/{plan}/index.md" in sample.site.pages
    assert "ro/programme/alentejo-litoral/index.md" not in sample.site.pages
    assert (sample.folder / "en/programme/proactiv/training-magistrates/index.html").exists()
