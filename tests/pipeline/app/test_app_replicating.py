"""A new place after the model of another: its shape comes along, and nothing that happened there does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline import shipped
from pipeline.app import networks
from pipeline.app.activities import tests as knowledge_tests
from pipeline.app.centre import centres
from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.app.programme import trainings, work_plans
from pipeline.app.referral import referrals
from pipeline.app.replicating import replicate
from pipeline.app.website import build_site
from pipeline.clock import pinned
from pipeline.content.init import InitRefused, write_project
from pipeline.settings import ProblemsFound

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 25)
CLOCK = pinned(datetime(2026, 11, 25, 10, tzinfo=UTC))
PLAN = """
title: {en: Old place}
summary: {en: What the old place does.}
timezone: Europe/Lisbon
currency: EUR
period: {from: 2026-01-01, to: 2027-12-31}
cost: {amount: 4711, source: {title: Card, url: "https://old.example/card", read_on: 2026-01-01}}
roles: {coordinator: {en: Coordination, pt: Coordenação}}
activities:
  nets: {sort: network, title: {en: Networks, pt: Redes}, does: {en: Links.}, owner: coordinator, count: 2}
  talks:
    sort: training
    title: {en: Talks}
    does: {en: Teaches.}
    owner: coordinator
    after: [nets]
    period: {from: 2026-02-01, to: 2026-03-31}
    milestones: [{title: {en: First talk}, due: 2026-02-15}]
    done_on: 2026-03-30
budget: [{activity: talks, title: {en: Rooms}, planned: 815}]
"""
NETWORK = """
title: {en: Net of the town}
summary: {en: Who with whom.}
activity: nets
members: {hall: {name: Sala Exemplu, sort: public, role: {en: hosts}, contact: {en: reception}}}
meetings: [{date: 2026-03-05, topic: {en: Begin}, attendance: [hall]}]
actions: {cards: {does: {en: Print cards}, owner: hall, due: 2026-11-01}}
pathway:
  version: 7
  reviewed: 2026-04-01
  steps: {call: {who: {en: Anybody, pt: Qualquer pessoa}, does: {en: Asks.}, helpline: pt-112}}
"""
TRAINING = "---\nactivity: talks\ntitle: {en: A talk}\nseats: 23\nplace: {en: Sala Exemplu}\n---\nCome.\n"


@pytest.fixture
def old(tmp_path):
    folder = tmp_path / "old"
    plan = folder / "content" / "activities" / "place"
    (plan / "networks" / "town").mkdir(parents=True)
    (plan / "trainings").mkdir()
    shutil.copy(ROOT / "content" / "helplines.yml", folder / "content")
    (plan / "programme.yml").write_text(PLAN)
    (plan / "networks" / "town" / "network.yml").write_text(NETWORK)
    (plan / "trainings" / "talk.md").write_text(TRAINING)
    (plan / "cases.csv").write_text("secret")
    return folder


def to(folder, model, old, languages=("pt", "en")):
    return replicate(
        folder / "new", str(model), old,
        name="Lugar Novo", languages=list(languages), zone="Europe/Madrid", country="PT", today=TODAY,
    )  # fmt: skip


@pytest.mark.parametrize("plan", ["proactiv", "alentejo-litoral"])
def test_the_shape_of_both_samples_passes_the_check(tmp_path, plan):
    replica = to(tmp_path, plan, ROOT, languages=("ro", "en", "pt"))
    with House(tmp_path / "new", CLOCK, {}) as house:
        assert [problem for problem in check_project(house).errors if "helpline" not in problem.message] == []
    assert not [path for path in replica.taken if "letters" in path or "released" in path]
    assert (tmp_path / "new/content/activities/lugar-novo/study/form.xlsx").exists() is (plan == "proactiv")


@pytest.mark.parametrize("model", ["place", "{old}", "{old}/content/activities/place"])
def test_the_shape_comes_along_and_nothing_that_happened(tmp_path, old, model):
    replica = to(tmp_path, model.format(old=old), old)
    assert replica.left == ("content/activities/place/cases.csv",)
    everything = "\n".join(
        file.read_text("utf-8") for file in (tmp_path / "new" / "content" / "activities").rglob("*") if file.is_file()
    )
    for data in (
        "Sala Exemplu",
        "4711",
        "815",
        "2026-0",
        "Print cards",
        "secret",
        "old.example",
        "pt-112",
        "Begin",
        "23",
    ):
        assert data not in everything
    with House(tmp_path / "new", CLOCK, {}) as house:
        errors = [problem for problem in check_project(house).errors if "helpline" not in problem.message]
        assert errors == []
        plan = work_plans(house)["lugar-novo"]
        assert plan.title == {"pt": "Lugar Novo", "en": "Lugar Novo"}
        assert (plan.timezone, list(plan.activities), plan.activities["talks"].after) == (
            "Europe/Madrid", ["nets", "talks"], ("nets",),
        )  # fmt: skip
        assert plan.activities["nets"].title == {"pt": "Redes", "en": "Networks"}
        assert all(one.count is None and one.period is None and one.done_on is None for one in plan.activities.values())
        net = networks.networks(house)["lugar-novo/town"]
        assert (net.members, net.meetings, net.actions, net.public) == ({}, (), {}, False)
        assert (net.pathway.version, net.pathway.reviewed, list(net.pathway.steps)) == (1, None, ["call"])
        assert net.pathway.steps["call"].who["pt"] == "Qualquer pessoa"


def test_a_text_that_is_in_none_of_the_languages_is_marked(tmp_path, old):
    replica = to(tmp_path, "place", old, languages=("ro",))
    assert replica.marked
    with House(tmp_path / "new", CLOCK, {}) as house:
        assert work_plans(house)["lugar-novo"].activities["nets"].title == {"ro": "[to translate] Networks"}


CENTRE = """
activity: nets
title: {en: The centre, pt: O centro}
does: {en: Answers.}
helpline: pt-112
timezone: Europe/Lisbon
hours: {monday: ["09:07-13:00"]}
closures: [{from: 2026-12-24, to: 2026-12-26, reason: {en: Feast}}]
country: PT
languages: [pt]
channels: [telephone, visit]
callers: {school: {en: schools, pt: escolas}}
note: {en: Ring twice.}
"""
REFERRAL = """
activity: nets
title: {en: The mechanism, pt: O mecanismo}
country: RO
mechanism: {en: Mechanism of the old place}
stages: {seen: {en: seen, pt: vistas}, sure: {en: sure}}
median_to: sure
forms: {labour: {en: labour}}
bulletin:
  - {quarter: 2026-Q3, stage: seen, value: 4711, source: {title: B, url: "https://old.example/b", read_on: 2026-11-01}}
released: true
released_until: 2026-Q3
"""
TEST = """
title: {en: The test}
sessions: [talk]
items:
  border:
    asks: {en: Border?}
    answers: {a: {en: "Yes"}, b: {en: "No"}}
    right: b
    points: 3
    sources: [{title: A law, url: "https://old.example/law", read_on: 2026-11-01}]
"""


def test_centre_mechanism_and_tests_come_along_without_hours_numbers_and_release(tmp_path, old):
    plan = old / "content" / "activities" / "place"
    (plan / "tests").mkdir()
    for name, text in (("centre.yml", CENTRE), ("referral.yml", REFERRAL), ("tests/knowledge.yml", TEST)):
        (plan / name).write_text(text)
    (plan / "referral-released.json").write_text("{}")
    replica = to(tmp_path, "place", old)
    assert replica.left == (
        "content/activities/place/cases.csv", "content/activities/place/referral-released.json",
    )  # fmt: skip
    made = tmp_path / "new" / "content" / "activities" / "lugar-novo"
    told = "".join((made / name).read_text("utf-8") for name in ("centre.yml", "referral.yml", "tests/knowledge.yml"))
    for data in ("09:07", "pt-112", "Feast", "Ring", "4711", "old.example", "of the old place", "2026"):
        assert data not in told, data
    with House(tmp_path / "new", CLOCK, {}) as house:
        errors = [problem for problem in check_project(house).errors if "helpline" not in problem.message]
        assert errors == []
        centre = centres(house)["lugar-novo"]
        assert (centre.channels, centre.callers["school"]["pt"]) == (("telephone", "visit"), "escolas")
        assert (centre.timezone, centre.hours, centre.helpline) == ("Europe/Madrid", {}, None)
        one = referrals(house)["lugar-novo"]
        assert (list(one.stages), one.median_to, one.country) == (["seen", "sure"], "sure", "PT")
        assert (one.bulletin, one.released, one.released_until) == ((), False, None)
        assert one.mechanism == {"pt": "Mecanismo de referenciação", "en": "Referral mechanism"}
        test = knowledge_tests(house, [], work_plans(house), trainings(house))["lugar-novo/talk"]
        assert (test.items["border"].right, test.items["border"].points) == ("b", 3)


def test_there_has_to_be_a_model_and_it_has_to_hold(tmp_path, old):
    with pytest.raises(InitRefused, match=r"'plcae' is neither a plan of this project .place."):
        to(tmp_path, "plcae", old)
    file = old / "content" / "activities" / "place" / "programme.yml"
    file.write_text(PLAN.replace("owner: coordinator, count", "owner: nobody, count"))
    with pytest.raises(ProblemsFound, match="there is no role 'nobody'"):
        to(tmp_path, "place", old)
    file.write_text(PLAN)
    (file.parent / "trainings" / "talk.md").write_text("---\ntitle: {en: A talk}\n---\n")
    with pytest.raises(ProblemsFound, match=r"trainings/talk\.md: this file lacks"):
        to(tmp_path, "place", old)
    assert not (tmp_path / "new").exists(), "nothing is half-written"


def test_a_new_project_has_a_site_and_its_own_files_go_before_the_shipped_ones(tmp_path):
    root = tmp_path / "new"
    write_project(root, name="New", languages=["ro", "en"], zone="Europe/Bucharest", country="RO", today=TODAY)
    registry = root / "content" / "helplines.yml"
    verified = (
        "  verified_on: 2026-11-25\n  verified_by: editor\n  verified_how: source\n  expires: 2027-05-01\n  note:"
    )
    registry.write_text(registry.read_text("utf-8").replace("  note:", verified), "utf-8")
    assert not (root / "site").exists()
    with House(root, CLOCK, {}) as house:
        build_site(house)
    page = root / "build" / "site" / "ro" / "safe-work" / "job-offer" / "index.html"
    assert "112" in page.read_text("utf-8")
    assert (root / "build" / "site" / "assets" / "outreach" / "outreach.css").exists()
    own = root / "site" / "parts" / "missing.html"
    own.parent.mkdir(parents=True)
    own.write_text("<p>ours</p>")
    assert shipped.place(root, "site/parts/missing.html") == own
    assert shipped.files(root, "site/parts")["missing.html"] == own
    assert shipped.files(root, "site/parts")["start.html"].is_file()


def test_the_wheel_brings_the_site_along(tmp_path):
    made = [
        sys.executable,
        "setup.py",
        "-q",
        "egg_info",
        "--egg-base",
        tmp_path,
        "build_py",
        "--build-lib",
        tmp_path / "lib",
    ]
    subprocess.run(made, cwd=ROOT, check=True, capture_output=True)
    brought = tmp_path / "lib" / "pipeline" / shipped.AS_SHIPPED
    assert (brought / "mkdocs.yml").is_file()
    for folder in ("theme", "parts", "words", "kits", "prints", "fonts", "embed"):
        there = {file.relative_to(brought) for file in (brought / "site" / folder).rglob("*") if file.is_file()}
        assert there == {file.relative_to(ROOT) for file in (ROOT / "site" / folder).rglob("*") if file.is_file()}
        assert there
