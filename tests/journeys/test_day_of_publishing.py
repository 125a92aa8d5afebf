"""The day of publishing, as the team lives it: what goes out, what does not, and what a person does about it."""

import json
import re
from pathlib import Path

from journeys.place import Place


def attention(here: Place) -> list[dict[str, object]]:
    said = here.outreach("status", "--json")
    assert said.code in (0, 3)
    found: list[dict[str, object]] = json.loads(said.out)["attention"]
    assert (said.code == 3) is bool(found)
    return found


def number_of(here: Place, account: str, message: str = "what-is-trafficking") -> str:
    plan = json.loads(here.outreach("status", "--json", "--all").out)
    rows = [row for group in plan.values() if isinstance(group, list) for row in group]
    return next(str(row["id"]) for row in rows if row["account"] == account and row["message"] == message)


def fediverse(here: Place) -> list[str]:
    return [post.account for post in here.fediverse.posts]


def test_everything_arrives_once(approved: Place) -> None:
    (approved.folder / "list.csv").write_text("address,confirmed_at\nreader@mail.example,2026-11-01\n")
    assert approved.outreach("subscribers", "import", "list.csv", "--account", "newsletter-ro").code == 0
    said = approved.outreach("deliver")
    assert said.code == 0, said.text
    assert approved.outreach("deliver").text.strip() == "Nothing was due."
    assert sorted(fediverse(approved)) == ["fediverse-en", "fediverse-ro"]
    assert len(approved.partner.posts) == 1
    (mail,) = approved.mail.inbox
    assert mail.recipient == "reader@mail.example"
    assert mail.message["Subject"] == "Buletinul lunii"
    assert "0800 800 678" in mail.text
    assert attention(approved) == []


def test_a_task_is_carried_out_by_hand_and_ticked_off(approved: Place) -> None:
    approved.outreach("deliver")
    (task,) = (approved.folder / "state" / "by-hand" / "whatsapp-ro").iterdir()
    assert "0800 800 678" in (task / "text.txt").read_text("utf-8")
    status = approved.outreach("status")
    assert "To be carried out by hand" in status.text
    number = re.search(r"^(\d+) .*whatsapp-ro", status.text, re.MULTILINE)
    assert number
    assert approved.outreach("done", number[1]).code == 0
    assert "To be carried out by hand" not in approved.outreach("status").text
    again = approved.outreach("done", number[1])
    assert again.code == 1
    assert "nothing to tick off" in again.text


def test_an_expired_token_pauses_its_account_and_the_others_go_on(approved: Place) -> None:
    approved.let_token("fediverse-ro", "expired")
    approved.outreach("deliver")
    assert fediverse(approved) == ["fediverse-en"]
    assert len(approved.partner.posts) == 1
    status = approved.outreach("status")
    assert "Paused: fediverse-ro" in status.text
    assert "token" in status.text
    assert "a-token-that-has-expired" not in status.text
    approved.at("2026-12-02T10:20+02:00")
    assert [row["account"] for row in attention(approved)] == ["fediverse-ro"]
    approved.let_token("fediverse-ro", "new")
    assert approved.outreach("deliver").code == 3, "it stays paused until a person says so"
    assert approved.outreach("resume", "--account", "fediverse-ro").code == 0
    assert approved.outreach("deliver").code == 0
    assert fediverse(approved) == ["fediverse-en", "fediverse-ro"]


def test_the_team_is_told_once_of_what_did_not_go_out(approved: Place) -> None:
    approved.let_token("fediverse-ro", "expired")
    approved.outreach("deliver")
    approved.at("2026-12-02T10:20+02:00")
    approved.outreach("deliver")
    approved.outreach("deliver")
    (notice,) = approved.mail.inbox
    assert notice.recipient == "desk@outreach.example"
    assert "fediverse-ro" in notice.text
    assert "outreach status" in notice.text


def test_what_is_too_late_is_held_until_a_person_decides(approved: Place) -> None:
    approved.at("2026-12-02T17:00+02:00")
    said = approved.outreach("deliver")
    assert said.code == 3
    assert fediverse(approved) == []
    held = {str(row["account"]): row for row in attention(approved)}
    assert set(held) == {"fediverse-ro", "fediverse-en", "newsletter-ro", "anitp", "whatsapp-ro"}
    assert {row["state"] for row in held.values()} == {"held"}
    assert approved.outreach("resolve", str(held["fediverse-ro"]["id"]), "--again").code == 0
    assert approved.outreach("cancel", str(held["anitp"]["id"]), "--why", "too late").code == 0
    approved.outreach("deliver")
    assert fediverse(approved) == ["fediverse-ro"]
    assert not approved.partner.posts
    assert {row["account"] for row in attention(approved)} == {"fediverse-en", "newsletter-ro", "whatsapp-ro"}


def test_past_its_deadline_nothing_goes_out_whatever_a_person_says(approved: Place) -> None:
    approved.at("2026-12-02T20:30+02:00")
    approved.outreach("deliver")
    row = attention(approved)[0]
    assert row["state"] == "expired"
    said = approved.outreach("resolve", str(row["id"]), "--again")
    assert said.code == 1
    assert "deadline" in said.text
    assert fediverse(approved) == []


def test_a_pause_stops_everything_and_resume_goes_on(approved: Place) -> None:
    assert approved.outreach("pause", "--why", "a news story").code == 0
    approved.outreach("deliver")
    assert fediverse(approved) == []
    assert not approved.partner.posts
    assert "Paused: everything: a news story" in approved.outreach("status").text
    assert approved.outreach("resume").code == 0
    approved.outreach("deliver")
    assert sorted(fediverse(approved)) == ["fediverse-en", "fediverse-ro"]


def test_one_account_is_paused_and_the_others_go_on(approved: Place) -> None:
    assert approved.outreach("pause", "--account", "fediverse-en").code == 0
    approved.outreach("deliver")
    assert fediverse(approved) == ["fediverse-ro"]
    assert approved.outreach("pause", "--account", "fediverse-xx").code == 2


def test_a_lost_answer_is_looked_up_and_never_sent_twice(approved: Place) -> None:
    approved.outreach("cancel", number_of(approved, "fediverse-en"))
    approved.break_network("fediverse-ro", "loses-reply")
    approved.outreach("deliver")
    approved.at("2026-12-02T10:05+02:00")
    approved.outreach("deliver")
    approved.outreach("deliver")
    assert fediverse(approved) == ["fediverse-ro"]
    assert attention(approved) == []


def test_a_person_says_what_became_of_a_newsletter_whose_answer_was_lost(approved: Place) -> None:
    (approved.folder / "list.csv").write_text("address,confirmed_at\nreader@mail.example,2026-11-01\n")
    approved.outreach("subscribers", "import", "list.csv", "--account", "newsletter-ro")
    approved.break_network("newsletter-ro", "loses-reply")
    said = approved.outreach("deliver")
    assert said.code == 3
    (row,) = attention(approved)
    assert row["state"] == "unconfirmed"
    assert "1 recipient: " in str(row["why"])
    approved.outreach("deliver")
    newsletters = [mail for mail in approved.mail.inbox if mail.recipient == "reader@mail.example"]
    assert len(newsletters) == 1, "what may have arrived is not sent again"
    assert approved.outreach("resolve", str(row["id"]), "--sent").code == 0
    assert attention(approved) == []
    assert approved.outreach("deliver").code == 0
    assert len([mail for mail in approved.mail.inbox if mail.recipient == "reader@mail.example"]) == 1


def test_a_newsletter_whose_server_is_away_is_told_of(approved: Place) -> None:
    (approved.folder / "list.csv").write_text("address,confirmed_at\nreader@mail.example,2026-11-01\n")
    approved.outreach("subscribers", "import", "list.csv", "--account", "newsletter-ro")
    with approved.mail.down():
        approved.outreach("deliver")
        approved.at("2026-12-02T10:30+02:00")
        (row,) = [row for row in attention(approved) if row["account"] == "newsletter-ro"]
        assert "1 recipient: " in str(row["why"])
    approved.outreach("resolve", str(row["id"]), "--again")
    approved.at("2026-12-02T11:30+02:00")
    approved.outreach("deliver")
    assert "reader@mail.example" in [mail.recipient for mail in approved.mail.inbox]


def test_what_the_network_refuses_comes_back_with_its_own_words(approved: Place) -> None:
    approved.outreach("cancel", number_of(approved, "fediverse-en"))
    approved.break_network("fediverse-ro", "refuses-content")
    assert approved.outreach("deliver").code == 3
    (row,) = attention(approved)
    assert row["state"] == "failed"
    assert "Text is not allowed here" in str(row["why"])


def test_an_edit_after_planning_holds_the_post(approved: Place) -> None:
    path = "content/campaigns/proactiv/messages/what-is-trafficking/en.md"
    approved.edit(path, "title: What human trafficking is", "title: What is human trafficking")
    approved.outreach("deliver")
    assert fediverse(approved) == ["fediverse-ro"]
    (row,) = attention(approved)
    assert "no longer what the files say" in str(row["why"])
    assert approved.outreach("plan", "--apply").code == 0
    assert approved.outreach("deliver").code == 0
    assert fediverse(approved) == ["fediverse-ro"], "the new text waits for approval"
    approved.outreach("approve", "what-is-trafficking", "--by", "coordinator-ro", "--yes")
    approved.outreach("deliver")
    assert fediverse(approved) == ["fediverse-ro", "fediverse-en"]


def test_a_wrong_helpline_number_goes_nowhere(approved: Place) -> None:
    approved.edit("content/helplines.yml", 'number: "0800 800 678"', 'number: "0000 000 000"')
    assert approved.outreach("deliver").code == 3
    assert fediverse(approved) == []
    assert not approved.partner.posts
    assert not list((approved.folder / "state").glob("by-hand/*/*"))
    plan = approved.outreach("plan")
    assert "new text; needs approval again" in plan.text


def test_an_unverified_helpline_stops_planning_and_sending(approved: Place) -> None:
    file = approved.folder / "content" / "helplines.yml"
    file.write_text(file.read_text("utf-8").replace("expires: 2027-05-20", "expires: 2026-12-01", 1), encoding="utf-8")
    said = approved.outreach("check")
    assert said.code == 2
    assert "ro-anitp" in said.text
    assert "expired" in said.text
    assert approved.outreach("helplines").code == 3
    assert approved.outreach("plan", "--apply").code == 2
    assert approved.outreach("deliver").code == 3
    assert fediverse(approved) == []
    assert approved.outreach("helplines", "verify", "ro-anitp", "--by", "editor-ro", "--how", "source").code == 0
    assert approved.outreach("check").code == 0
    for row in attention(approved):
        approved.outreach("resolve", str(row["id"]), "--again")
    approved.outreach("deliver")
    assert sorted(fediverse(approved)) == ["fediverse-en", "fediverse-ro"]


def test_nobody_approves_their_own_text_where_two_are_asked_for(small: Place) -> None:
    small.outreach("plan", "--apply")
    settings = small.folder / "outreach.toml"
    settings.write_text(settings.read_text("utf-8").replace('may = ["write", "verify"]', 'may = ["write", "approve"]'))
    said = small.outreach("approve", "what-to-do", "--by", "editor-ro", "--yes")
    assert said.code == 1
    assert "asks for two people" in said.text
    assert small.outreach("approve", "what-to-do", "--by", "nobody", "--yes").code == 1
    small.at("2026-12-03T10:01+02:00")
    small.outreach("deliver")
    assert fediverse(small) == []
    assert small.outreach("approve", "what-to-do", "--by", "coordinator-ro", "--yes").code == 0
    small.outreach("deliver")
    assert fediverse(small) == ["fediverse-en"]


def test_a_refused_confirmation_approves_nothing(small: Place) -> None:
    small.outreach("plan", "--apply")
    said = small.outreach("approve", "what-to-do", "--by", "coordinator-ro", typed="n\n")
    assert said.code == 1
    small.at("2026-12-03T10:01+02:00")
    small.outreach("deliver")
    assert fediverse(small) == []


def test_the_log_is_json_and_names_what_happened(approved: Place, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    said = approved.outreach("--log", str(log), "deliver")
    assert said.code == 0
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    settled = {line["account"] for line in lines if line["what"] == "settled"}
    assert {"fediverse-ro", "fediverse-en", "anitp"} <= settled
    beat = json.loads((approved.folder / "state" / "heartbeat.json").read_text("utf-8"))
    assert {"worker", "at", "last_round"} <= beat.keys()
