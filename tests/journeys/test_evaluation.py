"""What the founding projects' funder prints of them comes out of the matrix and the final report, with what proves it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from journeys.place import Place

NODE = "eeagrants.org/node/7059"
CARD = "eeagrants.org/archive/2014-2021/projects/RO-ACTIVECITIZENS-0100"
FACTS = [
    ("alentejo-litoral", "cost", "22,214 EUR", NODE),
    ("alentejo-litoral", "trained", "93 persons", NODE),
    ("alentejo-litoral", "reached", "over 6,300 persons", NODE),
    ("alentejo-litoral", "networks", "Two local action networks", NODE),
    ("proactiv", "cost", "192,180 EUR", CARD),
    ("proactiv", "activities", "a national campaign, an assistance centre, trainings", "anitp.mai.gov.ro/project-proactiv"),
]  # fmt: skip
COUNTS = [
    ("Trainings for police officers", "5"), ("Training for magistrates and prosecutors", "1"),
    ("Trainings for social workers", "5"), ("Trainings for medical staff", "3"),
    ("Training of the team in advocacy techniques", "1"), ("Training of the team in external communication", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "question", "says", "proof"), FACTS)
def test_a_public_fact_answers_its_question_with_its_evidence(
    here: Place, plan: str, question: str, says: str, proof: str
) -> None:
    rows = {row["question"]: row for row in json.loads(here.outreach("evaluation", plan, "--in", "en", "--json").out)}
    assert rows[question]["status"] == "answered"
    (answer,) = rows[question]["answers"]
    assert says in answer["says"]
    assert proof in answer["evidence"][0]
    assert "21 November 2026" in answer["evidence"][0]


def test_the_word_document_has_the_facts_in_tables_with_heads(here: Place) -> None:
    for plan in ("proactiv", "alentejo-litoral"):
        assert here.outreach("evaluation", plan, "--in", "en", "--write", f"{plan}.docx").code == 0
    document = Document(str(here.folder / "alentejo-litoral.docx"))
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 2"]
    assert headings == ["Description", "Activities", "Cost", "Results", "Evaluation questions", "Limits", "Sources"]
    assert "Funded by EEA and Norway Grants." in [one.text for one in document.paragraphs]
    assert document.core_properties.language == "en"
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")).startswith("Table: ")
    results = [[cell.text for cell in row.cells] for row in document.tables[2].rows]
    for said in ("22,214 EUR", "93 persons", "over 6,300 persons"):
        (row,) = [row for row in results if said in row[1]]
        assert NODE in row[3]
    activities = Document(str(here.folder / "proactiv.docx")).tables[0]
    rows = {row.cells[0].text.split("\n")[0]: row for row in activities.rows}
    for title, count in COUNTS:
        assert rows[title].cells[2].text == count
        assert "anitp.mai.gov.ro/project-proactiv" in rows[title].cells[4].text


@pytest.mark.parametrize(
    ("plan", "language", "says"),
    [
        (
            "proactiv",
            "ro",
            ["192.180 EUR", "Finanțat prin Granturile SEE și Norvegiene.", "Instruiri pentru polițiști"],
        ),
        ("alentejo-litoral", "pt", ["22 214 EUR", "93 pessoas", "mais de 6 300 pessoas", "Financiado pelas EEA"]),
    ],
)
def test_the_pdf_is_tagged_and_speaks_the_programmes_language(
    here: Place, plan: str, language: str, says: list[str]
) -> None:
    # Without --in it is the plan's own first language.
    assert here.outreach("evaluation", plan, "--write", "final.pdf").code == 0
    reader = PdfReader(here.folder / "final.pdf")
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    text = " ".join("\n".join(page.extract_text() for page in reader.pages).replace("\u00a0", " ").split())
    for one in says:
        assert one in text


def test_what_is_wrong_stops_with_its_line(here: Place) -> None:
    file = Path("content/activities/proactiv/evaluation.yml")
    here.edit(str(file), "{activity: training-police}", "{activity: training-polis}")
    said = here.outreach("evaluation", "proactiv")
    assert said.code == 2
    assert "evaluation.yml:23" in said.text
    assert "the plan has no activity 'training-polis'" in said.text
    assert here.outreach("check").code == 2
    assert here.outreach("evaluation", "nowhere").code == 2
    assert "written as .docx or .pdf" in here.outreach("evaluation", "proactiv", "--write", "x.odt").text
