"""A simulator that cannot refuse certifies bugs: what those of Facebook, Instagram and Threads refuse, asked directly."""

import pytest
import requests

from channels.testing import samples
from channels.testing.simulators.facebook import FacebookSimulator
from channels.testing.simulators.instagram import InstagramSimulator
from channels.testing.simulators.threads import ThreadsSimulator

PICTURE = "https://outreach.example/a.jpg"


class Client:
    """Speaks to a simulator with nothing of ours in between."""

    def __init__(self, simulator, version):
        given = simulator.settings("ours")
        self.id = given.get("page") or given["user"]
        self.token, self.root = given["token"], f"{given['server']}/{version}"

    def __call__(self, method, path, token=None, **more):
        headers = {"Authorization": f"Bearer {token or self.token}"} if token != "" else {}
        path = path.replace("ID", self.id)
        return requests.request(method, f"{self.root}/{path}", headers=headers, timeout=2, **more)

    def refused(self, *request, **more):
        """Return the code and subcode of a refusal."""
        error = self(*request, **more).json()["error"]
        return error["code"], error.get("error_subcode")

    def made(self, path, **fields):
        """Return the id of what is made with these fields."""
        return self("POST", path, json=fields).json()["id"]


@pytest.fixture(params=[(FacebookSimulator, "v26.0"), (InstagramSimulator, "v26.0"), (ThreadsSimulator, "v1.0")])
def each(request, clock):
    kind, version = request.param
    with kind(clock) as simulator:
        yield simulator, Client(simulator, version)


def test_tokens_versions_permissions_and_objects_are_looked_at(each):
    simulator, client = each
    assert client.refused("GET", "ID", token="") == (2500, None)
    assert client.refused("GET", "ID", token="nobody's") == (190, None)
    assert client.refused("GET", "999") == (100, 33)
    assert client.refused("GET", "nothing/like/this") == (100, 33)
    client.root = client.root.rpartition("/")[0]
    assert client.refused("GET", "ID") == (2500, None)
    client.root = f"{client.root}/v26.0"
    simulator.scopes = ()
    path = "ID/published_posts" if isinstance(simulator, FacebookSimulator) else "ID/insights"
    assert client.refused("GET", path) == (10, None)


def test_facebook_refuses_as_facebook_does(clock, tmp_path):
    with FacebookSimulator(clock) as simulator:
        client = Client(simulator, "v26.0")
        theirs = simulator.number_of("theirs")

        def upload(mime="image/png", data=None, **fields):
            data = data or samples.picture(tmp_path, "Desen").read()
            files = {"source": ("a.png", data, mime)}
            return client("POST", "ID/photos", data={"published": "false", **fields}, files=files).json()

        assert client.refused("POST", "ID/feed", json={"message": " "}) == (100, None)
        assert client.refused("POST", "ID/feed", json={"message": "x" * 63_207}) == (100, None)
        assert client.refused("POST", f"{theirs}/feed", json={"message": "x"}) == (100, 33)
        assert client.refused("POST", "ID/feed", json={"message": "x", "attached_media": [{"media_fbid": "7"}]}) == (
            100,
            None,
        )
        assert upload(mime="image/svg+xml")["error"]["code"] == 324
        assert upload(data=b"x" * 4_000_001)["error"]["error_subcode"] == 1366046
        photo = upload()["id"]
        attached = [{"media_fbid": photo}]
        both = {"message": "x", "attached_media": attached, "link": "https://a.example"}
        assert client.refused("POST", "ID/feed", json=both) == (100, None)
        client.made("ID/feed", message="cu desen", attached_media=attached)
        again = {"message": "iar", "attached_media": attached}
        assert client.refused("POST", "ID/feed", json=again) == (100, None), "a picture hangs on one post"
        assert client.refused("POST", "ID/feed", json={"message": "cu desen"}) == (506, None)
        client.made("ID/feed", message="între")
        client.made("ID/feed", message="cu desen")
        late = upload()["id"]
        clock.forward(hours=25)
        forgotten = {"message": "târziu", "attached_media": [{"media_fbid": late}]}
        assert client.refused("POST", "ID/feed", json=forgotten) == (100, None)


def test_one_unknown_figure_fails_all_of_them(each):
    simulator, client = each
    if isinstance(simulator, FacebookSimulator):
        post, name = client.made("ID/feed", message="x"), "post_clicks"
    else:
        edge = "media" if isinstance(simulator, InstagramSimulator) else "threads"
        kind = {} if edge == "media" else {"media_type": "IMAGE"}
        box = client.made(f"ID/{edge}", image_url=PICTURE, **kind)
        post, name = client.made(f"ID/{edge}_publish", creation_id=box), "views"
    assert [one["name"] for one in client("GET", f"{post}/insights?metric={name}").json()["data"]] == [name]
    assert client.refused("GET", f"{post}/insights?metric={name},post_impressions") == (100, None)


def test_instagram_refuses_as_instagram_does(clock):
    with InstagramSimulator(clock) as simulator:
        client = Client(simulator, "v26.0")
        assert client.refused("POST", "ID/media", json={"caption": "text alone"}) == (100, None)
        long = {"image_url": PICTURE, "caption": "x" * 2201}
        assert client.refused("POST", "ID/media", json=long) == (100, 2207010)
        one = client.made("ID/media", image_url=PICTURE, is_carousel_item=True)
        carousel = {"media_type": "CAROUSEL", "children": [one]}
        assert client.refused("POST", "ID/media", json=carousel) == (100, None), "two at least"
        png = client.made("ID/media", image_url="https://outreach.example/a.png")
        assert client("GET", f"{png}?fields=status_code,status").json()["status_code"] == "ERROR"
        assert client.refused("POST", "ID/media_publish", json={"creation_id": png}) == (9007, 2207027)
        assert client.refused("POST", "ID/media_publish", json={"creation_id": "7"}) == (9007, 2207027)


def test_threads_refuses_as_threads_does(clock):
    with ThreadsSimulator(clock) as simulator:
        client = Client(simulator, "v1.0")

        def refused(**fields):
            return client.refused("POST", "ID/threads", json=fields)

        six = " ".join(f"https://example.org/{number}" for number in range(6))
        assert refused(text="x") == (100, None)
        assert refused(media_type="TEXT", text=" ") == (100, None)
        assert refused(media_type="TEXT", text="x" * 501) == (100, None)
        assert refused(media_type="TEXT", text="👍" * 126) == (100, None)
        assert refused(media_type="TEXT", text=six) == (100, None)
        assert refused(media_type="IMAGE", text="x") == (100, None)
        assert refused(media_type="TEXT", text="x", reply_to_id="7") == (100, None)
        assert client.refused("POST", "ID/threads_publish", json={"creation_id": "7"}) == (24, 4279009)
        assert client.made("ID/threads", media_type="TEXT", text="👍" * 125)


def test_a_container_is_published_once_and_not_after_a_day_or_beyond_the_quota(clock):
    with InstagramSimulator(clock) as simulator:
        client = Client(simulator, "v26.0")
        first, second, third = (client.made("ID/media", image_url=PICTURE) for _ in range(3))
        client.made("ID/media_publish", creation_id=first)
        assert client("GET", f"{first}?fields=status_code").json()["status_code"] == "PUBLISHED"
        assert client.refused("POST", "ID/media_publish", json={"creation_id": first}) == (100, None)
        simulator.quota = 1
        assert client.refused("POST", "ID/media_publish", json={"creation_id": second}) == (9, 2207042)
        clock.forward(hours=24)
        assert client.refused("POST", "ID/media_publish", json={"creation_id": third}) == (-2, 2207020)


def test_the_address_of_the_next_page_holds_the_token_as_it_does_at_meta(clock):
    with FacebookSimulator(clock) as simulator:
        client = Client(simulator, "v26.0")
        for number in range(3):
            client.made("ID/feed", message=str(number))
        page = client("GET", "ID/published_posts?limit=2").json()
        assert [one["message"] for one in page["data"]] == ["2", "1"]
        assert client.token in page["paging"]["next"]
