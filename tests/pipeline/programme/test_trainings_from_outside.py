"""Institutions nominate by a signed link: what comes in is taken with its token, and only with that."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest
from standardwebhooks import Webhook
from training_project import Run

LIST = "name,mail,function\nAna Exemplu,ana.exemplu@police.example,\nȘtefan Probă,,officer\n"
LATER = "2026-12-20T10:00+02:00"


def made(run: Run, *words: str) -> str:
    return run("training", "link", "first", "--for", "police", *words).stdout


def token(said: str) -> str:
    found = re.search(r"n-[0-9a-f]{8}-[0-9a-f]{32}", said)
    assert found
    return found[0]


def mail(run: Run, subject: str, text: str = "", attached: str = "", name: str = "list.csv") -> str:
    letter = EmailMessage(policy=policy.SMTP)
    letter["From"], letter["To"], letter["Subject"] = "office@police.example", "team@small.example", subject
    letter.set_content(text)
    if attached:
        letter.add_attachment(attached.encode(), maintype="text", subtype="csv", filename=name)
    path = run.root.parent / "mail.eml"
    path.write_bytes(letter.as_bytes())
    return str(path)


def nominated(run: Run) -> int:
    return int(json.loads(run("training", "--json").stdout)[0]["nominated"])


def test_a_link_opens_a_prepared_mail_and_its_answer_is_taken(run: Run) -> None:
    said = made(run)
    assert unquote(said).count(token(said)) == 2
    assert f"mailto:team@small.example?subject={token(said)}&body=name%2Cmail%2Cfunction" in said
    done = run("training", "receive", mail(run, f"Re: {token(said)}", "Good day\n\n" + LIST + "\n--\nThe office\n"))
    assert "mail 1: 2 nominated for plan/first by police, 0 were already" in done.stdout
    done = run("training", "receive", mail(run, "Our list", f"See {token(said)}", LIST))
    assert "0 nominated for plan/first by police, 2 were already" in done.stdout


@pytest.mark.parametrize("what", ["none", "altered", "of another", "revoked", "expired"])
def test_without_a_token_that_holds_nothing_is_taken(run: Run, what: str) -> None:
    good = token(made(run))
    other = token(run("training", "link", "second", "--for", "agency").stdout)
    at = "2026-11-22T10:00+02:00"
    subject = {
        "none": "Our list",
        "altered": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "of another": f"{good[:10]}{other[10:]}",
    }.get(what, good)
    if what == "revoked":
        run("training", "unlink", good[2:10])
    if what == "expired":
        at = "2026-12-22T10:00+02:00"
    done = run("training", "receive", mail(run, subject, LIST), at=at, code=2)
    word = {"revoked": "was revoked", "expired": "expired on 2026-12-21"}.get(
        what, "no token of an institution, or one"
    )
    assert word in done.stderr
    assert nominated(run) == 0


def test_a_list_with_a_problem_is_told_by_its_row_and_not_taken(run: Run) -> None:
    said = token(made(run))
    bad = LIST + "EXEMPLU Ana,,\n"
    done = run("training", "receive", mail(run, said, "", bad, "Ana Exemplu.csv"), code=2)
    assert ":4: this is the same person as in row 2" in done.stderr
    assert "Exemplu" not in done.output
    assert nominated(run) == 0


def webhook(run: Run, secret: str, body: str, signed: str | None = None) -> str:
    at = datetime(2026, 11, 21, 8, tzinfo=UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, signed or body),
    }
    path = run.root.parent / "webhook.json"
    path.write_text(json.dumps({"headers": headers, "body": body}), "utf-8")
    return str(path)


def test_a_signed_webhook_is_taken_and_an_altered_one_is_not(run: Run) -> None:
    said = made(run, "--webhook")
    secret = said.rpartition(": ")[2].strip()
    people = [{"name": "Ana Exemplu", "mail": "ana.exemplu@police.example"}, {"name": "Ștefan Probă"}]
    body = json.dumps({"token": token(said), "people": people})
    other = body.replace("Ana", "Ina")
    done = run("training", "receive", webhook(run, secret, other, signed=body), code=2)
    assert "its signature does not fit" in done.stderr
    assert nominated(run) == 0
    done = run("training", "receive", webhook(run, secret, body))
    assert "2 nominated for plan/first by police" in done.stdout
    Path(webhook(run, secret, body)).write_text("[]", "utf-8")
    run("training", "receive", str(run.root.parent / "webhook.json"), code=2)


def test_a_link_is_sent_through_the_outbox_and_listed(run: Run) -> None:
    done = run("training", "link", "first", "--for", "police", "--send")
    assert "queued: a letter to police" in done.stdout
    with run.house() as house:
        rows = house.store.desk.find(campaign="_house", message="training")
        letter = house.store.desk.body_of(rows[0].post_digest)
    assert token(done.stdout) in letter
    # Until the nominations end, although the link would hold for longer.
    assert "până la 25 noiembrie 2026" in letter
    assert "office@police.example" in letter
    run("training", "link", "first", "--for", "agency", "--send", code=3)
    assert run("training", "links").stdout.count("open") == 2
    assert "expired" in run("training", "links", at=LATER[:8] + "28T10:00+02:00").stdout


def test_no_link_leads_to_what_takes_nobody(run: Run) -> None:
    assert "began on" in run("training", "link", "first", "--for", "police", at=LATER, code=2).stderr
    assert "there is no partner" in run("training", "link", "first", "--for", "nobody", code=2).stderr
