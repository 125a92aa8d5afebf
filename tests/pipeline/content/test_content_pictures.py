"""Pictures: an SVG draws and does nothing else; texts in it are read like any other."""

import io
import zlib
from base64 import b64encode

import pytest
from PIL import Image

FOLDER = "content/campaigns/harvest/messages/signs"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 16 9">'


def svg(inside, head=HEAD):
    return f"{head}\n{inside}\n</svg>\n"


BAD = [
    ("<script>alert(1)</script>", "holds <script>"),
    ('<svg:script xmlns:svg="http://www.w3.org/2000/svg"/>', "holds <svg:script>"),
    ("<SCRIPT/>", "holds <SCRIPT>"),
    ("<foreignObject><p>x</p></foreignObject>", "holds <foreignObject>"),
    ('<rect onload="x()"/>', "the event handler 'onload'"),
    ('<rect\nonclick = "x()"/>', "the event handler 'onclick'"),
    ('<image href="https://elsewhere.example/a.png"/>', "refers to something outside"),
    ('<image xlink:href="//elsewhere.example/a.png"/>', "refers to something outside"),
    ('<use href="other.svg#a"/>', "refers to something outside"),
    ('<a href="javascript:x()"><rect/></a>', "refers to something outside"),
    ('<a href="&#106;avascript:x()"><rect/></a>', "refers to something outside"),
    ('<rect style="fill:url(https://elsewhere.example/#a)"/>', "refers to something outside"),
    ('<rect fill="u&#114;l(https://elsewhere.example/#a)"/>', "refers to something outside"),
    ("<style>@import 'https://elsewhere.example/a.css';</style>", "refer to something outside"),
    ("<style>rect{fill:url( 'https://elsewhere.example/a' )}</style>", "refer to something outside"),
    ('<image href="data:text/html;base64,AAAA"/>', "refers to something outside"),
    ('<animate attributeName="href" to="javascript:x()"/>', "changes where a reference leads"),
    ('<set attributeName="x" to="1"/>', "holds <set>"),
    ('<?xml-stylesheet href="https://elsewhere.example/a.css"?>', "processing instruction"),
    ("<rect>", "is not well-formed XML"),
    ("<rect a='1' a='2'/>", "is not well-formed XML"),
    ("&nothing;", "is not well-formed XML"),
]


@pytest.mark.parametrize(("inside", "expected"), BAD)
def test_what_does_more_than_draw_is_told_with_its_line(project, inside, expected):
    project.write(f"{FOLDER}/picture.svg", svg(inside))
    told = project.told()
    assert any(expected in line for line in told), told
    assert all(line.startswith(("picture.svg:2: ", "picture.svg:3: ")) for line in told)


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n',
        '<!DOCTYPE svg [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n',
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]>\n',
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(project, start):
    project.write(f"{FOLDER}/picture.svg", start + svg("<text>&b;</text>"))
    (told,) = project.told()
    assert told.startswith("picture.svg:1: the picture declares a document type")


def test_a_bomb_of_entities_takes_no_time(project):
    entities = '<!ENTITY a0 "xxxxxxxxxx">' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12)
    )
    project.write(f"{FOLDER}/picture.svg", f"<!DOCTYPE svg [{entities}]>{svg('<text>&a11;</text>')}")
    assert len(project.told()) == 1


GOOD = [
    '<defs><linearGradient id="g"/></defs><rect fill="url(#g)" style="fill: url(\'#g\')"/><use href="#g"/>',
    '<image href="data:image/png;base64,iVBORw0KGgo="/>',
    "<title>Two people at a table</title><desc>They read.</desc><text x='1'>Papers</text>",
    "<style>rect{fill:#abc}</style>",
    "<!-- one: onload=1 <script> -->",
]


@pytest.mark.parametrize("inside", GOOD)
def test_drawings_are_left_alone(project, inside):
    project.write(f"{FOLDER}/picture.svg", f'<?xml version="1.0" encoding="UTF-8"?>\n{svg(inside)}')
    assert project.told() == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is not well-formed XML"),
        (b"<html/>", "is no SVG"),
        (svg("").encode("utf-16"), "is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "is not well-formed XML"),
        (b"<svg>" + b"<g>" * 50_000, "is not well-formed XML"),
    ],
)
def test_what_is_no_svg(project, content, expected):
    project.write(f"{FOLDER}/picture.svg", content)
    assert any(expected in line for line in project.told())


def picture(name, kind):
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, kind)
    return name, data.getvalue()


@pytest.mark.parametrize(("name", "kind"), [("picture.png", "PNG"), ("picture.jpg", "JPEG"), ("picture.webp", "WEBP")])
def test_other_kinds_of_pictures(project, name, kind):
    name, data = picture(name, kind)
    project.message("file: picture.svg", f"file: {name}")
    project.write(f"{FOLDER}/{name}", data)
    assert project.told() == []
    project.write(f"{FOLDER}/{name}", data[: len(data) // 2])
    truncated = project.told()
    project.write(f"{FOLDER}/{name}", b"not a picture")
    assert project.told() == [f"{name}: the picture cannot be opened; it is damaged or of another kind"]
    assert len(truncated) <= 1


def test_a_kind_that_is_no_picture(project):
    project.message("file: picture.svg", "file: picture.html")
    project.write(f"{FOLDER}/picture.html", "x")
    assert "en.md:10: 'picture.html' is no picture" in project.told()[0]


def test_a_huge_picture_is_not_read(project):
    project.write(f"{FOLDER}/picture.svg", b" " * 9_000_000)
    assert any("the file has 8.6 MB; at most 8.0 MB are read" in line for line in project.told())


# --- pictures that are not what they should be -------------------------------------------------------------


def use(project, name, data):
    project.message("file: picture.svg", f"file: {name}")
    project.write(f"{FOLDER}/{name}", data)
    return project.told()


def test_a_picture_that_lies_about_its_kind(project):
    _, data = picture("", "JPEG")
    assert use(project, "picture.png", data) == [
        "picture.png: the picture is named '.png' but is of the kind JPEG; rename it, or save it as PNG"
    ]


def test_a_kind_of_picture_that_is_not_taken(project):
    _, data = picture("", "BMP")
    assert "is of the kind BMP, which is not taken" in use(project, "picture.png", data)[0]


def frames(kind):
    data = io.BytesIO()
    first, *others = (Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue"))
    first.save(data, kind, save_all=True, append_images=others)
    return data.getvalue()


@pytest.mark.parametrize(("name", "kind"), [("picture.png", "PNG"), ("picture.webp", "WEBP")])
def test_an_animated_picture(project, name, kind):
    assert use(project, name, frames(kind)) == [
        f"{name}: the picture is animated, and a still one is needed; save one frame of it"
    ]


def bomb(side):
    """A picture of a few kilobytes that unpacks to gigabytes: its head tells its size, and nobody should believe it."""
    data = io.BytesIO()
    Image.new("1", (8, 8)).save(data, "PNG")
    whole = bytearray(data.getvalue())
    whole[16:24] = side.to_bytes(4, "big") * 2
    whole[29:33] = zlib.crc32(bytes(whole[12:29])).to_bytes(4, "big")
    return bytes(whole)


@pytest.mark.parametrize(("side", "expected"), [(12_000, "has 12,000 × 12,000 pixels, more than can"), (2_000_000, "")])
def test_a_decompression_bomb_is_told_and_not_unpacked(project, side, expected):
    (told,) = use(project, "picture.png", bomb(side))
    assert told.startswith(f"picture.png: the picture {expected}")


def test_a_bomb_inside_of_a_drawing(project):
    inside = f'<image href="data:image/png;base64,{b64encode(bomb(12_000)).decode()}"/>'
    project.write(f"{FOLDER}/picture.svg", svg(inside))
    (told,) = project.told()
    assert told.startswith("picture.svg:2: inside of the drawing: the picture has 12,000 × 12,000 pixels")


def test_a_picture_that_ends_too_early(project):
    data = io.BytesIO()
    Image.effect_noise((400, 400), 60).save(data, "PNG")
    assert use(project, "picture.png", data.getvalue()[:-4000]) == [
        "picture.png: the picture cannot be opened; it is damaged or of another kind"
    ]


def test_a_telephone_s_photograph_with_a_second_picture_behind_it_is_a_still_one(project):
    data = io.BytesIO()
    one = Image.new("RGB", (8, 8))
    one.save(data, "MPO", save_all=True, append_images=[one])
    assert use(project, "picture.jpg", data.getvalue()) == []


def test_a_drawing_without_a_size(project):
    project.write(f"{FOLDER}/picture.svg", svg("<rect/>", '<svg xmlns="http://www.w3.org/2000/svg">'))
    assert "the drawing has no viewBox, so its size is unknown" in project.told()[0]
    project.write(
        f"{FOLDER}/picture.svg", svg("<rect/>", '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="9px">')
    )
    assert project.told() == []
