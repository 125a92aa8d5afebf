"""Something was wrong with what went out: taking it back, and knowing how each place stands."""

import json

import pytest

from channels.testing.simulator import Fault, How, answers

MESSAGE = "what-is-trafficking"
WHY = "the number in it was wrong"
READERS = (
    "address,confirmed_at,consent_from\nana@readers.example,2026-11-01,form\nion@readers.example,2026-11-01,form\n"
)


@pytest.fixture
def out(approved):
    """Return the small project after its first date: everything of it has gone out, to two readers among others."""
    (approved.folder / "list.csv").write_text(READERS)
    assert approved.outreach("subscribers", "import", "list.csv", "--account", "newsletter-ro").code == 0
    assert "sent" in approved.outreach("deliver").text
    assert len(approved.fediverse.posts) == 2
    return approved


def places(here, *arguments):
    """Return the ledger's places by name, as a script sees them; the site's page in Romanian for the site."""
    said = json.loads(here.outreach("recall", MESSAGE, *arguments, "--json").out)
    return {place["place"]: place for place in said["places"]}


def stands(here, *arguments):
    return {name: place["stands"] for name, place in places(here, *arguments).items()}


def recall(here):
    return here.outreach("recall", MESSAGE, "--apply", "--why", WHY)


def test_without_apply_nothing_is_taken_back(out):
    said = out.outreach("recall", MESSAGE)
    assert said.code == 3
    assert "Nothing is taken back yet" in said.text
    out.outreach("deliver")
    assert len(out.fediverse.posts) == 2
    assert out.outreach("recall", MESSAGE, "--apply").code == 2, "it wants to know why"
    assert len(out.fediverse.posts) == 2


def test_every_place_ends_in_one_state(out):
    assert recall(out).code == 3
    out.outreach("deliver")
    assert not out.fediverse.posts
    found = places(out)
    assert {name: place["stands"] for name, place in found.items()} == {
        "fediverse-ro": "removed",
        "fediverse-en": "removed",
        "newsletter-ro": "impossible",
        "anitp": "still live",
        "whatsapp-ro": "still live",
        "site": "still live",
    }
    assert found["fediverse-ro"]["what"] == "read back: it is gone"
    assert found["newsletter-ro"]["what"].startswith("2 readers have it")
    assert "outreach recall … --acknowledged anitp" in found["anitp"]["todo"]
    assert found["site"]["url"] == "https://outreach.example/ro/proactiv/what-is-trafficking/"


def test_a_partner_is_told_once_and_its_word_settles_it(out):
    before = len(out.partner.posts)
    for _ in range(2):
        recall(out)
        out.outreach("deliver")
    told = out.partner.posts[before:]
    assert [(notice.fields["type"], notice.fields["message"]) for notice in told] == [("message.recalled", MESSAGE)]
    assert stands(out)["anitp"] == "still live"
    assert stands(out, "--acknowledged", "anitp")["anitp"] == "acknowledged"
    assert out.outreach("recall", MESSAGE, "--acknowledged", "nobody").code == 2


def test_a_task_lies_ready_and_is_ticked_off(out):
    recall(out)
    out.outreach("deliver")
    (readme,) = [
        text
        for path in (out.folder / "state" / "by-hand" / "whatsapp-ro").glob("*/README.txt")
        if "retras" in (text := path.read_text())
    ]
    assert "Îndepărtați textul vechi de peste tot" in readme
    (number,) = places(out)["whatsapp-ro"]["acts"]
    assert out.outreach("done", str(number)).code == 0
    assert stands(out)["whatsapp-ro"] == "removed"


def test_what_has_not_gone_out_never_does(approved):
    assert recall(approved).code in (0, 3)
    approved.outreach("deliver")
    assert not approved.fediverse.posts
    assert not approved.partner.posts, "nobody who never had it is told of it"
    assert stands(approved)["fediverse-ro"] == "never out"
    planned = approved.outreach("plan", "--apply")
    assert "its message was recalled and stays so" in planned.text
    approved.edit(
        "content/campaigns/proactiv/campaign.yml",
        "  - message: what-is-trafficking\n",
        "  - message: what-is-trafficking\n    id: anew\n",
    )
    assert "added" not in approved.outreach("plan", "--apply").text
    approved.outreach("approve", MESSAGE, "--by", "coordinator-ro", "--yes")
    approved.at("2026-12-02T10:05:00+02:00")
    approved.outreach("deliver")
    assert not approved.fediverse.posts


def test_the_other_message_goes_out_all_the_same(approved):
    recall(approved)
    approved.at("2026-12-03T10:00:30+02:00")
    approved.outreach("deliver")
    assert [post.account for post in approved.fediverse.posts] == ["fediverse-en"]


def test_what_the_network_will_not_delete_stays_on_the_list_with_its_address(out):
    out.fediverse.fail_next(answers(422, {"error": "not now"}), on="any")
    recall(out)
    assert "rejected" in out.outreach("deliver").text
    (left,) = [
        place
        for place in places(out).values()
        if place["place"].startswith("fediverse") and place["stands"] != "removed"
    ]
    assert left["stands"] == "still live"
    assert left["url"].startswith(out.fediverse.url)
    assert f"delete it by hand at {left['url']}" in left["todo"]
    assert out.outreach("status").code == 3, "somebody has to see to it"
    (number,) = left["acts"]
    out.outreach("resolve", str(number), "--again")
    out.outreach("deliver")
    assert stands(out)[left["place"]] == "removed"
    assert not out.fediverse.posts


def test_what_somebody_deleted_by_hand_counts_as_removed_by_their_word(out):
    out.fediverse.fail_next(answers(422, {"error": "not now"}), on="any")
    recall(out)
    out.outreach("deliver")
    (left,) = [place for place in places(out).values() if place["todo"].startswith("delete it by hand")]
    assert out.outreach("done", str(left["acts"][0])).code == 0
    assert places(out)[left["place"]]["what"] == "somebody said that it was deleted by hand"


def test_a_deletion_whose_answer_was_lost_is_asked_for_again(out):
    out.fediverse.fail_next(Fault(How.RESET, accepts=True), on="any")
    recall(out)
    out.outreach("deliver")
    assert "under way" in stands(out).values()
    out.at("2026-12-02T10:10:00+02:00")
    out.outreach("deliver")
    assert {stands(out)[name] for name in ("fediverse-ro", "fediverse-en")} == {"removed"}


def test_what_was_in_doubt_is_taken_back_when_it_is_found(approved):
    for _ in range(2):
        approved.break_network("fediverse-ro", "loses-reply")
    approved.outreach("deliver")
    assert len(approved.fediverse.posts) == 2
    recall(approved)
    assert stands(approved)["fediverse-ro"] == "in doubt"
    for minute in (5, 10, 15):
        approved.at(f"2026-12-02T10:{minute:02}:00+02:00")
        approved.outreach("deliver")
    assert not approved.fediverse.posts
    assert stands(approved)["fediverse-ro"] == "removed"


def test_what_was_in_doubt_and_is_not_there_is_not_sent(approved):
    for _ in range(2):
        approved.break_network("fediverse-ro", "breaks-before")
    approved.outreach("deliver")
    recall(approved)
    for minute in (5, 10, 15, 20):
        approved.at(f"2026-12-02T10:{minute:02}:00+02:00")
        approved.outreach("deliver")
    assert not approved.fediverse.posts
    assert {stands(approved)[name] for name in ("fediverse-ro", "fediverse-en")} == {"never out"}


def test_readers_of_a_newsletter_are_told_when_that_is_asked_for(out):
    (out.folder / "more.csv").write_text("address,confirmed_at,consent_from\nnew@readers.example,2026-11-01,form\n")
    out.outreach("subscribers", "import", "more.csv", "--account", "newsletter-ro")
    before = len(out.mail.posts)
    out.outreach("recall", MESSAGE, "--apply", "--why", WHY, "--notice", "--what", "ro=Numărul era greșit.")
    out.outreach("deliver")
    assert len(out.mail.posts) == before, "a notice is read and approved like any text"
    assert out.outreach("approve", MESSAGE, "--by", "coordinator-ro", "--yes").code == 0
    out.outreach("deliver")
    told = out.mail.posts[before:]
    assert {letter.fields["To"] for letter in told} == {"ana@readers.example", "ion@readers.example"}
    assert all("Numărul era greșit." in letter.text for letter in told)


def test_the_log_is_written_once_and_the_site_says_so(out):
    recall(out)
    recall(out)
    log = (out.folder / "content" / "corrections.yml").read_text()
    assert log.count("recalled: true") == 2, "one stands in the comment that explains it"
    assert log.startswith("# The log of corrections")
    assert out.outreach("check").code == 0


def test_status_shows_what_is_not_settled_yet(out):
    recall(out)
    out.outreach("deliver")
    assert f"Recalled: {MESSAGE}: 2 removed, 4 still live, 1 impossible" in out.outreach("status").text
    told = json.loads(out.outreach("status", "--json").out)["recalls"]
    assert [ledger["message"] for ledger in told] == [MESSAGE]


def test_a_number_is_found_in_what_was_sent_although_the_texts_say_another_today(out):
    registry = out.folder / "content" / "helplines.yml"
    registry.write_text(registry.read_text().replace('"0800 800 678"', '"0800 800 679"'))
    for path in (out.folder / "content" / "campaigns" / "proactiv" / "messages" / MESSAGE).glob("*.md"):
        path.write_text(path.read_text().replace("{helpline}", "{helpline:ro-112}"))
    assert "Nothing that went out carried it" in out.outreach("recall", "--helpline", "ro-anitp").text
    number = ("recall", "--helpline", "ro-anitp", "--number", "+40 800 800 678")
    said = json.loads(out.outreach(*number, "--json").out)
    assert [found["message"] for found in said["messages"]] == [MESSAGE]
    names = {trace["name"].partition(" ")[0] for trace in said["messages"][0]["traces"]}
    assert {"fediverse-ro", "fediverse-en", "anitp", "newsletter-ro", "whatsapp-ro"} == names
    out.outreach(*number, "--apply", "--why", WHY)
    out.outreach("deliver")
    assert not out.fediverse.posts


def test_a_number_that_nobody_carried_is_found_nowhere(out):
    said = out.outreach("recall", "--helpline", "ro-anitp-abroad")
    assert "Nothing that went out carried it." in said.text
    assert said.code == 0
    assert out.outreach("recall", "--helpline", "no-such").code == 1


def test_a_message_that_nobody_knows_is_one_sentence(out):
    assert out.outreach("recall", "no-such").lines == [
        "there is no message 'no-such', neither in content/ nor in the outbox."
    ]
