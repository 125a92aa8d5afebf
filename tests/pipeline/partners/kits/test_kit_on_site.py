"""What the site offers of kits, and the page that checks one in a browser without uploading it."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kit_project import FOLDER, ROOT, Kits, files, message

from pipeline.app.kits import Shelf, Shelved
from pipeline.app.site_checking import TOOLS, html_faults, served
from pipeline.app.website import build_site, make_site
from pipeline.website import browser
from pipeline.website.tree import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RECALL = "- {date: 2026-12-04, campaign: spring, message: seeds, recalled: true, what: {ro: Era greșit.}}\n"


def site_of(kits: Kits, *, with_kits: bool = True) -> Site:
    with kits.house() as house:
        return make_site(house, with_kits=with_kits)


def test_a_message_s_page_offers_its_kit(kits: Kits) -> None:
    site = site_of(kits)
    page = site.pages["ro/spring/seeds/index.md"].text
    assert 'href="../../../kits/spring/seeds-ro.zip"' in page
    assert "Pachet pentru parteneri (ZIP)" in page
    assert {"kits/spring/seeds-ro.zip", "kits/spring/seeds-ro.json", "kits/spring-ro.zip", "kits/versions.json"} <= set(
        site.assets
    )
    asset = site.assets["kits/spring/seeds-ro.zip"]
    assert asset.source is not None, "kits are copied, not held in memory"
    assert asset.source.parent == kits.root / "build" / "kits"


def test_kits_of_campaigns_are_left_to_other_processes_and_their_versions_are_taken_over(
    kits: Kits, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def elsewhere(keys: list[Any], make: Any, write: Any, read: Any) -> Iterator[Any]:
        asked.extend(keys)
        for key in keys:
            # What another process remembers is lost with it, but for the line that it writes.
            known = shelf.ledger
            row = json.loads(write(make(key)))
            shelf.ledger = known
            yield key, read(key, row)

    kits.make()
    monkeypatch.setattr("pipeline.app.kits.outside", elsewhere)
    for _ in range(2):
        with kits.house() as house:
            shelf = Shelf(house)
            made = list(shelf.of_all_campaigns())
            shelf.save()
            assert [(one.manifest.name, one.anew) for one in made if isinstance(one, Shelved)] == [("spring/ro", False)]
            assert shelf.ledger.newest("spring/ro")
    assert asked == [("spring", "ro")], "what lies there is not made again"


def test_the_list_works_without_scripts(kits: Kits) -> None:
    page = site_of(kits).pages["ro/kits/index.md"].text
    made = kits.make().manifest
    for said in (made.digest[:12], "20 ianuarie 2027", "Semințe", "Campania: Primăvara"):
        assert said in page
    assert '<div id="kit-check" hidden' in page


def test_no_kits_where_the_settings_do_not_offer_them(kits: Kits) -> None:
    kits.change("outreach.toml", "kits = true", "kits = false")
    site = site_of(kits)
    assert not [path for path in (*site.assets, *site.pages) if "kits" in path]


def test_what_is_only_looked_at_has_no_version(kits: Kits) -> None:
    site_of(kits, with_kits=False)
    assert not (kits.root / "state" / "kits.json").exists()


def test_nothing_under_embargo_is_on_the_site(kits: Kits) -> None:
    kits.message("secret", message(title="Secret", more="embargo: 2026-12-10 10:30\n"))
    kits.run("kit", "build", "--partner", "agency", "--embargoed")
    site = site_of(kits)
    assert not [path for path in site.assets if "secret" in path]
    for path, asset in site.assets.items():
        if path.startswith("kits/"):
            assert b"secret" not in asset.read().lower(), path


def test_a_message_that_was_taken_back_leaves_a_notice_at_the_same_address(kits: Kits) -> None:
    site_of(kits)
    kits.write("content/corrections.yml", RECALL)
    site = site_of(kits)
    asset = site.assets["kits/spring/seeds-ro.zip"]
    assert asset.source is not None
    assert set(files(asset.source)) == {"NOTICE.txt", "manifest.json"}
    assert json.loads(site.assets["kits/versions.json"].read())["kits"]["spring/seeds/ro"]["state"] == "recalled"
    assert "seeds-ro.zip" not in site.pages["ro/spring/seeds/index.md"].text
    assert "retras" in site.pages["ro/kits/index.md"].text
    assert not [name for name in files(site.assets["kits/spring-ro.zip"].source or Path()) if "seeds" in name]


def test_a_broken_number_is_told_once_and_the_site_is_not_built(kits: Kits) -> None:
    kits.change("content/helplines.yml", "expires: 2027-01-20", "expires: 2026-12-01")
    told = [str(one) for one in site_of(kits).errors]
    assert any("expired on 2026-12-01" in one for one in told)


def test_the_site_s_list_serves_to_verify(kits: Kits, tmp_path: Path) -> None:
    downloaded = tmp_path / "mine.zip"
    shutil.copy(kits.make().path, downloaded)
    listed = tmp_path / "versions.json"
    listed.write_bytes(site_of(kits).assets["kits/versions.json"].read())
    assert kits.run("kit", "verify", str(downloaded), "--versions", str(listed)).exit_code == 0
    kits.change(f"{FOLDER}/seeds/kit.ro.yml", "Apa", "Ploaia")
    listed.write_bytes(site_of(kits).assets["kits/versions.json"].read())
    done = kits.run("kit", "verify", str(downloaded), "--versions", str(listed))
    assert (done.exit_code, "version 2 counts now" in done.output) == (3, True)


# --- in a browser ---


@pytest.fixture
def built(kits: Kits) -> Iterator[tuple[Kits, str]]:
    """A project whose site is served, with MkDocs as in earnest."""
    shutil.copy(ROOT / "mkdocs.yml", kits.root / "mkdocs.yml")
    kits.write("content/pages/help/ro.md", "---\ntitle: Numere\nsummary: Numere.\n---\n{list:helplines}\n")
    with kits.house() as house:
        done = build_site(house)
    with served(done.folder) as base:
        yield kits, base


@pytest.fixture
def downloaded(built: tuple[Kits, str], tmp_path: Path) -> Path:
    place = tmp_path / "mine.zip"
    shutil.copy(built[0].root / "build" / "site" / "kits" / "spring" / "seeds-ro.zip", place)
    return place


@pytest.fixture
def check(chromium: Browser, built: tuple[Kits, str]) -> Iterator[Any]:
    """Chooses a file on the page and returns what it says; ``sent`` notes what leaves the page."""
    context = chromium.new_context()
    page = context.new_page()
    sent: list[tuple[str, str]] = []
    page.on("request", lambda request: sent.append((request.method, request.url)))
    faults: list[str] = []
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)

    def choose(file: Path, language: str = "en") -> str:
        page.goto(f"{built[1]}{language}/kits/")
        page.set_input_files("#kit-file", file)
        page.wait_for_selector("#kit-result .kit-verdict")
        return page.inner_text("#kit-result")

    vars(choose).update(sent=sent, faults=faults, page=page)
    yield choose
    context.close()


def _packed(source: Path, target: Path, change: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(target, "w", method) as made:
        for path, data in {**files(source), **change}.items():
            made.writestr(path, data)
    return target


@pytest.mark.browser
def test_a_whole_kit_is_current_and_nothing_is_sent(check: Any, downloaded: Path, tmp_path: Path) -> None:
    assert check(downloaded) == "Whole and current: version 1, good until 2027-01-20."
    assert check(_packed(downloaded, tmp_path / "anew.zip", {}, zipfile.ZIP_DEFLATED)).startswith("Whole and current")
    assert {method for method, _ in check.sent} == {"GET"}
    assert not check.faults, check.faults


@pytest.mark.browser
def test_an_altered_kit_says_which_files(check: Any, downloaded: Path, tmp_path: Path) -> None:
    altered = _packed(downloaded, tmp_path / "altered.zip", {"press/press-release.txt": b"0733 555 123", "a.txt": b"a"})
    told = check(altered)
    assert told.startswith("Altered.")
    assert "press/press-release.txt" in told
    assert "a.txt" in told
    later = files(downloaded)["manifest.json"].replace(b"2027-01-20", b"2029-01-20")
    told = check(_packed(downloaded, tmp_path / "later.zip", {"manifest.json": later}))
    assert "manifest.json" in told


@pytest.mark.browser
def test_an_older_kit_says_what_changed_and_where_the_new_one_is(
    check: Any, built: tuple[Kits, str], downloaded: Path, tmp_path: Path
) -> None:
    kits, base = built
    kits.change(f"{FOLDER}/seeds/kit.ro.yml", "Apa", "Ploaia")
    with kits.house() as house:
        build_site(house)
    told = check(downloaded, "ro")
    assert "aveți versiunea 1, iar acum e valabilă versiunea 2" in told
    assert "schimbat: press/questions.txt" in told
    link = check.page.get_by_role("link", name="Descărcați pachetul valabil acum")
    assert link.get_attribute("href").endswith("kits/spring/seeds-ro.zip")
    alone = tmp_path / "manifest.json"
    alone.write_bytes(files(downloaded)["manifest.json"])
    assert "Only the manifest was looked at" in check(alone)
    assert base


@pytest.mark.browser
def test_taken_back_or_no_kit_at_all(check: Any, built: tuple[Kits, str], downloaded: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no kit")
    assert check(tmp_path / "x.zip") == "This file is no kit, or it is damaged."
    kits, _ = built
    kits.write("content/corrections.yml", RECALL)
    with kits.house() as house:
        build_site(house)
    assert check(downloaded).startswith("Taken back.")


@pytest.mark.browser
def test_a_partner_s_own_kit_is_compared_by_what_it_was_made_from(check: Any, built: tuple[Kits, str]) -> None:
    told = check(built[0].make(partner="agency").path)
    assert told.startswith("Whole and current")
    assert "made for agency" in told


@pytest.mark.browser
def test_the_page_is_read_without_scripts_and_is_accessible(chromium: Browser, built: tuple[Kits, str]) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{built[1]}en/kits/")
    assert not page.is_visible("#kit-check")
    assert page.is_visible("text=Without JavaScript")
    page.goto(f"{built[1]}ro/kits/")
    assert page.get_by_role("row").count() == 3
    context.close()
    axe = ROOT / TOOLS / "axe-core/axe.min.js"
    source = axe.read_text("utf-8") if axe.is_file() else None
    assert list(browser.look(chromium, built[1], ["en/kits/", "ro/kits/"], source)) == []
    assert not html_faults(ROOT, built[0].root / "build" / "site", ["en/kits/index.html"])
