"""What a person finds in the folder, and that nothing half-written or misplaced ever lies in it."""

import errno
import json
import os
import re
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from channels import folder as folder_module
from channels import registry
from channels.contract import About, Media, Part, Rejected, Unavailable
from channels.folder import Folder


@pytest.fixture
def place(tmp_path, clock):
    def open_one(**changed):
        given = {"path": tmp_path / "out" / "whatsapp", "medium": "whatsapp"}
        return registry.connect(Folder, "whatsapp-ro", Folder.Settings(**{**given, **changed}), clock)

    return open_one


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "p.png"
    path.write_bytes(b"a picture")
    return Media(sha256(b"a picture").hexdigest(), "image/png", "Un desen cu două persoane", 640, 480, 9, path)


def part_for(**changed):
    given = {
        "text": "Verifică oferta înainte să pleci.\nhttps://outreach.example/ro/c/m/",
        "title": "Ofertă de muncă",
        "language": "ro",
        "link": "https://outreach.example/ro/c/m/",
        "about": About("proactiv", "job-offer-abroad"),
    }
    return Part(**{**given, **changed})


def tasks(channel):
    return sorted(channel.settings.path.iterdir())


def test_a_task_is_ready_to_be_copied_from(place, picture):
    channel = place(instructions={"ro": "Anunțați apoi coordonarea."})
    receipt = channel.send(part_for(media=(picture,)), "key")
    (task,) = tasks(channel)
    assert re.fullmatch(r"2026-12-01-job-offer-abroad-ro-[0-9a-f]{12}", task.name)
    assert receipt.remote_id == task.name
    assert sorted(file.name for file in task.iterdir()) == [
        "README.txt", "picture-1-alt.txt", "picture-1.png", "task.json", "text.txt",
    ]  # fmt: skip
    assert (task / "text.txt").read_text("utf-8") == channel.preview(part_for()).text
    assert (task / "picture-1.png").read_bytes() == b"a picture"
    assert (task / "picture-1-alt.txt").read_text("utf-8") == "Un desen cu două persoane\n"
    assert (task / "README.txt").read_text("utf-8").splitlines() == [
        "Sarcină: Ofertă de muncă",
        "Locul: whatsapp-ro",
        "",
        "1. Publicați acest text pe canalul WhatsApp.",
        "2. Copiați textul din text.txt și nu schimbați nimic: numerele de telefon și formulările sunt verificate.",
        "3. Adăugați picture-1.png; unde se poate da o descriere a imaginii, copiați-o din picture-1-alt.txt.",
        "4. Verificați că linkul funcționează: https://outreach.example/ro/c/m/",
        "5. Anunțați apoi coordonarea.",
        "6. Apoi bifați sarcina cu `outreach done`.",
    ]
    about = json.loads((task / "task.json").read_text("utf-8"))
    assert (about["key"], about["campaign"], about["message"]) == ("key", "proactiv", "job-offer-abroad")


@pytest.mark.parametrize(("event", "words"), [("corrected", "Înlocuiți"), ("recalled", "Îndepărtați")])
def test_corrections_and_recalls_are_tasks_of_their_own(place, event, words):
    channel = place()
    channel.send(part_for(about=About("proactiv", "job-offer-abroad", event=event)), "key")
    (task,) = tasks(channel)
    assert words in (task / "README.txt").read_text("utf-8")


@pytest.mark.parametrize("language", ["ro", "en", "pt", "uk", "ar", "sq"])
def test_every_language_has_all_its_words(place, picture, language):
    channel = place()
    channel.send(part_for(language=language, media=(picture,)), "key")
    text = (tasks(channel)[0] / "README.txt").read_text("utf-8")
    assert "{" not in text
    assert ["picture-1.png" in text, "text.txt" in text, "`outreach done`" in text] == [True] * 3


def test_the_same_key_leaves_the_task_as_it_is(place, clock):
    channel = place()
    first = channel.send(part_for(), "key")
    before = {file: file.stat().st_mtime_ns for file in tasks(channel)[0].iterdir()}
    clock.forward(days=2)
    assert channel.send(part_for(text="Another text."), "key") == first
    assert channel.find(part_for(), "key", since=clock()) == first
    assert {file: file.stat().st_mtime_ns for file in tasks(channel)[0].iterdir()} == before
    channel.send(part_for(), "another key")
    assert len(tasks(channel)) == 2


def test_what_a_page_takes_depends_on_the_medium(place):
    assert place(medium="noticeboard").traits.long_text
    assert place(medium="print").traits.long_text
    assert not place(medium="whatsapp").traits.long_text
    assert {place(medium=medium).traits.by_hand for medium in ("print", "radio", "whatsapp", "other")} == {True}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("nth", range(1, 6))
def test_a_full_disk_leaves_nothing_behind(place, picture, monkeypatch, code, nth):
    channel = place()
    calls = iter(range(1, 100))
    real = os.fsync

    def fill_up(handle):
        if next(calls) == nth:
            raise OSError(code, os.strerror(code))
        real(handle)

    monkeypatch.setattr(folder_module.os, "fsync", fill_up)
    with pytest.raises(Unavailable, match="the disk is full"):
        channel.send(part_for(media=(picture,)), "key")
    assert tasks(channel) == []
    assert channel.find(part_for(), "key", since=channel.door.clock()) is None
    assert channel.send(part_for(media=(picture,)), "key").remote_id == tasks(channel)[0].name


def test_a_task_appears_whole_and_at_once(place, picture, monkeypatch):
    channel = place()
    seen = []
    real = Path.rename

    def look_and_rename(path, target):
        seen.append((sorted(entry.name for entry in path.iterdir()), target.exists()))
        return real(path, target)

    monkeypatch.setattr(Path, "rename", look_and_rename)
    channel.send(part_for(media=(picture,)), "key")
    (task,) = tasks(channel)
    assert seen == [(sorted(entry.name for entry in task.iterdir()), False)]


def test_a_disk_that_is_really_full():
    with pytest.raises(OSError, match="No space") as full:
        folder_module._write(Path("/dev/full"), b"x")
    assert folder_module._reason(full.value) == "the disk is full"


def test_what_a_crash_left_behind_is_in_nobodys_way(place):
    channel = place()
    channel.send(part_for(), "key")
    (task,) = tasks(channel)
    half = task.rename(task.with_name(f".{task.name[-12:]}.unfinished"))
    (half / "task.json").unlink()
    assert channel.find(part_for(), "key", since=channel.door.clock()) is None
    channel.send(part_for(), "key")
    assert tasks(channel) == [task]


def test_a_task_without_its_record_is_not_taken_for_done(place):
    channel = place()
    channel.send(part_for(), "key")
    (task,) = tasks(channel)
    (task / "task.json").write_text("{}")
    assert channel.find(part_for(), "key", since=channel.door.clock()) is None


def test_a_picture_that_has_changed_keeps_the_task_from_being_written(place, picture):
    channel = place()
    picture.path.write_bytes(b"another")
    with pytest.raises(Rejected):
        channel.send(part_for(media=(picture,)), "key")
    assert not channel.settings.path.exists() or tasks(channel) == []


wild = st.text(st.characters(exclude_categories=()), max_size=300)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(message=wild, language=wild, key=wild, text=wild, title=wild)
def test_nothing_is_ever_written_elsewhere(tmp_path_factory, clock, message, language, key, text, title):
    root = tmp_path_factory.mktemp("wild")
    channel = registry.connect(Folder, "a", Folder.Settings(path=root / "in"), clock)
    receipt = channel.send(Part(text=text, language=language, title=title, about=About("c", message)), key)
    assert [entry.name for entry in root.iterdir()] == ["in"]
    assert [entry.name for entry in (root / "in").iterdir()] == [receipt.remote_id]
    assert channel.find(Part(text=text, language="x"), key, since=clock()) == receipt


def test_checking_leaves_nothing_behind(place, tmp_path):
    channel = place()
    assert channel.check() == []
    assert tasks(channel) == []
    (tmp_path / "file").touch()
    (wrong,) = place(path=tmp_path / "file" / "in").check()
    assert "cannot be written to" in wrong


@pytest.mark.parametrize("path", ["../outside", "/somewhere", ".", "a/../../outside", "link/in"])
def test_a_path_out_of_the_project_is_refused(tmp_path, path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "link").symlink_to(tmp_path)
    with pytest.raises(ValidationError, match="inside the project"):
        Folder.Settings.model_validate({"path": path}, context={"root": project})
    inside = Folder.Settings.model_validate({"path": "out/noticeboard"}, context={"root": project})
    assert inside.path == project.resolve() / "out" / "noticeboard"
