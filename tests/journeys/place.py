"""A place to try the command line in: a copy of the sample project, its accounts leading to simulators here."""

from __future__ import annotations

import re
import shutil
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from channels.testing.simulator import Fault, How, Simulator, answers
from channels.testing.simulators.mail import MailSimulator
from channels.testing.simulators.mastodon import MastodonSimulator
from channels.testing.simulators.webhook import PartnerSimulator
from pipeline import clock as clocks
from pipeline import settings as settings_file
from pipeline.app.accounts import settings_of
from pipeline.cli import main, terminal
from pipeline.programme.people import new_key

ROOT = Path(__file__).parents[2]
PEOPLE_KEY = new_key()
START = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)

FAULTS = {
    "refuses-token": answers(401, {"error": "The access token is invalid"}),
    "loses-reply": Fault(How.RESET, accepts=True),
    "breaks-before": Fault(How.RESET),
    "refuses-content": answers(422, {"error": "Validation failed: Text is not allowed here"}),
    "is-busy": answers(503, {"error": "come back later"}),
}


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    text: str
    out: str

    @property
    def lines(self) -> list[str]:
        """Its lines without those that are empty."""
        return [line.rstrip() for line in self.text.splitlines() if line.strip()]


class Place:
    """A project's folder, the networks of its accounts, and a time that is moved."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, running: ExitStack) -> None:
        self.folder = folder
        self._environment = monkeypatch
        self._secrets: set[str] = set()
        self._clock = clocks.pinned(START)
        self.at(START.isoformat())
        self.fediverse = running.enter_context(MastodonSimulator(self.now))
        self.mail = running.enter_context(MailSimulator(self.now))
        self.partner = running.enter_context(PartnerSimulator(self.now))

    def now(self) -> datetime:
        """Return the time at which everything happens."""
        return self._clock.now()

    def at(self, time: str) -> None:
        """Let it be ``time`` (ISO 8601 with an offset) from now on, for the commands and for the networks."""
        self._clock = clocks.pinned(datetime.fromisoformat(time))

    def lead_here(self, folder: Path | None = None) -> None:
        """Let the accounts of the project lead to the simulators, and put their secrets into the environment."""
        path = (folder or self.folder) / "outreach.toml"
        text = path.read_text(encoding="utf-8")
        text = re.sub(r'server = "https://[^"]*"', f'server = "{self.fediverse.url}"', text)
        address = self.mail.settings()
        here = f'host = "127.0.0.1"\nport = {address["port"]}\ntls = "none"'
        text = re.sub(r'host = "[^"]*"', here, text)
        text = re.sub(r"(?m)^username = .*\n", "", text)
        hook = f'url = "{self.partner.url}/hooks/outreach/partner"\nallow_private = true'
        text = re.sub(r'url = "https://[^"]*/hooks/[^"]*"', hook, text)
        path.write_text(text, encoding="utf-8")
        self._environment.setenv("OUTREACH_PEOPLE_KEY", PEOPLE_KEY)
        for name in re.findall(r"(?m)^\[accounts\.([a-z0-9-]+)\]", text):
            self.give(name, "token", self.fediverse.settings(name)["token"])
            self.give(name, "secret", self.partner.settings(name)["secret"])

    def give(self, account: str, setting: str, value: str) -> None:
        """Put a secret into the environment."""
        self._environment.setenv(settings_file.variable(account, setting), value)
        self._secrets.add(value)

    def break_network(self, account: str, how: str) -> None:
        """Let the network of an account go wrong once, at its next publishing request."""
        self.network_of(account).fail_next(FAULTS[how])

    def let_token(self, account: str, be: str) -> None:
        """Let an account's token on the fediverse be ``expired``, or a ``new`` one."""
        good = self.fediverse.settings(account)["token"]
        self.give(account, "token", good if be == "new" else "a-token-that-has-expired")

    def network_of(self, account: str) -> Simulator:
        """Return the simulator of an account."""
        kind = settings_file.load(self.folder, settings_of, {}).accounts[account].kind
        return {"mastodon": self.fediverse, "mail": self.mail, "webhook": self.partner}[kind]

    def outreach(self, *arguments: str, typed: str = "", project: Path | None = None) -> Said:
        """Run a command as a person would; an exception that nobody caught fails the test."""
        # Time goes on between two commands, as it does for a person.
        self._environment.setenv("OUTREACH_AT", self.now().isoformat())
        given = ["--project", str(project or self.folder), *arguments]
        result = CliRunner().invoke(main, given, input=typed, prog_name="outreach")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise AssertionError("".join(traceback.format_exception(result.exception))) from result.exception
        assert "Traceback" not in result.output
        assert not [secret for secret in self._secrets if secret in result.output], "a secret is shown"
        return Said(result.exit_code, result.output, result.stdout)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a passage that stands once in a file."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"'{old}' stands {text.count(old)} times in {path}"
        file.write_text(text.replace(old, new), encoding="utf-8")


@contextmanager
def place(folder: Path, monkeypatch: pytest.MonkeyPatch, template: Path | None = None) -> Iterator[Place]:
    """Open a place that holds a copy of the sample project, or of ``template``."""
    monkeypatch.setenv("OUTREACH_USER", "desk")
    monkeypatch.setattr(terminal.out, "width", 118)
    monkeypatch.chdir(folder)
    with ExitStack() as running:
        if template:
            shutil.copytree(template, folder, dirs_exist_ok=True)
        else:
            shutil.copytree(ROOT / "content", folder / "content")
            shutil.copy(ROOT / "outreach.toml", folder)
            # Templates and fonts: nobody changes them here, and they are large.
            (folder / "site").symlink_to(ROOT / "site")
        here = Place(folder, monkeypatch, running)
        here.lead_here()
        yield here


CALENDAR = """
  - message: what-is-trafficking
    at: 2026-12-02 10:00
    not_after: 2026-12-02 20:00
    accounts: [fediverse-ro, fediverse-en, newsletter-ro, anitp, whatsapp-ro]
  - message: what-to-do
    at: 2026-12-03 10:00
    accounts: [fediverse-en]
"""


def make_small(here: Place) -> None:
    """Take out of the sample what the journey does not need: two messages and two dates are left."""
    campaigns = here.folder / "content" / "campaigns"
    shutil.rmtree(campaigns / "active-communities")
    shutil.rmtree(here.folder / "content" / "activities")
    file = campaigns / "proactiv" / "campaign.yml"
    head, _, _ = file.read_text(encoding="utf-8").partition("\ncalendar:\n")
    file.write_text(f"{head}\ncalendar:{CALENDAR}", encoding="utf-8")
