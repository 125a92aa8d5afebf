"""Certificates: the same person gets the same one, one changed letter is told, and no name is published."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from training_project import NAMES, ROOT, Run

from pipeline.model import Problem
from pipeline.programme.certificate_files import CannotBeSet, Press, text_of
from pipeline.programme.certificates import Certificate, NotACode, differs, read_code
from pipeline.website.words import Words, read_words

Table = Callable[[str], str]
HEAD = "name,institution,mail,2026-12-01 09:00,2026-12-01 13:30\n"
PRESENT = HEAD + "Ana Exemplu,police,ana.exemplu@police.example,x,x\nȘtefan Probă,police,stefan@police.example,x,\n"
AFTER = "2026-12-02T10:00+02:00"


def certificate(name: str = "Ana Exemplu", **other: object) -> Certificate:
    given: dict[str, object] = {
        "name": name, "session": "Instruire pentru polițiști", "hours": Decimal("6.5"), "day": date(2026, 12, 1),
        "programme": "ProActiv", "language": "ro", "salt": "0123456789abcdef0123456789abcdef",
    }  # fmt: skip
    return Certificate(**(given | other))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def words() -> dict[str, Words]:
    problems: list[Problem] = []
    found = read_words(ROOT, ["ro", "en", "pt"], problems, "site/words/certificates")
    assert not problems
    return found


@pytest.fixture
def whole(run: Run, table: Table) -> Run:
    """The project with the site's templates and fonts, and a session that is over: one was there all day, one half."""
    shutil.rmtree(run.root / "site")
    (run.root / "site").symlink_to(ROOT / "site")
    run("training", "attend", "first", table(PRESENT), at=AFTER)
    return run


def issued(run: Run, to: str = "out") -> Path:
    run("training", "certificates", "first", "--to", str(run.root / to), at=AFTER)
    (path,) = sorted((run.root / to).glob("*.pdf"))
    return path


# --- the code ---


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_a_code_gives_the_certificate_back(name: str, session: str) -> None:
    try:
        one = certificate(name, session=session)
        code = one.code
    except UnicodeEncodeError:
        return
    found = read_code(f"https://small.example/ro/certificates/#{code}")
    assert found.digest == one.digest
    assert found.record == one.record


@given(st.data())
def test_no_letter_of_a_code_can_be_changed(data: st.DataObject) -> None:
    code = certificate().code
    place = data.draw(st.integers(0, len(code) - 1))
    letter = data.draw(st.sampled_from("ABCXYZabcxyz0189-_.").filter(lambda one: one != code[place]))
    changed = code[:place] + letter + code[place + 1 :]
    with pytest.raises(NotACode):
        read_code(changed)


def test_a_digest_tells_nothing_without_the_salt() -> None:
    one = certificate()
    guessed = certificate(salt="")
    assert one.digest != guessed.digest
    assert hashlib.sha256(one.record).hexdigest() == one.digest
    assert one.number.replace("-", "") == one.digest[:16]


@pytest.mark.parametrize("text", ["", "x", "#", "a.b", "ana", "é.é", "." * 50, "QQ" * 12 + ".e30"])
def test_what_is_no_code_is_told(text: str) -> None:
    with pytest.raises(NotACode, match="code"):
        read_code(text)


# --- the file ---


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Ștefan-Țîțu Probă", "ro"),
        ("João Exemplo da Conceição", "pt"),
        ("Пані Приклад-Їжакевич", "en"),
        ("السيدة مثال التجريبية", "pt"),
        ("Maria " + "Exemplificadora de Vasconcelos " * 5, "en"),
    ],
)
def test_a_file_is_tagged_has_its_fonts_and_its_code_leads_to_the_page(
    words: dict[str, Words], name: str, language: str
) -> None:
    one = certificate(name, language=language)
    data = Press(ROOT, "https://small.example", "Programme").file(one, words[language])
    assert data == Press(ROOT, "https://small.example", "Programme").file(one, words[language])
    reader = PdfReader(io.BytesIO(data))
    assert len(reader.pages) == 1
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == language
    for font in reader.pages[0]["/Resources"]["/Font"].values():
        described = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(described)
    picture = pypdfium2.PdfDocument(data)[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"https://small.example/{language}/certificates/#{one.code}"


def test_a_letter_that_no_font_has_is_told(words: dict[str, Words]) -> None:
    with pytest.raises(CannotBeSet, match="例"):
        Press(ROOT, "https://small.example", "Programme").file(certificate("例子"), words["ro"])


@pytest.mark.parametrize("name", ["Ana Exemplu", "Пані Приклад", "السيدة مثال"])
def test_one_other_letter_in_the_text_is_found(words: dict[str, Words], name: str) -> None:
    press = Press(ROOT, "https://small.example", "Programme")
    right, wrong = (press.file(certificate(said), words["ro"]) for said in (name, name[:-1] + name[0]))
    assert differs(text_of(right), text_of(right)) is None
    assert differs(text_of(wrong), text_of(right)) is not None


# --- the commands ---


def test_who_was_there_enough_gets_the_same_certificate_again(whole: Run) -> None:
    done = whole("training", "certificates", "first", "--to", str(whole.root / "out"), at=AFTER)
    assert "1 certificate in" in done.stdout
    assert "1 person was present for too few half-days" in done.stdout
    (first,) = (whole.root / "out").glob("*.pdf")
    again = issued(whole, "again")
    assert (again.name, again.read_bytes()) == (first.name, first.read_bytes())
    assert not any(name.split()[0] in first.name for name in NAMES)
    assert "Ana Exemplu" in text_of(first.read_bytes())
    assert "7 ore, 1 decembrie 2026" in text_of(first.read_bytes())
    with whole.house(AFTER) as house:
        assert len(house.store.certificates.find()) == 1


def test_a_certificate_is_checked_by_file_code_and_number(whole: Run) -> None:
    path = issued(whole)
    found = json.loads(whole("training", "verify", str(path), "--json", key="").stdout)
    assert (found["holds"], found["says"]["name"]) == (True, "Ana Exemplu")
    (keywords,) = re.findall(r"[\w-]{24}\.[\w-]+", str(PdfReader(path).metadata["/Keywords"]))
    assert "It holds" in whole("training", "verify", f"https://x.example/ro/certificates/#{keywords}").stdout
    assert "says nothing of whose" in whole("training", "verify", found["says"]["number"]).stdout
    one = read_code(keywords)
    other = Certificate("Ana Exempla", one.session, one.hours, one.day, one.programme, one.language, one.salt)
    assert "has not issued" in whole("training", "verify", other.code, code=3).stderr
    assert "was changed" in whole("training", "verify", keywords[:-3] + "AAA", code=2).stderr
    assert "no code of a certificate" in whole("training", "verify", "nothing", code=2).stderr


def test_a_file_with_another_name_and_the_right_code_is_told(whole: Run, words: dict[str, Words]) -> None:
    path = issued(whole)
    right = path.read_bytes()
    one = read_code(str(PdfReader(path).metadata["/Keywords"]))
    press = Press(whole.root.resolve(), "https://small.example", "A small programme")
    data = press.data([one], words["ro"])
    data["certificates"][0]["name"] = "Ana Exempla"
    from pipeline.programme.typeset import pdf  # noqa: PLC0415

    path.write_bytes(pdf(whole.root.resolve(), "certificate.typ", data))
    assert path.read_bytes() != right
    said = whole("training", "verify", str(path), code=3).stderr
    assert "it says ‘Ana Exempla’ where the certificate says ‘Ana Exemplu’" in said
    path.write_text("no PDF at all", "utf-8")
    assert "no PDF" in whole("training", "verify", str(path), code=2).stderr


FUNDER = """
grants:
  name: {ro: Granturile, en: The grants}
  period: 2014–2021
  statement: {STATEMENT}
  sources: [{title: Manual, url: "https://grants.example/manual", read_on: 2026-11-01}]
"""


def funded(run: Run, statement: str) -> None:
    """Let the plan have a funder with this statement."""
    (run.root / "content" / "funders.yml").write_text(FUNDER.replace("{STATEMENT}", statement), "utf-8")
    plan = run.root / "content" / "activities" / "plan" / "programme.yml"
    text = plan.read_text("utf-8")
    plan.write_text(text if "funder:" in text else f"{text}funder: grants\n", "utf-8")


def test_a_certificate_says_who_paid_in_its_language_and_is_tagged(whole: Run) -> None:
    before = issued(whole, "before")
    funded(whole, "{ro: Plătit de Granturile de probă., en: Paid by the trial grants.}")
    path = issued(whole)
    lines = [line for line in text_of(path.read_bytes()).splitlines() if line.strip()]
    assert lines[-1] == "Plătit de Granturile de probă."
    assert "Paid by" not in text_of(path.read_bytes())
    reader = PdfReader(path)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert len(reader.pages) == 1
    assert "It holds" in whole("training", "verify", str(path)).stdout
    assert "It holds" in whole("training", "verify", str(before)).stdout, "it was issued before"
    funded(whole, "{ro: Plătit de altcineva.}")
    assert "‘Plătit de Granturile de probă.’" in whole("training", "verify", str(path), code=3).stderr


def test_a_statement_in_another_language_is_not_on_it(whole: Run) -> None:
    funded(whole, "{en: Paid by the trial grants.}")
    assert "Paid by" not in text_of(issued(whole).read_bytes())


def test_a_withdrawn_certificate_stays_withdrawn(whole: Run) -> None:
    path = issued(whole)
    whole("training", "revoke", str(path), "--why", "the list was wrong", at=AFTER)
    assert "It was withdrawn on 2026-12-02" in whole("training", "verify", str(path), code=3).stderr
    issued(whole, "again")
    whole("training", "verify", str(path), code=3)
    assert "withdrawn already" in whole("training", "revoke", str(path), "--why", "again", code=2).stderr


def test_what_cannot_be_issued_is_told(run: Run, table: Table) -> None:
    def refused(*words: str, at: str = AFTER) -> str:
        return run("training", "certificates", *words, at=at, code=2).stderr

    assert "is not over" in refused("first", "--to", "out", at="2026-12-01T10:00+02:00")
    assert "nobody knows who was at plan/first" in refused("first", "--to", "out")
    assert "must not lie in content/" in refused("first", "--to", str(run.root / "content" / "out"))
    assert "is not over" in refused("some-day", "--to", "out")
