"""The sample's site as it is built: links, policy, weight; the engine, the staged tree, the preview."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from small_project import NOW, ROOT, Project, Sample, message

from pipeline.app.house import House
from pipeline.app.site_preview import Preview
from pipeline.app.website import build_site, stage_site
from pipeline.clock import VirtualClock
from pipeline.content.yaml import load
from pipeline.settings import ProblemsFound
from pipeline.website import built, policy
from pipeline.website.tree import relative


def test_every_link_leads_somewhere_and_nothing_breaks_the_policy(sample: Sample) -> None:
    pages = built.pages(sample.folder)
    assert list(built.faults(sample.folder, pages, "https://outreach.example")) == []


def test_help_pages_are_at_most_60_kB_and_others_150(sample: Sample) -> None:
    found = built.weights(sample.folder, built.pages(sample.folder))
    assert {weight.frame for weight in found} == {"lean", "wide"}
    assert [weight for weight in found if weight.transferred > weight.limit] == []


def test_help_pages_are_light_in_every_language(sample: Sample) -> None:
    for language in ("ro", "en", "pt", "uk", "ar"):
        for page in ("help", "signs", "calling", "safety"):
            assert built.read(sample.folder / language / page / "index.html").lean, (language, page)


def test_every_page_names_its_language_and_has_the_exit(sample: Sample) -> None:
    for path in sample.folder.rglob("*.html"):
        page = built.read(path)
        text = path.read_text("utf-8")
        first = path.relative_to(sample.folder).parts[0]
        if first == "embed":
            # It stands in somebody else's page, whose own exit it would compete with.
            assert page.lang == path.relative_to(sample.folder).parts[1], path
            continue
        assert page.lang == (first if len(first) == 2 else "ro"), path
        assert "data-exit-main" in text, path
        assert 'rel="nofollow noreferrer"' in text, path


def test_no_theme_script_is_on_the_site(sample: Sample) -> None:
    scripts = [path.relative_to(sample.folder).as_posix() for path in sample.folder.rglob("*.js")]
    ours = ["certificates.js", "kits.js", "search.js", "outreach.js", "storefront.js"]
    assert sorted(scripts) == sorted([*(f"assets/outreach/{one}" for one in ours), "embed/embed.js", "embed/frame.js"])


def test_the_policy_is_the_same_everywhere(sample: Sample) -> None:
    page = (sample.folder / "en/help/index.html").read_text("utf-8")
    assert policy.META.replace("'", "&#39;") in page
    for file in ("_headers", "headers/nginx.conf", "headers/Caddyfile"):
        text = (sample.folder / file).read_text("utf-8")
        assert f"{policy.META}; frame-ancestors 'none'" in text, file
        assert "no-referrer" in text, file


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in policy.META
    assert policy.META.startswith("default-src 'none'")


@given(
    st.lists(st.sampled_from(["ro", "en", "help", "a"]), max_size=4), st.lists(st.sampled_from(["ro", "b"]), max_size=4)
)
def test_a_relative_link_leads_back(here: list[str], target: list[str]) -> None:
    from urllib.parse import urljoin  # noqa: PLC0415

    base = "https://trial.example/"
    page, goal = ("".join(f"{step}/" for step in steps) for steps in (here, target))
    assert urljoin(base + page, relative(page, goal)) == base + goal


def test_a_mistake_stops_the_build_and_the_old_site_stays(project: Project) -> None:
    shutil.copy(ROOT / "mkdocs.yml", project.root / "mkdocs.yml")
    with House(project.root, VirtualClock(NOW), {}) as house:
        build_site(house)
    page = project.root / "build/site/ro/spring/seeds/index.html"
    before = page.read_bytes()
    project.message("seeds", message("Sună la {helpline:nobody}."))
    with House(project.root, VirtualClock(NOW), {}) as house, pytest.raises(ProblemsFound) as told:
        build_site(house)
    assert [(problem.path, problem.line) for problem in told.value.problems if problem.rule == "helpline-unknown"] == [
        ("content/campaigns/spring/messages/seeds/ro.md", 11)
    ]
    assert page.read_bytes() == before
    assert not list((project.root / "build").glob(".old-*"))


def test_a_staged_tree_holds_the_same_pages_as_data_and_text(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "staged"
    with House(project.root, VirtualClock(NOW), {}) as house:
        stage_site(house, folder)
    site = project.site()
    for page in site.pages.values():
        head, _, text = (folder / "docs" / page.path).read_text("utf-8")[4:].partition("\n---\n")
        assert load(head) == json.loads(json.dumps(dict(page.meta)))
        assert text.strip() == page.text.strip()
    settings = load((folder / "mkdocs.yml").read_text("utf-8"))
    assert settings["plugins"] == []
    assert (folder / "theme/main.html").is_file()


def test_a_folder_with_other_things_is_not_staged_into(project: Project, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("Dear")
    with House(project.root, VirtualClock(NOW), {}) as house, pytest.raises(FileExistsError):
        stage_site(house, tmp_path / "mine")
    assert (tmp_path / "mine/letter.txt").read_text() == "Dear"


def test_the_preview_shows_a_mistake_and_lives(project: Project) -> None:
    shutil.copy(ROOT / "mkdocs.yml", project.root / "mkdocs.yml")
    told: list[bool] = []
    preview = Preview(project.root, VirtualClock(NOW), 0, lambda done, _problems: told.append(done is not None))
    serving = threading.Thread(target=preview._served.serve, daemon=True)
    serving.start()
    try:
        state = preview.url + "_outreach/state"
        assert "preview.js" in requests.get(preview.url + "ro/spring/seeds/", timeout=5).text
        assert requests.get(preview.url + "ro/nothing/", timeout=5).status_code == 404
        assert requests.get(state, headers={"Host": "evil.example"}, timeout=5).status_code == 421
        first = requests.get(state, timeout=5).json()["build"]
        project.message("seeds", message("Sună la {helpline:nobody}."))
        assert preview.look()
        broken = requests.get(state, timeout=5).json()
        assert broken["build"] == first
        assert any("seeds/ro.md:11:" in problem for problem in broken["problems"])
        project.message("seeds", message("Altfel."))
        assert preview.look()
        assert requests.get(state, timeout=5).json()["build"] == first + 1
        assert "Altfel." in requests.get(preview.url + "ro/spring/seeds/", timeout=5).text
        assert not preview.look()
    finally:
        preview._served.stop()
        serving.join()
        preview._served.__exit__(None, None, None)
    assert told == [True, False, True]
