"""Counting from logs: once, whatever became of the file; nothing about readers kept; nothing of help pages counted."""

from __future__ import annotations

import gzip
import json
import os
import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.app import collecting
from pipeline.app.house import House
from pipeline.clock import pinned

NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36"

SETTINGS = """
[programme]
name = "Logs"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en"]
site = "https://outreach.example"
"""


@pytest.fixture
def home(tmp_path):
    (tmp_path / "content").mkdir()
    (tmp_path / "outreach.toml").write_text(SETTINGS)
    with House(tmp_path, pinned(NOW)) as house:
        yield house


def line(
    path="/ro/proactiv/job-offer/", address="192.0.2.7", status=200, agent=PHONE, at="02/Dec/2026:10:00:00 +0000",
    referrer="-", method="GET",
):  # fmt: skip
    return f'{address} - - [{at}] "{method} {path} HTTP/1.1" {status} 5120 "{referrer}" "{agent}"\n'


def read(home, *paths):
    return collecting.from_logs(home, [Path(path) for path in paths])


def totals(home):
    days = home.store.web.days()
    return (
        sum(row["hits"] for row in days),
        sum(row["views"] for row in days),
        sum(r["visits"] for r in home.store.web.visits()),
    )


def test_views_are_hits_less_robots_monitors_and_what_was_not_shown(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(
        line() + line(address="192.0.2.8") + line(agent="Mozilla/5.0 (compatible; Googlebot/2.1)") + line(status=404)
        + line(agent="UptimeRobot/2.0") + line(agent="-") + line(method="HEAD") + line(path="/assets/site.css")
    )  # fmt: skip
    done = read(home, log)
    assert done.files == {str(log): (8, 0)}
    assert totals(home) == (7, 2, 2)
    assert {row["status"]: row["hits"] for row in home.store.web.days()} == {200: 6, 404: 1}


def test_one_reader_is_one_visit_a_day_and_belongs_to_the_first_page(home, tmp_path):
    log = tmp_path / "access.log"
    tagged = "/en/proactiv/job-offer/?utm_source=anitp&utm_medium=referral&utm_campaign=ProActiv&utm_content=x&email=a@b.example"
    log.write_text(
        line(tagged) + line("/ro/", at="02/Dec/2026:11:00:00 +0000") + line("/ro/", at="03/Dec/2026:09:00:00 +0000")
    )
    read(home, log)
    visits = home.store.web.visits()
    assert [(row["day"], row["language"], row["campaign"], row["source"], row["visits"]) for row in visits] == [
        (date(2026, 12, 2), "en", "proactiv", "anitp", 1),
        (date(2026, 12, 3), "ro", "", "", 1),
    ]


def test_help_pages_leave_no_trace(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(line("/ro/help/") + line("/en/safety/?utm_campaign=x") + line("/ro/signs/work/"))
    read(home, log)
    assert totals(home) == (0, 0, 0)


def test_the_secret_of_a_link_under_embargo_is_not_kept_nor_are_frames_counted(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(line("/partner/c2VjcmV0/") + line("/embed/ro/proactiv/job-offer/") + line("/ro/partners/messages/"))
    read(home, log)
    assert [row["path"] for row in home.store.web.days()] == ["/ro/partners/messages/"]
    assert totals(home) == (1, 1, 1)


def test_a_kit_is_counted_beside_the_pages_when_it_was_downloaded_whole(home, tmp_path):
    kit, mark = "/kits/proactiv/job-offer-ro.zip", "?utm_source=anitp"
    log = tmp_path / "access.log"
    log.write_text(
        line(kit + mark) + line(kit + mark, address="192.0.2.8") + line(kit) + line(kit + mark, status=304)
        + line(kit + mark, status=206) + line(kit + mark, status=404) + line(kit + mark, method="HEAD")
        + line(kit + mark, agent="Mozilla/5.0 (compatible; Googlebot/2.1)") + line("/kits/versions.json")
        + line("/files/other.zip") + line("/partner/abcdefghijklmnopqrstuvwxyz012345/ro.zip")
        + line("/ro/proactiv/job-offer/", at="02/Dec/2026:11:00:00 +0000")
    )  # fmt: skip
    read(home, log)
    web = home.store.web
    assert web.downloads() == [(kit, 3)]
    assert web.downloads(source="anitp") == [(kit, 2)]
    assert web.downloads(source="anitp", since=date(2026, 12, 3)) == []
    assert totals(home) == (1, 1, 1), "no page was opened by it, and nobody is a visitor for it"


def test_the_same_file_counts_once_and_what_it_grew_by_counts_too(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(line() + line(address="192.0.2.8"))
    read(home, log)
    read(home, log)
    with log.open("a") as file:
        file.write(line(address="192.0.2.9") + line() + '192.0.2.10 - - [02/Dec/2026:10:00:00 +0000] "GET /ro')
    read(home, log)
    assert totals(home) == (4, 4, 3), "the reader of before is known again, and half a line waits"
    with log.open("a") as file:
        file.write('/ HTTP/1.1" 200 5 "-" "Mozilla"\n')
    read(home, log)
    assert totals(home) == (5, 5, 4)


def test_a_file_that_was_rotated_and_packed_is_known_again(home, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    log = folder / "access.log"
    log.write_text(line() * 3)
    read(home, folder)
    with gzip.open(folder / "access.log.1.gz", "wt") as packed:
        packed.write(line() * 3 + line(path="/ro/"))
    log.write_text(line(path="/en/", at="03/Dec/2026:10:00:00 +0000"))
    os.utime(folder / "access.log.1.gz", (1, 1))
    read(home, folder)
    assert totals(home)[0] == 5


def test_a_file_that_was_replaced_is_another_file(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(line() + line(path="/ro/a/"))
    read(home, log)
    log.write_text(line() + line(path="/ro/b/") + line(path="/ro/c/"))
    read(home, log)
    assert totals(home)[0] == 5


def test_no_address_is_kept_anywhere(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(line(address="192.0.2.77") + line(address="2001:db8::77") + "192.0.2.78 nonsense\n")
    done = read(home, log)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    for address in (b"192.0.2.77", b"2001:db8::77", b"192.0.2.78"):
        assert address not in kept
    assert done.samples == ["[address] nonsense"]


def test_what_tells_visitors_apart_is_destroyed_when_the_day_is_over(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(line() + line(at="03/Dec/2026:10:00:00 +0000") + line(at="20/Nov/2026:10:00:00 +0000"))
    read(home, log)
    days = [date(2026, 11, 20), date(2026, 12, 2), date(2026, 12, 3)]
    assert [len(home.store.web.visitors(days)[day]) for day in days] == [0, 1, 1]
    assert home.store.web.forget_visitors(date(2026, 12, 4)) == 2
    assert not any(home.store.web.visitors(days).values())


CADDY = {
    "ts": 1796205600.5, "status": 200,
    "request": {"client_ip": "192.0.2.7", "method": "GET", "uri": "/ro/x/?utm_source=anitp",
                "headers": {"User-Agent": [PHONE], "Referer": ["https://anitp.example/a"]}},
}  # fmt: skip
CLOUDFRONT = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
    "cs(Referer) cs(User-Agent) cs-uri-query\n"
    "2026-12-02\t10:00:00\tFRA\t5120\t192.0.2.7\tGET\tx\t/ro/x/\t200\thttps://anitp.example/a\t"
    f"{PHONE.replace(' ', '%20')}\tutm_source=anitp\n"
)


@pytest.mark.parametrize(
    "text",
    [
        line("/ro/x/?utm_source=anitp", referrer="https://anitp.example/a"),
        json.dumps(CADDY) + "\n",
        CLOUDFRONT,
    ],
    ids=["combined", "caddy", "cloudfront"],
)
def test_every_form_of_log_says_the_same(home, tmp_path, text):
    log = tmp_path / "access.log"
    log.write_text(text)
    read(home, log)
    (row,) = home.store.web.days()
    assert (row["day"], row["path"], row["language"], row["source"], row["referrer"], row["status"], row["views"]) == (
        date(2026, 12, 2), "/ro/x/", "ro", "anitp", "anitp.example", 200, 1,
    )  # fmt: skip


def test_the_common_form_has_no_agent_and_so_no_views(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text('192.0.2.7 - ana [02/Dec/2026:10:00:00 +0000] "GET /ro/x/ HTTP/1.0" 200 5\n')
    read(home, log)
    assert totals(home) == (1, 0, 0)


def test_prefetching_is_no_view(home, tmp_path):
    log = tmp_path / "access.log"
    asked = json.loads(json.dumps(CADDY))
    asked["request"]["headers"]["Sec-Purpose"] = ["prefetch;prerender"]
    log.write_text(json.dumps(CADDY) + "\n" + json.dumps(asked) + "\n")
    read(home, log)
    assert totals(home) == (2, 1, 1)


def test_quotation_marks_inside_an_agent_do_not_move_the_fields(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(line(agent=r"Mozilla \"quoted\" \\", referrer=r"https://a.example/\"x\""))
    read(home, log)
    (row,) = home.store.web.days()
    assert (row["referrer"], row["views"]) == ("a.example", 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(0, 2**32))
def test_any_byte_may_stand_in_a_log(tmp_path_factory, junk, seed):
    folder = tmp_path_factory.mktemp("logs")
    (folder / "outreach.toml").write_text(SETTINGS)
    good = [line(path=f"/ro/{number}/").encode() for number in range(4)]
    pieces = [piece.replace(b"\n", b"") + b"\n" for piece in junk] + good[1:]
    random.Random(seed).shuffle(pieces)
    log = folder / "access.log"
    log.write_bytes(good[0] + b"".join(pieces))
    with House(folder, pinned(NOW)) as house:
        done = read(house, log)
        assert done.files == {str(log): (len(junk) + 4, len(junk))}
        assert totals(house)[1] == 4


def test_a_line_without_end_is_passed_over_and_counted_as_broken(home, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(line() + "x" * 5_000_000 + "\n" + line(path="/ro/after/"))
    done = read(home, log)
    assert done.files[str(log)][1] == 1
    assert totals(home)[1] == 2
    read(home, log)
    assert totals(home)[1] == 2


def test_what_is_no_log_is_refused_with_a_sentence(home, tmp_path):
    other = tmp_path / "letter.txt"
    other.write_text("Dear all,\nhere are the figures.\n")
    done = read(home, other, tmp_path / "missing.log")
    assert [str(problem).partition(": ")[2] for problem in done.problems] == [
        "no such file or folder",
        "this is no log of a web server that is known here; combined, common, Caddy's JSON and CloudFront's can be read",
    ]
