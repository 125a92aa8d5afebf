"""Cards and prints: what stands on them fits, can be read by people, screen readers and telephones, and is made once."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from print_project import LANGUAGES, ROOT, SVG, PrintProject
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject

from pipeline.model import Message, Severity
from pipeline.partners.prints import BLEED, FORMS, Brand, Printer, PrintKind
from pipeline.partners.prints.typesetting import COMMON, Typesetter
from pipeline.settings import ProblemsFound

MM = 72 / 25.4
PAPER = [kind for kind in PrintKind if FORMS[kind].unit == "mm"]
SCREEN = [kind for kind in PrintKind if FORMS[kind].unit == "px"]
LEGIBLE = {"px": 11, "mm": 4}
"""Points that a text has at least: pixels on a screen, and on paper the small print of a card in one's hand."""
LONG = "Kraftfahrzeughaftpflichtversicherungsgesellschaft und Donaudampfschifffahrtselektrizitätenhauptbetriebswerk 🌱🙂👩‍👧"


# --- measuring ---------------------------------------------------------------------------------------------


def measured(printer: Printer, message: Message, language: str, kind: PrintKind, brand: Brand | None = None) -> Any:
    """Where texts were put, and the print as PDF whatever it is, so that its letters can be asked where they stand."""
    form = FORMS[kind]
    data = printer.sheet(message, language, brand).data(form)
    setter = printer.typesetter
    return setter.places(form, data), pdfium.PdfDocument(setter.set(replace(form, unit="mm"), data))


def require_fitting(places: list[dict[str, Any]], document: Any, kind: PrintKind) -> None:
    """Every text lies in its place, every place on the page, no place in another, every letter inside of the cut."""
    form = FORMS[kind]
    unit = MM if form.unit == "mm" else 1
    assert len(document) == form.pages
    for place in places:
        assert 0 <= place["x"] <= place["x"] + place["width"] <= form.width * unit + 0.01, place
        assert 0 <= place["y"] <= place["y"] + place["height"] <= form.height * unit + 0.01, place
        if not place["left-out"]:
            assert place["used-height"] <= place["height"] + 0.01, place
            assert place["widest"] <= place["width"] + 0.01, place
            assert place["size"] >= LEGIBLE[form.unit], place
    for one, other in combinations(places, 2):
        apart = (
            one["page"] != other["page"]
            or one["x"] + one["width"] <= other["x"] + 0.01
            or other["x"] + other["width"] <= one["x"] + 0.01
            or one["y"] + one["height"] <= other["y"] + 0.01
            or other["y"] + other["height"] <= one["y"] + 0.01
        )
        assert apart or one["left-out"] or other["left-out"], (one, other)
    bleed = BLEED * MM if form.unit == "mm" else 0
    for number, page in enumerate(document, 1):
        here = [place for place in places if place["page"] == number and not place["left-out"]]
        height = page.get_height()
        text = page.get_textpage()
        for index in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(index)
            character = chr(raw.FPDFText_GetUnicode(text, index))
            if right - left < 0.01 or not character.strip():
                continue
            x, y = (left + right) / 2 - bleed, height - (top + bottom) / 2 - bleed
            inside = any(
                place["x"] - 1 <= x <= place["x"] + place["width"] + 1
                and place["y"] - 1 <= y <= place["y"] + place["height"] + 1
                for place in here
            )
            assert inside, (kind, number, character, x, y)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(PrintKind))
def test_every_text_fits_its_place(project: PrintProject, kind: PrintKind, language: str) -> None:
    printer, message = project.printer()
    places, document = measured(printer, message, language, kind)
    require_fitting(places, document, kind)
    assert not [place["name"] for place in places if place["left-out"]]
    title = next(place for place in places if place["name"] == "title")
    assert title["rank"] == 0, "the title stands whole"


@pytest.mark.parametrize("kind", list(PrintKind))
def test_long_words_and_long_texts_are_broken_and_shortened_and_never_cut_off(
    project: PrintProject, kind: PrintKind
) -> None:
    project.text("en", LONG, "Zusammenfassung " * 24, f"{'Rindfleischetikettierungsüberwachung ' * 20}: {{helpline}}.")
    project.text("ro", body="## Un titlu\n\n" + f"{LONG} și încă ceva.\n\n" * 120)
    printer, message = project.printer()
    brand = Brand("Agenția " * 12, None, f"{LONG} " * 3)
    for language in ("en", "ro"):
        places, document = measured(printer, message, language, kind, brand)
        require_fitting(places, document, kind)
        assert {"title", "number"} <= {place["name"] for place in places if not place["left-out"]}


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn")), min_size=1, max_size=60)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(title=words, action=words, kind=st.sampled_from(PrintKind), language=st.sampled_from(LANGUAGES))
def test_whatever_people_write_fits(
    project: PrintProject, title: str, action: str, kind: PrintKind, language: str
) -> None:
    printer, message = project.printer()
    text = message.translations[language]
    head = text.head.model_copy(
        update={"title": title, "action": text.head.action.model_copy(update={"text": action.replace("{", "(")})}
    )
    changed = message.model_copy(
        update={"translations": message.translations | {language: text.model_copy(update={"head": head})}}
    )
    places, document = measured(printer, changed, language, kind)
    require_fitting(places, document, kind)


# --- what comes out ----------------------------------------------------------------------------------------


def test_cards_are_pictures_of_their_size_with_words_for_who_does_not_see_them(project: PrintProject) -> None:
    printer, message = project.printer()
    for one in printer.make(message, "pt", SCREEN):
        with Image.open(one.path) as picture:
            assert (picture.format, *picture.size) == ("PNG", one.width, one.height)
        assert (one.mime, one.unit) == ("image/png", "px")
        assert one.name == f"spring-seeds-pt-{one.kind.value}.png"
        assert one.alt == (
            "Sementes na terra e flores à janela. Tem dúvidas? Ligue 0000\u00a0000\u00a0000. "
            "Não precisa de dar o nome. Un desen."
        )


@pytest.mark.parametrize("kind", PAPER)
def test_the_bleed_is_written_as_the_library_writes_it(project: PrintProject, kind: PrintKind) -> None:
    """Its own writer reads the whole document for that, which was a fifth of the time of a kit."""
    printer, message = project.printer()
    (one,) = printer.make(message, "ro", [kind])
    made = one.path.read_bytes()
    print_alone = made[: made.index(b"%%EOF") + len(b"%%EOF")]
    writer = PdfWriter(io.BytesIO(print_alone), incremental=True)
    for page in writer.pages:
        page.bleedbox = RectangleObject(page.mediabox)
    theirs = io.BytesIO()
    writer.write(theirs)
    assert theirs.getvalue() == made


@pytest.mark.parametrize("kind", PAPER)
def test_prints_are_ready_for_the_press(project: PrintProject, kind: PrintKind) -> None:
    printer, message = project.printer()
    (one,) = printer.make(message, "uk", [kind])
    document = pdfium.PdfDocument(one.path)
    assert len(document) == FORMS[kind].pages
    for page in document:
        left, bottom, right, top = (edge / MM for edge in page.get_trimbox())
        assert (right - left, top - bottom) == pytest.approx((one.width, one.height), abs=0.01)
        media = [edge / MM for edge in page.get_mediabox()]
        assert (left - media[0], bottom - media[1], media[2] - right, media[3] - top) == pytest.approx(
            [BLEED] * 4, abs=0.01
        )
    for page in PdfReader(one.path).pages:
        # Asked of the page's own entries: the library would fill in what is not there.
        media, bleed, trim = ([float(edge) / MM for edge in page[f"/{name}Box"]] for name in ("Media", "Bleed", "Trim"))
        assert bleed == media
        assert (trim[2] - trim[0], trim[3] - trim[1]) == pytest.approx((one.width, one.height), abs=0.01)
        assert [trim[0], trim[1], bleed[2] - trim[2], bleed[3] - trim[3]] == pytest.approx([BLEED] * 4, abs=0.01)
    assert one.mime == "application/pdf"
    assert all(embedded(page) for page in document)
    data = one.path.read_bytes()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data
    assert raw.FPDFCatalog_IsTagged(document)
    assert document.get_metadata_value("Title").startswith("Насіння в землі")


def embedded(page: Any) -> bool:
    """Whether every font of the page travels with it."""
    found = []
    for thing in page.get_objects([raw.FPDF_PAGEOBJ_TEXT]):
        found.append(raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(thing)) == 1)
    return bool(found) and all(found)


def said(one: Any) -> str:
    """What a print says, its pages together."""
    return "\n".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(one.path)).replace(
        "\u00a0", " "
    )


@pytest.mark.parametrize("kind", PAPER)
def test_a_telephone_reads_the_code_and_is_led_to_the_message(project: PrintProject, kind: PrintKind) -> None:
    printer, message = project.printer()
    brand = Brand("Partner", None, "", "utm_source=anitp&utm_medium=print")
    for language in LANGUAGES:
        (one,) = printer.make(message, language, [kind], brand)
        page = pdfium.PdfDocument(one.path)[0]
        codes = zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())
        assert [code.text for code in codes] == [
            f"https://trial.example/{language}/spring/seeds/?utm_source=anitp&utm_medium=print"
        ]


@pytest.mark.parametrize("kind", PAPER)
def test_the_number_and_who_pays_are_printed_whatever_a_partner_adds(project: PrintProject, kind: PrintKind) -> None:
    project.write("logo.svg", SVG)
    printer, message = project.printer()
    plain, with_partner = (
        said(printer.make(message, "ro", [kind], brand)[0])
        for brand in (None, Brand("Casa Deschisă", project.root / "logo.svg", "Str. Florilor 1", "utm_source=casa"))
    )
    for text in (plain, with_partner):
        assert "0000 000 000" in text
        assert "Plătit din granturi de probă." in " ".join(text.split())
    assert "Împreună cu Casa Deschisă" in " ".join(with_partner.split())
    assert "Casa Deschisă" not in plain


def test_the_text_of_a_message_stands_on_the_back_of_its_leaflet(project: PrintProject) -> None:
    printer, message = project.printer()
    text = said(printer.make(message, "en", [PrintKind.LEAFLET])[0])
    for part in ("What to look for", "Dry seeds.", "Seeds that rattle.", "Call 0000 000 000 and say what you saw."):
        assert part in " ".join(text.split())


# --- what must not be printed ------------------------------------------------------------------------------


def test_a_number_that_is_not_fit_any_more_is_not_printed(project: PrintProject) -> None:
    printer, message = project.printer(datetime(2027, 6, 1, tzinfo=UTC))
    with pytest.raises(ProblemsFound) as found:
        printer.make(message, "ro")
    assert "'line', which was last verified on 2026-11-01" in str(found.value)
    assert not list(project.cache.rglob("*.p[nd][gf]"))


def test_a_message_that_was_taken_back_is_not_printed(project: PrintProject) -> None:
    project.write(
        "content/corrections.yml",
        "- {date: 2026-11-30, campaign: spring, message: seeds, what: {ro: Nu mai e adevărat.}, recalled: true}\n",
    )
    printer, message = project.printer()
    assert printer.make(message, "ro") == []


def test_a_drawing_that_acts_is_not_drawn(project: PrintProject) -> None:
    project.write("content/campaigns/spring/messages/seeds/picture.svg", SVG.replace("<circle", "<script/><circle"))
    printer, message = project.printer()
    with pytest.raises(ProblemsFound, match=r"picture\.svg:1: the picture holds <script>"):
        printer.make(message, "ro", [PrintKind.CARD])


def test_a_logo_is_judged_like_any_picture(project: PrintProject) -> None:
    project.write("logo.svg", SVG.replace("<circle", '<image href="https://elsewhere.example/x.png"/><circle'))
    printer, message = project.printer()
    with pytest.raises(ProblemsFound, match=r"logo\.svg:1: the picture refers to something outside"):
        printer.make(message, "ro", [PrintKind.POSTER_A4], Brand("Partner", project.root / "logo.svg"))


@pytest.mark.parametrize("size", [(1600, 900), (900, 1600), (800, 800)])
def test_photographs_of_any_shape_are_printed_whole(project: PrintProject, size: tuple[int, int]) -> None:
    photograph = Image.new("RGB", size, "#a9cbb2")
    for corner in ((0, 0), (size[0] - 60, 0), (0, size[1] - 60), (size[0] - 60, size[1] - 60)):
        photograph.paste("#c00000", (*corner, corner[0] + 60, corner[1] + 60))
    data = io.BytesIO()
    photograph.save(data, "PNG")
    project.write("content/campaigns/spring/messages/seeds/picture.png", data.getvalue())
    source = project.root / "content/campaigns/spring/messages/seeds/ro.md"
    source.write_text(source.read_text("utf-8").replace("picture.svg", "picture.png"), "utf-8")
    printer, message = project.printer()
    for kind in (PrintKind.SQUARE, PrintKind.STORY, PrintKind.SIGNATURE):
        (one,) = printer.make(message, "pt", [kind])
        with Image.open(one.path) as picture:
            red = picture.convert("RGB").split()[1].point(lambda green: 255 if green < 20 else 0)
            red = ImageChops.multiply(
                red, picture.convert("RGB").split()[0].point(lambda value: 255 if value > 150 else 0)
            )
        left, top, right, bottom = red.getbbox()
        assert (right - left) / (bottom - top) == pytest.approx(size[0] / size[1], rel=0.08)


# --- fonts -------------------------------------------------------------------------------------------------


def test_what_no_font_has_is_shown_as_missing_and_told(project: PrintProject) -> None:
    project.text("en", "Seeds 種 and 🌱")
    printer, message = project.printer()
    for _ in range(2):
        (one,) = printer.make(message, "en", [PrintKind.POSTER_A4])
        (problem,) = printer.problems
        assert (problem.path, problem.severity) == ("content/campaigns/spring/messages/seeds/en.md", Severity.WARNING)
        assert "no font of the prints has ‘種’" in problem.message
    assert "Seeds \ufffd and 🌱" in said(one)


def test_the_common_letters_are_in_the_fonts(tmp_path: Path) -> None:
    fonts = Typesetter(ROOT, tmp_path)
    common = "".join(chr(code) for code in range(0x2100) if COMMON.match(chr(code)))
    assert len(common) > 650
    assert fonts.lacking(common) == ""


def test_fonts_come_with_their_licence() -> None:
    folder = ROOT / "site" / "fonts"
    licences = "".join(path.read_text("utf-8") for path in folder.glob("OFL*.txt"))
    assert licences.count("SIL Open Font License, Version 1.1") >= 3
    assert {path.name.partition("-")[0] for path in folder.glob("*.ttf")} == {"NotoSans", "NotoSansArabic", "NotoEmoji"}


# --- made once ---------------------------------------------------------------------------------------------


def test_what_was_made_is_not_made_again(project: PrintProject, monkeypatch: pytest.MonkeyPatch) -> None:
    printer, message = project.printer()
    first = printer.make(message, "ro")
    assert len({one.sha256 for one in first}) == len(PrintKind)

    def no_typst(*_: object) -> bytes:
        raise AssertionError("Typst was asked although nothing had changed")

    monkeypatch.setattr(Typesetter, "set", no_typst)
    printer, message = project.printer()
    assert printer.make(message, "ro") == first


def test_the_same_is_drawn_from_the_same(project: PrintProject, tmp_path: Path) -> None:
    printer, message = project.printer()
    again = Printer(project.public(), tmp_path / "elsewhere")
    for language in ("ro", "ar"):
        again.forget()
        hashes = [[one.sha256 for one in maker.make(message, language)] for maker in (printer, again)]
        assert hashes[0] == hashes[1]


CHANGES = {
    "title": lambda project: project.text("ro", title="Altceva"),
    "action": lambda project: project.text("ro", action="Sună: {helpline}."),
    "picture": lambda project: project.write(
        "content/campaigns/spring/messages/seeds/picture.svg", SVG.replace("#e8a87c", "#123456")
    ),
    "number": lambda project: project.write(
        "content/helplines.yml",
        (project.root / "content/helplines.yml").read_text("utf-8").replace("0000 000 000", "0000 111 111"),
    ),
    "name": lambda project: project.write(
        "outreach.toml", (project.root / "outreach.toml").read_text("utf-8").replace("Trial programme", "Another one")
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_makes_a_new_card(project: PrintProject, change: str) -> None:
    def made() -> str:
        printer, message = project.printer()
        return printer.make(message, "ro", [PrintKind.CARD])[0].sha256

    before = made()
    CHANGES[change](project)
    assert made() != before


def test_the_body_is_no_reason_to_draw_a_card_anew(project: PrintProject) -> None:
    printer, message = project.printer()
    before = {one.kind: one.path for one in printer.make(message, "ro", [PrintKind.CARD, PrintKind.LEAFLET])}
    project.text("ro", body="Alt text.\n")
    printer, message = project.printer()
    after = {one.kind: one.path for one in printer.make(message, "ro", [PrintKind.CARD, PrintKind.LEAFLET])}
    assert after[PrintKind.CARD] == before[PrintKind.CARD]
    assert after[PrintKind.LEAFLET] != before[PrintKind.LEAFLET]


def test_a_print_whose_file_was_lost_is_made_again(project: PrintProject) -> None:
    printer, message = project.printer()
    (one,) = printer.make(message, "ro", [PrintKind.CARD])
    one.path.unlink()
    assert printer.make(message, "ro", [PrintKind.CARD]) == [one]
    assert one.path.exists()


# --- mistakes in the site's folder -------------------------------------------------------------------------


def own_site(project: PrintProject) -> Path:
    (project.root / "site").unlink()
    for folder in ("words", "prints"):
        for file in (one for one in (ROOT / "site" / folder).iterdir() if one.is_file()):
            project.write(f"site/{folder}/{file.name}", file.read_bytes())
    (project.root / "site" / "fonts").symlink_to(ROOT / "site" / "fonts")
    return project.root / "site" / "prints"


def test_a_mistake_in_a_template_is_told_with_its_line(project: PrintProject) -> None:
    card = own_site(project) / "card.typ"
    card.write_text(card.read_text("utf-8").replace("#mark(", "#marc("), "utf-8")
    printer, message = project.printer()
    with pytest.raises(ProblemsFound) as found:
        printer.make(message, "ro", [PrintKind.CARD])
    (problem,) = found.value.problems
    line = 1 + card.read_text("utf-8").split("#marc(")[0].count("\n")
    assert (problem.path, problem.line) == ("site/prints/card.typ", line)


def test_a_word_that_a_language_lacks_is_told(project: PrintProject) -> None:
    words = own_site(project) / "words.yml"
    words.write_text(words.read_text("utf-8").replace("  scan: Скануйте, щоб прочитати більше\n", ""), "utf-8")
    printer, message = project.printer()
    with pytest.raises(ProblemsFound, match=r"site/prints/words\.yml: the prints lack words in 'uk': scan"):
        printer.make(message, "ro", [PrintKind.CARD])
