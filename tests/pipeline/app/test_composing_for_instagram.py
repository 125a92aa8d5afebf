"""What Instagram wants of a post is told while it is composed, not at the hour of publishing."""

import pytest

from channels.contract import Media
from channels.instagram import Instagram, InstagramSettings
from channels.registry import connect
from pipeline.compose import Surroundings, compose
from pipeline.settings import Account


@pytest.fixture
def composed(house, clock):
    message, campaign = house.project.messages["small", "signs"], house.project.campaigns["small"]

    def make(tags=(), *, width=1600, height=900, mime="image/jpeg", url="https://small.example/a.jpg", **settings):
        given = InstagramSettings(user="17840000000000000", token="EAA" + "x" * 20, **settings)
        channel = connect(Instagram, "insta-ro", given, clock.now)
        around = Surroundings(
            campaign.model_copy(update={"hashtags": {"ro": tuple(tags)}}),
            house.project.helplines,
            "https://small.example",
        )
        picture = Media("0" * 64, mime, "", width, height, 1000, url=url) if width else None
        return compose(message, Account("insta-ro", "instagram", "ro", given), channel, around, picture)

    return make


def test_a_post_that_fits_has_no_faults(composed):
    made = composed(["Semne"])
    assert (made.faults, made.notes) == ((), ())
    assert made.post.parts[0].text.endswith("#Semne")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"width": 0}, "takes no post without a picture"),
        ({"width": 2000, "height": 900}, "takes widths from 0.8 to 1.91 times the height"),
        ({"width": 700}, "takes widths from 0.8 to 1.91 times the height"),
        ({"url": None}, "and this one has no address there"),
        ({"mime": "image/png"}, "does not take pictures of type image/png"),
    ],
)
def test_a_picture_that_would_be_refused_is_a_fault(composed, changed, said):
    assert any(said in fault for fault in composed(**changed).faults)


def test_only_so_many_hashtags_go_along_and_that_is_told(composed):
    made = composed(["unu", "doi", "trei", "patru", "cinci", "șase", "șapte"])
    assert made.post.parts[0].text.endswith("#unu #doi #trei #patru #cinci")
    assert made.notes == ("5 of 7 hashtags go along, the network takes no more",)
    assert composed(["unu", "doi"], most_hashtags=1).post.parts[0].text.endswith("\n#unu")
    assert composed(["unu"] * 7, most_hashtags=30).notes == ()
