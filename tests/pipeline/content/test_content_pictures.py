"""Pictures: an SVG draws and does nothing else; texts in it are read like any other."""

import io

import pytest
from PIL import Image

FOLDER = "content/campaigns/harvest/messages/signs"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


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
