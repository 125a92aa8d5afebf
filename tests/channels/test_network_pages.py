"""The pages about networks say what the code does: every setting, its default, and the limits."""

import importlib
from pathlib import Path

import pytest

from channels.bluesky import Bluesky
from channels.discord import Discord
from channels.facebook import Facebook
from channels.folder import Folder
from channels.instagram import Instagram
from channels.listmonk import Listmonk
from channels.mail import Mail
from channels.mastodon import Mastodon
from channels.matrix import Matrix
from channels.slack import Slack
from channels.telegram import Telegram
from channels.threads import Threads
from channels.webhook import Webhook
from channels.wordpress import WordPress

CHANNELS = [
    Bluesky, Discord, Facebook, Folder, Instagram, Listmonk, Mail, Mastodon, Matrix, Slack, Telegram, Threads, Webhook,
    WordPress,
]  # fmt: skip
PAGES = Path(__file__).parents[2] / "docs" / "networks"


def rows(page):
    """Return the last cell of each row of the page's tables, by its first."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")
    ]
    return {row[0].strip("`"): row[-1] for row in cells}


def is_secret(field):
    return "SecretStr" in str(field.annotation)


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_setting_stands_there_with_its_default(channel):
    page = (PAGES / f"{channel.kind}.md").read_text(encoding="utf-8")
    told = rows(page)
    for name, field in channel.Settings.model_fields.items():
        if field.is_required():
            assert told[name] == "needed"
        elif field.default is None or field.default_factory is not None:
            assert told[name] == "nothing"
        else:
            default = field.default
            shown = str(default).lower() if isinstance(default, bool) else str(default)
            assert told[name] == (f"`{shown}`" if default not in ("", ()) else "")
        if is_secret(field):
            assert "OUTREACH_" in page
            assert f'{name} = "' not in page, "a secret never stands in outreach.toml"


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_limits_of_the_code_stand_there(channel):
    page = " ".join((PAGES / f"{channel.kind}.md").read_text(encoding="utf-8").split())
    traits = channel.traits
    for figure in filter(None, (traits.max_length, traits.media.max_alt)):
        said = [f"{figure} {what}" for what in ("characters", "bytes", "for the alternative text")]
        assert any(one in page for one in said)
    if traits.media.max_bytes and channel in (WordPress, Matrix, Listmonk):
        assert f"{traits.media.max_bytes:,} bytes" in page
    assert str(traits.facts_read_on) in page


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_example_names_the_account_as_its_variable_does(channel):
    page = (PAGES / f"{channel.kind}.md").read_text(encoding="utf-8")
    name = page.split("[accounts.")[1].split("]")[0]
    secret = next((name for name, field in channel.Settings.model_fields.items() if is_secret(field)), None)
    if secret is None:
        assert channel is Folder, "only what is done by hand needs no secret"
        return
    assert f"OUTREACH_{name.replace('-', '_').upper()}_{secret.upper()}=" in page


@pytest.mark.parametrize("channel", [Facebook, Instagram, Threads])
def test_every_permission_that_the_simulator_asks_for_stands_there(channel):
    module, _, name = channel.simulator.partition(":")
    page = (PAGES / f"{channel.kind}.md").read_text(encoding="utf-8")
    routes = getattr(importlib.import_module(module), name).routes
    assert {scope for _, _, scope, _ in routes if scope and f"`{scope}`" not in page} == set()
