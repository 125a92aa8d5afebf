"""The folder that is served never holds half a file, a link to nothing, or what nobody asked for."""

import os

import pytest

from pipeline.app import site_folder
from pipeline.app.site_folder import SiteFolder, Wanted


@pytest.fixture
def place(tmp_path):
    return tmp_path / "site"


def publish(place, **files):
    wanted = {path.replace("__", "/"): Wanted(text, text.encode) for path, text in files.items()}
    with SiteFolder(place) as folder:
        return folder.publish(wanted)


def held(place):
    return {path.relative_to(place).as_posix(): path.read_text() for path in place.rglob("*") if path.is_file()}


def test_it_holds_what_is_wanted_and_nothing_else(place):
    assert publish(place, a="1", b__c="2") == 2
    (place / "stray").write_text("x")
    assert publish(place, a="1", b__d="3") == 1
    assert held(place) == {"a": "1", "b/d": "3"}
    assert publish(place, a="1") == 0
    assert held(place) == {"a": "1"}
    assert not (place / "b").exists()


def test_a_file_that_somebody_touched_is_written_again(place):
    publish(place, a="1", b="2")
    (place / "a").write_text("9")
    assert publish(place, a="1", b="2") == 1
    assert held(place) == {"a": "1", "b": "2"}


def test_what_was_laid_is_taken_and_not_made(place):
    def never():
        raise AssertionError

    with SiteFolder(place) as folder:
        folder.lay("a/b", b"1")
        folder.lay("nobody/asked", b"2")
        assert folder.publish({"a/b": Wanted("1", never)}) == 1
    assert held(place) == {"a/b": "1"}


@pytest.mark.parametrize(("before", "after"), [({"a": "1"}, {"a__b": "2"}), ({"a__b": "1"}, {"a": "2"})])
def test_a_file_and_a_folder_can_change_places(place, before, after):
    publish(place, **before)
    publish(place, **after)
    assert held(place) == {path.replace("__", "/"): text for path, text in after.items()}


def test_an_empty_folder_in_the_way_of_a_file_goes(place):
    publish(place, b="1")
    (place / "a").mkdir()
    publish(place, a="2", b="1")
    assert held(place) == {"a": "2", "b": "1"}


def test_new_files_come_first_and_old_ones_go_last(place, monkeypatch):
    """So that no page ever links to one that is not there."""
    publish(place, page="1", gone="1")
    seen = []
    replace = os.replace

    def look(old, new):
        replace(old, new)
        seen.append(held(place))

    monkeypatch.setattr(site_folder.os, "replace", look)
    publish(place, page="2", new="1")
    assert seen == [{"page": "1", "gone": "1", "new": "1"}, {"page": "2", "gone": "1", "new": "1"}]
    assert held(place) == {"page": "2", "new": "1"}


def test_a_build_that_fails_changes_nothing_and_leaves_nothing(place):
    publish(place, a="1")

    def full():
        raise OSError(28, "No space left on device")

    with SiteFolder(place) as folder:
        folder.lay("b", b"2")
        with pytest.raises(OSError, match="No space"):
            folder.publish({"a": Wanted("2", "2".encode), "b": Wanted("2", "".encode), "c": Wanted("3", full)})
    assert held(place) == {"a": "1"}
    assert sorted(path.name for path in place.parent.iterdir()) == [".site.list", ".site.lock", "site"]


def test_one_that_was_killed_while_files_took_their_places_is_mended_by_the_next(place, monkeypatch):
    publish(place, a="1", b="1")
    replace = os.replace

    def killed(old, new):
        if new.endswith("b"):
            raise KeyboardInterrupt
        replace(old, new)

    with monkeypatch.context() as patched:
        patched.setattr(site_folder.os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(place, a="2", b="2")
    assert held(place) == {"a": "2", "b": "1"}
    assert publish(place, a="1", b="1") == 1
    assert held(place) == {"a": "1", "b": "1"}


def test_a_large_file_is_shared_and_never_written_into(place, tmp_path):
    kit = tmp_path / "kit.zip"
    kit.write_text("1")
    with SiteFolder(place) as folder:
        folder.publish({"kit.zip": Wanted("1", bytes, kit)})
    assert (place / "kit.zip").stat().st_ino == kit.stat().st_ino
    publish(place, **{"kit.zip": "2"})
    assert kit.read_text() == "1"
    assert held(place) == {"kit.zip": "2"}
