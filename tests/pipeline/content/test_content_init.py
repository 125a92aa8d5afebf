"""A new project for another place."""

import re
import tomllib
from datetime import date

import pytest

from pipeline.content import read_project
from pipeline.content.check import check
from pipeline.content.init import EU, InitRefused, write_project
from pipeline.model import Severity

TODAY = date(2026, 11, 22)


def init(folder, **options):
    given = {"name": "Pilot", "languages": ["ro", "en"], "zone": "Europe/Bucharest", "country": "RO", "today": TODAY}
    return write_project(folder, **{**given, **options})


def problems(folder):
    return check(read_project(folder), today=TODAY)


@pytest.mark.parametrize("languages", [["ro"], ["en", "ro"], ["pt", "en", "ro"], ["pt-BR", "en"]])
@pytest.mark.parametrize("country", ["RO", "PT", "DE"])
def test_what_it_writes_passes_apart_from_the_helpline_that_a_person_must_verify(tmp_path, languages, country):
    written = init(tmp_path / "new", languages=languages, country=country)
    told = problems(tmp_path / "new")
    assert {problem.rule for problem in told} == {"helpline-unverified"}
    assert written.helplines == (f"{country.lower()}-112",)
    assert all(f"'{written.helplines[0]}'" in problem.message for problem in told)
    assert written.translate == ()


def test_once_the_helpline_is_verified_nothing_is_left(tmp_path):
    init(tmp_path / "new")
    registry = tmp_path / "new/content/helplines.yml"
    said = "  verified_on: 2026-11-22\n  verified_by: editor\n  verified_how: source\n  expires: 2027-05-22\n"
    registry.write_text(registry.read_text("utf-8") + said, "utf-8")
    assert problems(tmp_path / "new") == []


def test_every_file_that_it_names_is_there_and_no_other(tmp_path):
    written = init(tmp_path / "new")
    there = {str(path.relative_to(tmp_path / "new")) for path in (tmp_path / "new").rglob("*") if path.is_file()}
    assert there == set(written.files)
    assert "outreach.toml" in there
    assert tomllib.loads((tmp_path / "new/outreach.toml").read_text("utf-8"))["programme"]["country"] == "RO"


def test_where_no_number_is_known_none_is_invented(tmp_path):
    written = init(tmp_path / "new", country="UA", languages=["en"], zone="Europe/Kyiv")
    text = (tmp_path / "new/content/helplines.yml").read_text("utf-8")
    assert not [row for row in text.splitlines() if row and not row.startswith("#")]
    assert not re.search(r"number: \"\d", text)
    assert written.helplines == ("ua-helpline",)
    assert {problem.rule for problem in problems(tmp_path / "new")} == {"helpline-unknown"}


def test_the_template_becomes_an_entry_when_it_is_filled_in(tmp_path):
    init(tmp_path / "new", country="UA", languages=["en"], zone="Europe/Kyiv")
    registry = tmp_path / "new/content/helplines.yml"
    head, template = registry.read_text("utf-8").split("take the '# ' away.\n")
    filled = re.sub(r"^# ", "", template, flags=re.MULTILINE)
    filled = (
        filled.replace('number: ""', 'number: "000 000"')
        .replace('""', '"Words"')
        .replace("https://\n", "https://x.example\n")
    )
    registry.write_text(head + "\n" + filled, "utf-8")
    assert {problem.rule for problem in problems(tmp_path / "new")} == {"helpline-unverified"}


@pytest.mark.parametrize("languages", [["uk", "en"], ["en", "uk"], ["ro", "uk", "ar"]])
def test_texts_in_other_languages_are_marked_and_told(tmp_path, languages):
    written = init(tmp_path / "new", languages=languages)
    others = {language for language in languages if language in {"uk", "ar"}}
    assert set(written.translate) == others
    told = problems(tmp_path / "new")
    assert {problem.rule for problem in told} <= {"helpline-unverified", "untranslated", "stale"}
    for language in others:
        assert any(problem.rule == "untranslated" and problem.path.endswith(f"/{language}.md") for problem in told)
        assert any(
            f"into '{language}'" in problem.message and problem.path.endswith("campaign.yml") for problem in told
        )


def test_the_calendar_begins_on_a_monday_in_the_future(tmp_path):
    for day in range(1, 15):
        folder = tmp_path / str(day)
        init(folder, today=date(2026, 2, day))
        campaign = read_project(folder).campaigns["safe-work"]
        assert campaign.starts.weekday() == 0
        assert 14 <= (campaign.starts - date(2026, 2, day)).days <= 20
        assert campaign.calendar[0].at == f"{campaign.starts} 10:00"


@pytest.mark.parametrize("name", ['A "quoted" name', "Ação: # [x] {y}", "C:\\new\\table", "'", "ăâîșț"])
def test_any_name_can_be_written(tmp_path, name):
    init(tmp_path / "new", name=name)
    assert tomllib.loads((tmp_path / "new/outreach.toml").read_text("utf-8"))["programme"]["name"] == name


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"zone": "Europe/Nowhere"}, "'Europe/Nowhere' is not a time zone such as 'Europe/Bucharest'"),
        ({"languages": ["romanian"]}, "'romanian' is not a language code such as 'ro' or 'pt'"),
        ({"languages": []}, "'languages' is empty or has not the right form"),
        ({"languages": ["ro", "ro"]}, "a language is named twice"),
        ({"country": "Romania"}, "'country' is empty or has not the right form"),
        ({"country": "ZZ"}, "'ZZ' is not a country code such as 'PT'"),
        ({"name": " "}, "'name' is empty or has not the right form"),
        ({"name": "a\nb"}, "the name has characters that cannot be shown"),
    ],
)
def test_options_that_do_not_hold_write_nothing(tmp_path, options, expected):
    with pytest.raises(InitRefused, match=re.escape(expected)):
        init(tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InitRefused, match="is not empty"):
        init(tmp_path)
    with pytest.raises(InitRefused, match="is not empty"):
        init(tmp_path / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_taken(tmp_path):
    assert init(tmp_path).files
    assert not [problem for problem in problems(tmp_path) if problem.severity is not Severity.ERROR]


def test_the_union_has_its_members():
    assert len(EU) == 27
