"""The ledger of a recall says how page, feeds and kits stand, and changes its mind only with a build."""

from small_project import NOW, ROOT

from pipeline.app.house import House
from pipeline.app.places_on_site import corrected, recalled
from pipeline.app.website import build_site
from pipeline.clock import VirtualClock
from pipeline.outbox.deeds import Stands
from pipeline.partners.kits.ledger import FILE, Ledger
from pipeline.partners.kits.manifest import KitState

RECALLED = (
    '- {date: 2026-12-01, campaign: spring, message: seeds, recalled: true, what: {ro: "Era greșit.", en: "Wrong."}}\n'
)


def built(project):
    if not (project.root / "mkdocs.yml").exists():
        (project.root / "mkdocs.yml").symlink_to(ROOT / "mkdocs.yml")
    with House(project.root, VirtualClock(NOW), {}) as house:
        build_site(house)


def stand(project):
    with House(project.root, VirtualClock(NOW), {}) as house:
        return {(one.kind, one.name): one.line.stands for one in recalled(house, "spring", "seeds")}


def test_before_any_build_there_is_only_the_page_to_worry_about(project):
    assert stand(project) == {("page", "site"): Stands.STILL_LIVE}


def test_page_and_feeds_are_removed_when_the_log_says_so_and_the_site_was_built(project):
    built(project)
    assert stand(project) == {("page", "site"): Stands.STILL_LIVE, ("feed", "feeds"): Stands.STILL_LIVE}
    project.write("content/corrections.yml", RECALLED)
    assert stand(project)["feed", "feeds"] is Stands.STILL_LIVE, "nothing was built since"
    built(project)
    assert stand(project) == {("page", "site"): Stands.REMOVED, ("feed", "feeds"): Stands.REMOVED}


def kits(project, *, state=KitState.CURRENT, campaign="messages/seeds/text.txt"):
    ledger, _ = Ledger().issue("spring/seeds/ro", "a" * 64, state, {"text.txt": "b" * 64})
    ledger, _ = ledger.issue("spring/ro@partner", "c" * 64, KitState.CURRENT, {campaign: "d" * 64})
    ledger, _ = ledger.issue("spring/other/ro", "e" * 64, KitState.CURRENT, {"text.txt": "f" * 64})
    project.write(f"state/{FILE}", ledger.to_json().decode())


def test_a_kit_stands_by_its_newest_version(project):
    kits(project)
    found = stand(project)
    assert found["kit", "spring/seeds/ro"] is Stands.STILL_LIVE
    assert found["kit", "spring/ro@partner"] is Stands.STILL_LIVE, "a campaign's kit holds its messages"
    assert ("kit", "spring/other/ro") not in found
    kits(project, state=KitState.RECALLED, campaign="messages/other/text.txt")
    found = stand(project)
    assert found["kit", "spring/seeds/ro"] is Stands.REMOVED
    assert found["kit", "spring/ro@partner"] is Stands.REMOVED


def test_a_damaged_list_of_kits_hides_nothing_else(project):
    project.write(f"state/{FILE}", "{")
    assert stand(project) == {("page", "site"): Stands.STILL_LIVE}


def test_what_a_correction_leaves_to_the_next_build_is_named(project):
    built(project)
    kits(project)
    with House(project.root, VirtualClock(NOW), {}) as house:
        found = list(corrected(house, house.project.messages["spring", "seeds"]))
    assert {one.kind for one in found} == {"page", "feed", "kit"}
    assert all(one.line.stands is Stands.UNDER_WAY for one in found)
