"""A simulator that cannot refuse certifies bugs: what the simulators refuse, asked directly."""

import socket
from contextlib import suppress
from urllib.request import Request, urlopen

import pytest
import requests

from channels.testing.samples import picture
from channels.testing.simulator import DOWN, LOGIN_PAGE, Fault, How, answers
from channels.testing.simulators.mastodon import MastodonSimulator, SnacLikeSimulator


class Client:
    """Speaks to a simulator with nothing of ours in between."""

    def __init__(self, simulator, account="ours"):
        given = simulator.settings(account)
        self.url, self.token = given["server"], given["token"]

    def __call__(self, method, path, token=None, key=None, **more):
        headers = {"Authorization": f"Bearer {token or self.token}", **({"Idempotency-Key": key} if key else {})}
        return requests.request(method, self.url + path, headers=headers, timeout=2, **more)

    def post(self, status="Salut", **more):
        return self("POST", "/api/v1/statuses", data={"status": status, **more.pop("form", {})}, **more)

    def upload(self, folder, alt="Un desen", mime="image/png"):
        data = picture(folder, alt).read()
        return self("POST", "/api/v2/media", files={"file": ("a.png", data, mime)}, data={"description": alt})


@pytest.fixture
def simulator(clock):
    with MastodonSimulator(clock) as started:
        yield started


@pytest.fixture
def client(simulator):
    return Client(simulator)


def test_refuses_as_mastodon_does(client, tmp_path):
    refused = {
        (422, "Validation failed: Text can't be blank"): client.post(" "),
        (422, "Validation failed: Text character limit of 500 exceeded"): client.post("x" * 501),
        (401, "The access token is invalid"): client.post(token="0" * 43),
        (404, "Record not found"): client("GET", "/api/v1/statuses/1"),
        (422, "Media 7 not found or already attached to another post"): client.post(form={"media_ids[]": "7"}),
        (422, "Validation failed: Cannot attach more than 4 files"): client.post(form={"media_ids[]": list("12345")}),
        (422, "Validation failed: Description character limit of 1500 exceeded"): client.upload(tmp_path, "x" * 1501),
        (422, "Validation failed: File content type is invalid, File is invalid"): client.upload(
            tmp_path, mime="image/svg+xml"
        ),
    }
    for (status, said), reply in refused.items():
        assert (reply.status_code, reply.json()) == (status, {"error": said})
    assert client.post("x" * 500).status_code == 200
    assert client.post("x" * 476 + " https://outreach.example/" + "y" * 300).status_code == 200


def test_a_picture_cannot_be_attached_twice_or_by_another_account(client, simulator, tmp_path):
    media = {"media_ids[]": client.upload(tmp_path).json()["id"]}
    assert Client(simulator, "others").post(form=media).status_code == 422
    assert client.post(form=media).json()["media_attachments"][0]["description"] == "Un desen"
    assert client.post(form=media).status_code == 422


def test_the_same_key_gives_the_same_status_for_an_hour_and_per_account(client, simulator, clock):
    first = client.post(key="k").json()
    assert client.post("Altceva", key="k").json()["id"] == first["id"]
    assert Client(simulator, "others").post(key="k").json()["id"] != first["id"]
    clock.forward(minutes=61)
    assert client.post(key="k").json()["id"] != first["id"]


def test_the_snac_flavour_ignores_the_key_and_changes_ids(clock):
    with SnacLikeSimulator(clock) as simulator:
        client = Client(simulator)
        first = client.post(key="k").json()
        assert client.post(key="k").json()["id"] != first["id"]
        clock.forward(seconds=5)
        edited = client("PUT", f"/api/v1/statuses/{first['id']}", data={"status": "Corectat"}).json()
        assert edited["id"] != first["id"]
        assert client("GET", f"/api/v1/statuses/{first['id']}").json()["id"] == edited["id"]
        assert client("DELETE", f"/api/v1/statuses/{first['id']}").status_code == 404
        assert client("GET", "/api/v2/instance").status_code == 404
        assert client.post(form={"media_ids[]": "7"}).json()["media_attachments"] == []


def test_at_the_limit_it_answers_429_until_the_window_ends(clock):
    with MastodonSimulator(clock, posts_per_window=1) as simulator:
        client = Client(simulator)
        assert client.post().headers["X-RateLimit-Remaining"] == "0"
        refused = client.post()
        assert refused.status_code == 429
        assert refused.headers["X-RateLimit-Reset"] == "2026-12-01T12:00:00.000000Z"
        clock.forward(hours=3)
        assert client.post().status_code == 200


def test_pages_go_back_to_the_first_post(client):
    ids = [client.post(f"Mesaj {number}").json()["id"] for number in range(45)]
    me = client("GET", "/api/v1/accounts/verify_credentials").json()["id"]
    seen, params = [], {"limit": 100}
    while page := client("GET", f"/api/v1/accounts/{me}/statuses", params=params).json():
        assert len(page) <= 40
        seen += [status["id"] for status in page]
        params["max_id"] = seen[-1]
    assert seen == ids[::-1]


def test_people_can_look_at_what_was_posted(client, simulator, tmp_path):
    media = client.upload(tmp_path, 'Un "desen"').json()
    text = "Vezi <script>alert(1)</script>\nhttps://outreach.example/ro #StopTrafic"
    status = client.post(text, form={"media_ids[]": media["id"], "language": "ro"}).json()
    assert status["content"].startswith("<p>Vezi &lt;script&gt;")
    assert '<br /><a href="https://outreach.example/ro"' in status["content"]
    with urlopen(Request(status["url"])) as page:
        shown = page.read().decode()
    assert "<script>" not in shown
    assert 'alt="Un &quot;desen&quot;"' in shown
    with urlopen(media["url"]) as image:
        assert image.headers["Content-Type"] == "image/png"
        assert image.read().startswith(b"\x89PNG")


@pytest.mark.parametrize("accepts", [False, True])
@pytest.mark.parametrize("how", [How.CLOSE, How.RESET, How.TRUNCATE, How.GARBLE, How.HANG])
def test_a_fault_happens_once_and_takes_the_post_or_not_as_told(client, simulator, how, accepts):
    simulator.fail_next(Fault(how, accepts=accepts))
    headers = {"Authorization": f"Bearer {client.token}"}
    with pytest.raises((requests.RequestException, ValueError)):
        requests.post(f"{simulator.url}/api/v1/statuses", {"status": "Salut"}, headers=headers, timeout=0.3).json()
    assert len(simulator.posts) == accepts
    assert client.post().status_code == 200
    assert simulator.publishing_requests == 2


def test_an_answer_that_drips_comes_a_byte_at_a_time(client, simulator):
    simulator.fail_next(Fault(How.DRIP))
    headers = {"Authorization": f"Bearer {client.token}"}
    with requests.post(f"{simulator.url}/api/v1/statuses", headers=headers, stream=True, timeout=2) as reply:
        assert [reply.raw.read(1) for _ in range(5)] == [b" "] * 5
    assert not simulator.posts


def test_faults_can_be_aimed_and_must_happen(client, simulator):
    with simulator.failing(LOGIN_PAGE, on="ask"):
        assert client.post().status_code == 200
        page = client("GET", "/api/v1/accounts/verify_credentials")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    with pytest.raises(AssertionError, match="nothing asked for the fault"), simulator.failing(answers(500)):
        pass
    assert client.post().status_code == 200


def test_down_refuses_connections_and_comes_back_on_the_same_port(client, simulator):
    address = simulator.url
    with simulator.failing(DOWN):
        host, port = address.removeprefix("http://").split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), 1)
    assert simulator.url == address
    assert client.post().status_code == 200


def test_closing_ends_what_hangs(clock):
    simulator = MastodonSimulator(clock).start()
    simulator.fail_next(Fault(How.HANG), on="any")
    with socket.create_connection(("127.0.0.1", int(simulator.url.rpartition(":")[2]))) as connection:
        connection.sendall(b"GET /api/v1/instance HTTP/1.1\r\nHost: x\r\n\r\n")
        simulator.close()
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
