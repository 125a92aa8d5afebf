"""Every rule: a project that breaks it gets its name, its line and what to do; nothing else is told."""

import io
import re
import shutil
from datetime import date

import pytest
from PIL import Image

from pipeline.content import Cache
from pipeline.content.check import RULES
from pipeline.model import Severity

FOLDER = "content/campaigns/harvest/messages/signs"
CAMPAIGN = "content/campaigns/harvest/campaign.yml"
LONG = " ".join(["word"] * 45)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect/></svg>'


def body(text):
    return lambda project: project.body(f"{text}\n\nCall {{helpline}}.")


def head(old, new):
    return lambda project: project.message(old, new)


def write(name, content):
    return lambda project: project.write(f"{FOLDER}/{name}", content)


def stale(project):
    project.languages("ro")
    english = (project.root / FOLDER / "en.md").read_text("utf-8")
    project.write(f"{FOLDER}/ro.md", english.replace("author: editor", 'source_hash: "0123456789abcdef"'))


def link_out(project):
    (project.root / FOLDER / "ro.md").symlink_to("/etc/hostname")


def stale_sheet(project):
    project.languages("ro")
    english = (project.root / FOLDER / "en.md").read_text("utf-8")
    project.write(f"{FOLDER}/kit.en.yml", "notes: [One.]\n")
    project.write(f"{FOLDER}/kit.ro.yml", 'notes: [Unu.]\nsource_hash: "0123456789abcdef"\n')
    project.write(f"{FOLDER}/ro.md", english.replace("author: editor", f'source_hash: "{hash_of(project)}"'))


def hash_of(project):
    return project.read().messages["harvest", "signs"].source.text_hash


def long_picture(project):
    data = io.BytesIO()
    Image.new("RGB", (12_000, 8)).save(data, "PNG")
    project.message("file: picture.svg", "file: picture.png")
    project.write(f"{FOLDER}/picture.png", data.getvalue())


def copied(project):
    """Copy a message with the line that says under which name it is known."""
    shutil.copytree(project.root / FOLDER, project.root / FOLDER / "../copied")
    name = FOLDER.rsplit("/", 1)[1]
    project.change(f"{FOLDER}/../copied/en.md", "author: editor", f"author: editor\nuid: harvest/{name}")


CASES = {
    "unreadable": (
        lambda project: (project.root / FOLDER / "en.md").unlink() or (project.root / FOLDER / "en.md").mkdir(),
        "en.md: ",
    ),
    "encoding": (write("en.md", b"---\n\xff"), "en.md:2: "),
    "hidden-character": (body("One\x08"), "en.md:17: "),
    "too-long": (body("x" * 600_000), "en.md: "),
    "outside": (link_out, "ro.md: "),
    "missing-file": (lambda project: (project.root / CAMPAIGN).unlink(), f"{CAMPAIGN}: "),
    "folder-name": (lambda project: project.change(CAMPAIGN, "id: harvest", "id: spring"), f"{CAMPAIGN}:1: "),
    "duplicate-id": (
        lambda project: project.write("content/campaigns/spring/campaign.yml", (project.root / CAMPAIGN).read_bytes()),
        "content/campaigns/spring/campaign.yml:1: ",
    ),
    "duplicate-uid": (copied, "content/campaigns/harvest/messages/copied/en.md:15: "),
    "front-matter": (write("en.md", "Hello"), "en.md:1: "),
    "yaml": (head("title: Signs", "title: [Signs"), "en.md:"),
    "schema": (head("title: Signs at work", "title: []"), "en.md:2: "),
    "unknown-key": (head("title: Signs at work", "title: Signs at work\nname: x"), "en.md:3: "),
    "unknown-language": (write("pt.md", "x"), "pt.md: "),
    "missing-language": (lambda project: project.languages("ro"), "ro.md: "),
    "shared-key": (
        lambda project: (stale(project), project.change(f"{FOLDER}/ro.md", "topic: work", "topic: other")),
        "ro.md:5: ",
    ),
    "picture": (lambda project: (project.root / FOLDER / "picture.svg").unlink(), "en.md:10: "),
    "picture-large": (long_picture, "picture.png: "),
    "svg": (write("picture.svg", SVG.replace("<rect/>", "\n<script>x</script>")), "picture.svg:2: "),
    "phone": (body("Call 0000 999 999."), "en.md:17: "),
    "helpline-unknown": (body("Call {helpline:nobody}."), "en.md:17: "),
    "helpline-unverified": (
        lambda project: project.change("content/helplines.yml", "  expires: 2027-11-01\n", "  expires: 2026-11-21\n"),
        "content/helplines.yml:1: ",
    ),
    "helpline-open": (
        lambda project: (
            project.change("content/helplines.yml", '0000 111 111"\n', '0000 111 111"\n  note: x\n')
            or project.write(
                "content/helplines.yml",
                re.sub(
                    r"(xx-other:.*?)  verified_on: 2026-11-01\n",
                    r"\1",
                    (project.root / "content/helplines.yml").read_text("utf-8"),
                    count=1,
                    flags=re.DOTALL,
                ),
            )
        ),
        "content/helplines.yml:13: ",
    ),
    "one-action": (
        head('long: "Ask', 'long: "Call {helpline:xx-other} or {helpline}. Ask'),
        "en.md:13: ",
    ),
    "other-action": (head('short: "Ask', 'short: "Sign up for our course. Ask'), "en.md:12: "),
    "action-number": (
        lambda project: [project.message("{helpline}", "us") for _ in range(4)],
        "en.md:7: ",
    ),
    "unknown-audience": (head("audience: workers", "audience: everybody"), "en.md:4: "),
    "alt": (head("alt: Two people read a contract at a kitchen table.", "alt: Signs at work"), "en.md:11: "),
    "alt-style": (head("alt: Two people", "alt: Picture of two people"), "en.md:11: "),
    "figure": (body("93 people came."), "en.md:17: "),
    "figure-unused": (
        head(
            "author: editor", "sources: [{title: T, url: 'https://x.example', read_on: 2026-01-01, supports: ['93']}]"
        ),
        "en.md:14: ",
    ),
    "link": (body("[there](../nothing/en.md)"), "en.md:17: "),
    "link-scheme": (body("[there](javascript:alert)"), "en.md:17: "),
    "html": (body("One\n\n<b>two</b>"), "en.md:19: "),
    "include": (body("![a](https://elsewhere.example/a.png)"), "en.md:17: "),
    "link-in-short": (head('short: "Ask', 'short: "https://x.example Ask'), "en.md:12: "),
    "heading": (body("# One"), "en.md:17: "),
    "many-actions": (body("[a](mailto:a@x.example) [b](mailto:b@x.example)"), "en.md:17: "),
    "long-sentence": (body(f"One two.\n\n{LONG}."), "en.md:19: "),
    "long-sentences": (body("\n\n".join(["One two " + " ".join(["word"] * 26) + "."] * 20)), "en.md:1: "),
    "person": (body("Maria, 17 years old, from Odemira, told us."), "en.md:17: "),
    "person-age": (body("Maria, 17 years old, told us."), "en.md:17: "),
    "stale": (stale, "ro.md:"),
    "kit-stale": (stale_sheet, "kit.ro.yml:1: "),
    "kit-seconds": (write("kit.en.yml", f"notes: [One.]\nradio_20: {' '.join(['A word.'] * 40)}\n"), "kit.en.yml:2: "),
    "kit-link": (write("kit.en.yml", "notes:\n  - See https://x.example\n"), "kit.en.yml:2: "),
    "campaign-words": (
        lambda project: project.change(CAMPAIGN, "{en: Work on the land}", "{pt: x}"),
        f"{CAMPAIGN}:3: ",
    ),
    "empty-body": (
        lambda project: project.message("A sign is not proof. Call {helpline}.", ""),
        "en.md: ",
    ),
    "untranslated": (body("[to translate] One."), "en.md:17: "),
    "term": (body("Illegal migrants came."), "en.md:17: "),
    "allow-unused": (head("author: editor", "allow: [{term: slave, reason: It is a quotation.}]"), "en.md:14: "),
}
ALSO = {"shared-key": {"stale"}, "duplicate-id": set(), "unknown-key": set(), "link-dead": set()}
"""Other rules that the same project breaks."""


def test_every_rule_has_a_case_here():
    assert set(CASES) | {"link-dead"} == set(RULES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_rule(project, name):
    spoil, place = CASES[name]
    spoil(project)
    problems = project.problems()
    mine = [problem for problem in problems if problem.rule == name]
    others = {problem.rule for problem in problems} - {name} - ALSO.get(name, {"missing-language"})
    assert mine, f"{name} was not told; told was: {[str(problem) for problem in problems]}"
    assert any(str(problem).replace(f"{FOLDER}/", "").startswith(place) for problem in mine), [str(one) for one in mine]
    assert not others, [str(problem) for problem in problems]
    assert {problem.severity for problem in mine} == {RULES[name].severity}


def test_every_rule_is_explained_in_one_sentence():
    for rule in RULES.values():
        assert re.fullmatch(r"[a-z-]+", rule.name)
        assert rule.explanation.endswith((".", ")."))
        assert len(rule.explanation) < 140


# --- helplines ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("  verified_on: 2026-11-01\n", "", "has not been verified"),
        ("  verified_by: editor\n", "", "has not been verified"),
        ("  expires: 2027-11-01\n", "", "has no date at which its verification expires"),
        ("  verified_on: 2026-11-01\n", "  verified_on: 2026-12-01\n", "which is yet to come"),
        ("  expires: 2027-11-01\n", "  expires: 2026-11-21\n", "expired on 2026-11-21"),
    ],
)
def test_a_helpline_that_may_not_be_published_is_told_with_everything_that_carries_it(project, old, new, why):
    project.change("content/helplines.yml", old, new)
    told = project.told()
    assert len(told) == 2
    assert all(why in line for line in told)
    assert told[0].startswith("en.md:7: this carries the helpline 'xx-line'")
    assert "1 file of content carry it" in told[1] or "1 file of content carries it" in told[1]


def test_a_helpline_expires_on_the_day_after_its_last(project):
    assert project.told(today=date(2027, 11, 1)) == []
    assert len(project.told(today=date(2027, 11, 2))) == 4  # the message, both registry entries used, and a note


def test_a_number_of_the_registry_may_be_typed_and_counts_as_carried(project):
    project.body("Call 0000 111 111 if you are there. Call {helpline}.")
    assert project.told() == []
    project.write(
        "content/helplines.yml",
        (project.root / "content/helplines.yml").read_text("utf-8").replace("  verified_by: editor\n", ""),
    )
    assert any("this carries the helpline 'xx-other'" in line for line in project.told())


@pytest.mark.parametrize("key", ["title", "summary", "short", "alt", "content_warning", "picture"])
def test_an_unknown_number_is_found_wherever_it_stands(project, key):
    number = "0000 999 999"
    if key == "picture":
        project.write(f"{FOLDER}/picture.svg", SVG.replace("<rect/>", "<text>Call <tspan>0000</tspan> 999 999</text>"))
    elif key == "content_warning":
        project.message("author: editor", f'author: editor\ncontent_warning: "{number}"')
    elif key in {"title", "summary"}:
        project.message(f"{key}: ", f"{key}: {number} ")
    else:
        project.message(
            {"short": 'short: "', "alt": "alt: "}[key], {"short": f'short: "{number} ', "alt": f"alt: {number} "}[key]
        )
    (told,) = project.told()
    assert "'0000 999 999' looks like a telephone number, and the registry does not have it" in told
    assert told.startswith("picture.svg:1" if key == "picture" else "en.md:")


def test_a_number_in_a_link_is_one_of_the_registry(project):
    project.body("[call](tel:0000000000) {helpline}")
    assert project.told() == []
    project.message("tel:0000000000", "tel:+40999999999")
    assert "the link dials '+40999999999', which the registry does not have" in project.told()[0]


def test_the_numbers_of_one_operator_count_as_one_helpline(project):
    project.change("content/helplines.yml", "operator: Other operator", "operator: Test operator")
    project.message('long: "Ask', 'long: "Call {helpline:xx-other} from home. In danger {helpline:xx-112}. Ask')
    assert project.told() == []


# --- figures -----------------------------------------------------------------------------------------------


def source(supports):
    fields = f'title: T, url: "https://x.example", read_on: 2026-01-01, supports: [{supports}]'
    return f"author: editor\nsources: [{{{fields}}}]"


def test_a_figure_with_a_source_is_quiet_in_every_language(project):
    project.languages("ro")
    project.message("author: editor", source('"over 6,300 people", "48%"'))
    project.body("Over 6,300 people were reached, 48% of them at work. Call {helpline}.")
    source_text = project.read().messages["harvest", "signs"].source
    told = "Peste 6.300 de oameni, 48 la sută. Sună la {helpline}."
    romanian = (project.root / FOLDER / "en.md").read_text("utf-8").split("author: editor")[0]
    project.write(
        f"{FOLDER}/ro.md",
        f'{romanian}source_hash: "{source_text.text_hash}"\n---\n{told}\n',
    )
    assert project.told() == []
    project.change(f"{FOLDER}/ro.md", "6.300", "6.500")
    (told,) = project.told()
    assert told.startswith(
        "ro.md:16: the figure '6.500' has no source; add a source with 'supports: [\"6.500\"]' to en.md"
    )


# --- translations ------------------------------------------------------------------------------------------


def test_a_translation_is_fresh_until_its_source_changes(project):
    project.languages("ro")
    fresh = project.read().messages["harvest", "signs"].source.text_hash
    english = (project.root / FOLDER / "en.md").read_text("utf-8")
    project.write(f"{FOLDER}/ro.md", english.replace("author: editor", f'source_hash: "{fresh}"'))
    assert project.told() == []
    project.body("A sign is not proof at all. Call {helpline}.")
    (told,) = project.told()
    assert told == (
        "ro.md:14: the text in 'ro' was made from an older text in 'en'; it is not sent while this is so; "
        "bring it up to date, then run `outreach translated signs ro`"
    )


def test_who_wrote_it_is_needed_where_two_pairs_of_eyes_are(project):
    project.message("author: editor\n", "")
    assert project.told() == []
    project.change(CAMPAIGN, "languages: [en]", "languages: [en]\napproval: two")
    assert "en.md:1: the key 'author' is missing; the source language has to name it; add it" in project.told()


# --- sentences and persons ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"By art. 3 of the protocol, {' '.join(['word'] * 29)}.",
        "- " + "\n- ".join([" ".join(["word"] * 12)] * 6),
        f"## A heading\n{' '.join(['word'] * 30)}\n\n{' '.join(['word'] * 30)}",
        f"“{' '.join(['word'] * 30)}.” {' '.join(['Word'] * 30)}.",
        f"{' '.join(['word'] * 30)}… {' '.join(['Word'] * 30)}?",
    ],
)
def test_sentences_end_where_they_end(project, text):
    project.body(f"{text}\n\nCall {{helpline}}. One two three. One two three. One two three. One two three. One two.")
    assert not [problem for problem in project.problems() if problem.rule == "long-sentence"]


def test_an_abbreviation_ends_no_sentence(project):
    project.body(f"By art. 3 of the protocol, {' '.join(['word'] * 20)} e.g. {' '.join(['word'] * 20)}.")
    (told,) = [problem for problem in project.problems() if problem.rule == "long-sentence"]
    assert "'By art. 3 of the protocol, …' has 47 words; 35 are too many already" in told.message


@pytest.mark.parametrize(
    ("language", "text", "rule"),
    [
        ("en", "Maria (17 years old) from the village of Sines", "person"),
        ("en", "The 17-year-old Ana lived in Odemira.", "person"),
        ("en", "Ana, aged 17 years old, told us.", "person-age"),
        ("ro", "Maria, 17 ani, din Vaslui, a povestit.", "person"),
        ("ro", "Maria, în vârstă de 17 ani, a povestit.", "person-age"),
        ("ro", "Ion (34 de ani) a muncit în Odemira.", "person"),
        ("pt", "Maria, de 17 anos, de Beja, contou.", "person"),
        ("pt", "João, 34 anos, contou.", "person-age"),
        ("en", "In Portugal, 18 years is the age of majority.", None),
        ("ro", "În România, 18 ani este vârsta majoratului.", None),
        ("pt", "Em Portugal, 18 anos é a maioridade.", None),
        ("en", "Children under 18 years old have rights in Portugal.", None),
        ("ro", "Copiii sub 14 ani au drepturi.", None),
        ("en", "Maria works in Odemira.", None),
        ("ro", "După 5 ani, Maria s-a întors.", None),
    ],
)
def test_persons(project, language, text, rule):
    if language != "en":
        project.languages(language)
        fresh = project.read().messages["harvest", "signs"].source.text_hash
        english = (
            (project.root / FOLDER / "en.md").read_text("utf-8").replace("author: editor", f'source_hash: "{fresh}"')
        )
        project.write(f"{FOLDER}/{language}.md", english.replace("A sign is not proof.", text))
    else:
        project.body(f"{text} Call {{helpline}}.")
    told = {problem.rule for problem in project.problems() if problem.rule.startswith("person")}
    assert told == ({rule} if rule else set())


# --- alt texts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alt", "severity"),
    [
        ("Signs at work.", Severity.ERROR),
        ("picture.svg", Severity.ERROR),
        ("A table", Severity.WARNING),
        ("Image of two people at a table", Severity.WARNING),
        ("A table. " * 40, Severity.WARNING),
        ("Drawing: two people at a table", None),
    ],
)
def test_alt_texts(project, alt, severity):
    project.message("alt: Two people read a contract at a kitchen table.", f'alt: "{alt}"')
    assert [problem.severity for problem in project.problems()] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("sheet", "rule", "line"),
    [
        ("notes:\n  - One.\n  - Call 0733 555 123.\n", "phone", 3),
        ("questions:\n  - question: Who?\n    answer: Illegal migrants.\n", "term", 3),
        ("radio_20: Call {helpline:nobody}.\n", "helpline-unknown", 1),
        ("television:\n  - seen: A field.\n    said: 93 people came.\n", "figure", 3),
        ("key_messages: [One., Two.]\n", "schema", 1),
        ("key_message: [One.]\n", "unknown-key", 1),
        ("notes:\n  - One\n  two: x\n", "yaml", 3),
        ("notes: [Maria]\nradio_30: Maria, 17 years old, from Odemira, told us.\n", "person", 2),
    ],
)
def test_a_kit_sheet_is_held_to_the_same_rules(project, sheet, rule, line):
    project.write(f"{FOLDER}/kit.en.yml", sheet)
    told = [(problem.rule, problem.line) for problem in project.problems() if problem.path.endswith("kit.en.yml")]
    assert (rule, line) in told, told


def test_a_kit_sheet_of_no_language_of_the_campaign_is_told(project):
    project.write(f"{FOLDER}/kit.pt.yml", "notes: [Um.]\n")
    assert any("kit.pt.yml: the campaign has no language 'pt'" in line for line in project.told())


def test_what_stands_in_a_sheet_is_told_when_nothing_else_changed(project):
    cache = Cache(project.root / "build" / "cache")
    assert not project.problems(cache)
    project.write(f"{FOLDER}/kit.en.yml", "notes: [Call 0733 555 123.]\n")
    assert [one.rule for one in project.problems(cache)] == ["phone"]
    assert [one.rule for one in project.problems(Cache(project.root / "build" / "cache"))] == ["phone"]
