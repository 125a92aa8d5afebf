from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.app.serving import Site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    served = tmp_path / "site"
    (served / "empty").mkdir(parents=True)
    (served / "index.html").write_text("<!doctype html><title>Start</title>")
    (served / "calendar.ics").write_text("BEGIN:VCALENDAR")
    (served / ".hidden").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    (served / "out").symlink_to(tmp_path)
    return served


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    with Site(folder, 0) as opened:
        thread = threading.Thread(target=opened.serve)
        thread.start()
        yield opened
        opened.stop()
        thread.join()


def ask(site: Site, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def test_the_start_page_comes_with_headers_that_keep_it_to_itself(site: Site) -> None:
    status, headers, body = ask(site, "/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Start" in body
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "Python" not in headers["server"]


def test_a_calendar_is_sent_as_one(site: Site) -> None:
    assert ask(site, "/calendar.ics", "HEAD")[1]["content-type"] == "text/calendar; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    ["/empty/", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/out/secret.txt", "/.hidden", "/nothing"],
)
def test_nothing_else_is_given_out(site: Site, path: str) -> None:
    status, _, body = ask(site, path)
    assert status == 404
    assert "secret" not in body
    assert "index.html" not in body


def test_a_page_of_another_name_gets_nothing(site: Site) -> None:
    assert ask(site, "/", Host="attacker.example")[0] == 421
    assert ask(site, "/", Host=f"localhost:{urlsplit(site.url).port}")[0] == 200


def test_a_taken_port_gives_way_to_a_free_one(site: Site, folder: Path) -> None:
    taken = urlsplit(site.url).port
    assert taken
    with Site(folder, taken) as other:
        assert urlsplit(other.url).port not in {taken, 0}
