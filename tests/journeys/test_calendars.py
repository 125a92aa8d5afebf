"""Calendars on their way to a calendar program and a spreadsheet, and back."""

from datetime import UTC, datetime

from icalendar import Calendar

from journeys.place import Place

CAMPAIGN = "content/campaigns/proactiv/campaign.yml"


def test_a_calendar_program_reads_every_date(approved: Place) -> None:
    assert approved.outreach("calendar", "--ics", "out.ics").code == 0
    events = Calendar.from_ical((approved.folder / "out.ics").read_bytes()).walk("VEVENT")
    assert len(events) == 6
    assert {event.decoded("dtstart") for event in events} == {
        datetime(2026, 12, 2, 8, tzinfo=UTC),
        datetime(2026, 12, 3, 8, tzinfo=UTC),
    }
    assert {str(event["status"]) for event in events} == {"CONFIRMED"}
    first = {str(event["uid"]) for event in events}
    approved.outreach("deliver")
    again = Calendar.from_ical(approved.outreach("calendar", "--ics", "-").out.encode()).walk("VEVENT")
    assert {str(event["uid"]) for event in again} == first
    sent = [event for event in again if "fediverse-ro" in str(event["summary"])]
    assert str(sent[0]["url"]).startswith(approved.fediverse.url)


def test_a_table_goes_to_a_spreadsheet_and_back(small: Place) -> None:
    before = (small.folder / CAMPAIGN).read_bytes()
    assert small.outreach("calendar", "proactiv", "--csv", "out.csv", "--semicolons").code == 0
    table = (small.folder / "out.csv").read_text("utf-8-sig")
    assert table.splitlines()[0].startswith("id;message;")
    said = small.outreach("calendar", "proactiv", "--import", "out.csv")
    assert said.code == 0, said.text
    assert "2 unchanged" in said.text
    assert (small.folder / CAMPAIGN).read_bytes() == before
    (small.folder / "out.csv").write_text(table.replace("2026-12-03 10:00", "4.12.2026 11:30"), encoding="utf-8")
    said = small.outreach("calendar", "proactiv", "--import", "out.csv")
    assert "changed: what-to-do" in said.text
    changed = (small.folder / CAMPAIGN).read_text("utf-8")
    assert changed == before.decode().replace("2026-12-03 10:00", "2026-12-04 11:30")
    assert "2026-12-04 11:30  fediverse-en" in small.outreach("plan").text


def test_entries_are_added_and_removed(small: Place) -> None:
    row = "id,message,at,accounts\nsecond,what-to-do,2026-12-09 12:00,fediverse-ro fediverse-en\n"
    (small.folder / "rows.csv").write_text(row, encoding="utf-8")
    said = small.outreach("calendar", "proactiv", "--import", "rows.csv")
    assert "added: second" in said.text
    assert "1 added, 2 left alone" in said.text
    said = small.outreach("calendar", "proactiv", "--import", "rows.csv", "--remove-others")
    assert "removed: what-is-trafficking" in said.text
    assert "Plan: 2 added." in small.outreach("plan").text


def test_every_wrong_row_is_told_and_nothing_is_written(small: Place) -> None:
    before = (small.folder / CAMPAIGN).read_bytes()
    rows = (
        "message,at,accounts\n"
        "what-to-do,3/4/2027 10:00,fediverse-en\n"
        "what-to-do,2026-12-05 10:00,\n"
        "no-such-message,2026-12-05 10:00,fediverse-en\n"
    )
    (small.folder / "rows.csv").write_text(rows, encoding="utf-8")
    said = small.outreach("calendar", "proactiv", "--import", "rows.csv")
    assert said.code == 2
    assert [line.split(":")[1] for line in said.lines] == ["2", "3"], said.text
    (small.folder / "rows.csv").write_text("\n".join(rows.splitlines()[i] for i in (0, 3)), encoding="utf-8")
    said = small.outreach("calendar", "proactiv", "--import", "rows.csv")
    assert said.code == 2
    assert said.text.startswith("rows.csv:2: ")
    (small.folder / "rows.csv").write_bytes(b"message,at,accounts\nwhat-to-do,\xff\xff,x\n\x80")
    assert "save it as 'CSV UTF-8'" in small.outreach("calendar", "proactiv", "--import", "rows.csv").text
    assert (small.folder / CAMPAIGN).read_bytes() == before


def test_one_thing_at_a_time(small: Place) -> None:
    assert small.outreach("calendar", "--ics", "a", "--csv", "b").code == 2
    assert "name one campaign" in small.outreach("calendar", "--csv", "b").text
    assert not (small.folder / "a").exists()


def test_the_calendar_is_shown_with_its_states(approved: Place) -> None:
    approved.outreach("deliver")
    said = approved.outreach("calendar")
    assert "Wed 2026-12-02 10:00  fediverse-ro  what-is-trafficking (ro): sent" in said.text
    assert "Thu 2026-12-03 10:00  fediverse-en  what-to-do (en): planned" in said.text
