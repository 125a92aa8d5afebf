"""The page of channels tells of every channel, and of every place where the suite tries one."""

import importlib.util
import inspect
import json
import re
import sys
from pathlib import Path

import pytest
from docs.pages import ROOT

from channels import registry
from channels.testing.conformance import LANGUAGES, Conformance
from channels.testing.documents import FOLDER
from channels.testing.documents.document import Document
from channels.testing.points import POINTS
from pipeline.cli import channels_page

PAGE = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
FOUND = json.loads(channels_page.FOUND.read_text(encoding="utf-8"))
AGAIN = "try them anew with: make reference"


def suites() -> list[type[Conformance]]:
    """Return every class of the suite that the tests of channels have."""
    found = []
    for path in sorted((ROOT / "tests" / "channels").glob("test_*.py")):
        if "Conformance" not in path.read_text(encoding="utf-8"):
            continue
        name = f"suites_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec
        assert spec.loader
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        own = (member for _, member in inspect.getmembers(module, inspect.isclass) if member.__module__ == name)
        found += [member for member in own if issubclass(member, Conformance) and member.__test__]
    return found


def test_every_suite_stands_there_and_no_other() -> None:
    expected = {(one.channel.kind, one.server) for one in suites()}
    told = {(kind, server) for kind, servers in FOUND.items() for server in servers}
    assert len(expected) > 10, "the search finds nothing any more"
    assert told == expected, AGAIN


def test_every_suite_was_held_to_the_document_that_it_names() -> None:
    for one in suites():
        told = FOUND[one.channel.kind][one.server].get("document")
        source = Document.read(one.document).source if one.document else None
        expected = {"url": source.url, "read_on": f"{source.read_on}"} if source else None
        assert told == expected, AGAIN


def test_every_document_is_held_to() -> None:
    held = {one.document for one in suites() if one.document}
    assert held == set(FOLDER.glob("*.yml"))
    assert {path.stem for path in held} == {one.channel.kind for one in suites() if one.document}


def test_the_page_says_what_each_simulator_was_held_to() -> None:
    rows = re.findall(r"^\| (.*) \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    told = {server: held for _, server, held in rows if server in {one.server for one in suites()}}
    assert told["Slack, simulated"].startswith("[OpenAPI document](https://github.com/slackapi/slack-api-specs/blob/")
    assert told["Matrix, simulated"].endswith("; the real server, Synapse")
    assert told["WordPress, simulated"] == "the real server, WordPress 6.8"
    assert told["Telegram, simulated"] == "documentation only"


def test_every_channel_has_been_tried() -> None:
    assert set(FOUND) == set(registry.kinds()), AGAIN


@pytest.mark.parametrize("kind", sorted(FOUND))
def test_nothing_failed_and_no_point_is_missing(kind: str) -> None:
    for server, told in FOUND[kind].items():
        outcomes = {number: point["outcome"] for number, point in told["points"].items()}
        assert sorted(map(int, outcomes)) == list(range(1, len(POINTS) + 1)), server
        assert "failed" not in outcomes.values(), server


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_channel_has_golden_posts_in_every_language(kind: str) -> None:
    golden = (ROOT / "tests" / "channels" / "golden" / kind).glob("*.yml")
    assert {path.name.partition("-")[0] for path in golden} >= set(LANGUAGES)


def test_the_points_are_those_of_the_suite() -> None:
    numbers = {int(name.split("_")[1]) for name in dir(Conformance) if name.startswith("test_")}
    assert numbers == set(range(1, len(POINTS) + 1))


def test_real_servers_are_told_from_simulators() -> None:
    real = {server for servers in FOUND.values() for server, told in servers.items() if told["real"]}
    assert {"snac2", "Bluesky PDS"} <= real
    assert "**snac2**" in PAGE


def test_what_no_test_ran_is_not_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels_page, "FOUND", tmp_path / "none.json")
    assert "✓ |" not in channels_page.page()
