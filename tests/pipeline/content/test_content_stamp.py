"""`outreach translated`: one line of one file changes, and every other byte stays."""

import pytest

from pipeline.content import read_message
from pipeline.content.stamp import StampRefused, stamp_translation

FOLDER = "content/campaigns/harvest/messages/signs"


@pytest.fixture
def romanian(project):
    project.languages("ro")
    english = (project.root / FOLDER / "en.md").read_bytes()
    project.write(f"{FOLDER}/ro.md", english)
    return project


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"author: editor\n", b"source_hash: 0123456789abcdef\nauthor: editor\n"),
        lambda data: data.replace(b"author: editor\n", b"author: editor   # who\n\n# a note\n"),
        lambda data: data.rstrip(b"\n") + "\n\nsource_hash: text of the body – ș\n---\n".encode(),
    ],
)
def test_only_the_hash_changes(romanian, change):
    path = romanian.root / FOLDER / "ro.md"
    before = change(path.read_bytes())
    path.write_bytes(before)
    message, _ = read_message(romanian.root, "harvest", "signs")
    assert message.stale("ro")
    assert stamp_translation(romanian.root, message, "ro") == f"{FOLDER}/ro.md"
    message, wrong = read_message(romanian.root, "harvest", "signs")
    assert not message.stale("ro")
    assert not wrong
    after = path.read_bytes()
    added = f'source_hash: "{message.source.text_hash}"'.encode()
    assert added in after
    rest = [row for row in after.splitlines(keepends=True) if not row.startswith(b'source_hash: "')]
    kept = [row for row in before.splitlines(keepends=True) if not row.startswith(b"source_hash: 0")]
    assert rest == kept


def test_the_source_and_strangers_are_refused(romanian):
    message, _ = read_message(romanian.root, "harvest", "signs")
    for language in ("en", "pt"):
        with pytest.raises(StampRefused):
            stamp_translation(romanian.root, message, language)


def test_one_message_is_read_without_the_rest(romanian):
    romanian.write("content/campaigns/spring/campaign.yml", "x: [")
    message, wrong = read_message(romanian.root, "harvest", "signs")
    assert message is not None
    assert wrong == []
    for campaign, name in (
        ("harvest", "nothing"),
        ("spring", "signs"),
        ("../harvest", "signs"),
        ("harvest", "../signs"),
    ):
        missing, wrong = read_message(romanian.root, campaign, name)
        assert missing is None
        assert len(wrong) == 1
