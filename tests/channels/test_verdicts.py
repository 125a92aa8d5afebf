"""The table from what happened to what is known, and when a throttled account may go on."""

from datetime import UTC, datetime, timedelta

import pytest
from requests.structures import CaseInsensitiveDict

from channels.contract import Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.verdicts import Trouble, limits_of, outcome_of, wait_until

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)

TABLE = [
    *((status, None, None) for status in (200, 201, 202, 204, 206)),
    *((status, Unconfirmed, Unavailable) for status in (301, 302, 303, 307, 308, 304)),
    *((status, Rejected, Rejected) for status in (400, 404, 405, 409, 410, 413, 415, 422, 451)),
    *((status, Unauthorized, Unauthorized) for status in (401, 402, 403, 407)),
    *((status, Unconfirmed, Unavailable) for status in (408, 500, 502, 504, 520, 521, 522, 524, 599)),
    *((status, Unavailable, Unavailable) for status in (423, 425, 503)),
    (429, Throttled, Throttled),
    (Trouble.NOT_FOUND, Unavailable, Unavailable),
    (Trouble.NO_CONNECTION, Unavailable, Unavailable),
    (Trouble.NO_TLS, Unavailable, Unavailable),
    (Trouble.PRIVATE, Unauthorized, Unauthorized),
    (Trouble.TIMED_OUT, Unconfirmed, Unavailable),
    (Trouble.CUT_OFF, Unconfirmed, Unavailable),
    (Trouble.TOO_LONG, Unconfirmed, Unavailable),
    (Trouble.UNREADABLE, Unconfirmed, Unavailable),
]


@pytest.mark.parametrize(("happened", "publishing", "asking"), TABLE)
def test_the_table(happened, publishing, asking):
    assert outcome_of(happened, publishing=True) is publishing
    assert outcome_of(happened, publishing=False) is asking


def test_every_trouble_is_in_the_table():
    assert {row[0] for row in TABLE if isinstance(row[0], Trouble)} == set(Trouble)


def test_asking_is_never_unconfirmed_and_no_status_is_forgotten():
    for status in range(200, 600):
        assert outcome_of(status, publishing=False) is not Unconfirmed
        assert (outcome_of(status, publishing=True) is None) == (200 <= status < 300)


def test_a_network_may_mean_something_else():
    assert outcome_of(404, publishing=False, overrides={404: None}) is None
    assert outcome_of(409, publishing=True, overrides={409: Unconfirmed}) is Unconfirmed


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Tue, 01 Dec 2026 09:10:00 GMT"}, 600),
        ({"Retry-After": "Tue, 01 Dec 2026 09:10:00 GMT", "Date": "Tue, 01 Dec 2026 09:09:00 GMT"}, 60),
        ({"retry-after": "30"}, 30),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": "nan"}, 60),
        ({"Retry-After": "1e300"}, 60),
        ({"Retry-After": "99999999"}, 24 * 3600),
        ({"X-RateLimit-Reset": "2026-12-01T09:05:00.000Z"}, 300),
        ({"X-RateLimit-Reset": "2026-12-01T11:05:00+02:00"}, 300),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"RateLimit-Reset": "45"}, 45),
        ({"Retry-After": "10", "X-RateLimit-Reset": "2026-12-01T09:05:00Z"}, 10),
        ({"X-RateLimit-Reset": "2099-01-01T00:00:00Z"}, 24 * 3600),
        ({"X-RateLimit-Reset": "2020-01-01T00:00:00Z"}, 1),
    ],
)
def test_until_when_to_wait(headers, seconds):
    until = wait_until(CaseInsensitiveDict(headers), NOW)
    assert until == NOW + timedelta(seconds=seconds)
    assert until.tzinfo is UTC


def test_limits_that_a_network_reports():
    headers = CaseInsensitiveDict({"x-ratelimit-remaining": "17", "x-ratelimit-reset": "2026-12-01T09:05:00Z"})
    limits = limits_of(headers, NOW)
    assert (limits.remaining, limits.resets_at) == (17, NOW + timedelta(minutes=5))
    assert limits_of({}, NOW) is None
    assert limits_of({"X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "5"}, NOW) is None
