"""`outreach kit verify`: current, outdated, altered, taken back; by the project's memory and by the site's list."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit_project import FOLDER, Kits, files

from pipeline.partners.kits.ledger import KEPT, Ledger
from pipeline.partners.kits.manifest import KitState
from pipeline.partners.kits.verify import NotAKit, hold

RECALL = "- {date: 2026-12-04, campaign: spring, message: seeds, recalled: true, what: {ro: Era greșit.}}\n"


@pytest.fixture
def downloaded(kits: Kits, tmp_path: Path) -> Path:
    """A kit as a partner has it, while the project goes on."""
    place = tmp_path / "downloaded.zip"
    shutil.copy(kits.make().path, place)
    return place


def rewritten(source: Path, target: Path, change: dict[str, bytes | None], *, root: str = "") -> Path:
    """Pack a kit anew with some files changed, taken away (``None``) or added."""
    inside: dict[str, bytes | None] = {**files(source), **change}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for path, data in inside.items():
            if data is not None:
                made.writestr(root + path, data)
    return target


def test_a_fresh_kit_is_whole_and_current(kits: Kits, downloaded: Path) -> None:
    done = kits.run("kit", "verify", str(downloaded))
    assert (done.exit_code, "spring/seeds/ro, version 1: whole and current" in done.output) == (0, True)


def test_unpacked_or_packed_anew_it_is_the_same_kit(kits: Kits, downloaded: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(downloaded) as source:
        source.extractall(folder)
    assert kits.run("kit", "verify", str(folder)).exit_code == 0
    again = rewritten(downloaded, tmp_path / "again.zip", {}, root="my folder/")
    assert kits.run("kit", "verify", str(again)).exit_code == 0
    alone = kits.run("kit", "verify", str(folder / "manifest.json"))
    assert (alone.exit_code, "only the manifest was looked at" in alone.output) == (0, True)


def test_an_older_kit_says_what_changed(kits: Kits, downloaded: Path) -> None:
    kits.change(f"{FOLDER}/seeds/kit.ro.yml", "Apa le trezește.", "Căldura le trezește.")
    kits.change(f"{FOLDER}/seeds/kit.ro.yml", "television:", "radio_30: Semințele dorm toată iarna.\ntelevision:")
    kits.make()
    done = kits.run("kit", "verify", str(downloaded))
    assert done.exit_code == 3
    for said in (
        "version 1: whole, but outdated",
        "version 2 counts now",
        "changed now: press/questions.txt",
        "new now: scripts/radio-30.srt",
    ):
        assert said in done.output


def test_changes_are_told_across_several_versions(kits: Kits, downloaded: Path) -> None:
    for word in ("Ploaia", "Roua", "Zăpada"):
        kits.write(f"{FOLDER}/seeds/kit.ro.yml", f'key_messages: [A., {word}., "{{helpline}}"]\n')
        kits.make()
    told = json.loads(kits.run("kit", "verify", "--json", str(downloaded)).output)
    assert (told["standing"], told["version"], told["newest"]) == ("outdated", 1, 4)
    assert "scripts/radio-20.txt" in told["changes"]["removed"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"press/press-release.txt": b"Call 0733 555 123\n"}, "altered: press/press-release.txt"),
        ({"prints/poster-a4.pdf": None}, "missing: prints/poster-a4.pdf"),
        ({"press/better.txt": b"x"}, "does not belong to it: press/better.txt"),
        ({"../outside.txt": b"x"}, "does not belong to it: ../outside.txt"),
    ],
)
def test_an_altered_kit_says_which_files(
    kits: Kits, downloaded: Path, tmp_path: Path, change: dict[str, bytes | None], said: str
) -> None:
    done = kits.run("kit", "verify", str(rewritten(downloaded, tmp_path / "altered.zip", change)))
    assert done.exit_code == 4
    assert said in done.output


def test_a_manifest_made_to_fit_is_found_out(kits: Kits, downloaded: Path, tmp_path: Path) -> None:
    """Somebody changes a number, its hash in the manifest, and the digest: no version of ours has that digest."""
    kit = hold(downloaded)
    inside = files(downloaded)
    forged = inside["press/press-release.txt"].replace(b"0000 000 000", b"0733 555 123")
    told = json.loads(inside["manifest.json"])
    for one in told["files"]:
        if one["path"] == "press/press-release.txt":
            one |= {"sha256": hashlib.sha256(forged).hexdigest(), "size": len(forged)}
    made = type(kit.manifest).model_validate(told)
    told["digest"] = made.own_digest()
    change: dict[str, bytes | None] = {
        "press/press-release.txt": forged, "manifest.json": json.dumps(told).encode(),
    }  # fmt: skip
    done = kits.run("kit", "verify", str(rewritten(downloaded, tmp_path / "forged.zip", change)))
    assert done.exit_code == 4
    assert "no version of this kit has these files and dates" in done.output


def test_a_later_date_in_the_manifest_is_found_out(kits: Kits, downloaded: Path, tmp_path: Path) -> None:
    told = files(downloaded)["manifest.json"].replace(b"2027-01-20", b"2029-01-20")
    done = kits.run("kit", "verify", str(rewritten(downloaded, tmp_path / "later.zip", {"manifest.json": told})))
    assert done.exit_code == 4
    assert "the manifest does not agree with itself" in done.output


def test_a_kit_of_a_message_that_was_taken_back(kits: Kits, downloaded: Path) -> None:
    kits.write("content/corrections.yml", RECALL)
    notice = kits.make()
    done = kits.run("kit", "verify", str(downloaded))
    assert (done.exit_code, "taken back" in done.output) == (5, True)
    assert kits.run("kit", "verify", str(notice.path)).exit_code == 5


def test_a_kit_whose_numbers_have_to_be_checked_again(kits: Kits, downloaded: Path) -> None:
    kits.now = datetime(2027, 1, 21, tzinfo=UTC)
    done = kits.run("kit", "verify", str(downloaded))
    assert (done.exit_code, "it was good until 2027-01-20" in done.output) == (3, True)


def test_a_partner_s_kit_is_known_by_itself_and_by_what_it_was_made_from(kits: Kits, tmp_path: Path) -> None:
    place = tmp_path / "theirs.zip"
    shutil.copy(kits.make(partner="agency").path, place)
    assert kits.run("kit", "verify", str(place)).exit_code == 0
    memory = kits.root / "state" / "kits.json"
    memory.unlink()
    kits.make()
    assert kits.run("kit", "verify", str(place)).exit_code == 0, "by its base"
    kits.change(f"{FOLDER}/seeds/kit.ro.yml", "Apa", "Ploaia")
    kits.make()
    assert kits.run("kit", "verify", str(place)).exit_code == 3


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("no.zip", b"not a zip", "is no whole ZIP file"),
        ("cut.zip", b"PK\x03\x04 cut off", "is no whole ZIP file"),
        ("empty.json", b"{}", "is not the manifest of a kit"),
        ("other.json", b'{"schema": 9, "kit": "a/b"}', "is not the manifest of a kit"),
    ],
)
def test_what_is_no_kit_is_one_sentence(kits: Kits, name: str, data: bytes, said: str) -> None:
    kits.make()
    (kits.root / name).write_bytes(data)
    done = kits.run("kit", "verify", str(kits.root / name))
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_zip_of_something_else_is_no_kit(kits: Kits) -> None:
    place = kits.root / "else.zip"
    with zipfile.ZipFile(place, "w") as made:
        made.writestr("letter.txt", "x")
    with pytest.raises(NotAKit, match=r"no manifest\.json in it"):
        hold(place)


def test_what_blows_up_is_not_unpacked_to_its_end(kits: Kits, downloaded: Path, tmp_path: Path) -> None:
    big = bytes(200_000_000)
    place = rewritten(downloaded, tmp_path / "bomb.zip", {"press/press-release.txt": big})
    assert place.stat().st_size < 4_000_000
    assert dict(hold(place).files or {})["press/press-release.txt"] == "too long"


def test_without_memory_it_says_with_what_to_compare(kits: Kits, downloaded: Path, tmp_path: Path) -> None:
    (kits.root / "state" / "kits.json").unlink()
    done = kits.run("kit", "verify", str(downloaded))
    assert (done.exit_code, "--versions" in done.output) == (1, True)


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=40))
def test_versions_only_grow_and_are_read_back(steps: list[tuple[str, str]]) -> None:
    """Each change of content is one version more; the same content again is none; nothing is lost on disk."""
    ledger = Ledger()
    last: dict[str, str] = {}
    count: dict[str, int] = {}
    for name, content in steps:
        ledger, issue = ledger.issue(name, content, KitState.CURRENT, {"file": content * 64})
        count[name] = count.get(name, 0) + (last.get(name) != content)
        last[name] = content
        assert issue.version == count[name]
        assert issue.digest == content
    again = Ledger.from_json(ledger.to_json())
    assert again.to_json() == ledger.to_json()
    for issues in again.kits.values():
        assert [one.version for one in issues] == list(range(1, len(issues) + 1))
        assert all(one.files for one in issues[-KEPT:])
