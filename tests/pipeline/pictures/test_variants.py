"""Pictures for networks: what a network takes goes as it is; otherwise it gets the best that it takes."""

import io
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import Base

from channels.contract import MediaTraits
from pipeline.pictures.photographs import PictureProblem, still
from pipeline.pictures.variants import Looks, Variant, make, variant_for

PNG = Looks("image/png", 1600, 900, 300_000)
BOTH = ("image/png", "image/jpeg")


def saved(image, kind, **more):
    data = io.BytesIO()
    image.save(data, kind, **more)
    return data.getvalue()


def noisy(width, height):
    """A picture that packs badly."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 90) for _ in range(3)])


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        (MediaTraits(4), None),
        (MediaTraits(4, BOTH, 300_000, 1600), None),
        (MediaTraits(4, BOTH, max_side=1200), Variant("image/png", 1200)),
        (MediaTraits(4, BOTH, 299_999), Variant("image/jpeg", 1600, 299_999)),
        (MediaTraits(4, ("image/png",), 200_000, 1200), Variant("image/png", 1200, 200_000)),
        (MediaTraits(1, ("image/jpeg",), 8_000_000), Variant("image/jpeg", 1600, 8_000_000)),
        (MediaTraits(1, ("image/jpeg",), None, 4000), Variant("image/jpeg", 1600)),
    ],
)
def test_what_has_to_be_made(traits, expected):
    assert variant_for(PNG, traits) == expected


def test_a_network_that_takes_nothing_that_can_be_made():
    with pytest.raises(PictureProblem, match=r"cannot be made into what this network takes \(image/gif\)"):
        variant_for(PNG, MediaTraits(1, ("image/gif",)))


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(80, 700),
    height=st.integers(80, 700),
    kinds=st.sampled_from([BOTH, ("image/jpeg",), ("image/png",)]),
    side=st.none() | st.integers(80, 900),
    weight=st.none() | st.integers(20_000, 200_000),
    mime=st.sampled_from(BOTH),
)
def test_a_network_takes_what_was_made_for_it(width, height, kinds, side, weight, mime):
    data = saved(noisy(width, height), mime.removeprefix("image/"))
    traits = MediaTraits(1, kinds, weight, side)
    variant = variant_for(Looks(mime, width, height, len(data)), traits)
    if variant is not None:
        try:
            data = make(data, variant)
        except PictureProblem as problem:
            assert weight is not None
            assert "as light as this network wants it" in str(problem)
            return
        mime = variant.mime
    with Image.open(io.BytesIO(data)) as picture:
        looks = Looks(f"image/{picture.format.lower()}", *picture.size, len(data))
        assert picture.width / picture.height == pytest.approx(width / height, rel=0.05)
    assert looks.mime == mime
    assert variant_for(looks, traits) is None


def test_a_photograph_stands_upright_and_tells_nothing_of_its_maker():
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Make] = "A telephone"
    exif[Base.GPSInfo] = {1: "N", 2: (45.0, 0.0, 0.0)}
    data = saved(Image.new("RGB", (300, 200), "teal"), "JPEG", exif=exif, comment=b"A comment")
    for mime in BOTH:
        made = make(data, Variant(mime, 300))
        with Image.open(io.BytesIO(made)) as picture:
            assert picture.size == (200, 300)
            assert not dict(picture.getexif())
            assert not {"exif", "comment", "icc_profile", "xmp"} & set(picture.info)
        assert b"telephone" not in made


def test_what_is_transparent_lies_on_white_where_nothing_is_transparent():
    data = saved(Image.new("RGBA", (100, 100), (200, 0, 0, 0)), "PNG")
    with Image.open(io.BytesIO(make(data, Variant("image/jpeg", 100)))) as picture:
        assert all(value > 250 for value in picture.getpixel((50, 50)))


def test_a_large_photograph_is_scaled_while_it_is_unpacked():
    data = saved(Image.new("RGB", (12_000, 9_000), "teal"), "JPEG", quality=30)
    assert still(data, 1600, 4800).size == (1600, 1200)


def test_every_variant_has_a_name_of_its_own():
    every = [Variant(mime, side, most) for mime, side, most in product(BOTH, (800, 1600), (None, 1, 2))]
    assert len({variant.form for variant in every}) == len(every)
    assert Variant("image/jpeg", 1600, 8_000_000).form == "jpeg-s1600-b8000000"
