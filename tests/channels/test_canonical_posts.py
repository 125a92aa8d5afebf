"""The canonical form of a post: an approval is bound to its hash, so not one byte of it may ever change by itself."""

import dataclasses
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from channels.contract import About, Document, Media, Part, Post, Recipient

TEXTS = some.text(max_size=20)
PICTURES = some.builds(
    Media,
    sha256=TEXTS,
    mime=TEXTS,
    alt=TEXTS,
    width=some.integers(0, 9),
    height=some.integers(0, 9),
    size=some.integers(0, 9),
    path=some.just(Path("/somewhere")),
    url=some.none() | TEXTS,
)
DOCUMENTS = some.builds(
    Document, name=TEXTS, sha256=TEXTS, mime=TEXTS, size=some.integers(0, 9), path=some.just(Path("/somewhere"))
)
PARTS = some.builds(
    Part,
    text=TEXTS,
    language=TEXTS,
    media=some.lists(PICTURES, max_size=2).map(tuple),
    link=some.none() | TEXTS,
    title=some.none() | TEXTS,
    html=some.none() | TEXTS,
    about=some.none() | some.builds(About, campaign=TEXTS, message=TEXTS),
    recipient=some.none() | some.builds(Recipient, address=TEXTS, token=TEXTS),
    documents=some.lists(DOCUMENTS, max_size=2).map(tuple),
)
POSTS = some.builds(Post, account=TEXTS, parts=some.lists(PARTS, min_size=1, max_size=3).map(tuple))


def plainly(part):
    """What the form is, said in the simplest way."""
    data = dataclasses.asdict(part)
    for picture in data["media"]:
        del picture["path"]
        if picture["url"] is None:
            del picture["url"]
    for document in data["documents"]:
        del document["path"]
    return {name: value for name, value in data.items() if value not in (None, (), [])}


@given(POSTS)
def test_it_holds_every_field_that_is_filled_and_nothing_of_this_machine(post):
    body = {"account": post.account, "parts": [plainly(part) for part in post.parts]}
    assert post.to_json() == json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "/somewhere" not in post.to_json()


@given(POSTS)
def test_what_is_read_from_it_is_the_same_post(post):
    assert Post.from_json(post.to_json()) == post


def test_its_hash_is_what_it_was_when_the_first_posts_were_approved():
    picture = Media("ab" * 32, "image/png", "O fereastră.", 1200, 675, 4321, path=Path("/x"))
    part = Part("Sună.", "ro", (picture,), "https://trial.example/ro/", about=About("spring", "seeds"))
    assert Post("board", (part,)).digest == "597a343fc95a10df7245bee5476e8fc6b507d9cda4475b714e4b6c199afe2622"
