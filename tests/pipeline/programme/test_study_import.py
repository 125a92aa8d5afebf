"""Answers come in whole or not at all, each once, and without anybody's name, place or device."""

from __future__ import annotations

import csv
import io
import stat
from datetime import UTC, datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_project import SURVEY, Trial

from pipeline.app import studying
from pipeline.settings import ProblemsFound
from pipeline.store.answers import Answers, Column, Entry, Layout

ODK = ["SubmissionDate", "views-heard", "views-forms", "views-agree", "sex", "DeviceID", "place-Latitude", "KEY"]


def odk(*rows, header=ODK):
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


def row(key, heard="yes", forms="labour begging", agree="yes_fully", sex="f"):
    return ["2026-09-02T10:00:00Z", heard, forms, agree, sex, "collect:SECRETDEVICE", "44.4", f"uuid:{key}"]


def take(trial, text, wave="before", name="answers.csv"):
    file = trial.root / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with trial.house() as house:
        return studying.take_in(house, "here", wave, file, "editor")


def kept(trial, wave="before"):
    path = trial.root / "state" / "studies" / "here" / f"{wave}.duckdb"
    with duckdb.connect(str(path), read_only=True) as base:
        return base.execute("SELECT * EXCLUDE (_record) FROM answers ORDER BY ALL").fetchall()


def files(trial):
    folder = trial.root / "state" / "studies"
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def problems(trial, text, **more):
    with pytest.raises(ProblemsFound) as raised:
        take(trial, text, **more)
    return [str(one) for one in raised.value.problems]


def test_an_export_of_odk_is_taken_in(trial):
    done = take(trial, odk(row(1), row(2, heard="", forms="none", agree="no_answer", sex="m")))
    assert (done.taken.rows, done.taken.new) == (2, 2)
    assert kept(trial) == [
        ("yes", True, True, False, "yes_fully", "f"), (None, False, False, True, "no_answer", "m"),
    ]  # fmt: skip
    assert done.dropped == ("DeviceID", "place-Latitude")


def test_nothing_about_persons_is_kept_and_only_the_owner_reads_the_file(trial):
    take(trial, odk(row("who-is-it")))
    (file,) = files(trial)
    data = file.read_bytes()
    assert b"SECRETDEVICE" not in data
    assert b"who-is-it" not in data
    assert b"44.4" not in data
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_answers_in_split_columns_are_the_same_answers(trial):
    header = ["views-heard", "views-forms", "views-forms/labour", "views-forms/begging", "views-forms/none", "views-agree", "sex", "KEY"]  # fmt: skip
    take(
        trial,
        odk(
            ["yes", "labour", "1", "0", "0", "no", "f", "k1"],
            ["yes", "", "0", "0", "0", "no", "f", "k2"],
            header=header,
        ),
    )
    assert kept(trial) == [("yes", True, False, False, "no", "f"), ("yes", None, None, None, "no", "f")]


@pytest.mark.parametrize("parting", [",", ";"])
def test_an_export_of_limesurvey_is_taken_in_by_codes_and_by_words(trial, parting):
    trial.study(
        "results:",
        "maps:\n  limesurvey:\n    columns: {forms: G1Q2, agree: G1Q3}\n"
        "    codes: {forms: {SQ001: labour, SQ002: begging, SQ003: none}, agree: {A1: yes_fully, A2: yes_partly, A3: 'no'}}\nresults:",
    )
    out = io.StringIO()
    csv.writer(out, delimiter=parting, quoting=csv.QUOTE_ALL).writerows(
        [
            ["id", "submitdate", "startlanguage", "ipaddr", "heard", "G1Q2[SQ001]", "G1Q2[SQ002]", "G1Q2[SQ003]", "G1Q3", "sex"],
            ["1", "2026-09-02 10:00:00", "ro", "192.0.2.7", "Da", "Y", "", "", "A2", "Femeie"],
            ["2", "2026-09-02 10:01:00", "en", "192.0.2.8", "No", "Yes", "No", "No", "Disagree", "m"],
            ["3", "", "en", "192.0.2.8", "No", "", "", "", "broken off", ""],
        ]
    )  # fmt: skip
    done = take(trial, b"\xef\xbb\xbf" + out.getvalue().encode())
    assert (done.taken.rows, done.taken.new, done.taken.unfinished) == (3, 2, 1)
    assert done.dropped == ("ipaddr",)
    assert sorted(kept(trial)) == [
        ("no", True, False, False, "no", "m"), ("yes", True, False, False, "yes_partly", "f"),
    ]  # fmt: skip


def test_the_same_file_and_the_same_record_count_once(trial):
    text = odk(row(1), row(2))
    take(trial, text)
    assert take(trial, text).taken.known_file
    done = take(trial, odk(row(1), row(2, sex="m"), row(3)))
    assert (done.taken.new, done.taken.again, done.taken.changed) == (1, 1, 1)
    assert [one[-1] for one in kept(trial)] == ["f", "f", "m"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"heard": "perhaps"}, "answers.csv:3: column 'views-heard': 'perhaps' is no answer; it can be yes, no, no_answer"),
        ({"forms": "labour theft"}, "answers.csv:3: column 'views-forms': 'labour theft' is no answer"),
        ({"key": 1}, "answers.csv:3: this record stands in row 2 already"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit_is_told_with_row_and_column_and_nothing_is_taken_in(trial, change, says):
    found = problems(trial, odk(row(1), row(**({"key": 2} | change)), row(4)))
    assert any(says in one for one in found), found
    assert files(trial) == []


def test_a_wrong_file_leaves_what_was_there_as_it_was(trial):
    take(trial, odk(row(1)))
    before = kept(trial)
    problems(trial, odk(row(2), row(3, heard="perhaps")))
    assert kept(trial) == before


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ([*ODK[:4], "gender", *ODK[5:]], "answers.csv:1: the column of the question 'sex' is missing"),
        ([*ODK[:4], "gender", *ODK[5:]], "answers.csv:1: the column 'gender' is no question of the questionnaire"),
        ([*ODK[:1], "views-herd", *ODK[2:]], "did you mean 'heard'?"),
        ([*ODK[:1], "your_email_2", *ODK[2:]], "the column 'your_email_2' may say who somebody is"),
        ([*ODK[:1], "heard[other]", *ODK[2:]], "the column 'heard[other]' holds free text"),
        ([*ODK[:7], "key2"], "this is an export of neither"),
        ([*ODK[:2], "heard", *ODK[3:]], "the column of the question 'forms' is missing"),
        (["Status", "sex", *ODK[2:]], "two columns are called 'sex'"),
    ],
)
def test_other_columns_than_expected_are_told_before_anything_is_read(trial, header, says):
    found = problems(trial, odk(row(1), header=header))
    assert any(says in one for one in found), found
    assert files(trial) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (odk(row(1)) + "only,two\r\n", "answers.csv:3: this row has more or fewer cells than the header"),
        (odk(row(1)).encode("utf-16"), "the file is not UTF-8"),
        (odk(row(1, heard="ă")).encode("iso8859-2"), "the file is not UTF-8"),
        ("", "this is an export of neither"),
        (odk(), "answers.csv:1: there is nothing under the header"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(trial, text, says):
    found = problems(trial, text)
    assert any(says in one for one in found), found
    assert files(trial) == []


def test_a_number_outside_its_bounds_is_told(trial):
    survey = [[*one] for one in SURVEY]
    survey[0] = [*survey[0], "constraint"]
    survey.append(["integer", "share", "Ce parte?", "Which share?", "", "", ". >= 0 and . <= 100"])
    trial.form(survey)
    trial.study("questions: [sex]}\nwaves", "questions: [sex, share]}\nwaves")
    header = [*ODK[:-1], "share", "KEY"]
    found = problems(trial, odk([*row(1)[:-1], "101", "k1"], [*row(2)[:-1], "x", "k2"], header=header))
    assert any(
        "answers.csv:2: column 'share': '101' is no answer; it has to be a whole number from 0 to 100" in one
        for one in found
    )
    assert len(found) == 2


def test_a_wave_without_days_or_mode_takes_nothing_in(trial):
    trial.study("    mode: online\n", "")
    with pytest.raises(studying.NotPossible, match=r"the wave 'before' has no mode in study.yml yet"):
        take(trial, odk(row(1)))


def test_other_words_are_not_mixed_into_a_wave(trial):
    take(trial, odk(row(1)))
    trial.form([[cell.replace("Have you heard of it?", "Did you hear of it?") for cell in one] for one in SURVEY])
    assert "answers to other words of heard" in problems(trial, odk(row(2)))[0]


def test_another_mode_is_not_mixed_into_a_wave(trial):
    take(trial, odk(row(1)))
    trial.study("mode: online", "mode: telephone")
    with pytest.raises(studying.NotPossible, match=r"was asked online, and study.yml says telephone now"):
        take(trial, odk(row(2)))


ROWS = st.dictionaries(
    st.integers(1, 40),
    st.tuples(
        st.sampled_from(["yes", "no", "no_answer", ""]),
        st.lists(st.sampled_from(["labour", "begging", "none"]), unique=True).map(" ".join),
        st.sampled_from(["yes_fully", "no", ""]),
        st.sampled_from(["f", "m"]),
    ),
    min_size=1,
)


@settings(max_examples=8, deadline=None)
@given(ROWS, ROWS)
def test_law_the_last_word_of_each_record_counts_and_each_counts_once(tmp_path_factory, first, second):
    trial = Trial(tmp_path_factory.mktemp("law"))
    for number, rows in enumerate((first, second)):
        take(trial, odk(*(row(key, *said) for key, said in rows.items())), name=f"{number}.csv")
    latest = first | second
    wanted = [
        (heard or None, *(name in forms.split() if forms else None for name in ("labour", "begging", "none")), agree or None, sex)
        for heard, forms, agree, sex in latest.values()
    ]  # fmt: skip
    assert sorted(map(str, kept(trial))) == sorted(map(str, wanted))


def test_an_answer_that_the_questionnaire_gained_comes_with_a_later_file(tmp_path):
    answers = Answers(tmp_path / "wave.duckdb")

    def take_in(name, rows, *codes):
        file = tmp_path / name
        file.write_text(f"KEY,would\n{rows}", "utf-8")
        layout = Layout(2, ",", 0, (Column("would", "would", (1,), codes=codes),))
        return answers.take_in(
            file, layout, Entry(name, "odk", datetime(2026, 9, 2, tzinfo=UTC), "editor", "online", {})
        )

    assert take_in("first.csv", "a,yes\nb,no\n", "yes", "no").new == 2
    later = take_in("later.csv", "b,unsure\nc,unsure\na,yes\n", "yes", "no", "unsure")
    assert (later.new, later.again, later.changed) == (1, 1, 1)
    assert answers.counts("would") == {("yes",): 1, ("unsure",): 2}
