"""The ten points for partners' webhooks."""

from dataclasses import replace
from pathlib import Path

import pytest

from channels.contract import About, Unauthorized, Unconfirmed
from channels.testing.conformance import HTTP_CASES, Conformance
from channels.testing.simulator import LOGIN_PAGE
from channels.webhook import Webhook

ANY_BODY = {
    "an answer that cannot be read",
    "an answer of another type",
    "an error with status 200",
    "a login page with status 200",
}
CASES = tuple(
    replace(case, outcome=Unauthorized) if case.name == "410" else case
    for case in HTTP_CASES
    # By the specification a 2xx is success whatever stands in its body, so it cannot be garbled; a page is below.
    if case.name not in ANY_BODY
)


class TestWebhook(Conformance):
    channel = Webhook
    server = "a partner, simulated"
    golden = Path(__file__).parent / "golden" / "webhook"
    cases = CASES

    def sample(self, language, *pictures):
        return replace(super().sample(language, *pictures), about=About("proactiv", "job-offer-abroad"))

    def _golden_part(self, fields, folder):
        return super()._golden_part({**fields, "about": About(**fields["about"])}, folder)

    def test_06_a_page_instead_of_an_answer(self, network, account):
        with network.failing(LOGIN_PAGE), pytest.raises(Unconfirmed, match="login page"):
            account.send(self.sample("ro"), "key")
        assert account.send(self.sample("ro"), "key").remote_id == self._only(network).remote_id

    def test_01_both_secrets_are_kept_while_one_is_being_changed(self, network, clock):
        account = self.make_channel(network, clock, old_secret="whsec_" + "b2xk" * 8)
        assert len(account.settings.secrets()) == 2
        assert "b2xk" not in repr(account.settings) + account.settings.model_dump_json()
