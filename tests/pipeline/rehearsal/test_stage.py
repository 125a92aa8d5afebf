from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from journeys.played_project import make

from channels.folder import Folder
from pipeline.app.accounts import settings_of
from pipeline.rehearsal.stage import Stage
from pipeline.settings import Settings, load


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(make(tmp_path), settings_of, {})


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(lambda: datetime(2026, 12, 1, tzinfo=UTC)) as opened:
        yield opened


def test_every_account_leads_to_this_machine_and_keeps_how_its_posts_look(stage: Stage, settings: Settings) -> None:
    moved = stage.set_for(settings, settings.accounts).accounts
    assert stage.absent == {}
    assert moved["fedi-ro"].settings.server.startswith("http://127.0.0.1:")
    assert moved["agency"].settings.url.startswith("http://127.0.0.1:")
    letter = moved["letter"].settings
    assert (letter.host, letter.from_name, letter.neutral_subject) == ("127.0.0.1", "Letter", "This month")
    assert letter.from_address == "letter@small.example"
    assert not moved["board"].settings.path.is_relative_to(settings.root)
    assert not any(account.missing for account in moved.values())
    assert settings.accounts["fedi-ro"].missing == ("OUTREACH_FEDI_RO_TOKEN",)


def test_accounts_of_one_server_share_its_simulator_and_others_do_not(stage: Stage, settings: Settings) -> None:
    stage.set_for(settings, settings.accounts)
    assert stage.of("fedi-ro") is stage.of("fedi-ar")
    assert len({id(stage.of(name)) for name in settings.accounts}) == 4


def test_a_channel_without_a_simulator_is_told_of(
    stage: Stage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Folder, "simulator", "")
    moved = stage.set_for(settings, settings.accounts).accounts
    assert stage.absent == {"board": "the channel 'folder' brings no simulator"}
    assert moved["board"] == settings.accounts["board"]
    assert stage.of("board") is None
