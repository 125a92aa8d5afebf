"""The cache changes how long a check takes and nothing else."""

import gc
import json
import os
import shutil
import weakref

import pytest

from pipeline.content import Cache, halves
from pipeline.content.check import links
from pipeline.content.halves import in_two, meanwhile, outside

FOLDER = "content/campaigns/harvest/messages/signs"


@pytest.fixture
def cached(project, tmp_path):
    project.body("Illegal migrants. [x](../missing/en.md) [y](https://x.example) Call {helpline}.")
    return project, tmp_path / "build/cache"


def run(project, folder):
    return project.told(cache=Cache(folder))


def test_a_second_run_tells_the_same(cached):
    project, folder = cached
    first = run(project, folder)
    assert len(first) == 2
    assert run(project, folder) == first
    assert project.told() == first


def test_a_second_run_looks_at_nothing_again(cached, monkeypatch):
    project, folder = cached
    first = run(project, folder)

    def never(*_):
        raise AssertionError("looked at again")

    monkeypatch.setattr("pipeline.content.check.run._examine", never)
    monkeypatch.setattr("pipeline.content.folder._translation", never)
    assert run(project, folder) == first


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (f"{FOLDER}/en.md", "Illegal", "Undocumented"),
        (f"{FOLDER}/en.md", "title: Signs at work", "titel: Signs"),
        (f"{FOLDER}/picture.svg", "<rect", "<script/><rect"),
        ("content/helplines.yml", "xx-line:", "xx-lines:"),
        ("content/helplines.yml", "  expires: 2027-11-01", "  expires: 2020-11-01"),
        ("content/campaigns/harvest/campaign.yml", "workers:", "others:"),
        ("content/campaigns/harvest/campaign.yml", "languages: [en]", "languages: [en, ro]"),
    ],
)
def test_whatever_changes_is_looked_at_again(cached, path, old, new):
    project, folder = cached
    first = run(project, folder)
    project.change(path, old, new)
    assert run(project, folder) == project.told() != first


def test_other_terms_make_old_findings_worthless(cached):
    project, folder = cached
    run(project, folder)
    project.write(
        "content/terms/en.yml",
        "language: en\nterms: [{find: [missing thing], instead: a, why: b, severity: info, source: c, "
        "hits: [missing thing]},"
        '{find: ["kitchen"], instead: room, why: it is small, severity: warning, source: c, hits: [kitchen]}]',
    )
    assert any("it is small" in line for line in run(project, folder))


def test_what_depends_on_other_messages_is_asked_again(cached):
    project, folder = cached
    run(project, folder)
    shutil.copytree(project.root / FOLDER, project.root / FOLDER.replace("signs", "missing"))
    assert not any("which is not there" in line for line in run(project, folder))


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\x00\xff\xfe",
        b"outreach content 2\ncheck:harvest/signs x {]",
        b"something else",
        None,
        "shape",
        "types",
    ],
)
def test_a_damaged_cache_counts_as_none(cached, damage):
    project, folder = cached
    first = run(project, folder)
    file = folder / "content.jsonl"
    data = file.read_bytes()
    if damage is None:
        damage = data[: len(data) // 2]
    elif damage == "shape":
        damage = b"\n".join(b" ".join([*row.split(b" ")[:2], b"[1]"]) for row in data.split(b"\n"))
    elif damage == "types":
        damage = data.replace(b'"title"', b'"tilte"').replace(b'"severity"', b'"serenity"')
    file.write_bytes(damage)
    assert run(project, folder) == first
    assert run(project, folder) == first


def test_a_cache_that_cannot_be_written_is_no_error(cached):
    project, folder = cached
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be")
    assert len(run(project, folder)) == 2


def test_what_another_process_noted_is_as_if_it_had_been_found_here(tmp_path):
    here, there = Cache(tmp_path), Cache(tmp_path)
    there.put("page:before", "1", "not noted")
    with there.noted() as noted:
        there.put("page:a", "1", {"ț": 1})
        told = noted()
    there.put("page:after", "1", "not noted")
    here.take(told)
    assert (here.get("page:a", "1"), here.get("page:a", "2")) == ({"ț": 1}, None)
    assert here.get("page:before", "1") is here.get("page:after", "1") is None
    here.save()
    assert Cache(tmp_path).get("page:a", "1") == {"ț": 1}


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_done_meanwhile_is_done_once_or_again_here(second, fails):
    here = os.getpid()

    def work():
        if fails and os.getpid() != here:
            os._exit(1)
        return str(os.getpid())

    with meanwhile(work) as result:
        assert (result() == str(here)) is fails
    with meanwhile(work, wanted=False) as result:
        assert result() == str(here)


def test_what_is_gone_is_forgotten(cached):
    project, folder = cached
    run(project, folder)
    size = (folder / "content.jsonl").stat().st_size
    shutil.rmtree(project.root / FOLDER)
    run(project, folder)
    assert (folder / "content.jsonl").stat().st_size < size


# --- two processes -----------------------------------------------------------------------------------------


@pytest.fixture
def second(monkeypatch):
    """A second process for however little work."""
    monkeypatch.setattr(halves, "ENOUGH", 2)
    monkeypatch.setattr(halves, "_may_fork", lambda: True)


def together(keys, examine):
    return list(in_two(keys, examine, lambda found: f"[{found}]", lambda _key, row: row[0]))


def test_two_processes_find_what_one_finds(second):
    assert together(list(range(9)), lambda key: key * 2) == [(key, key * 2, f"[{key * 2}]") for key in range(9)]


class Ring:
    """Refers to itself, so that only looking for garbage frees it."""

    itself: object = None


def test_two_other_processes_find_it_in_order_and_leave_this_one_alone(second, monkeypatch):
    here, looked_at = os.getpid(), []
    monkeypatch.setattr(halves, "untouched", lambda: True)

    def examine(key):
        looked_at.append(key)
        return [key, os.getpid()]

    found = list(outside(list(range(5)), examine, json.dumps, lambda _key, row: row))
    assert [(key, told[0]) for key, told in found] == [(key, key) for key in range(5)]
    assert len({told[1] for _, told in found} - {here}) == 2
    assert not looked_at


def test_what_one_key_leaves_behind_is_gone_before_the_next_one(second, monkeypatch):
    monkeypatch.setattr(halves, "untouched", lambda: True)
    left = []

    def examine(key):
        there = [one() is not None for one in left]
        ring = Ring()
        ring.itself = ring
        left.append(weakref.ref(ring))
        return there

    before = gc.isenabled()
    gc.disable()
    try:
        found = [there for _, there in outside([1, 2, 3, 4, 5, 6], examine, json.dumps, lambda _key, row: row)]
    finally:
        if before:
            gc.enable()
    assert found == [[], [False], [False, False]] * 2


def test_what_the_other_processes_fail_at_is_done_here(second, monkeypatch):
    here = os.getpid()
    monkeypatch.setattr(halves, "untouched", lambda: True)

    def examine(key):
        if os.getpid() != here:
            os._exit(3)
        return key

    assert list(outside([1, 2, 3], examine, json.dumps, lambda _key, row: row)) == [(1, 1), (2, 2), (3, 3)]


def test_where_libraries_have_threads_nothing_is_forked(second, monkeypatch):
    monkeypatch.setattr(halves, "untouched", lambda: False)
    found = outside([1, 2, 3], lambda key: os.getpid(), json.dumps, lambda _key, row: row)
    assert {told for _, told in found} == {os.getpid()}


def test_when_the_second_process_fails_the_first_does_its_work(second):
    here = os.getpid()

    def examine(key):
        if os.getpid() != here:
            os._exit(3)
        return key

    assert [found for _, found, _ in together(list(range(9)), examine)] == list(range(9))


def test_a_fault_in_the_work_is_not_swallowed(second):
    def examine(key):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together([1, 2, 3], examine)


def test_many_messages_give_the_same_in_two_processes(project, tmp_path, request):
    for number in range(6):
        folder = FOLDER.replace("signs", f"signs-{number}")
        shutil.copytree(project.root / FOLDER, project.root / folder)
        project.change(f"{folder}/en.md", "A sign", f"Illegal migrants. [x](../nowhere-{number}/en.md). A sign")
    project.change(f"{folder}/en.md", "title:", "titel:")
    alone, read_alone = project.told(), project.read()
    request.getfixturevalue("second")
    assert project.read() == read_alone
    assert project.told() == alone
    assert run(project, tmp_path / "cache") == alone
    assert run(project, tmp_path / "cache") == alone
    assert links.LINK.name in {problem.rule for problem in project.problems()}
