"""The registry of helplines: seen, verified, and only by those who may."""

import json

import pytest

from journeys.place import Place

HELPLINES = "content/helplines.yml"


def test_what_may_be_published_is_shown(small: Place) -> None:
    small.edit(HELPLINES, 'number: "112"\n  country: RO', 'number: "112"\n  country: RO\n  # open')
    said = small.outreach("helplines")
    assert said.code == 0
    assert "✓ ro-anitp  0800 800 678 (RO)  verified in a source on 2026-11-21 by editor-ro" in said.text
    small.at("2027-05-01T10:00+03:00")
    assert "! ro-anitp" in small.outreach("helplines").text
    small.at("2027-06-01T10:00+03:00")
    said = small.outreach("helplines", "--json")
    assert said.code == 3
    assert {row["fit"] for row in json.loads(said.out)} == {False}


def test_verifying_changes_four_lines_and_nothing_else(small: Place) -> None:
    before = (small.folder / HELPLINES).read_text("utf-8").splitlines()
    said = small.outreach("helplines", "verify", "ro-anitp-abroad", "--by", "coordinator-ro", "--how", "called")
    assert said.code == 0, said.text
    after = (small.folder / HELPLINES).read_text("utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [
        ("  verified_how: source", "  verified_how: called"),
        ("  verified_on: 2026-11-21", "  verified_on: 2026-11-30"),
        ("  verified_by: editor-ro", "  verified_by: coordinator-ro"),
        ("  expires: 2027-05-20", "  expires: 2027-05-29"),
    ]
    assert small.outreach("check").code == 0


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_is_missing_is_added_inside_the_entry(small: Place, ending: str) -> None:
    file = small.folder / HELPLINES
    keys = ("  verified_how:", "  verified_on:", "  verified_by:", "  expires:")
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith(keys)]
    file.write_bytes(("\ufeff" + ending.join(lines) + ending).encode())
    for name in ("ro-anitp", "pt-144"):
        said = small.outreach("helplines", "verify", name, "--by", "editor-ro", "--how", "source")
        assert said.code == 0, said.text
    text = file.read_bytes().decode("utf-8-sig")
    assert text.count("verified_on: 2026-11-30") == 2
    assert set(text.splitlines(keepends=True)) - set((ending.join(lines) + ending).splitlines(keepends=True)) == {
        f"{key} {value}{ending}"
        for key, value in zip(keys, ("source", "2026-11-30", "editor-ro", "2027-05-29"), strict=True)
    }
    shown = small.outreach("helplines").text
    assert "✓ ro-anitp  " in shown
    assert "✓ pt-144  " in shown
    assert "✗ ro-112  " in shown


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["ro-anitp", "--by", "translator-en", "--how", "source"], "may not verify"),
        (["ro-anitp", "--by", "nobody", "--how", "source"], "may not verify"),
        (["no-such", "--by", "editor-ro", "--how", "source"], "has no helpline 'no-such'"),
        (["ro-112", "--by", "editor-ro", "--how", "called"], "never dialled as a test"),
        (["ro-anitp", "--by", "editor-ro", "--how", "source", "--expires", "2026-11-30"], "a day that lies ahead"),
        (["ro-anitp", "--by", "editor-ro", "--how", "guessed"], "guessed"),
    ],
)
def test_who_and_what_may_not_is_refused(small: Place, arguments: list[str], why: str) -> None:
    before = (small.folder / HELPLINES).read_bytes()
    said = small.outreach("helplines", "verify", *arguments)
    assert said.code == 2
    assert why in said.text
    assert (small.folder / HELPLINES).read_bytes() == before


def test_an_entry_in_braces_is_left_to_a_person(small: Place) -> None:
    file = small.folder / HELPLINES
    flow = (
        '\nshort-one: {number: "0000", country: RO, name: {ro: Linie, en: Line, pt: Linha}, operator: Nobody, '
        "purpose: {ro: Test, en: Test, pt: Teste}, dialable_from: [RO], "
        'sources: [{title: None, url: "https://outreach.example/", read_on: 2026-11-21}]}\n'
    )
    file.write_text(file.read_text("utf-8") + flow, encoding="utf-8")
    said = small.outreach("helplines", "verify", "short-one", "--by", "editor-ro", "--how", "source")
    assert said.code == 2
    assert "by hand" in said.text
