"""What people get for what is wrong: a located sentence, the right exit code, nothing planned, nothing lost."""

import sqlite3
from pathlib import Path

import pytest

from journeys.place import Place
from pipeline.store import engine

MESSAGE = "content/campaigns/proactiv/messages/what-to-do"
CAMPAIGN = "content/campaigns/proactiv/campaign.yml"


def edit_bytes(here: Place, path: str, old: bytes, new: bytes) -> None:
    file = here.folder / path
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new, 1))


def refused(here: Place, *wanted: str) -> None:
    """Assert that checking tells, in one line, all that is wanted, and that nothing is planned."""
    said = here.outreach("check")
    assert said.code == 2, said.text
    assert any(all(piece in line for piece in wanted) for line in said.lines), said.text
    planned = here.outreach("plan", "--apply")
    assert planned.code == 2
    assert "Nothing was planned" in planned.text
    assert "The outbox is empty" in here.outreach("status").text


@pytest.mark.parametrize(
    ("path", "old", "new", "wanted"),
    [
        (f"{MESSAGE}/ro.md", b"\ntitle: ", b"\ntitle: \"", (f"{MESSAGE}/ro.md:", "YAML")),
        (f"{MESSAGE}/ro.md", b"\naudience:", b"\naudiance:", ("audiance", "did you mean 'audience'?")),
        (CAMPAIGN, b"starts: 2026-12-01", b"starts: 2026-13-01", (f"{CAMPAIGN}:", "starts")),
        (CAMPAIGN, b"at: 2026-12-03 10:00", b"at: 2026-12-03 25:00", (f"{CAMPAIGN}:", "25:00")),
        (CAMPAIGN, b"accounts: [fediverse-en]", b"accounts: [fediverse-e]", ("did you mean 'fediverse-en'?",)),
        (f"{MESSAGE}/en.md", b"\n## ", b"\n\x07 ## ", (f"{MESSAGE}/en.md:", "cannot be seen")),
        (f"{MESSAGE}/en.md", b"\n## ", b"\n\xed\xa0\x80 ## ", (f"{MESSAGE}/en.md:", "UTF-8")),
        (f"{MESSAGE}/en.md", b"\n## ", b"\nCall 0712 345 678 now.\n\n## ", (f"{MESSAGE}/en.md:", "0712 345 678")),
        ("outreach.toml", b'country = "RO"', b'country = "Romania"', ("outreach.toml:", "country")),
        ("outreach.toml", b'kind = "folder"', b'kind = "foldr"', ("outreach.toml:", "did you mean 'folder'?")),
    ],
    ids=["yaml", "key", "date", "time", "account", "control", "surrogate", "phone", "country", "kind"],
)  # fmt: skip
def test_it_is_located_and_nothing_is_planned(
    small: Place, path: str, old: bytes, new: bytes, wanted: tuple[str, ...]
) -> None:
    edit_bytes(small, path, old, new)
    said = small.outreach("check")
    assert said.code == 2, said.text
    assert any(all(piece in line for piece in wanted) for line in said.lines), said.text
    assert small.outreach("plan", "--apply").code == 2
    assert not small.fediverse.posts


def test_a_time_that_a_clock_change_skips_is_refused(small: Place) -> None:
    small.edit(CAMPAIGN, "ends: 2027-02-28", "ends: 2027-04-30")
    small.edit(CAMPAIGN, "at: 2026-12-03 10:00", "at: 2027-03-28 03:30\n    during_quiet_hours: true")
    refused(small, f"{CAMPAIGN}:", "2027-03-28 03:30")


def test_a_missing_language_is_told(small: Place) -> None:
    (small.folder / MESSAGE / "en.md").unlink()
    refused(small, MESSAGE, "en")


def test_a_message_of_five_megabytes_is_told(small: Place) -> None:
    file = small.folder / MESSAGE / "ro.md"
    file.write_bytes(file.read_bytes() + b"Un cuvant. " * 500_000)
    refused(small, f"{MESSAGE}/ro.md", "at most 512 kB")


def test_a_link_that_leads_out_is_refused(small: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.md"
    outside.write_text("a secret of somebody else", encoding="utf-8")
    file = small.folder / MESSAGE / "en.md"
    file.unlink()
    file.symlink_to(outside)
    refused(small, f"{MESSAGE}/en.md", "leads out")
    assert "a secret of somebody else" not in small.outreach("check", "--all").text


def test_windows_line_ends_and_a_byte_order_mark_are_fine(small: Place) -> None:
    file = small.folder / MESSAGE / "en.md"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    said = small.outreach("check")
    assert said.code == 0, said.text


def test_template_code_is_text(small: Place) -> None:
    file = small.folder / MESSAGE / "en.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.rstrip() + "\n\nWrite {{ 7 * 7 }} on it.\n", encoding="utf-8")
    settings = small.folder / "outreach.toml"
    board = '\n[accounts.board]\nkind = "folder"\nlanguage = "en"\npath = "state/board"\nmedium = "print"\n'
    settings.write_text(settings.read_text("utf-8") + board, encoding="utf-8")
    said = small.outreach("preview", "what-to-do", "--account", "board")
    assert "Write {{ 7 * 7 }} on it." in said.text
    assert "49" not in said.text


def test_a_folder_without_a_project_says_what_to_do(small: Place, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    said = small.outreach("check", project=empty)
    assert said.code == 2
    assert "outreach init" in said.text


@pytest.mark.parametrize("command", ["status", "deliver", "plan"])
def test_a_damaged_store_is_one_sentence(approved: Place, command: str) -> None:
    store = approved.folder / "state" / "outreach.db"
    for leftover in store.parent.glob("outreach.db-*"):
        leftover.unlink()
    store.write_bytes(b"This is no database at all. " * 1000)
    said = approved.outreach(command)
    assert said.code == 1
    assert "restore it from your backup" in said.text
    assert not approved.fediverse.posts


def test_a_store_of_a_newer_version_is_left_alone(approved: Place) -> None:
    store = approved.folder / "state" / "outreach.db"
    connection = sqlite3.connect(store)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    said = approved.outreach("deliver")
    assert said.code == 1
    assert "newer version" in said.text
    assert not approved.fediverse.posts
    connection = sqlite3.connect(store)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    connection.close()


def test_a_locked_store_is_one_sentence_and_nothing_is_lost(approved: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(approved.folder / "state" / "outreach.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    said = approved.outreach("pause")
    assert said.code == 1
    assert "held the store for too long" in said.text
    holder.execute("ROLLBACK")
    holder.close()
    assert approved.outreach("deliver").code == 0
    assert len(approved.fediverse.posts) == 2


def test_a_secret_in_the_settings_is_refused_and_not_repeated(small: Place) -> None:
    small.edit("outreach.toml", "[accounts.fediverse-ro]\n", '[accounts.fediverse-ro]\ntoken = "very-secret-word"\n')
    said = small.outreach("check")
    assert said.code == 2
    assert "OUTREACH_FEDIVERSE_RO_TOKEN" in said.text
    assert "very-secret-word" not in said.text


def test_unknown_names_are_refused(small: Place) -> None:
    for arguments in (
        ["preview", "no-such-message"],
        ["preview", "--account", "no-such-account"],
        ["plan", "no-such-campaign"],
        ["calendar", "no-such-campaign"],
        ["doctor", "no-such-account"],
        ["approve", "no-such-message", "--by", "coordinator-ro"],
        ["translated", "no-such-message", "en"],
        ["subscribers", "count", "extra"],
        ["--at", "tomorrow", "check"],
    ):
        said = small.outreach(*arguments)
        assert said.code == 2, f"{arguments}: {said.code} {said.text}"
    assert small.outreach("resolve", "999").code == 1
