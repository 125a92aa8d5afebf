"""Partners: added, listed, told of each change once through the outbox, and a hub that is told of changed feeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from difflib import ndiff
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from syndicated import NOW, Project, make

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulators.mail import MailSimulator
from channels.testing.simulators.webhook import SECRET, PartnerSimulator
from pipeline.app import announcing, partner_notices, partners
from pipeline.app.house import House
from pipeline.app.service import deliver
from pipeline.app.website import build_site
from pipeline.cli import main
from pipeline.clock import VirtualClock
from pipeline.settings import ProblemsFound

CORRECTED = (
    "- {date: 2026-12-01, campaign: spring, message: seeds, what: {ro: Anul era greșit., en: The year was wrong.}}\n"
)
RECALLED = CORRECTED + (
    "- {date: 2026-12-02, campaign: spring, message: seeds, what: {ro: Era greșit., en: All of it was wrong.}, recalled: true}\n"
)


class Told:
    """A project with a partner who is told by mail and by webhook, and what reached it."""

    def __init__(self, project: Project, mail: MailSimulator, hook: PartnerSimulator, clock: VirtualClock) -> None:
        self.project, self.mail, self.hook, self.clock = project, mail, hook, clock

    def house(self) -> House:
        return House(self.project.root, self.clock, {"OUTREACH_HOOK_SECRET": SECRET})

    def notify(self) -> list[tuple[str, str]]:
        """Tell what there is to tell and deliver it; return what was told, by event."""
        with self.house() as house:
            found = partner_notices.notify(house)
            deliver(house)
        self.clock.advance(timedelta(minutes=1))
        return [(one.way, f"{each.event} {each.entry.message.id}") for one in found for each in one.changes]

    @property
    def notices(self) -> list[dict[str, Any]]:
        return [one["body"] for one in self.hook.transmitted()]

    @property
    def mails(self) -> list[Any]:
        return list(self.mail.posts)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    clock = VirtualClock(NOW)
    with MailSimulator(clock.now) as mail, PartnerSimulator(clock.now) as hook:
        project = make(tmp_path)
        project.edit(
            "outreach.toml",
            'languages = ["en"]',
            'languages = ["en"]\ncontact = "press@school.example"\ntell = ["mail", "webhook"]',
        )
        address = mail.settings()
        text = (
            '[accounts.team]\nkind = "mail"\nlanguage = "en"\npurpose = "notices"\nsubject = "title"\nhost = "127.0.0.1"\n'
            f'port = {address["port"]}\ntls = "none"\nfrom_address = "desk@trial.example"\nfrom_name = "Trial"\n'
            '[notices]\naccount = "team"\nto = ["desk@trial.example"]\n'
            f'[accounts.hook]\nkind = "webhook"\nlanguage = "en"\npartner = "school"\nurl = "{hook.settings("hook")["url"]}"\n'
            "allow_private = true\n"
        )
        project.write("outreach.toml", (project.root / "outreach.toml").read_text("utf-8") + text)
        yield Told(project, mail, hook, clock)


def test_each_change_is_told_once_in_each_way(told: Told) -> None:
    both = [("mail", "published seeds"), ("webhook", "published seeds")]
    assert told.notify() == both
    assert told.notify() == []
    assert len(told.mails) == 1
    (notice,) = told.notices
    assert notice["type"] == "message.published"
    assert notice["data"]["message"] == "seeds"
    assert notice["data"]["link"] == "https://trial.example/en/spring/seeds/"
    told.project.write("content/corrections.yml", CORRECTED)
    assert told.notify() == [("mail", "corrected seeds"), ("webhook", "corrected seeds")]
    assert told.notices[-1]["type"] == "message.corrected"
    assert told.notices[-1]["data"]["text"].startswith("About Seeds.")
    told.clock.advance(timedelta(days=1))
    told.project.write("content/corrections.yml", RECALLED)
    assert told.notify() == [("mail", "recalled seeds"), ("webhook", "recalled seeds")]
    assert told.notices[-1]["type"] == "message.recalled"
    assert "All of it was wrong." in told.notices[-1]["data"]["text"]
    assert "A text." not in json.dumps(told.notices[-1])
    assert told.notify() == []
    assert (len(told.mails), len(told.notices)) == (3, 3)


def test_the_mail_says_what_changed_and_where(told: Told) -> None:
    told.notify()
    told.project.write("content/corrections.yml", CORRECTED)
    told.project.message("soup", "Supă", "Soup", audience="cooks")
    told.notify()
    text = str(told.mails[-1])
    assert "press@school.example" in text
    with told.house() as house:
        row = house.store.desk.find(account="team")[-1]
        body = json.loads(house.store.desk.body_of(row.post_digest))["parts"][0]
    assert body["title"] == "Trial: what changed in the messages that you take over"
    assert body["text"].index("Changed") < body["text"].index("The year was wrong.") < body["text"].index("New")
    assert "- Soup (English)" in body["text"]
    assert "https://trial.example/en/partners/messages/" in body["text"]


def test_the_mail_links_to_kits_with_the_partners_mark_where_the_site_offers_them(told: Told) -> None:
    def text() -> str:
        told.notify()
        with told.house() as house:
            row = house.store.desk.find(account="team")[-1]
            return str(json.loads(house.store.desk.body_of(row.post_digest))["parts"][0]["text"])

    kit = "https://trial.example/kits/spring/seeds-en.zip?utm_source=school"
    told.project.edit(
        "outreach.toml", 'languages = ["en"]\ncontact', 'languages = ["en"]\nutm = {source = "school"}\ncontact'
    )
    assert "/kits/" not in text(), "this site offers none"
    told.project.edit("outreach.toml", "[site]", "[site]\nkits = true")
    told.project.write("content/corrections.yml", CORRECTED)
    assert kit in text()
    told.project.write("content/corrections.yml", RECALLED)
    told.clock.advance(timedelta(days=1))
    assert kit not in text(), "nobody is sent to what was taken back"


def test_after_a_crash_between_queueing_and_writing_down_nothing_goes_twice(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with told.house() as house:
        monkeypatch.setattr(house.store.partners, "remember", crash)
        with pytest.raises(KeyboardInterrupt):
            partner_notices.notify(house)
    told.notify()
    assert len(told.mails) == 1
    assert len(told.notices) == 1


def test_a_typo_that_was_mended_is_a_change_and_a_renamed_folder_is_none(told: Told) -> None:
    told.notify()
    folder = told.project.root / "content/campaigns/spring/messages"
    (folder / "seeds").rename(folder / "grains")
    told.project.edit(
        "content/campaigns/spring/messages/grains/ro.md", "author: editor\n", "author: editor\nuid: spring/seeds\n"
    )
    assert told.notify() == []
    told.project.edit("content/campaigns/spring/messages/grains/en.md", "A text.", "A better text.")
    assert told.notify() == [("mail", "corrected grains"), ("webhook", "corrected grains")]


def test_a_message_with_a_number_that_expired_is_not_told_and_is_told_later(told: Told) -> None:
    told.project.edit("content/helplines.yml", "expires: 2027-05-01", "expires: 2026-11-02")
    with told.house() as house:
        found = partner_notices.notify(house)
    assert [one.changes for one in found] == [[], []]
    assert "the helpline 'line' was last verified" in found[0].kept[0]
    told.project.edit("content/helplines.yml", "expires: 2026-11-02", "expires: 2027-05-01")
    assert told.notify() == [("mail", "published seeds"), ("webhook", "published seeds")]


def test_what_waits_under_embargo_is_not_told(told: Told) -> None:
    told.project.message("early", "Devreme", "Early", more="embargo: 2026-12-05 10:00\n")
    assert ("mail", "published early") not in told.notify()
    told.clock.move_to(datetime.fromisoformat("2026-12-05T08:00:00+00:00"))
    assert ("mail", "published early") in told.notify()


def test_only_the_campaigns_that_it_takes_over(told: Told) -> None:
    told.project.edit("outreach.toml", 'tell = ["mail", "webhook"]', 'tell = ["mail"]\ncampaigns = ["autumn"]')
    assert told.notify() == []
    with told.house() as house:
        (row,) = partners.rows(house)
    assert row.wrong == ("there is no campaign 'autumn'",)


def test_what_the_calendar_sends_to_the_webhook_is_not_announced_twice(told: Told) -> None:
    told.project.edit(
        "content/campaigns/spring/campaign.yml",
        "topics:",
        'approval: none\ncalendar: [{message: seeds, at: "2026-12-01 13:00", accounts: [hook]}]\ntopics:',
    )
    arguments = ["--project", str(told.project.root), "--at", NOW.isoformat(), "plan", "--apply"]
    done = CliRunner(env={"OUTREACH_HOOK_SECRET": SECRET}).invoke(main, arguments)
    assert done.exit_code == 0, done.output
    told.notify()
    assert told.notices == []
    told.clock.move_to(NOW + timedelta(hours=1, minutes=1))
    with told.house() as house:
        deliver(house)
    assert [one["type"] for one in told.notices] == ["message.published"]
    told.project.write("content/corrections.yml", CORRECTED)
    told.notify()
    assert [one["type"] for one in told.notices] == ["message.published", "message.corrected"]


# --- in outreach.toml ---


def run(project: Project, *words: str, code: int = 0) -> str:
    said = CliRunner().invoke(main, ["--project", str(project.root), "--at", NOW.isoformat(), *words])
    assert said.exit_code == code, said.output
    return said.output


def test_a_partner_is_added_and_the_rest_of_the_file_stays(project: Project) -> None:
    before = (project.root / "outreach.toml").read_text("utf-8")
    run(
        project, "partner", "add", "radio", "--title", 'Radio "Sat"', "--language", "ro", "--language", "en",
        "--contact", "news@radio.example", "--tell", "feed", "--campaign", "spring", "--embargoed",
    )  # fmt: skip
    after = (project.root / "outreach.toml").read_text("utf-8")
    lost = [line for line in ndiff(before.splitlines(), after.splitlines()) if line.startswith("- ")]
    assert lost == []
    with project.house() as house:
        radio = house.settings.partners["radio"]
    assert radio.name == 'Radio "Sat"'
    assert radio.languages == ("ro", "en")
    assert radio.embargoed
    listed = run(project, "partner", "list")
    assert 'radio: Radio "Sat"' in listed
    assert "told by feed (news@radio.example)" in listed
    assert json.loads(run(project, "partner", "list", "--json"))[1]["campaigns"] == ["spring"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["school", "--title", "S", "--language", "en"], "there is a partner 'school'"),
        (["Big", "--title", "S", "--language", "en"], "is not a short name"),
        (["new", "--title", "S", "--language", "en", "--tell", "mail"], "no 'contact'"),
        (["new", "--title", "S", "--language", "en", "--tell", "webhook"], "no account of this kind"),
        (["new", "--title", "S", "--language", "english"], "language code"),
        (["new", "--title", "S", "--language", "en", "--contact", "nobody"], "contact"),
    ],
)
def test_a_partner_that_cannot_be_is_not_written(project: Project, words: list[str], said: str) -> None:
    before = (project.root / "outreach.toml").read_bytes()
    assert said in run(project, "partner", "add", *words, code=2)
    assert (project.root / "outreach.toml").read_bytes() == before


def test_a_first_partner_makes_the_table(project: Project) -> None:
    project.edit("outreach.toml", '[partners.school]\nname = "A school"\nlanguages = ["en"]\n', "")
    run(project, "partner", "add", "first", "--title", "First", "--language", "en")
    with project.house() as house:
        assert list(house.settings.partners) == ["first"]


def test_notices_need_a_mail_account(project: Project) -> None:
    project.edit(
        "outreach.toml", 'languages = ["en"]', 'languages = ["en"]\ncontact = "a@school.example"\ntell = ["mail"]'
    )
    assert "no mail account tells partners" in run(project, "partner", "notify", code=2)
    assert "published: seeds (en)" in run(project, "partner", "notify", "--dry-run")


def test_wrong_keys_of_a_partner_are_told_with_their_line(project: Project) -> None:
    project.edit("outreach.toml", 'languages = ["en"]', 'languages = ["en"]\ntell = ["pigeon"]\nlogo = "../logo.svg"')
    with pytest.raises(ProblemsFound) as found:
        project.house()
    assert {problem.line for problem in found.value.problems} == {19, 20}


# --- the hub ---


class Hub(HttpSimulator):
    """A WebSub hub that takes a publisher's word only in the form that hubs take it."""

    active = True

    def is_publishing(self, request: Request) -> bool:
        return request.method == "POST"

    def answer(self, request: Request) -> Answer:
        if request.method != "POST" or request.path != "/":
            return Answer(404)
        if not request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return Answer(415)
        form = dict(request.form())
        if form.get("hub.mode") != "publish" or form.get("hub.url") != form.get("hub.topic"):
            return Answer(400, b"a publisher says hub.mode=publish and hub.url")
        if not self.active:
            return Answer(503)
        return Answer(204, b"")

    def settings(self, account: str = "account") -> dict[str, Any]:
        return {"hub": f"{self.url}/"}

    @property
    def posts(self) -> Any:
        return ()

    def transmitted(self) -> list[dict[str, Any]]:
        return [dict(request.form()) for request in self.wire]


def test_the_hub_is_told_of_changed_feeds_alone(project: Project) -> None:
    clock = VirtualClock(NOW)
    with Hub(clock.now) as hub:
        project.edit("outreach.toml", "#hub", f'hub = "{hub.settings()["hub"]}"')

        def announce() -> announcing.Announced:
            with House(project.root, clock, {}) as house:
                build_site(house)
                return announcing.announce(house)

        first = announce()
        assert first.failed == {}
        assert "feeds/en/messages.atom" in first.told
        assert not any("ninjs" in path for path in first.told)
        assert {one["hub.url"] for one in hub.transmitted()} == {f"https://trial.example/{path}" for path in first.told}
        assert announce().told == []
        project.edit("content/campaigns/spring/messages/seeds/en.md", "A text.", "Another text.")
        assert {path.split("/")[1] for path in announce().told} == {"en"}
        hub.active = False
        project.edit("content/campaigns/spring/messages/seeds/en.md", "Another text.", "A third text.")
        failed = announce()
        assert failed.told == []
        assert all("503" in why for why in failed.failed.values())
        hub.active = True
        assert set(announce().told) == set(failed.failed)


def test_without_a_hub_or_a_site_announcing_says_what_is_missing(project: Project) -> None:
    assert "no hub is configured" in run(project, "partner", "announce", code=2)
    project.edit("outreach.toml", "#hub", 'hub = "http://127.0.0.1:9/"')
    assert "build the site first" in run(project, "partner", "announce", code=2)
