"""Where a number went: posts, alternative texts, drawings, kits."""

import io
import zipfile
from datetime import timedelta

import pytest

from pipeline.app import carrying, planning, service
from pipeline.app.attending import NotPossible


@pytest.fixture
def sent(house, clock):
    """Return the house after its one message has gone out."""
    planning.apply(house, planning.make_plan(house), "test")
    house.store.desk.approve([row.post_digest for row in house.store.desk.find()], "reader", clock.now())
    clock.advance(timedelta(days=1, hours=1))
    service.deliver(house)
    return house


def test_posts_and_their_pictures_are_found(sent, root):
    found = carrying.carried(sent, "ro-anitp")
    (traces,) = found.messages.values()
    assert {(trace.kind, trace.where) for trace in traces} >= {("post", "text")}
    assert {trace.written for trace in traces} == {"0800 800 678"}
    assert not found.kits
    with pytest.raises(NotPossible, match="there is no helpline 'other'"):
        carrying.carried(sent, "other")


def test_a_number_drawn_into_a_picture_is_found_by_the_picture_that_was_sent(root, house, clock):
    drawing = root / "content" / "campaigns" / "small" / "messages" / "signs" / "picture.svg"
    drawing.write_text(drawing.read_text().replace("</svg>", "<text>0800 800 678</text></svg>"))
    planning.apply(house, planning.make_plan(house), "test")
    house.store.desk.approve([row.post_digest for row in house.store.desk.find()], "reader", clock.now())
    clock.advance(timedelta(days=1, hours=1))
    service.deliver(house)
    found = carrying.carried(house, "ro-anitp")
    assert [trace.written for trace in found.drawings] == ["0800 800 678"]
    (traces,) = found.messages.values()
    assert [trace.where for trace in traces if trace.kind == "drawing"] == ["in the drawing", "in the drawing"]
    drawing.write_text(drawing.read_text().replace("800 800", "800 801"))
    changed = carrying.carried(house, "ro-anitp")
    assert not changed.drawings
    assert [one for one in changed.unseen if "changed since" in one], "what cannot be seen any more is said"


def test_kits_are_looked_into_and_what_cannot_be_is_named(sent, root):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as document:
        document.writestr("word/document.xml", "<w:t>0800</w:t><w:t> 800 678</w:t>")
    folder = root / "build" / "kits"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "signs-ro.zip", "w") as kit:
        kit.writestr("text.txt", "Sună la 0800800678")
        kit.writestr("other.txt", "Sună la 0800800679")
        kit.writestr("text.docx", inner.getvalue())
        kit.writestr("poster.pdf", b"%PDF")
    (folder / "broken.zip").write_bytes(b"no zip")
    found = carrying.carried(sent, "ro-anitp")
    assert [trace.where for trace in found.kits] == ["text.txt", "text.docx: word/document.xml"]
    assert "poster.pdf in build/kits/signs-ro.zip" in found.unseen
    assert [one for one in found.unseen if one.startswith("build/kits/broken.zip")]
