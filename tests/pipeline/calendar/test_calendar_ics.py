"""The iCalendar export, read back by a calendar library and checked against the bytes that RFC 5545 asks for."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.calendar.ics import Appointment, export, uid
from pipeline.model import Slot, State

NOW = datetime(2026, 11, 1, 9, 30, 15, 123456, tzinfo=UTC)
DUE = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def slot(account="fediverse-ro", due_at=DUE, **more):
    return Slot(
        campaign="proactiv",
        message="stigma",
        language="ro",
        account=account,
        occurrence="stigma",
        due_at=due_at,
        late_after=timedelta(hours=6),
        path="campaign.yml",
        **more,
    )


def written(*appointments):
    return export(appointments, name="Proactiv, calendar", source="https://outreach.example", now=NOW)


def events(data):
    return icalendar.Calendar.from_ical(data).walk("VEVENT")


def test_an_event_says_when_where_and_what():
    text = "Semne la muncă; ce poți face, pas cu pas.\nSună la linia de asistență."
    data = written(Appointment(slot(), "Stigma", text, "https://outreach.example/ro/stigma/?a=1;b=2", approved=True))
    (event,) = events(data)
    assert event["UID"] == uid("proactiv/stigma/ro/fediverse-ro/stigma", "https://outreach.example")
    assert event["DTSTART"].dt == DUE
    assert event["DTSTAMP"].dt == NOW.replace(microsecond=0)
    assert event["SUMMARY"] == "fediverse-ro: Stigma"
    assert event["DESCRIPTION"] == text + "\n\n— stigma (ro)"
    assert event["URL"] == "https://outreach.example/ro/stigma/?a=1;b=2"
    assert event["STATUS"] == "CONFIRMED"
    assert event["TRANSP"] == "TRANSPARENT"
    assert b"DTSTART:20261201T080000Z\r\n" in data
    assert b"Semne la munc\xc4\x83\\; ce po\xc8\x9bi face\\, pas cu pas.\\n" in data.replace(b"\r\n ", b"")
    assert b"X-WR-CALNAME:Proactiv\\, calendar\r\n" in data


def test_nobody_is_invited_and_nothing_rings():
    data = written(Appointment(slot(), "Stigma", "text"))
    for word in (b"ATTENDEE", b"ORGANIZER", b"VALARM"):
        assert word not in data


@pytest.mark.parametrize(
    ("state", "approved", "status"),
    [
        (None, False, "TENTATIVE"),
        (None, True, "CONFIRMED"),
        (State.PLANNED, False, "TENTATIVE"),
        (State.PLANNED, True, "CONFIRMED"),
        (State.HELD, True, "TENTATIVE"),
        (State.SENT, False, "CONFIRMED"),
        (State.UNCONFIRMED, True, "TENTATIVE"),
        (State.CANCELLED, True, "CANCELLED"),
        (State.EXPIRED, True, "CANCELLED"),
        (State.RECALLED, True, "CANCELLED"),
    ],
)
def test_the_status_follows_the_row(state, approved, status):
    (event,) = events(written(Appointment(slot(), "Stigma", "text", state=state, approved=approved)))
    assert event["STATUS"] == status


def test_a_moved_slot_is_the_same_event_and_another_programmes_is_not():
    first, moved = (events(written(Appointment(slot(due_at=at), "t", "x")))[0] for at in (DUE, DUE + timedelta(days=3)))
    assert first["UID"] == moved["UID"]
    assert uid(slot().key, "https://a.example") != uid(slot().key, "https://b.example")


def test_events_stand_in_the_order_of_their_times():
    later, sooner = slot(due_at=DUE + timedelta(hours=1)), slot("newsletter-ro")
    data = written(Appointment(later, "t", "x"), Appointment(sooner, "t", "x"))
    assert [event["SUMMARY"] for event in events(data)] == ["newsletter-ro: t", "fediverse-ro: t"]


def test_a_link_that_is_no_address_is_left_out():
    for url in ("javascript:alert(1)", "https://x.example/\r\nATTENDEE:mailto:a@b.example", "not a link", ""):
        (event,) = events(written(Appointment(slot(), "t", "x", url)))
        assert "URL" not in event
        assert "ATTENDEE" not in event


def test_what_no_calendar_text_may_hold_is_replaced():
    (event,) = events(written(Appointment(slot(), "a\x00b\x1bc", "d\ud800e\x85f\r\ng\rh\ti")))
    assert event["SUMMARY"] == "fediverse-ro: a\ufffdb\ufffdc"
    assert event["DESCRIPTION"].startswith("d\ufffde\ufffdf\ng\nh\ti\n")


ANY_TEXT = st.text(st.characters(codec=None), max_size=300)


@settings(deadline=None)
@given(title=ANY_TEXT, text=ANY_TEXT)
def test_any_text_is_folded_and_escaped_and_comes_back(title, text):
    data = written(Appointment(slot(), title, text), Appointment(slot("newsletter-ro"), title, text))
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert all(len(line) <= 75 for line in lines)
    assert sum(line == b"BEGIN:VEVENT" for line in lines) == 2
    data.decode()
    found = events(data)
    assert len(found) == 2
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if plain.isprintable():
        assert found[0]["DESCRIPTION"] == plain + "\n\n— stigma (ro)"
