"""Professionals find on the site which sessions are to come, when and where, and how their institution nominates."""

from datetime import UTC, datetime

from small_project import NOW

from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.clock import VirtualClock

PLAN = """
title: {ro: Planul, en: The plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
roles: {training: {ro: Formare}}
activities:
  police:
    sort: training
    title: {ro: Instruiri, en: Trainings}
    does: {ro: Învață.}
    owner: training
    audience: {ro: Polițiști, en: Police officers}
"""
SESSION = """---
activity: police
title: {{ro: "Prima <b>", en: The first}}
topic: {{en: The effects of trauma}}
half_days: [{{day: {day}, from: "09:00", to: "12:30"}}]
place: {{en: The big hall, ro: Sala mare}}
seats: 20
languages: [ro]
nominate_until: {day}
{more}trainers: [training]
---
# en

What it is *about*. <script>alert(1)</script>
"""


def made(project, now=NOW):
    with House(project.root, VirtualClock(now), {}) as house:
        return make_site(house)


def write(project, name="first", day="2027-03-01", more=""):
    project.write("content/activities/here/programme.yml", PLAN)
    project.write(f"content/activities/here/trainings/{name}.md", SESSION.format(day=day, more=more))


def test_a_session_to_come_can_be_opened_from_its_activity_and_its_list(project):
    write(project)
    site = made(project)
    assert not site.errors
    activity, listed, page = (
        site.pages[f"en/programme/here/{end}index.md"].text for end in ("police/", "sessions/", "police/first/")
    )
    assert 'href="first/"' in activity
    assert 'href="../police/first/"' in listed
    assert "1 March 2027, The big hall" in listed
    assert "1 March 2027, 09:00–12:30 (Romania Time)" in page
    for told in (
        "The big hall",
        "Police officers",
        "The effects of trauma",
        "Romanian",
        "Until 1 March 2027",
        "<dd>20</dd>",
    ):
        assert told in page
    assert "<em>about</em>" in page
    assert "alert" not in page
    assert "Prima &lt;b&gt;" in site.pages["ro/programme/here/police/first/index.md"].text
    assert "1 martie 2027" in site.pages["ro/programme/here/sessions/index.md"].text


def test_one_that_is_over_or_cancelled_takes_nobody(project):
    write(project)
    write(project, "second", more="cancelled_on: 2026-12-01\n")
    site = made(project, datetime(2027, 3, 2, tzinfo=UTC))
    for name in ("first", "second"):
        assert "Nominations are closed" in site.pages[f"en/programme/here/police/{name}/index.md"].text
    assert "Cancelled on 1 December 2026" in site.pages["en/programme/here/police/second/index.md"].text
    listed = site.pages["en/programme/here/sessions/index.md"].text
    assert "To come" not in listed
    assert listed.index("Past") < listed.index("police/first/")


def test_what_is_for_the_team_and_what_is_wrong_stands_on_no_page(project):
    write(project, more="on_site: false\n")
    write(project, "second", more="seat: 3\n")
    site = made(project)
    assert not site.errors
    assert any("trainings/second.md" in problem.path for problem in site.problems)
    assert not [path for path in site.pages if "first" in path or "second" in path or "sessions" in path]
