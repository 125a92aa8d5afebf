"""Laws: whatever bytes a file holds, it is read or told, and every place that is told exists."""

import tempfile
from datetime import date
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.content import read_project
from pipeline.content.check import check
from pipeline.content.check.fold import fold
from pipeline.content.check.reading import Reading
from pipeline.content.yaml import Places, YamlProblem, load
from pipeline.placeholders import expand, placeholders

FOLDER = "content/campaigns/harvest/messages/signs"
TODAY = date(2026, 11, 22)


def told(writer, path, data):
    with tempfile.TemporaryDirectory() as folder:
        project = writer(Path(folder))
        project.write(path, data)
        problems = check(read_project(Path(folder)), today=TODAY)
        for problem in problems:
            file = Path(folder) / problem.path
            if problem.line and file.is_file():
                rows = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
                assert 1 <= problem.line <= rows, problem
        return problems


WITH_FILES = settings(deadline=None, max_examples=60)
SOUP = st.lists(
    st.sampled_from(
        [b"---\n", b"title: ", b"summary: x\n", b"\n", b"\r\n", b"{", b"}", b"[", b"]", b": ", b"- ", b"&a ", b"*a",
         b"!!x ", b"|\n", b">\n", b'"', b"'", b"#", b"\xff", b"\xed\xa0\x80", b"\x00", b"\xef\xbb\xbf", b"{helpline}",
         b"0800 800 678", "ș„”".encode(), b"](", b"<b>", b"```", b"\t", b"a: b\n", b"12%", b"\xe2\x80\xa8",
         b"source_hash: 1\n", b"<!--"]
    ),
    max_size=40,
).map(b"".join)  # fmt: skip


@given(data=st.one_of(st.binary(max_size=400), SOUP))
@WITH_FILES
def test_any_bytes_as_a_language_file_are_told_or_read(writer, data):
    assert told(writer, f"{FOLDER}/en.md", data)


@given(data=SOUP)
@WITH_FILES
def test_any_body_is_told_or_read(writer, data):
    head = writer.message_text.split("---\n\n")[0].encode()
    told(writer, f"{FOLDER}/en.md", head + b"---\n\n" + data)


@given(data=st.one_of(st.binary(max_size=200), SOUP))
@WITH_FILES
def test_any_bytes_as_campaign_registry_terms_or_picture(writer, data):
    for path in ("content/campaigns/harvest/campaign.yml", "content/helplines.yml", "content/terms/en.yml"):
        told(writer, path, data)
    assert told(writer, f"{FOLDER}/picture.svg", data)


PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(st.characters(exclude_categories=["Cs", "Cc", "N"], exclude_characters="\u2028\u2029"), max_size=12),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(st.text("xyz", min_size=1), PLAIN, min_size=1, max_size=4))
def test_what_yaml_writes_is_read_back(data):
    text = yaml.safe_dump(data, allow_unicode=True, width=60)
    assert load(text) == data
    places = Places(text)
    for key in data:
        assert text.split("\n")[places.line((key,)) - 1].lstrip("? ").strip("'\"").startswith(key)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_yaml_or_a_located_problem(text):
    try:
        load(text)
    except YamlProblem as problem:
        line = problem.line
    else:
        line = 1
    assert 1 <= line <= text.count("\n") + 1


@settings(deadline=None)
@given(st.text(max_size=300))
def test_folding_and_masking_move_nothing(text):
    reading = Reading("x.md", "en", [(("body",), text)])
    assert len(reading.raw) == len(reading.text) == len(reading.folded) == len(reading.plain)
    assert reading.raw.count("\n") == reading.text.count("\n")


@settings(deadline=None)
@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(st.text(st.sampled_from("{}help line:x-1 ")))
def test_a_text_without_placeholders_stays_as_it_is(text):
    assert placeholders(text) or expand(text, {}, None).text == text
