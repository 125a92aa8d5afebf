"""A suite that nothing can fail certifies bugs: each of these channels has one, and the point named must find it."""

import logging
import time
from dataclasses import replace

import pytest
from pydantic import ConfigDict

from channels.contract import Outcome, Receipt, Rejected, Unavailable, Unconfirmed
from channels.mastodon import Mastodon
from channels.mastodon_server import MastodonSettings
from channels.testing.conformance import BAD_ANSWERS, HTTP_CASES, Conformance
from channels.testing.samples import TEXTS, picture
from channels.text import cut

CASES = {case.name: case for case in HTTP_CASES}
BAD = {case.name: case for case in BAD_ANSWERS}


class LaxSettings(MastodonSettings):
    model_config = ConfigDict(extra="ignore")


class ShowsToken(Mastodon):
    def __repr__(self):
        return f"<Mastodon {self.settings.token.get_secret_value()}>"


class LogsToken(Mastodon):
    def send(self, part, key, **more):
        logging.getLogger("channel").info("sending with %s", self.settings.token.get_secret_value())
        return super().send(part, key, **more)


class Lax(Mastodon):
    Settings = LaxSettings


class CountsBytes(Mastodon):
    def count(self, text):
        return len(text) // 2

    def _refuse_what_does_not_fit(self, part):
        pass


class PublishesTooLong(Mastodon):
    def send(self, part, key, **more):
        return super().send(replace(part, text=cut(part.text, 500)), key, **more)


class DropsAltText(Mastodon):
    def _form(self, part, media_ids):
        return super()._form(part, [])

    def _require_pictures(self, reply, part):
        pass


class ChangesText(Mastodon):
    def _form(self, part, media_ids):
        return [
            (name, value.rstrip() + " " if name == "status" else value)
            for name, value in super()._form(part, media_ids)
        ]


class SendsTwice(Mastodon):
    def send(self, part, key, **more):
        super().send(part, key + "-first", **more)
        return super().send(part, key, **more)


class Retries(Mastodon):
    def send(self, part, key, **more):
        try:
            return super().send(part, key, **more)
        except Outcome:
            return super().send(part, key, **more)


class Sleeps(Mastodon):
    def send(self, part, key, **more):
        time.sleep(0.001)
        return super().send(part, key, **more)


class ForgetsTheKey(Mastodon):
    def send(self, part, key, **more):
        return super().send(part, f"{key}-{time.monotonic()}", **more)


class TakesSilenceForFailure(Mastodon):
    def send(self, part, key, **more):
        try:
            return super().send(part, key, **more)
        except Unconfirmed as outcome:
            raise Unavailable(outcome.what) from None


class TakesSilenceForRefusal(Mastodon):
    def send(self, part, key, **more):
        try:
            return super().send(part, key, **more)
        except Unconfirmed as outcome:
            raise Rejected(outcome.what) from None


class NeverFinds(Mastodon):
    def find(self, part, key, **more):
        return None


class FindsAnything(Mastodon):
    def _carries(self, status, part, known, after):
        return True


class BreaksThreads(Mastodon):
    def send(self, part, key, *, after=None, steps=None):
        return super().send(part, key, steps=steps)


class UploadsAgain(Mastodon):
    def send(self, part, key, *, after=None, steps=None):
        return super().send(part, key, after=after)


class InventsZeros(Mastodon):
    def _figures(self, receipt):
        return dict.fromkeys(("favourites_count", "replies_count"), 0) | (super()._figures(receipt) or {})


class TakesAnyListForTheWhole(Mastodon):
    def find(self, part, key, **more):
        try:
            return super().find(part, key, **more)
        except Unavailable:
            return None


class PublishesWithoutThePicture(Mastodon):
    def send(self, part, key, **more):
        try:
            return super().send(part, key, **more)
        except Unavailable:
            return super().send(replace(part, media=()), key, **more)


class TakesErrorsForSuccess(Mastodon):
    def send(self, part, key, **more):
        try:
            return super().send(part, key, **more)
        except Unconfirmed as outcome:
            return Receipt("1", None, self.door.clock()) if outcome.status is None else None


BITES = [
    (Lax, "test_01_settings_tell_every_fault_at_once", {}),
    (ShowsToken, "test_01_secrets_are_never_shown", {}),
    (LogsToken, "test_01_secrets_are_never_shown", {}),
    (CountsBytes, "test_03_what_fits_by_count_is_accepted", {"language": "en"}),
    (PublishesTooLong, "test_03_what_fits_by_count_is_accepted", {"language": "en"}),
    (DropsAltText, "test_04_what_arrives_is_what_was_previewed", {"language": "en"}),
    (ChangesText, "test_04_what_arrives_is_what_was_previewed", {"language": "en"}),
    (ForgetsTheKey, "test_05_the_key_goes_over_the_wire", {}),
    (Retries, "test_06_error_table", {"case": CASES["503"]}),
    (Retries, "test_06_error_table", {"case": CASES["500 after accepting"]}),
    (TakesSilenceForFailure, "test_06_error_table", {"case": CASES["silence after the body"]}),
    (TakesErrorsForSuccess, "test_06_error_table", {"case": CASES["an error with status 200"]}),
    (TakesErrorsForSuccess, "test_06_error_table", {"case": CASES["an answer of another type"]}),
    (TakesErrorsForSuccess, "test_06_error_table", {"case": CASES["an answer of megabytes"]}),
    (TakesAnyListForTheWhole, "test_06_bad_answers_before_publishing", {"bad_answer": BAD["an error with status 200"]}),
    (
        PublishesWithoutThePicture,
        "test_06_bad_answers_before_publishing",
        {"bad_answer": BAD["an answer that breaks off"]},
    ),
    (SendsTwice, "test_07_one_send_is_one_publishing_request_without_sleep", {}),
    (Sleeps, "test_07_one_send_is_one_publishing_request_without_sleep", {}),
    (TakesSilenceForFailure, "test_08_an_accepted_post_whose_reply_was_lost_is_settled", {}),
    (TakesSilenceForRefusal, "test_08_an_accepted_post_whose_reply_was_lost_is_settled", {}),
    (ForgetsTheKey, "test_08_an_accepted_post_whose_reply_was_lost_is_settled", {}),
    (NeverFinds, "test_08_an_accepted_post_whose_reply_was_lost_is_settled", {}),
    (FindsAnything, "test_08_what_never_arrived_is_not_found", {}),
    (BreaksThreads, "test_09_a_thread_resumes_where_it_failed", {}),
    (UploadsAgain, "test_09_finished_steps_are_not_repeated", {}),
    (InventsZeros, "test_10_missing_figures_stay_missing", {}),
]


class Suite(Conformance):
    __test__ = False

    def facts(self, network):
        return {"software": "mastodon"}


@pytest.mark.parametrize(("channel", "point", "more"), BITES, ids=lambda value: getattr(value, "__name__", None))
def test_the_suite_finds_the_bug(channel, point, more, tmp_path, caplog, monkeypatch):
    passed = _run(Mastodon, point, more, tmp_path / "good", caplog, monkeypatch)
    assert passed is None, f"the point fails for the right channel too: {passed}"
    assert _run(channel, point, more, tmp_path / "bad", caplog, monkeypatch) is not None, "the bug was not found"


def _run(channel, point, more, folder, caplog, monkeypatch):
    folder.mkdir()
    suite = Suite()
    suite.channel = channel
    clock = suite.make_clock()
    test = getattr(suite, point)
    offered = {
        "clock": clock,
        "caplog": caplog,
        "tmp_path": folder,
        "picture": lambda alt, **shade: picture(folder, alt, **shade),
        **more,
    }
    with suite.make_simulator(clock, folder) as network, monkeypatch.context() as patch:
        account = suite.make_channel(network, clock)
        offered |= {"network": network, "account": account, "monkeypatch": patch}
        wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
        try:
            test(**{name: offered[name] for name in wanted})
        except (AssertionError, pytest.fail.Exception, Outcome) as failure:
            return failure
        finally:
            account.close()
    return None


def test_the_samples_are_in_five_scripts_and_orders():
    assert set(TEXTS) == {"ro", "en", "pt", "uk", "ar"}
