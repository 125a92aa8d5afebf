"""Pieces change how long a build takes and nothing else: whatever happens to their file, the build goes on."""

import os
import sqlite3

import pytest

from pipeline.website.pieces import FILE, Pieces, pack

SIGNS, OFFER = ("harvest", "signs"), ("harvest", "offer")


def kept(folder, *keys, text="ajută"):
    pieces = Pieces(folder)
    for key in keys:
        pieces.put(key, "body:ro", "mark", pack(text))
    pieces.save(keys)
    return pieces


def test_what_was_kept_is_there_in_the_next_build_and_for_the_same_mark_alone(tmp_path):
    kept(tmp_path, SIGNS)
    pieces = Pieces(tmp_path)
    assert pieces.get(SIGNS, "body:ro", "mark") == "ajută"
    assert pieces.get(SIGNS, "body:ro", "another mark") is None
    assert pieces.get(SIGNS, "body:en", "mark") is None
    assert pieces.get(OFFER, "body:ro", "mark") is None


def test_a_piece_is_made_once_and_again_when_what_it_depends_on_changed(tmp_path):
    made = []

    def make():
        made.append(1)
        return f"text {len(made)}"

    pieces = Pieces(tmp_path)
    assert pieces.made(SIGNS, "body:ro", "one", make) == "text 1"
    assert pieces.made(SIGNS, "body:ro", "one", make) == "text 1"
    assert pieces.made(SIGNS, "body:ro", "two", make) == "text 2"
    pieces.save([SIGNS])
    assert Pieces(tmp_path).made(SIGNS, "body:ro", "two", make) == "text 2"


def test_pieces_of_messages_that_are_gone_go(tmp_path):
    kept(tmp_path, SIGNS, OFFER)
    pieces = Pieces(tmp_path)
    assert pieces.get(SIGNS, "body:ro", "mark")
    pieces.save([SIGNS])
    rows = sqlite3.connect(tmp_path / FILE).execute("SELECT message FROM piece").fetchall()
    assert rows == [("harvest/signs",)]


def test_what_a_build_that_failed_put_is_lost_and_bars_nobody(tmp_path):
    kept(tmp_path, SIGNS)
    failed = Pieces(tmp_path)
    failed.put(OFFER, "body:ro", "mark", pack("half a build"))
    failed.close()
    pieces = kept(tmp_path, SIGNS, text="another")
    assert pieces.get(SIGNS, "body:ro", "mark") == "another"
    assert pieces.get(OFFER, "body:ro", "mark") is None


def test_without_a_folder_they_are_kept_for_the_run(tmp_path):
    pieces = Pieces()
    pieces.put(SIGNS, "body:ro", "mark", pack("text"))
    assert pieces.get(SIGNS, "body:ro", "mark") == "text"
    assert not list(tmp_path.iterdir())


def no_database(file):
    file.write_bytes(b"no database at all " * 100)


def torn(file):
    data = bytearray(file.read_bytes())
    data[5000:] = b"\xff" * (len(data) - 5000)
    file.write_bytes(data)


def of_another_form(file):
    with sqlite3.connect(file) as database:
        database.executescript("DROP TABLE piece; CREATE TABLE piece (x); PRAGMA user_version = 99")


def with_a_text_that_is_none(file):
    with sqlite3.connect(file) as database:
        database.execute("UPDATE piece SET text = 'never packed'")


def cut_short(file):
    file.write_bytes(file.read_bytes()[:6000])


@pytest.mark.parametrize("damage", [no_database, torn, of_another_form, with_a_text_that_is_none, cut_short])
def test_a_damaged_file_counts_as_empty_and_is_mended_by_and_by(tmp_path, damage):
    many = [("harvest", f"message-{number}") for number in range(200)]
    kept(tmp_path, *many, text="ajută " * 50)
    damage(tmp_path / FILE)
    for _ in range(3):
        pieces = Pieces(tmp_path)
        for key in many:
            assert pieces.made(key, "body:ro", "mark", lambda: "ajută " * 50) == "ajută " * 50
        pieces.save(many)
    pieces = Pieces(tmp_path)
    assert all(pieces.get(key, "body:ro", "mark") for key in many)


def test_a_file_that_another_build_writes_is_let_alone(tmp_path):
    kept(tmp_path, SIGNS)
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("BEGIN EXCLUSIVE")
    pieces = Pieces(tmp_path)
    assert pieces.made(SIGNS, "body:ro", "mark", lambda: "made again") == "made again"
    pieces.save([SIGNS])
    other.rollback()
    assert Pieces(tmp_path).get(SIGNS, "body:ro", "mark") == "ajută"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_fork_asks_for_nothing_and_leaves_everything_as_it_is(tmp_path):
    pieces = Pieces(tmp_path)
    pieces.put(SIGNS, "body:ro", "mark", pack("text"))
    child = os.fork()
    if not child:
        quiet = pieces.get(SIGNS, "body:ro", "mark") is None
        pieces.put(OFFER, "body:ro", "mark", pack("of the fork"))
        os._exit(0 if quiet else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pieces.get(SIGNS, "body:ro", "mark") == "text"
    assert pieces.get(OFFER, "body:ro", "mark") is None


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    pieces = Pieces(tmp_path / "cache")
    assert pieces.made(SIGNS, "body:ro", "mark", lambda: "text") == "text"
    pieces.save([SIGNS])
