"""Templates of wording: what they are given, what they cannot reach, and what is told when one is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.wording import LONGEST, WORDS, WordingError, read, shipped

KINDS = ("bluesky", "mastodon")
GIVEN = dict.fromkeys(WORDS, "") | {
    "title": "Title",
    "summary": "Summary.",
    "action": "Act.",
    "link": "https://x.example/",
}


@pytest.fixture
def templates(tmp_path):
    def make(**sources):
        (tmp_path / "wording").mkdir(exist_ok=True)
        for name, source in sources.items():
            (tmp_path / "wording" / f"{name}.txt.j2").write_text(source, encoding="utf-8")
        return read(tmp_path, KINDS)

    return make


def test_the_shipped_wording_is_title_summary_action_and_link_in_that_order():
    assert shipped().write("mastodon", GIVEN) == "Title\n\nSummary.\n\nAct.\n\nhttps://x.example/"


def test_a_word_that_is_not_there_leaves_no_gap():
    assert shipped().write("mastodon", {**GIVEN, "link": ""}) == "Title\n\nSummary.\n\nAct."
    assert shipped().write("mastodon", {**GIVEN, "summary": ""}) == "Title\n\nAct.\n\nhttps://x.example/"


@given(st.dictionaries(st.sampled_from(("title", "summary", "action")), st.text("{}%#ab \n", max_size=30)))
def test_what_people_write_is_data_and_never_a_template(words):
    given = {**GIVEN, **{name: " ".join(value.split()) for name, value in words.items()}}
    made = shipped().write("mastodon", given)
    assert [piece for piece in (given["title"], given["summary"], given["action"]) if piece not in made] == []


def test_a_project_words_one_kind_of_channel_for_itself(templates):
    wording, problems = templates(mastodon="{{ action }}\n{{ link }}\n{{ title | upper }}")
    assert problems == []
    assert wording.write("mastodon", GIVEN) == "Act.\nhttps://x.example/\nTITLE"
    assert wording.write("bluesky", GIVEN) == shipped().write("bluesky", GIVEN)


def test_a_project_words_all_others_for_itself(templates):
    wording, _ = templates(default="{{ title }}: {{ link }}", mastodon="{{ link }}")
    assert wording.write("bluesky", GIVEN) == "Title: https://x.example/"
    assert wording.write("mastodon", GIVEN) == "https://x.example/"


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("{{ title }}\n{{ tittle }} {{ link }}", 2, "cannot be used: 'tittle' is undefined"),
        ("{{ title }\n{{ link }}", 1, "is no template"),
        ("a\n{% if title %}{{ link }}", 2, "is no template"),
        ("{{ title }}", None, "leaves the link out"),
        ("{{ link }}{{ title.__class__.__mro__ }}", 1, "is unsafe"),
        ("{{ link }}\n{{ 'a' * 100000000 }}", 2, "'*' is not allowed"),
        ("{{ link }}{{ '%0999999999d' % 1 }}", 1, "'%' is not allowed"),
        ("{{ link }}{% for n in range(999999999) %}x{% endfor %}", 1, "range too big"),
        ("{{ link }}{% include '/etc/passwd' %}", 1, "/etc/passwd"),
        ("{{ link }}{{ 1 / 0 }}", 1, "division by zero"),
        ("{{ link }}" + "x" * LONGEST, None, "has more than 20,000 characters"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(templates, source, line, said):
    wording, (problem,) = templates(mastodon=source)
    assert (problem.path, problem.line, problem.rule) == ("wording/mastodon.txt.j2", line, "wording")
    assert said in problem.message
    with pytest.raises(WordingError, match=r"wording/mastodon\.txt\.j2"):
        wording.write("mastodon", GIVEN)
    assert wording.write("bluesky", GIVEN), "the others are not taken along"


def test_all_templates_are_looked_at(templates):
    _, problems = templates(mastodon="{{ nothing }}", bluesky="{% nothing %}", mastodont="{{ link }}")
    assert [problem.path.removeprefix("wording/") for problem in problems] == [
        "bluesky.txt.j2",
        "mastodon.txt.j2",
        "mastodont.txt.j2",
    ]
    assert problems[2].todo == "did you mean 'mastodon.txt.j2'?"


def test_nothing_outside_the_project_is_read(tmp_path):
    root, elsewhere = tmp_path / "project", tmp_path / "secret"
    (root / "wording").mkdir(parents=True)
    elsewhere.write_text("{{ link }} secret")
    (root / "wording" / "mastodon.txt.j2").symlink_to(elsewhere)
    _, (problem,) = read(root, KINDS)
    assert "it leads out of the project" in problem.message


def test_bytes_that_are_no_text_are_told(tmp_path):
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording" / "mastodon.txt.j2").write_bytes(b"\xff\xfe{{ link }}")
    _, (problem,) = read(tmp_path, KINDS)
    assert "cannot be read as UTF-8 text" in problem.message
