"""A text that went out was wrong: the right one takes its place wherever it can."""

import json
import re

import pytest

from channels.testing.simulator import answers

MESSAGE = "what-is-trafficking"
EN = f"content/campaigns/proactiv/messages/{MESSAGE}/en.md"
RO = f"content/campaigns/proactiv/messages/{MESSAGE}/ro.md"
READERS = "address,confirmed_at,consent_from\nana@readers.example,2026-11-01,form\n"
WRONG, RIGHT = "or uses a hard situation, in", "or makes use of a hard situation, in"
WHAT = "--what", "en=We wrote too short a sentence."


@pytest.fixture
def out(approved):
    """Return the small project after its first date, with a mistake in the English text that was mended since."""
    (approved.folder / "list.csv").write_text(READERS)
    approved.outreach("subscribers", "import", "list.csv", "--account", "newsletter-ro")
    approved.outreach("deliver")
    approved.edit(EN, WRONG, RIGHT)
    return approved


@pytest.fixture
def out_in_romanian(out):
    """Return the same with a mistake in the Romanian text too, which the newsletter, a partner and a task carry."""
    text = (out.folder / RO).read_text()
    short = re.search(r"(?m)^summary: >-\n  (\S+)", text)
    (out.folder / RO).write_text(text.replace(short[0], short[0] + ", pe scurt,", 1))
    assert out.outreach("translated", MESSAGE, "en").code == 0
    return out


def places(here, *arguments):
    said = json.loads(here.outreach("correct", MESSAGE, *arguments, "--json").out)
    return {place["place"]: place for place in said["places"]}


def approve(here):
    return here.outreach("approve", MESSAGE, "--by", "coordinator-ro", "--yes")


def english(here):
    (post,) = [post for post in here.fediverse.posts if post.account == "fediverse-en"]
    return post


def test_without_apply_nothing_changes(out):
    said = out.outreach("correct", MESSAGE)
    assert said.code == 3
    assert "can be corrected in place" in said.text
    assert "Nothing is corrected yet; do it with --apply." in said.text
    approve(out)
    out.outreach("deliver")
    assert WRONG in english(out).text


def test_a_post_is_corrected_in_place_once_it_was_approved(out):
    before = english(out)
    assert out.outreach("correct", MESSAGE, "--apply").code == 2, "the public log needs its words"
    out.outreach("correct", MESSAGE, "--apply", *WHAT)
    out.outreach("deliver")
    assert WRONG in english(out).text, "nobody has approved the new text yet"
    assert approve(out).code == 0
    out.outreach("deliver")
    assert RIGHT in english(out).text
    assert english(out).remote_id == before.remote_id
    assert len(out.fediverse.posts) == 2
    found = places(out)
    assert found["fediverse-en"]["stands"] == "corrected"
    assert found["fediverse-ro"]["stands"] == "unchanged"
    assert "unchanged" in out.outreach("plan").text, "the plan sees that the text was corrected where it went"
    assert "!" not in {line[:1] for line in out.outreach("plan").lines}


def test_asked_for_twice_it_is_done_once(out):
    for _ in range(2):
        out.outreach("correct", MESSAGE, "--apply", *WHAT)
        approve(out)
        out.outreach("deliver")
    edits = [request for request in out.fediverse.wire if request.method == "PUT"]
    assert len(edits) == 1
    assert (out.folder / "content" / "corrections.yml").read_text().count("too short a sentence") == 1


def test_corrected_again_and_back_again(out):
    for old, new in ((None, None), (RIGHT, WRONG), (WRONG, RIGHT)):
        if old:
            out.edit(EN, old, new)
        out.outreach("correct", MESSAGE, "--apply", *WHAT)
        approve(out)
        out.outreach("deliver")
        assert (new or RIGHT) in english(out).text
    assert len(out.fediverse.posts) == 2


def test_changed_again_before_it_was_approved_only_the_last_text_is_taken(out):
    out.outreach("correct", MESSAGE, "--apply", *WHAT)
    out.edit(EN, RIGHT, "or makes much of a hard situation, in")
    out.outreach("correct", MESSAGE, "--apply", *WHAT)
    approve(out)
    out.outreach("deliver")
    assert "makes much of" in english(out).text
    assert len([request for request in out.fediverse.wire if request.method == "PUT"]) == 1


def test_a_recall_stops_a_correction_and_takes_back_what_was_corrected(out):
    out.outreach("correct", MESSAGE, "--apply", *WHAT)
    approve(out)
    out.outreach("deliver")
    out.edit(EN, RIGHT, WRONG)
    out.outreach("correct", MESSAGE, "--apply", *WHAT)
    out.outreach("recall", MESSAGE, "--apply", "--why", "wrong altogether")
    approve(out)
    out.outreach("deliver")
    assert not out.fediverse.posts
    refused = out.outreach("correct", MESSAGE)
    assert (refused.code, "was recalled" in refused.text) == (1, True)


def test_what_cannot_be_edited_is_replaced_only_when_that_is_asked_for(out):
    out.fediverse.fail_next(answers(422, {"error": "Editing is not possible"}), on="any")
    out.outreach("correct", MESSAGE, "--apply", *WHAT)
    approve(out)
    out.outreach("deliver")
    failed = places(out)["fediverse-en"]
    assert failed["stands"] == "still live"
    assert "Editing is not possible" in failed["what"]


def test_a_newsletter_is_followed_by_a_notice_only_when_that_is_asked_for(out_in_romanian):
    here = out_in_romanian
    found = places(here)
    assert found["newsletter-ro"]["stands"] == "impossible"
    assert "--notice" in found["newsletter-ro"]["todo"]
    before = len(here.mail.posts)
    here.outreach("correct", MESSAGE, "--apply", "--what", "ro=Era greșit.")
    approve(here)
    here.outreach("deliver")
    assert len(here.mail.posts) == before
    here.outreach("correct", MESSAGE, "--apply", "--notice")
    approve(here)
    here.outreach("deliver")
    (letter,) = here.mail.posts[before:]
    assert letter.fields["To"] == "ana@readers.example"
    assert "Rectificare" in letter.text
    assert "Era greșit." in letter.text
    assert ", pe scurt," in letter.text
    assert places(here)["newsletter-ro"]["stands"] == "notice sent"
    assert not [line for line in here.outreach("plan").lines if line.startswith("!") and "newsletter-ro" in line]


def test_partners_and_people_are_told_with_the_new_text(out_in_romanian):
    here = out_in_romanian
    before = len(here.partner.posts)
    here.outreach("correct", MESSAGE, "--apply", "--what", "ro=Era greșit.")
    approve(here)
    here.outreach("deliver")
    (told,) = here.partner.posts[before:]
    assert told.fields["type"] == "message.corrected"
    assert ", pe scurt," in told.text + told.fields["summary"]
    found = places(here)
    assert found["anitp"]["stands"] == "corrected"
    assert "outreach done" in found["whatsapp-ro"]["todo"]
    here.outreach("done", str(found["whatsapp-ro"]["acts"][0]))
    assert places(here)["whatsapp-ro"]["stands"] == "corrected"
    drifted = [line for line in here.outreach("plan").lines if line.startswith("!")]
    assert ["newsletter-ro" in line for line in drifted] == [True], "of the others the plan knows that they were told"


def test_a_text_whose_translation_is_stale_is_not_put_anywhere(out_in_romanian):
    here = out_in_romanian
    text = (here.folder / RO).read_text()
    (here.folder / RO).write_text(text.replace(", pe scurt,", ", foarte pe scurt,"))
    found = places(here, "--apply", "--what", "ro=Era greșit.")
    assert "made from an older text" in found["fediverse-en"]["what"]
    assert not found["fediverse-en"]["acts"]
