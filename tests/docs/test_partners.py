"""What the handbook tells partners is what they get, and their ten lines take it in."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docs.pages import HANDBOOK, code_of
from standardwebhooks import WebhookVerificationError

from channels.contract import About
from channels.registry import connect
from channels.testing import samples
from channels.testing.http_simulator import Request
from channels.testing.simulators.webhook import SECRET, PartnerSimulator
from channels.webhook import Webhook


@pytest.fixture
def notice(tmp_path: Path) -> Request:
    def clock() -> datetime:
        return datetime.now(UTC)

    with PartnerSimulator(clock) as partner:
        channel = connect(Webhook, "partner", Webhook.Settings(**partner.settings()), clock)
        part = samples.part("ro", samples.picture(tmp_path, "Un desen"), link_in_text=False)
        about = About("proactiv", "what-is-trafficking")
        fields = {name: getattr(part, name) for name in ("text", "language", "media", "link", "title", "html")}
        channel.send(type(part)(**fields, about=about), "key-1")
        channel.door.close()
        return partner.wire[-1]


def test_the_ten_lines_accept_a_notice_once_and_refuse_a_forged_one(notice: Request) -> None:
    names: dict[str, object] = {}
    exec(code_of("partners.md")["receive"], names)
    receive = names["receive"]
    assert callable(receive)
    taken = receive(SECRET, notice.headers, notice.body)
    assert taken["data"]["message"] == "what-is-trafficking"
    assert receive(SECRET, notice.headers, notice.body) is None
    with pytest.raises(WebhookVerificationError):
        receive(SECRET, notice.headers, notice.body.replace(b"proactiv", b"proactif"))


def test_the_notice_has_the_fields_that_the_page_shows(notice: Request) -> None:
    page = (HANDBOOK / "partners.md").read_text(encoding="utf-8")
    block = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert block
    shown, sent = json.loads(block[1]), json.loads(notice.body)
    assert shown.keys() == sent.keys()
    assert shown["data"].keys() == sent["data"].keys()
    assert shown["data"]["media"][0].keys() == sent["data"]["media"][0].keys()
