"""`outreach channels` says what the code declares, of every channel that is installed."""

import inspect
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner

from channels import contract, registry
from channels.contract import MediaTraits, Price, Replay, Traits
from pipeline.app.capabilities import ABILITIES, Capabilities, installed
from pipeline.cli import main
from pipeline.cli.terminal import out


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    """The terminal is as wide as the table: how wide it is was read when the first command of all was imported."""
    monkeypatch.setattr(out, "_width", 160)


def run(*arguments, **environment):
    done = CliRunner().invoke(main, ["channels", *arguments], env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def made(**traits):
    facts = {"label": "Net", "counted_as": "letters", "facts_from": "its page", "facts_read_on": date(2026, 11, 25)}
    return Capabilities("net", "One net.", Traits(**{**facts, **traits}), (), ())


def test_every_installed_channel_stands_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run()
    assert done.exit_code == 0
    assert not done.stderr, "nothing is wrong with any of them"
    first = [line.split()[0] for line in done.stdout.splitlines()[1:] if line and not line.startswith((" ", "How"))]
    assert first == list(registry.kinds()), "no project is needed"
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("x ")]
    assert "looked up" in row
    assert "0.015 USD, with a link 0.200 (read 2026-11-21)" in row


@pytest.mark.parametrize("kind", registry.kinds())
def test_json_holds_what_the_traits_and_the_methods_say(kind):
    told, channel = json.loads(run(kind, "--json").output), registry.load(kind)
    traits = channel.traits
    assert (told["max_length"], told["replay"]) == (traits.max_length, traits.replay)
    assert told["media"]["max_count"] == traits.media.max_count
    assert told["facts_read_on"] == str(traits.facts_read_on)
    assert told["edits"] == hasattr(channel, "edit")
    assert told["deletes"] == hasattr(channel, "delete")
    assert told["finds"] == hasattr(channel, "find")
    assert told["measures"] == hasattr(channel, "measure")
    secret = [one["name"] for one in told["settings"] if one["secret"]]
    assert {one["name"] for one in told["settings"]} == set(channel.Settings.model_fields)
    assert all("SecretStr" in str(channel.Settings.model_fields[name].annotation) for name in secret)


def test_all_as_json_is_a_list():
    assert [one["kind"] for one in json.loads(run("--json").output)] == list(registry.kinds())


def test_one_channel_is_told_in_full():
    shown = run("slack").output
    for words in ("Slack (slack)", "3,000; UTF-16 units", "token (needed, secret)", "60 in a minute", "looked up"):
        assert words in shown, shown


def test_a_channel_that_is_not_there_is_told_with_those_that_are():
    done = run("twitter")
    assert done.exit_code == 2
    assert "there is no channel 'twitter'; there are: " in done.stderr


def test_no_ability_of_the_contract_is_forgotten():
    abilities = {
        one for _, one in inspect.getmembers(contract, inspect.isclass) if getattr(one, "_is_runtime_protocol", False)
    }
    assert abilities == set(ABILITIES.values())


@pytest.mark.parametrize(
    ("traits", "said"),
    [
        ({}, "shown to a person"),
        ({"replay": Replay.IDEMPOTENT}, "sent again under its key"),
        (
            {"replay": Replay.IDEMPOTENT, "replay_window": timedelta(hours=1)},
            "sent again under its key, within an hour",
        ),
        ({"replay": Replay.IDEMPOTENT, "replay_window": timedelta(days=4)}, "sent again under its key, within 4 days"),
    ],
)
def test_how_doubt_is_settled(traits, said):
    assert made(**traits).settling == said


def test_amounts_are_not_rounded_and_sizes_are_told_for_people():
    price = Price(Decimal("0.0150"), "USD", "a page", date(2026, 11, 25))
    media = MediaTraits(max_count=2, mime_types=("image/svg+xml",), max_bytes=976_000, max_alt=1500, required=True)
    one = made(price=price, media=media, max_requests=100, per=timedelta(minutes=15))
    assert one.price == "0.0150 USD (read 2026-11-25)"
    assert one.media == "1 to 2: SVG; 976 kB each; described in 1,500 characters"
    assert one.quota == "100 in 15 minutes"
    assert made().quota == "none known"
    assert made().text == "no limit; letters"


def test_the_installed_ones_have_a_line_about_themselves():
    assert all(one.about.endswith(".") for one in installed()[0])
