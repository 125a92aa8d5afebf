"""Points 1 to 5 and 7: settings, importing, lengths, what arrives, the key, one request."""

from __future__ import annotations

import dataclasses
import json
import logging
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr, ValidationError

from channels.contract import (
    Channel,
    ChannelSettings,
    Finds,
    Media,
    Part,
    Rejected,
    Replay,
    Traits,
)
from channels.testing import samples
from channels.testing.conformance.harness import Harness
from channels.testing.simulator import (
    How,
    Simulator,
)
from channels.text import cut


class Publishing(Harness):
    """A post goes out as it was previewed, once, and nothing else shows."""

    # --- 1. settings and secrets ---

    def test_01_settings_tell_every_fault_at_once(self, network: Simulator) -> None:
        """An unknown key is refused, and so is every missing one, in one go."""
        given = self.make_settings(network)
        with pytest.raises(ValidationError) as caught:
            self.channel.Settings(**{**given, "no_such_key": 1})
        assert [error["loc"] for error in caught.value.errors()] == [("no_such_key",)], "an unknown key must be refused"
        required = {name for name, field in self.channel.Settings.model_fields.items() if field.is_required()}
        if required:
            with pytest.raises(ValidationError) as caught:
                self.channel.Settings()
            told = {error["loc"][0] for error in caught.value.errors()}
            assert told == required, "every missing key must be told, not the first alone"

    def test_01_secrets_are_never_shown(
        self, network: Simulator, account: Channel[Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        """No token in a repr, a dump, a log, an outcome or a traceback, even when the network repeats it."""
        secrets = account.settings.secrets()
        fields = type(account.settings).model_fields
        assert len(secrets) == sum(isinstance(getattr(account.settings, name), SecretStr) for name in fields)
        caplog.set_level(logging.DEBUG)
        seen = [repr(account), repr(account.settings), str(account.settings), repr(account.door)]
        seen.append(account.settings.model_dump_json())
        for case in self.cases:
            said = case.fault_at(account.door.clock())
            if said.how is How.ANSWER and said.body:
                said = replace(said, body=json.dumps({"error": " ".join(["seen", *secrets])}).encode())
            outcome = self._outcome(network, account, said)
            seen += ["".join(traceback.format_exception(outcome)), repr(outcome), repr(outcome.__context__)]
        seen.append(caplog.text)
        for secret in secrets:
            shown = [text for text in seen if secret in text]
            assert not shown, f"a secret is shown: {shown[0].replace(secret, '<the secret>')[:2000]}"

    # --- 2. importing ---

    def test_02_importing_does_nothing_and_traits_are_data(self) -> None:
        """Importing connects to nothing and starts nothing; traits can be read and printed without an account."""
        script = (
            "import socket, threading, time\n"
            "def refuse(*_, **__): raise SystemExit('importing the channel does I/O')\n"
            "class Socket(socket.socket):\n    connect = connect_ex = sendto = refuse\n"
            "socket.socket, socket.getaddrinfo = Socket, refuse\n"
            "threading.Thread.start = time.sleep = refuse\n"
            f"import {self.channel.__module__}\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        traits = self.channel.traits
        assert isinstance(traits, Traits), "traits must be readable from the class"
        assert traits.label
        assert traits.counted_as
        assert traits.facts_from, "say where the facts come from"
        assert json.dumps(dataclasses.asdict(traits), default=str)
        assert issubclass(self.channel.Settings, ChannelSettings)
        finds = issubclass(self.channel, Finds)
        assert traits.replay is not Replay.FINDABLE or finds, "a findable channel must have find()"

    # --- 3. length ---

    def test_03_what_fits_by_count_is_accepted(self, network: Simulator, account: Channel[Any], language: str) -> None:
        """A text cut to the limit is accepted, and one that is too long is refused before anything is published."""
        limit = account.traits.max_length
        if limit is None:
            pytest.skip("this network has no limit of length")
        long = f"{self.sample(language).text} " * (limit // 20 + 1)
        fitting = cut(long, limit, account.count)
        assert account.count(fitting) <= limit
        part = replace(self.sample(language), text=fitting)
        assert account.preview(part).length <= limit, "count() and preview() disagree"
        account.send(part, "fits")
        assert len(network.posts) == 1, "a text that fits by the channel's count must be accepted"
        with pytest.raises(Rejected):
            account.send(replace(part, text=long), "too-long")
        assert len(network.posts) == 1, "a text that is too long must not be published"

    def test_03_length_is_counted_in_whole_characters(self, account: Channel[Any]) -> None:
        """Counting never gets less by adding; an empty text has no length."""
        assert account.count("") == 0
        for language in self.languages:
            text = self.sample(language).text
            lengths = [account.count(text[:end]) for end in range(0, len(text), 7)]
            assert all(0 <= length <= account.count(text) + 4 for length in lengths)

    def test_03_golden(self, network: Simulator, account: Channel[Any], golden_file: Path, tmp_path: Path) -> None:
        """A golden file holds parts, and what is previewed and transmitted for them.

        ``parts`` is a list of the fields of a part, where ``media`` lists ``alt`` and optionally ``shade``;
        ``previews`` what :meth:`Channel.preview` gives; ``transmitted`` what :meth:`Simulator.transmitted` then gives.
        """
        golden = yaml.safe_load(golden_file.read_text(encoding="utf-8"))
        parts = [self._golden_part(fields, tmp_path) for fields in golden["parts"]]
        previews = [_plain(account.preview(part)) for part in parts]
        receipt = None
        for place, part in enumerate(parts):
            receipt = account.send(part, f"golden-{place}", after=receipt)
        got = {"previews": previews, "transmitted": network.transmitted()}
        expected = {name: golden[name] for name in got}
        assert json.loads(json.dumps(got)) == expected, (
            f"differs from {golden_file}; got\n{yaml.safe_dump(got, allow_unicode=True)}"
        )

    def _golden_part(self, fields: dict[str, Any], folder: Path) -> Part:
        media = [self.make_picture(folder, one["alt"], one.get("shade", 128)) for one in fields.get("media", ())]
        return Part(**{**fields, "media": tuple(media)})

    # --- 4. what arrives ---

    def test_04_what_arrives_is_what_was_previewed(
        self, network: Simulator, account: Channel[Any], language: str, tmp_path: Path
    ) -> None:
        """Text and alternative text arrive as previewed; no picture is lost."""
        count = account.traits.media.max_count
        pictures = [self.make_picture(tmp_path, samples.ALT_TEXTS[language], shade) for shade in range(min(count, 2))]
        part = self.sample(language, *pictures)
        preview = account.preview(part)
        receipt = account.send(part, f"key-{language}")
        arrived = self._only(network)
        assert self.same_text(arrived.text, preview.text), "the text that arrived is not the previewed one"
        assert arrived.alt_texts == preview.alt_texts, "alternative texts must arrive as previewed"
        if pictures:
            assert preview.alt_texts == tuple(picture.alt for picture in pictures)
        if arrived.media:
            assert arrived.media == tuple(picture.sha256 for picture in pictures), "the pictures arrived changed"
        assert receipt.remote_id == arrived.remote_id
        assert receipt.at.utcoffset() == timedelta(0), "a receipt's time is in UTC"

    def test_04_a_picture_is_never_dropped(
        self, network: Simulator, account: Channel[Any], picture: Callable[..., Media]
    ) -> None:
        """A picture that cannot go along keeps the post from going out."""
        traits = account.traits.media
        good = picture("Un desen")
        bad = {
            "a file that is gone": replace(good, path=good.path / "gone"),
            "another file than was approved": replace(good, sha256="0" * 64),
        }
        if traits.fetched:
            bad["no public address to fetch it from"] = replace(good, url=None)
        if traits.mime_types:
            bad["a type that is not taken"] = replace(good, mime="image/x-unheard-of")
        if traits.max_alt is not None:
            bad["an alternative text that is too long"] = replace(good, alt="x" * (traits.max_alt + 1))
        for name, media in bad.items():
            with pytest.raises(Rejected):
                account.send(self.sample("ro", media), f"bad {name}")
            assert not network.posts, f"published in spite of {name}"
        many = [picture(f"Desen {number}", shade=number) for number in range(traits.max_count + 1)]
        with pytest.raises(Rejected):
            account.send(self.sample("ro", *many), "too-many")
        assert not network.posts, "published in spite of too many pictures"

    # --- 5. the key ---

    def test_05_the_key_goes_over_the_wire(self, network: Simulator, account: Channel[Any]) -> None:
        """The key arrives with the post; sent again it is the same post, and another key is another post."""
        if account.traits.replay is not Replay.IDEMPOTENT:
            pytest.skip("this network knows no idempotency keys")
        first = account.send(self.sample("ro"), "key-1")
        assert self._only(network).key == self.wire_key("key-1")
        assert account.send(self.sample("ro"), "key-1").remote_id == first.remote_id
        assert len(network.posts) == 1, "the same key must not post twice"
        assert account.send(self.sample("ro"), "key-2").remote_id != first.remote_id

    # --- 7. one request, no sleep ---

    def test_07_one_send_is_one_publishing_request_without_sleep(
        self, network: Simulator, account: Channel[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Neither success nor failure sends twice, and nothing sleeps."""

        def sleep(seconds: float) -> None:
            pytest.fail(f"the channel slept {seconds} s")

        monkeypatch.setattr(time, "sleep", sleep)
        pictures = [self.make_picture(tmp_path, "Un desen")] if account.traits.media.max_count else []
        account.send(self.sample("ro", *pictures), "key")
        assert network.publishing_requests == 1
        assert len(network.posts) == 1


def _plain(preview: Any) -> dict[str, Any]:
    plain = {name: getattr(preview, name) for name in ("text", "length", "limit")}
    if preview.alt_texts:
        plain["alt_texts"] = list(preview.alt_texts)
    return {**plain, "fields": dict(preview.fields)}
