"""The lists of terms: every row of the field's table, held to its own examples, in every spelling."""

import unicodedata

import pytest

from pipeline.content.check.reading import Reading
from pipeline.content.check.terms import Index, find, shipped
from pipeline.content.yaml import load

FOLDER = "content/campaigns/harvest/messages/signs"
LISTS = {one.language: one for one in shipped()}
TERMS = [(language, term) for language, one in LISTS.items() for term in one.terms]


def rows(text, language):
    reading = Reading("x.md", language, [(("body",), text)])
    return [term.row for _, _, term in find(reading, Index(LISTS[language].terms))]


def test_every_row_of_the_table_is_there_once():
    """Rows 1 to 33 are English, 35 to 47 Romanian, 48 to 58 Portuguese; row 34 is the rule about persons."""
    assert {language: [term.row for term in one.terms] for language, one in LISTS.items()} == {
        "en": list(range(1, 34)),
        "ro": list(range(35, 48)),
        "pt": list(range(48, 59)),
    }


@pytest.mark.parametrize(("language", "term"), TERMS, ids=lambda value: getattr(value, "row", value))
def test_a_term_is_found_in_its_examples_and_in_no_near_miss(language, term):
    assert term.fine, "a near miss is needed"
    for text in term.hits:
        assert term.row in rows(text, language), text
        assert term.row in rows(text.upper(), language), text
        assert term.row in rows(f"Înainte. „Abc” {text} După.", language), text
        assert term.row in rows(unicodedata.normalize("NFD", text), language) or not text.isascii(), text
    for text in term.fine:
        assert term.row not in rows(text, language), text


@pytest.mark.parametrize(
    ("language", "term"), [pair for pair in TERMS if pair[0] == "ro"], ids=lambda v: getattr(v, "row", v)
)
def test_cedillas_and_missing_diacritics_make_no_difference(language, term):
    cedilla = str.maketrans("șțȘȚ", "şţŞŢ")
    for text in term.hits:
        plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        assert term.row in rows(text.translate(cedilla), language), text
        assert term.row in rows(plain, language), text


@pytest.mark.parametrize(
    ("language", "term"), [pair for pair in TERMS if pair[0] == "pt"], ids=lambda v: getattr(v, "row", v)
)
def test_portuguese_without_accents(language, term):
    for text in term.hits:
        plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        assert term.row in rows(plain, language), text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ro", "migrantului ilegal, migranților clandestini, imigrantele ilegale"),
        ("ro", "sclavelor sexuale"),
        ("pt", "migrantes ilegais"),
        ("en", "kept like\nslaves"),
        ("en", "a so–called victim, the so-called victims"),
        ("en", "*slaves*"),
    ],
)
def test_inflected_and_broken_forms(language, text):
    assert rows(text, language)


def test_the_longer_of_two_terms_is_told():
    assert rows("They were kept as sex slaves.", "en") == [8]


def test_an_address_is_not_prose():
    assert rows("[page](https://outreach.example/child-prostitution) https://x.example/slaves `slaves`", "en") == []


@pytest.mark.parametrize(
    "quoted", ["„Știa la ce se duce”", "“Știa la ce se duce”", "«Știa la ce se duce»", '"Știa la ce se duce"']
)
def test_a_prejudice_may_be_quoted(quoted):
    assert rows(f"Auzim: {quoted}. Nu este așa.", "ro") == []


def test_what_is_blocked_may_not_hide_in_quotation_marks():
    assert rows("“illegal migrants”", "en") == [5]


def test_a_finding_says_why_and_what_instead(project):
    project.body("One.\n\nThe *illegal\nmigrants* came. Call {helpline}.")
    (told,) = project.told()
    assert told == (
        "en.md:19: 'illegal migrants': no person is illegal; say instead: undocumented migrant, or irregular migrant"
    )


@pytest.mark.parametrize("term", ["illegal migrants", "Illegal Migrants came", "migrants"])
def test_a_permission_with_its_reason_lets_a_term_stand(project, term):
    project.message("author: editor", f"allow: [{{term: {term}, reason: It is the title of a report.}}]")
    project.body("Illegal migrants came. Call {helpline}.")
    assert project.told() == []


def test_a_permission_holds_for_its_file_alone(project):
    project.languages("ro")
    project.message("author: editor", "allow: [{term: slaves, reason: It is the title of a report.}]")
    project.body("The slaves. Call {helpline}.")
    fresh = project.read().messages["harvest", "signs"].source.text_hash
    english = (project.root / FOLDER / "en.md").read_text("utf-8")
    head, text = english.split("allow: [{")[0], "Migranți ilegali. Sună la {helpline}."
    project.write(f"{FOLDER}/ro.md", f'{head}source_hash: "{fresh}"\n---\n{text}\n')
    (told,) = project.told()
    assert told.startswith("ro.md:16: 'Migranți ilegali'")


# --- a project's own terms ---------------------------------------------------------------------------------

OWN = """\
language: en
terms:
- find: ["field (hand|hands)"]
  instead: worker
  why: it is belittling
  severity: warning
  source: the workers' own council
  hits: ["a field hand"]
"""


def test_a_project_adds_terms_of_its_own(project):
    project.write("content/terms/en.yml", OWN)
    project.body("The field hands left. Call {helpline}.")
    assert project.told() == ["en.md:17: warning: 'field hands': it is belittling; say instead: worker"]


def test_terms_for_a_language_that_is_not_shipped(project):
    project.languages("uk")
    project.write(
        "content/terms/uk.yml",
        OWN.replace("language: en", "language: uk")
        .replace('"field (hand|hands)"', '"раб*"')
        .replace("a field hand", "раби"),
    )
    fresh = project.read().messages["harvest", "signs"].source.text_hash
    english = (project.root / FOLDER / "en.md").read_text("utf-8")
    text = english.replace("author: editor", f'source_hash: "{fresh}"').replace("A sign is not proof.", "Раби.")
    project.write(f"{FOLDER}/uk.md", text)
    assert project.told() == ["uk.md:17: warning: 'Раби': it is belittling; say instead: worker"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("instead: worker", "insted: worker", "content/terms/en.yml:4: unknown key 'insted'; did you mean 'instead'?"),
        (
            "severity: warning",
            "severity: bad",
            "content/terms/en.yml:6: 'terms[1]: severity' is the text 'bad', but it can only be",
        ),
        ('["field (hand|hands)"]', '["(a)?"]', "content/terms/en.yml:3: terms[1]: find[1]: '(a)?' has no word"),
        (
            '["field (hand|hands)"]',
            '["field (hand"]',
            "content/terms/en.yml:3: terms[1]: find[1]: 'field (hand' cannot be understood",
        ),
        ("language: en", "language: english", "content/terms/en.yml:1: language: 'english' is not a language code"),
        ('["a field hand"]', '["a farmer"]', "content/terms/en.yml:8: the example 'a farmer' is not found by 'find'"),
        ("language: en", "language: en\nlanguage: ro", "content/terms/en.yml:2: the key 'language' stands here"),
    ],
)
def test_wrong_terms_of_a_project_are_located(project, old, new, expected):
    project.write("content/terms/en.yml", OWN.replace(old, new))
    assert any(line.startswith(expected) for line in project.told()), project.told()


def test_a_stem_may_have_any_ending_and_a_pattern_cannot_be_made_slow(project):
    project.write(
        "content/terms/en.yml",
        OWN.replace('"field (hand|hands)"', '"aaa* aaa* aaa* aaa* aaa*"').replace(
            "a field hand", "aaa aaa aaa aaa aaa"
        ),
    )
    project.body("aaa " * 5000 + "Call {helpline}.")
    assert any(line.startswith("en.md:17") for line in project.told())


def test_lists_are_what_yaml_says(project):
    assert load(OWN)["terms"][0]["find"] == ["field (hand|hands)"]
