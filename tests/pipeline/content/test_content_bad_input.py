"""What the handbook promises about bad files: handled, or a located problem; never a traceback."""

import os
from pathlib import Path

import pytest

from pipeline.content import read_project

FOLDER = "content/campaigns/harvest/messages/signs"
EN = f"{FOLDER}/en.md"


def test_the_project_of_these_tests_has_no_problem(project):
    assert project.told() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("audience: workers", "audiance: workers", "en.md:4: unknown key 'audiance'; did you mean 'audience'?"),
        ("topic: work", "topic: sport", "en.md:5: the campaign has no topic 'sport'; it has work"),
        (
            "title: Signs at work",
            "title: Signs: at work",
            "en.md:2: this is not valid YAML: there is a second ': ' on this line; put the text in quotes",
        ),
        ("title: Signs at work", "title:", "en.md:2: 'title' is empty; write its text or delete the line"),
        (
            "title: Signs at work",
            "title: Signs\ntitle: Signs at work",
            "en.md:3: the key 'title' stands here for the second time; the first is 1 line up",
        ),
        (
            "author: editor",
            "updated: 2026-02-30",
            "en.md:14: 'updated' is 2026-02-30, and there is no such day; correct the date",
        ),
        (
            "author: editor",
            "updated: tomorrow",
            "en.md:14: 'updated' has to be a date such as 2026-12-01, but it is the text 'tomorrow'",
        ),
        (
            "author: editor",
            "embargo: 10:00",
            "en.md:14: 'embargo' is '10:00', which is not a date and time such as '2026-12-01 10:00'",
        ),
        (
            "author: editor",
            "sources: Directive",
            "en.md:14: 'sources' has to be a list, but it is the text 'Directive'",
        ),
        (
            "author: editor",
            "sources: [{title: T, url: ftp://x, read_on: 2026-01-01}]",
            "en.md:14: 'sources[1]: url' is 'ftp://x', which is not an address that begins with https://",
        ),
        ("  file: picture.svg", "  alte: x", "en.md:10: unknown key 'alte'; did you mean 'alt'?"),
        ("author: editor", "alt: A table", "en.md:14: unknown key 'alt'; it belongs under 'picture'"),
        ("author: editor", "author: [a, b]", "en.md:14: 'author' has to be text, but it is a list"),
        (
            'text: "Call {helpline} and talk to somebody."',
            "text: {helpline}",
            (
                "en.md:7: 'action: text' has to be text, but it is keys and values; "
                "put a text that begins with '{' in quotes"
            ),
        ),
        (
            "author: editor",
            "author: Editor!",
            "en.md:14: author: 'Editor!' is not a short name: use small letters, digits and single hyphens",
        ),
        (
            "title: Signs at work",
            f"title: {'x' * 130}",
            "en.md:2: 'title' has 130 characters; at most 120 are allowed; shorten it",
        ),
        (
            "author: editor",
            "allow: [{term: slave, reason: short}]",
            "en.md:14: 'allow[1]: reason' is too short; at least 10 characters are needed; say more",
        ),
        (
            "author: editor",
            "author: &who editor\ntranslator: *nobody",
            (
                "en.md:15: this is not valid YAML: a value that begins with '*' is an alias, which is not used here; "
                "use quotes"
            ),
        ),
        (
            "author: editor",
            "author: !!python/object:os.system x",
            "en.md:14: tags such as '!!python/object:os.system' are not used here",
        ),
        ("---\n\nA sign", "\n\nA sign", "en.md:1: the front matter does not end; close it with a line '---'"),
        (
            "  file: picture.svg",
            "  file: ../../../../../../etc/passwd",
            (
                "en.md:10: 'picture: file' is '../../../../../../etc/passwd', which is not the name of a file in the "
                "message's own folder"
            ),
        ),
    ],
)
def test_front_matter_is_told_where_it_is_wrong(project, old, new, expected):
    project.message(old, new)
    assert expected in project.told()


def test_everything_is_told_at_once(project):
    project.message("audience: workers", "audiance: workers")
    project.message("author: editor", "updated: 2026-13-01\nsources: x")
    told = project.told()
    assert [line.split(":")[1] for line in told if line.startswith("en.md:")] == ["4", "14", "15"]


def test_a_file_without_front_matter(project):
    project.write(EN, "# Hello\n")
    assert project.told()[0].startswith("en.md:1: the file does not begin with front matter")


def test_an_empty_file(project):
    project.write(EN, "")
    assert project.told()[0].startswith("en.md:1: the file does not begin with front matter")


def test_only_dashes(project):
    project.write(EN, "---")
    assert project.told()[0].startswith("en.md:1: the front matter does not end")


def test_front_matter_that_holds_no_keys(project):
    project.write(EN, "---\n---\ntext\n")
    assert "en.md:2: there is nothing in it, where keys and values are expected" in project.told()


def test_windows_line_ends_and_a_byte_order_mark_are_read(project):
    data = (project.root / EN).read_bytes().replace(b"\n", b"\r\n")
    project.write(EN, b"\xef\xbb\xbf" + data)
    assert project.told() == []
    message = project.read().messages["harvest", "signs"]
    assert message.source.body == "A sign is not proof. Call {helpline}."


def test_lines_are_right_with_windows_line_ends(project):
    project.message("author: editor", "autor: editor")
    data = (project.root / EN).read_bytes().replace(b"\n", b"\r\n")
    project.write(EN, data)
    assert project.told()[0] == "en.md:14: unknown key 'autor'; did you mean 'author'?"


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x85", "\u2028", "\u202e", "\x7f", "\x0c"])
def test_characters_that_nobody_sees_are_located(project, sign):
    project.body(f"A sign is not proof.\n\nCall{sign} {{helpline}}.")
    (told,) = [line for line in project.told() if "en.md" in line and "cannot be seen" in line]
    assert told.startswith(f"en.md:19: there is a character here that cannot be seen (U+{ord(sign):04X})")


def test_lone_surrogates_and_other_bytes_that_are_not_utf8(project):
    project.write(EN, (project.root / EN).read_bytes().replace(b"not proof", b"not \xed\xa0\x80 proof"))
    (told,) = [line for line in project.told() if "UTF-8" in line]
    assert told == "en.md:17: the file is not valid UTF-8: byte 0xed cannot stand here; save it as UTF-8"


def test_utf16_is_named(project):
    project.write(EN, "---\ntitle: x\n---\n".encode("utf-16"))
    assert "en.md:1: the file is UTF-16; save it as UTF-8" in project.told()


def test_right_to_left_text_is_read(project):
    project.body("اتصل بالرقم {helpline}. \u200fنعم.\n\nCall {helpline}.")
    assert project.told() == []


def test_five_megabytes(project):
    project.body("A sign is not proof. " * 250_000)
    (told,) = [line for line in project.told() if "MB" in line]
    assert told.startswith("en.md: the file has 5.0 MB; at most 512 kB are read")


def test_ten_thousand_lines_of_front_matter(project):
    rows = "".join(f"key{row}: x\n" for row in range(10_000))
    project.message("author: editor", rows.rstrip())
    (told,) = [line for line in project.told() if "lines" in line]
    assert told.startswith("en.md:2: the front matter has 10012 lines and")


@pytest.mark.parametrize("deep", ["[" * 20_000, "- " * 20_000, "{a: " * 10_000, "? " * 20_000])
def test_deep_nesting_ends_no_process(project, deep):
    project.message("author: editor", f"sources:\n  {deep}")
    assert any("levels are nested here" in line for line in project.told())


def test_deep_nesting_by_indentation(project):
    rows = "\n".join(f"{' ' * (level + 1)}a:" for level in range(300))
    project.message("author: editor", f"sources:\n{rows}")
    assert any("levels are nested here" in line for line in project.told())


def test_a_billion_laughs_are_one_problem(project):
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{row}: &a{row} [{', '.join([f'*a{row - 1}'] * 9)}]" for row in range(1, 12)]
    project.message("author: editor", "\n".join(rows))
    assert any("an alias ('*name') repeats something here" in line for line in project.told())


def test_yaml_1_2_has_no_norway_problem(project):
    project.message("author: editor", "author: no\ncontent_warning: on\nembargo: 2026-12-01 10:30")
    head = project.read().messages["harvest", "signs"].source.head
    assert (head.author, head.content_warning, head.embargo) == ("no", "on", "2026-12-01 10:30")


def test_numbers_where_text_is_meant_are_taken_as_written(project):
    project.message("author: editor", "source_hash: 0123456789012345\ncontent_warning: 0112")
    head = project.read().messages["harvest", "signs"].source.head
    assert (head.source_hash, head.content_warning) == ("0123456789012345", "0112")


def test_template_code_is_text(project):
    project.body("Write {{ helpline }} or {% raw %} or {{helpline}} yourself. ${HOME} `x` \\n Call {helpline}.")
    assert project.told() == []
    assert "{{ helpline }}" in project.read().messages["harvest", "signs"].source.body


# --- files and folders -------------------------------------------------------------------------------------


def test_a_missing_language(project):
    project.languages("ro")
    assert (
        "ro.md: there is no text in 'ro', which is a language of the campaign; translate the message" in project.told()
    )


def test_an_unknown_language(project):
    project.write(f"{FOLDER}/pt.md", "x")
    project.write(f"{FOLDER}/notes.md", "x")
    told = project.told()
    assert (
        "pt.md: the campaign has no language 'pt' (it has en); add it to 'languages' in campaign.yml or delete the file"
        in told
    )
    assert "notes.md: 'notes' is not a language code; name a language file en.md" in told


def test_what_all_languages_share_may_be_repeated_but_not_changed(project):
    project.languages("ro")
    english = (project.root / EN).read_text("utf-8")
    project.write(f"{FOLDER}/ro.md", english.replace("topic: work", "topic: sport"))
    told = project.told()
    assert "ro.md:5: 'topic' is not what stands in en.md; delete it here; all languages share it from en.md" in told
    assert not [line for line in told if "audience" in line]


def test_the_source_needs_what_all_languages_share(project):
    project.message("audience: workers\ntopic: work\n", "")
    told = project.told()
    assert "en.md:1: the key 'audience' is missing; the source language has to name it; add it" in told
    assert "en.md:1: the key 'topic' is missing; the source language has to name it; add it" in told


def test_two_campaigns_with_one_id(project):
    project.write(
        "content/campaigns/spring/campaign.yml", (project.root / "content/campaigns/harvest/campaign.yml").read_bytes()
    )
    assert project.told() == [
        (
            "content/campaigns/spring/campaign.yml:1: two campaigns have the id 'harvest': this one and the one in the "
            "folder 'harvest'; write 'id: spring' here"
        )
    ]


def test_a_campaign_in_a_folder_of_another_name(project):
    project.change("content/campaigns/harvest/campaign.yml", "id: harvest", "id: autumn")
    assert "the campaign's id is 'autumn', but its folder is 'harvest'; give both the same name" in project.told()[0]


def test_two_messages_with_one_id(project):
    for name in ("campaign.yml", "messages/signs/en.md", "messages/signs/picture.svg"):
        data = (project.root / "content/campaigns/harvest" / name).read_bytes()
        project.write(f"content/campaigns/spring/{name}", data.replace(b"id: harvest", b"id: spring"))
    (told,) = project.told()
    assert "two messages have the id 'signs': this one and content/campaigns/harvest/messages/signs" in told


@pytest.mark.parametrize("name", ["Signs", "si gns", "se\u0219ne", "a--b", "x" * 90])
def test_a_folder_whose_name_is_no_id(project, name):
    project.write(f"content/campaigns/harvest/messages/{name}/en.md", "x")
    assert any("cannot be an id" in line for line in project.told())


def test_a_file_where_folders_are_expected(project):
    project.write("content/campaigns/harvest/messages/en.md", "x")
    assert any("only folders are expected here" in line for line in project.told())


def test_hidden_files_of_operating_systems_are_left_alone(project):
    project.write("content/campaigns/.DS_Store", b"\x00")
    project.write(f"{FOLDER}/.en.md.swp", b"\x00")
    assert project.told() == []


@pytest.mark.parametrize("what", ["file", "folder", "campaign", "helplines", "picture", "content"])
def test_links_out_of_the_project_are_not_followed(project, tmp_path_factory, what):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "en.md").write_bytes((project.root / EN).read_bytes())
    (outside / "picture.svg").write_bytes((project.root / FOLDER / "picture.svg").read_bytes())
    (outside / "helplines.yml").write_bytes((project.root / "content/helplines.yml").read_bytes())
    target, link = {
        "file": (outside / "en.md", EN),
        "folder": (outside, FOLDER),
        "campaign": (outside, "content/campaigns/harvest"),
        "helplines": (outside / "helplines.yml", "content/helplines.yml"),
        "picture": (outside / "picture.svg", f"{FOLDER}/picture.svg"),
        "content": (outside, "content"),
    }[what]
    (project.root / link).rename(outside / "moved")
    (project.root / link).symlink_to(target, target_is_directory=target.is_dir())
    assert any("leads out of the content folder" in line for line in project.told())


def test_a_link_inside_the_content_folder_is_followed(project):
    project.write("content/pictures/table.svg", (project.root / FOLDER / "picture.svg").read_bytes())
    (project.root / FOLDER / "picture.svg").unlink()
    (project.root / FOLDER / "picture.svg").symlink_to(project.root / "content/pictures/table.svg")
    assert project.told() == []


def test_a_link_that_leads_in_a_circle(project):
    (project.root / FOLDER / "picture.svg").unlink()
    (project.root / FOLDER / "picture.svg").symlink_to(project.root / FOLDER / "picture.svg")
    assert any("leads out of the content folder" in line for line in project.told())


def test_a_pipe_is_not_waited_for(project):
    (project.root / EN).unlink()
    os.mkfifo(project.root / EN)
    assert any("en.md: this is not an ordinary file" in line for line in project.told())


def test_a_folder_named_like_a_language_file(project):
    (project.root / EN).unlink()
    (project.root / EN).mkdir()
    assert any("en.md" in line for line in project.told())


def test_a_name_that_cannot_be_shown(project):
    Path(os.fsdecode(os.fsencode(project.root / FOLDER) + b"/\xff.md")).write_bytes(b"x")
    assert any("the name of this file has characters that cannot be shown" in line for line in project.told())


def test_nothing_there_at_all(tmp_path):

    told = [str(problem) for problem in read_project(tmp_path).problems]
    assert told == [
        "content/helplines.yml: this file is not there",
        "content/campaigns: the folder cannot be read (No such file or directory)",
    ]


def test_helplines_that_are_wrong(project):
    project.change("content/helplines.yml", "  operator: Test operator\n", "  operater: Test operator\n  id: other\n")
    told = [line for line in project.told() if line.startswith("content/helplines.yml")]
    assert "content/helplines.yml:5: unknown key 'operater'; did you mean 'operator'?" in told
    assert "content/helplines.yml:1: the key 'operator' is missing; add it" in told
    assert any(line.startswith("content/helplines.yml:6: the key 'id' is given by the name") for line in told)
