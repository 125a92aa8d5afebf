"""The door, against servers that misbehave byte by byte."""

import gzip
import json
import logging
import socket
import struct
import threading
import traceback
from contextlib import suppress

import pytest

from channels.contract import Outcome, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.http import Door
from channels.wire import is_public

TOKEN = "s3cret-tok/en+ä"


def answer(body=b'{"id": "1"}', status="200 OK", *headers, kind="application/json"):
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Content-Type: {kind}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Scripted:
    """A server that does for each request what the next step of its script says."""

    def __init__(self, *script):
        self.script = list(script)
        self.requests = []
        self.connections = 0
        self.workers = []
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/path"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            worker = threading.Thread(target=self._talk, args=[connection], daemon=True)
            self.workers.append((worker, connection))
            worker.start()

    def _talk(self, connection):
        with connection, suppress(OSError):
            while self._read(connection):
                with self.lock:
                    step = self.script.pop(0)
                if not self._act(connection, step):
                    break

    def _read(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return False
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        lines = [line.split(b":") for line in head.lower().split(b"\r\n")]
        length = next((int(line[1]) for line in lines if line[0] == b"content-length"), 0)
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append((head.decode("latin-1"), body))
        return True

    def _act(self, connection, step):
        if isinstance(step, bytes):
            connection.sendall(step)
            return b"Connection: close" not in step
        step(connection, self)
        return False

    def close(self):
        self.over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
        for worker, connection in self.workers:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            worker.join(5)


def hang(connection, server):
    server.over.wait(5)


def drip_head(connection, server):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while not server.over.wait(0.02):
        connection.sendall(b"x")


def drip_body(connection, server):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not server.over.wait(0.02):
        connection.sendall(b" ")


def close_without_a_word(connection, server):
    connection.close()


def gigantic(connection, server):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not server.over.is_set():
        connection.sendall(b"x" * 65536)


@pytest.fixture
def serve():
    servers = []

    def start(*script):
        servers.append(Scripted(*script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def door(clock):
    with Door("ours", clock=clock, secrets=(TOKEN,), connect=0.5, read=0.3, total=0.6, max_bytes=100_000) as opened:
        yield opened


def caught(call, *args, **more):
    with pytest.raises(Outcome) as info:
        call(*args, **more)
    return info.value


def test_a_success_is_handed_over_whole(serve, door):
    server = serve(answer(b'{"id": "7"}', "200 OK", "X-RateLimit-Remaining: 3", "X-RateLimit-Reset: 60"))
    reply = door.publish("POST", server.url, json={"text": "țară"}, headers={"Idempotency-Key": "k"})
    assert reply.json() == {"id": "7"}
    assert reply.limits.remaining == 3
    head, body = server.requests[0]
    assert "Idempotency-Key: k" in head
    assert "User-Agent: campaign-outreach/" in head
    assert json.loads(body) == {"text": "țară"}


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(lambda connection, _: reset(connection), id="reset after the body"),
        pytest.param(close_without_a_word, id="closed without a word"),
        pytest.param(hang, id="silence"),
        pytest.param(drip_head, id="headers that drip"),
        pytest.param(drip_body, id="a body that drips"),
        pytest.param(gigantic, id="a gigantic body"),
        pytest.param(answer()[:-4], id="a truncated body"),
        pytest.param(b"HTTP/1.1 2", id="a truncated status"),
        pytest.param(b"SSH-2.0-OpenSSH_9\r\n", id="no HTTP at all"),
        pytest.param(answer(b"not json"), id="no JSON"),
        pytest.param(answer(b""), id="an empty body"),
        pytest.param(answer(b"\xff\xfe{}"), id="no UTF-8"),
        pytest.param(answer(b"[" * 5000), id="JSON without end"),
        pytest.param(answer(b"<html>Log in</html>", kind="text/html"), id="a login page"),
        pytest.param(answer(b'{"id": 1}', kind="text/plain"), id="the wrong type"),
        pytest.param(answer(b"", "302 Found", "Location: http://127.0.0.1:1/login"), id="a redirect"),
        pytest.param(answer(b"", "502 Bad Gateway"), id="502"),
        pytest.param(
            answer(gzip.compress(b"x" * 10_000_000), "200 OK", "Content-Encoding: gzip"), id="a decompression bomb"
        ),
    ],
)
def test_what_proves_nothing_is_unconfirmed_when_publishing_and_unavailable_when_asking(serve, door, step):
    server = serve(step, step, answer(), answer())
    outcome = caught(door.publish, "POST", server.url, data=b"x")
    assert type(outcome) is Unconfirmed, outcome
    outcome = caught(door.ask, "POST", server.url, data=b"x")
    assert type(outcome) is Unavailable, outcome
    assert len(server.requests) == 2, "a request was repeated"


def test_a_refused_connection_proves_that_nothing_was_sent(door):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = caught(door.publish, "POST", f"http://127.0.0.1:{port}/x")
    assert type(outcome) is Unavailable
    assert str(outcome) == "127.0.0.1 failed while publishing: it cannot be reached."


def test_a_name_that_does_not_exist(clock):
    def nowhere(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    with Door("ours", clock=clock, resolve=nowhere) as door:
        outcome = caught(door.publish, "POST", "https://gone.example/x")
    assert type(outcome) is Unavailable
    assert "its name cannot be resolved" in str(outcome)


def test_a_failed_handshake_proves_that_nothing_was_sent(serve, door):
    server = serve(answer())
    outcome = caught(door.publish, "POST", server.url.replace("http:", "https:"))
    assert type(outcome) is Unavailable
    assert "no secure connection" in str(outcome)


def test_a_handshake_that_never_ends_is_given_up(door):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = caught(door.publish, "POST", f"https://127.0.0.1:{silent.getsockname()[1]}/")
    assert type(outcome) is Unavailable


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("422 Unprocessable", Rejected), ("401 Unauthorized", Unauthorized), ("503 Unavailable", Unavailable)],
)
def test_what_the_network_says_reaches_a_person(serve, door, status, outcome):
    server = serve(answer(b'{"error": "Text is too long.\\n\\u202eReally"}', status))
    raised = caught(door.publish, "POST", server.url, doing="posting the status")
    assert type(raised) is outcome
    assert f"127.0.0.1 answered {status[:3]} while posting the status: Text is too long. Really" in str(raised)
    assert raised.status == int(status[:3])


def test_the_page_of_a_proxy_is_not_read_out_to_people(serve, door):
    server = serve(answer(b"<html><h1>Nope</h1></html>", "403 Forbidden", kind="text/html"))
    assert "<" not in str(caught(door.publish, "POST", server.url))


def test_a_refusal_whose_explanation_breaks_off_is_still_a_refusal(serve, door):
    server = serve(answer(b'{"error": "too long"}', "422 Unprocessable")[:-5])
    assert type(caught(door.publish, "POST", server.url)) is Rejected


def test_throttled_says_until_when(serve, door, clock):
    server = serve(answer(b"{}", "429 Too Many Requests", "Retry-After: 90"))
    outcome = caught(door.publish, "POST", server.url)
    assert type(outcome) is Throttled
    assert (outcome.until - clock()).total_seconds() == 90


def test_a_publishing_request_has_a_connection_of_its_own_and_asking_keeps_one(serve, door):
    server = serve(*[answer()] * 6)
    for _ in range(3):
        door.ask("GET", server.url)
    assert server.connections == 1
    door.close()
    for _ in range(3):
        door.publish("POST", server.url)
    assert server.connections == 4


def test_a_kept_connection_that_is_reset_is_not_silently_used_again(serve, door):
    server = serve(answer(), lambda connection, _: reset(connection), answer())
    door.ask("GET", server.url)
    assert type(caught(door.ask, "POST", server.url, data=b"upload")) is Unavailable
    assert len(server.requests) == 2


def test_no_cookie_is_kept_and_no_password_read_from_the_environment(serve, door, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server = serve(answer(b"{}", "200 OK", "Set-Cookie: session=1; Path=/"), answer(b"{}"))
    door.ask("GET", server.url)
    door.ask("GET", server.url)
    assert "cookie" not in server.requests[1][0].lower()
    assert "authorization" not in server.requests[1][0].lower()


def test_secrets_are_nowhere_to_be_seen(serve, door, caplog):
    caplog.set_level(logging.DEBUG)
    said = json.dumps({"error": f"token {TOKEN} is not known"}).encode()
    server = serve(answer(said, "401 Unauthorized"), lambda connection, _: reset(connection), answer(said))
    raised = [
        caught(door.publish, "POST", f"{server.url}/bot{TOKEN}/send", params={"access_token": TOKEN}),
        caught(door.publish, "POST", f"{server.url}/bot{TOKEN}/send", headers={"Authorization": "Bearer s3cret"}),
        caught(door.publish, "POST", f"http://127.0.0.1:1/{TOKEN}"),
    ]
    reply = door.publish("POST", server.url, data={"token": TOKEN})
    seen = [repr(reply), repr(door), repr(door.redact), caplog.text]
    for outcome in raised:
        assert outcome.__context__ is None
        seen += [str(outcome), repr(outcome), "".join(traceback.format_exception(outcome))]
    assert "token [secret] is not known" in seen[4]
    for text in seen:
        assert "s3cret-tok" not in text
    assert caplog.text, "nothing was logged, so nothing was proven"


def test_a_token_with_characters_that_no_token_has_is_told_before_anything_is_sent(serve, door):
    server = serve(answer())
    for token in ("“abc”", "abc\ndef"):
        outcome = caught(door.publish, "POST", server.url, headers={"Authorization": f"Bearer {token}"})
        assert type(outcome) is Unauthorized
        assert "check the settings of the account ours" in str(outcome)
        assert "abc" not in str(outcome)
    assert not server.requests


def test_a_text_that_cannot_be_written_goes_back_to_the_editor(serve, door):
    server = serve(answer())
    assert type(caught(door.publish, "POST", server.url, data={"status": "\ud800"})) is Rejected
    assert not server.requests


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:0:0:0:0:80ff:fffe",
    ],
)
def test_private_addresses_in_every_disguise(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"])
def test_public_addresses(address):
    assert is_public(address)


def test_private_addresses_are_refused_where_others_choose_the_address(serve, clock):
    server = serve(answer(), answer())
    with Door("partner", clock=clock, allow_private=False) as door:
        outcome = caught(door.publish, "POST", server.url)
    assert type(outcome) is Unauthorized
    assert "inside a private network" in str(outcome)
    assert server.connections == 0


def test_one_private_address_among_public_ones_is_enough_to_refuse(serve, clock):
    server = serve(answer())
    with Door("partner", clock=clock, allow_private=False, resolve=lambda host, port: ["1.1.1.1", "127.0.0.1"]) as door:
        outcome = caught(door.publish, "POST", f"http://partner.example:{server.port}/")
    assert type(outcome) is Unauthorized
    assert server.connections == 0


def test_the_checked_address_is_the_one_connected_to(serve, clock):
    """A name that answers with another address the second time (rebinding) gains nothing: there is no second time."""
    server = serve(answer())
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with Door("partner", clock=clock, resolve=rebinding) as door:
        door.publish("POST", f"http://partner.example:{server.port}/")
    assert asked == ["partner.example"]
    assert f"Host: partner.example:{server.port}" in server.requests[0][0]


def test_the_next_address_is_tried_when_one_does_not_answer(serve, clock):
    server = serve(answer())
    with Door("ours", clock=clock, resolve=lambda host, port: ["::1", "127.0.0.1"]) as door:
        door.publish("POST", f"http://two.example:{server.port}/")
    assert len(server.requests) == 1


def test_several_threads_may_use_one_door(serve, door):
    servers = [serve(*[answer(f'{{"n": {number}}}'.encode())] * 10) for number in range(4)]
    seen = []

    def ask(number):
        for _ in range(5):
            seen.append((number, door.ask("GET", servers[number].url).json()["n"]))
            seen.append((number, door.publish("POST", servers[number].url).json()["n"]))

    threads = [threading.Thread(target=ask, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 40
    assert all(number == answered for number, answered in seen)
