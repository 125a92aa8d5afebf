"""An embargo binds: not a byte of what waits is anywhere in the site, and partners read it by their links alone."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from syndicated import NOW, ROOT, Project
from test_partner_feeds import valid

from pipeline.app import partner_links
from pipeline.app.house import House
from pipeline.app.rebuilding import Rebuilding
from pipeline.app.service import run
from pipeline.app.website import build_site
from pipeline.cli import main
from pipeline.clock import VirtualClock
from pipeline.partners.opened import opened

ENDS = datetime(2026, 12, 5, 8, 0, tzinfo=UTC)
BEFORE, AFTER = ENDS - timedelta(seconds=1), ENDS
SECRET = ("cetina-albastra", "Cetina albastră", "Blue fir", "Desenul cetinii", "Numai după cinci", "cetină")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample project with one more message, under embargo until ten o'clock in Bucharest."""
    root = tmp_path / "sample"
    for name in ("content", "site"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("outreach.toml", "mkdocs.yml"):
        shutil.copy(ROOT / name, root / name)
    folder = root / "content/campaigns/proactiv/messages/cetina-albastra"
    folder.mkdir()
    picture = (ROOT / "content/campaigns/proactiv/messages/what-to-do/picture.svg").read_text("utf-8")
    (folder / "picture.svg").write_text(picture.replace("<svg ", "<svg data-of='cetina-albastra' ", 1), "utf-8")
    (folder / "ro.md").write_text(
        "---\ntitle: Cetina albastră\nsummary: Numai după cinci decembrie.\naudience: general-public\n"
        "topic: what-to-do\n"
        'action: {text: "Sună la {helpline}.", helpline: ro-anitp}\n'
        "picture: {file: picture.svg, alt: Desenul cetinii}\nauthor: editor-ro\nupdated: 2026-11-20\n"
        "embargo: 2026-12-05 10:00\n---\nO cetină albastră.\n",
        "utf-8",
    )
    return root


def holds(folder: Path) -> list[str]:
    """Return where a word of the waiting message stands: in a file's name or in its bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 200
    return [
        f"{path.relative_to(folder)}: {word}"
        for path in files
        for word in SECRET
        if word in str(path.relative_to(folder)) or word.casefold().encode() in _folded(path)
    ]


def _folded(path: Path) -> bytes:
    return path.read_bytes().decode("utf-8", "replace").casefold().encode()


def test_not_a_byte_of_it_is_public_before_its_time_and_all_of_it_at_its_time(sample: Path) -> None:
    clock = VirtualClock(BEFORE)
    with House(sample, clock, {}) as house:
        done = build_site(house)
    assert done.next_release == ENDS
    assert holds(done.folder) == []
    clock.move_to(AFTER)
    with House(sample, clock, {}) as house:
        done = build_site(house)
    assert done.next_release is None
    found = {line.split(":")[0] for line in holds(done.folder)}
    assert {
        "ro/proactiv/cetina-albastra/index.html",
        "feeds/ro/messages.atom",
        "feeds/ro/messages.rss",
        "feeds/ro/messages.json",
        "feeds/ro/press.ninjs.json",
        "embed/ro/proactiv/cetina-albastra/index.html",
        "ro/partners/messages/index.html",
        "sitemap.xml",
    } <= found
    assert any(name.startswith("pictures/proactiv/cetina-albastra.") for name in found)


def waits(project: Project) -> Project:
    """Put one message under embargo, and let the partner read it."""
    project.message("early", "Devreme", "Early", more="embargo: 2026-12-05 10:00\n")
    project.edit("outreach.toml", 'languages = ["en"]', 'languages = ["en"]\nembargoed = true')
    return project


def opens(project: Project, now: datetime = NOW) -> dict[str, dict[str, bytes]]:
    with project.house(now) as house:
        partner_links.write(house)
    folder = project.root / "build/partners"
    return {
        one.name: {file.name: file.read_bytes() for file in one.iterdir()} for one in folder.iterdir() if one.is_dir()
    }


def test_a_link_opens_what_waits_and_nothing_else(project: Project) -> None:
    waits(project)
    with project.house() as house:
        made = partner_links.make(house, "school", "editor")
        assert made.address == f"https://trial.example/partner/{made.link.token}/"
        assert len(made.link.token) >= 32
    files = opens(project)[made.link.token]
    assert set(files) == {"index.html", "en.ninjs.json"}
    feed = valid(files["en.ninjs.json"], "ninjs-3.3.json")
    (news,) = feed["associations"]
    assert news["title"] == "Early"
    assert news["embargoedUntil"] == "2026-12-05T08:00:00Z"
    assert news["pubStatus"] == "usable"
    assert "renditions" not in news or not news["renditions"]
    page = files["index.html"].decode()
    assert "5 December 2026, 10:00" in page
    assert "A text." in page
    assert "Seeds" not in page
    assert 'content="noindex' in page
    assert made.link.token not in (project.root / "outreach.toml").read_text("utf-8")


def test_when_the_embargo_ends_it_is_on_the_site_and_no_longer_behind_the_link(project: Project) -> None:
    waits(project)
    with project.house() as house:
        token = partner_links.make(house, "school", "editor").link.token
    assert json.loads(opens(project, AFTER)[token]["en.ninjs.json"])["associations"] == []
    assert "en/spring/early/index.md" in project.site(AFTER).pages
    assert "en/spring/early/index.md" not in project.site(BEFORE).pages


def test_each_partner_gets_its_own_campaigns_and_languages(project: Project) -> None:
    waits(project)
    project.edit("outreach.toml", "embargoed = true", 'embargoed = true\ncampaigns = ["autumn"]')
    with project.house() as house:
        token = partner_links.make(house, "school", "editor").link.token
    assert json.loads(opens(project)[token]["en.ninjs.json"])["associations"] == []


def test_a_revoked_link_opens_nothing_and_the_other_still_does(project: Project) -> None:
    waits(project)
    with project.house() as house:
        first = partner_links.make(house, "school", "editor", "desk").link.token
        second = partner_links.make(house, "school", "editor", "radio").link.token
        assert partner_links.revoke(house, [first[:8]], "editor") == [first]
        assert not (project.root / "build/partners" / first).exists()
        assert partner_links.revoke(house, [first], "editor") == []
    assert set(opens(project)) == {second}


def test_a_partner_that_is_no_longer_named_reads_nothing(project: Project) -> None:
    waits(project)
    with project.house() as house:
        partner_links.make(house, "school", "editor")
    project.edit("outreach.toml", "embargoed = true", "embargoed = false")
    assert opens(project) == {}
    with project.house() as house:
        assert [one.opens for one in partner_links.links(house)] == [False]
        with pytest.raises(partner_links.NotPossible, match="embargoed = true"):
            partner_links.make(house, "school", "editor")
        with pytest.raises(partner_links.NotPossible, match="no partner 'nobody'"):
            partner_links.make(house, "nobody", "editor")


def test_building_a_site_makes_no_store(project: Project) -> None:
    with project.house() as house:
        assert partner_links.write(house) is None
    assert not (project.root / "state").exists()


def test_the_log_tells_what_was_opened_and_keeps_no_address() -> None:
    token = "a" * 32
    combined = '203.0.113.9 - - [02/Dec/2026:09:0{}:00 +0200] "GET {} HTTP/1.1" {} 512 "-" "Mozilla"'
    lines = [
        combined.format(1, f"/partner/{token}/", 200),
        combined.format(2, f"/partner/{token}/en.ninjs.json?x=1", 304),
        combined.format(3, f"/partner/{token}/", 404),
        combined.format(4, "/partner/short/", 200),
        combined.format(5, "/en/spring/seeds/", 200),
        f'203.0.113.9 - - [02/Dec/2026:08:00:00 +0200] "HEAD /partner/{token}/ HTTP/1.1" 200 0',
        "not a line of a log",
        f'2001:db8::1 - someone [01/Dec/2026:23:00:00 +0000] "GET /partner/{token}/ HTTP/2.0" 200 99',
    ]
    (told,) = opened(lines).values()
    assert told.count == 3
    assert told.first == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert told.last == datetime(2026, 12, 2, 7, 2, tzinfo=UTC)
    assert "203.0.113.9" not in repr(told)


def test_the_commands_make_show_count_and_revoke_links(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    waits(project)

    def outreach(*words: str, typed: str = "", code: int = 0) -> str:
        said = CliRunner().invoke(main, ["--project", str(project.root), "--at", NOW.isoformat(), *words], input=typed)
        assert said.exit_code == code, said.output
        return said.output

    address = outreach("partner", "links", "make", "school", "--note", "desk", "--by", "editor").strip()
    token = address.rsplit("/", 2)[1]
    assert address in outreach("partner", "links")
    line = f'198.51.100.7 - - [02/Dec/2026:09:00:00 +0200] "GET /partner/{token}/ HTTP/1.1" 200 512 "-" "Mozilla"\n'
    said = outreach("partner", "opened", "-", typed=line)
    assert "school (desk): opened once" in said
    assert "198.51" not in said
    assert json.loads(outreach("partner", "opened", "-", "--json", typed=line))[0]["opened"] == 1
    assert "1 link revoked" in outreach("partner", "links", "revoke", "school", "--by", "editor")
    assert "revoked" in outreach("partner", "links")
    assert "no open link" in outreach("partner", "links", "revoke", "school", "--by", "editor", code=1)
    said = outreach("site", "build")
    assert "an embargo ends on 2026-12-05 at 10:00 EET: build again then" in said


# --- out on time ---


def test_the_service_builds_at_its_start_and_when_the_embargo_ends(project: Project) -> None:
    waits(project)
    clock = VirtualClock(BEFORE - timedelta(hours=1))
    page = project.root / "build/site/en/spring/early/index.html"
    home = project.root / "build/site/ro/help/index.html"
    with House(project.root, clock, {}) as house:
        builder = Rebuilding(house)
        builder.look()
        assert home.is_file()
        assert not page.exists()
        before = home.stat().st_mtime_ns
        clock.move_to(BEFORE)
        builder.look()
        assert home.stat().st_mtime_ns == before
        clock.move_to(AFTER)
        builder.look()
        assert page.is_file()
        built = page.stat().st_mtime_ns
        builder.look()
        assert page.stat().st_mtime_ns == built


def test_a_mistake_leaves_the_old_site_and_is_tried_again(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    clock = VirtualClock(NOW)
    page = project.root / "build/site/ro/spring/seeds/index.html"
    with House(project.root, clock, {}) as house:
        good = (project.root / "content/helplines.yml").read_text("utf-8")
        project.edit("content/helplines.yml", "expires: 2027-05-01", "expires: 2026-11-02")
        builder = Rebuilding(house)
        builder.look()
        assert not page.exists()
        assert "the site was not built" in caplog.text
        project.write("content/helplines.yml", good)
        builder.look()
        assert page.is_file()


class OneRound(VirtualClock):
    """Ends the service at its first pause."""

    def wait(self, seconds: float, stop: threading.Event) -> None:
        stop.set()


@pytest.mark.parametrize("asked", [True, False])
def test_the_running_service_builds_where_it_is_asked_to(project: Project, asked: bool) -> None:
    project.edit("outreach.toml", "#hub", f"rebuild = {str(asked).lower()}")
    with House(project.root, OneRound(NOW), {}) as house:
        run(house, lambda _tally: None)
    assert (project.root / "build/site/index.html").is_file() is asked
