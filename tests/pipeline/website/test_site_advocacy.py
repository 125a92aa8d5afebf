"""The tracker of advocacy: what is marked public stands on the page of its activity, and nothing else does."""

from journeys.test_letters import ADVOCACY, PLAN
from small_project import NOW

from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.clock import VirtualClock


def test_only_what_is_public_stands_on_the_page(project):
    project.write("content/activities/here/programme.yml", PLAN)
    project.write("content/activities/here/advocacy/advocacy.yml", ADVOCACY)
    with House(project.root, VirtualClock(NOW), {}) as house:
        site = make_site(house)
    assert not site.errors
    page = site.pages["ro/programme/here/asking/index.md"].text
    assert "O lege nouă" in page
    assert "Ministerul Exemplu, cabinetul ministrului (pentru): Sprijină legea." in page
    assert "2 noiembrie 2026" in page
    assert "https://ministry.example/contact" in page
    for private in ("Bani secreți", "Nu încă", "office@ministry.example", "Strada Exemplu", "O cerere"):
        assert private not in page
