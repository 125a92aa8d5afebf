"""From a message to a post: what stands in its text, what is cut and what is not, and where its link leads."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import Traits
from channels.discord import Discord, DiscordSettings
from channels.mail import Mail
from channels.mail_settings import MailSettings
from channels.registry import connect
from channels.testing.simulators.discord import DiscordSimulator
from channels.text import addresses, graphemes
from channels.webhook import Webhook, WebhookSettings
from pipeline.app import planning
from pipeline.app.house import House
from pipeline.app.writing import Writer
from pipeline.compose import Surroundings, compose
from pipeline.settings import Account, ProblemsFound, Tracking
from pipeline.wording import read, shipped

NUMBER = "0800 800 678"
PAGE = "https://small.example/ro/small/signs/"
WORDS = st.lists(
    st.sampled_from(
        ["semne", "muncă", "👩🏽‍⚕️", "пам’ять", "كلمة", "{helpline}", "Sună.", "Ce faci?", "ț" * 30, "{{ x }}"]
    ),
    min_size=1,
    max_size=40,
).map(" ".join)


@pytest.fixture
def message(house):
    return house.project.messages["small", "signs"]


@pytest.fixture
def composed(house, message):
    channel = house.channel("fedi-ro")

    def make(words=None, *, limit=500, parts=20, **account):
        """Return the post of the message, some of its words replaced, for an account on a network with that limit."""
        head = message.source.head.model_copy(update=words or {})
        source = message.source.model_copy(update={"head": head})
        changed = message.model_copy(update={"translations": {**message.translations, "ro": source}})
        traits: Traits = replace(type(channel).traits, max_length=limit, max_parts=parts, content_warning=False)
        channel.traits = traits
        around = Surroundings(
            house.project.campaigns["small"].model_copy(update={"hashtags": {"ro": ("StopTrafic", "Semne")}}),
            house.project.helplines,
            "https://small.example",
            wording=account.pop("wording", shipped()),
        )
        ours = Account("fedi-ro", "mastodon", "ro", channel.settings, **account)
        return compose(changed, ours, channel, around, None)

    return make


# --- wording ---


def test_the_messages_own_wording_comes_first(composed):
    (part,) = composed({"short": "Pe scurt.", "long": "Pe larg."}).post.parts
    assert part.text == f"Pe larg.\n\n{PAGE}\n\n#StopTrafic #Semne"
    (part,) = composed({"short": "Pe scurt.", "long": "Pe larg. " * 80}).post.parts
    assert part.text == f"Pe scurt.\n\n{PAGE}\n\n#StopTrafic #Semne"


def test_without_one_it_is_made_of_title_summary_action_and_link_and_the_hashtags_are_last(composed):
    (part,) = composed({"short": ""}).post.parts
    expected = ("Semne", "Câteva semne la locul de muncă.", f"Sună la {NUMBER}.", PAGE, "#StopTrafic #Semne")
    assert part.text == "\n\n".join(expected)


@pytest.mark.parametrize("threads", [False, True])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(title=WORDS, summary=WORDS, limit=st.integers(60, 300))
def test_nothing_is_cut_inside_and_the_link_and_the_numbers_stay_whole(composed, threads, title, summary, limit):
    made = composed({"short": "", "title": title, "summary": summary}, limit=limit, threads=threads, parts=200)
    texts = [part.text for part in made.post.parts]
    assert not made.faults
    whole = "\n\n".join((title, summary, "Sună la {helpline}.")).replace("{helpline}", NUMBER)
    known = {*graphemes(whole), *graphemes(PAGE), *"…#StopTraficSemne0123456789/ \n"}
    for text in texts:
        assert set(graphemes(text)) <= known
        assert not re.search(r"\b0800 ?(800)?( 67?)?$", text), "a telephone number was cut"
    found = [address.url for text in texts for address in addresses(text)]
    assert found == [PAGE]
    last = re.sub(r" \d+/\d+$", "", texts[-1])
    assert last.endswith(("#StopTrafic #Semne", PAGE)), "hashtags are last, else the link"


def test_the_parts_of_a_thread_are_numbered(composed):
    made = composed({"short": "", "summary": "Un semn este acesta. " * 15}, limit=150, threads=True)
    count = len(made.post.parts)
    assert count > 2
    assert [part.text.rpartition(" ")[2] for part in made.post.parts] == [f"{n}/{count}" for n in range(1, count + 1)]
    assert [part.link for part in made.post.parts] == [None] * (count - 1) + [PAGE]


def test_a_template_of_the_project_decides_what_comes_first_and_is_cut_around_its_link(composed, tmp_path):
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording" / "mastodon.txt.j2").write_text("{{ action }} {{ summary }}\n→ {{ link }}")
    wording, problems = read(tmp_path, ["mastodon"])
    assert not problems
    (part,) = composed({"short": ""}, wording=wording).post.parts
    assert part.text.startswith(f"Sună la {NUMBER}. Câteva semne la locul de muncă.\n→ {PAGE}\n\n#StopTrafic")
    (part,) = composed({"short": ""}, wording=wording, limit=55).post.parts
    assert part.text == f"Sună la {NUMBER}.\n→ {PAGE}"


def test_a_template_that_fails_keeps_the_post_from_going_out(root, clock, secrets, house):
    (root / "wording").mkdir()
    (root / "wording" / "mastodon.txt.j2").write_text("{{ link }}\n{{ tittle }}")
    planned = planning.make_plan(house)
    assert [str(error) for error in planned.errors] == [
        "wording/mastodon.txt.j2:2: cannot be used: 'tittle' is undefined; a template is given title, summary, action, link, language, campaign, message"
    ]
    made = Writer(house).write(house.project.messages["small", "signs"], house.settings.accounts["fedi-ro"])
    assert any("wording/mastodon.txt.j2:2" in fault for fault in made.faults)


def test_braces_in_a_message_stay_braces(composed):
    (part,) = composed({"short": "", "title": "{{ link }} {% raw %}"}).post.parts
    assert part.text.startswith("{{ link }} {% raw %}\n\n")


# --- where a visit came from ---


def test_links_tell_nothing_unless_it_is_asked_for(composed):
    (part,) = composed().post.parts
    assert part.link == PAGE


def test_the_posts_link_and_the_link_in_its_text_are_one_and_counted(composed):
    tracking = Tracking(campaign="winter", content="variant-a")
    (part,) = composed(tracking=tracking).post.parts
    assert part.link == f"{PAGE}?utm_source=mastodon&utm_medium=social&utm_campaign=winter&utm_content=variant-a"
    assert [address.url for address in addresses(part.text)] == [part.link]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(summary=WORDS, limit=st.integers(200, 400))
def test_with_parameters_a_post_still_fits(house, message, summary, limit):
    network = DiscordSimulator(house.clock.now)
    with network:
        channel = connect(Discord, "discord-ro", DiscordSettings(**network.settings("discord-ro")), house.clock.now)
        channel.traits = replace(Discord.traits, max_length=limit)
        head = message.source.head.model_copy(update={"short": "", "summary": summary})
        source = message.source.model_copy(update={"head": head})
        changed = message.model_copy(update={"translations": {"ro": source}})
        account = Account("discord-ro", "discord", "ro", channel.settings, tracking=Tracking())
        around = Surroundings(house.project.campaigns["small"], house.project.helplines, "https://small.example")
        made = compose(changed, account, channel, around, None)
        (part,) = made.post.parts
        assert not made.faults
        assert channel.count(part.text) <= limit
        assert part.link.endswith("?utm_source=discord&utm_medium=social&utm_campaign=small&utm_content=signs-ro")
        assert part.link in part.text
        channel.close()


def test_links_inside_a_long_text_lead_through_the_site_untouched(house, message, clock):
    given = WebhookSettings(url="https://partner.example/hook", secret="whsec_" + "b2xk" * 8)
    channel = connect(Webhook, "partner-ro", given, clock.now)
    body = "Vezi [ajutor](/ro/help/) și [altul](../other/ro.md) și [afară](https://elsewhere.example/)."
    source = message.source.model_copy(update={"body": body})
    changed = message.model_copy(update={"translations": {"ro": source}})
    account = Account("partner-ro", "webhook", "ro", given, partner="agency", tracking=Tracking())
    around = Surroundings(house.project.campaigns["small"], house.project.helplines, "https://small.example")
    (part,) = compose(changed, account, channel, around, None).post.parts
    assert part.link == f"{PAGE}?utm_source=agency&utm_medium=referral&utm_campaign=small&utm_content=signs-ro"
    assert part.html.count("utm_") == 0
    assert [urlsplit(one.url).query for one in addresses(part.text) if "signs" not in one.url] == ["", "", ""]
    channel.close()


def test_links_of_a_mail_say_where_they_stand_and_lead_to_help_untouched(house, message, clock):
    given = MailSettings(
        host="127.0.0.1",
        from_address="buletin@small.example",
        from_name="Buletin",
        purpose="notices",
        neutral_subject="Vești",
    )
    channel = connect(Mail, "buletin", given, clock.now)
    body = "Vezi [ajutor](/ro/help/), [altul](../other/ro.md) și [afară](https://elsewhere.example/)."
    source = message.source.model_copy(update={"body": body})
    changed = message.model_copy(update={"translations": {"ro": source}})
    around = Surroundings(house.project.campaigns["small"], house.project.helplines, "https://small.example")
    said = "?utm_source=mail&utm_medium=email&utm_campaign=small&utm_content=signs-ro"
    account = Account("buletin", "mail", "ro", given, tracking=Tracking())
    (part,) = compose(changed, account, channel, around, None).post.parts
    other = "https://small.example/ro/small/other/"
    assert part.link == f"{PAGE}{said}-button"
    assert f"{PAGE}{said}-text" in part.text
    assert f"{other}{said}-text" in part.text
    assert f"{other}{said.replace('&', '&amp;')}-body" in part.html
    for reading in (part.text, part.html):
        assert "https://small.example/ro/help/?" not in reading
        assert "https://elsewhere.example/?" not in reading
    letter = channel.preview(part).text
    assert letter.count(f"{PAGE}{said}") == 1, "the plain reading has the link already"
    (untold,) = compose(changed, replace(account, tracking=None), channel, around, None).post.parts
    assert "utm_" not in f"{untold.text} {untold.html} {untold.link}"
    channel.close()


# --- settings ---

PARTNER = '\n[partners.agency]\nname = "Agency"\nlanguages = ["ro"]\nutm = {source = "agency"}\n'


@pytest.fixture
def told(root, clock, secrets, house):
    """Return what outreach.toml says of an account's parameters."""

    def make(more, partner=""):
        file = root / "outreach.toml"
        file.write_text(file.read_text() + partner + f'\n[accounts.new]\nkind = "mastodon"\nlanguage = "ro"\n{more}\n')
        with House(root, clock, secrets) as home:
            return home.settings.accounts["new"].tracking

    return make


SERVER = 'server = "https://social.example"\n'


@pytest.mark.parametrize(
    ("more", "partner", "expected"),
    [
        ("", "", None),
        ("tracking = true", "", Tracking()),
        ('tracking = { medium = "video" }', "", Tracking(medium="video")),
        ("tracking = false", "", None),
        ('partner = "agency"', PARTNER, Tracking(source="agency")),
        ('partner = "agency"\ntracking = false', PARTNER, None),
        ('partner = "agency"\ntracking = { source = "newsroom" }', PARTNER, Tracking(source="newsroom")),
    ],
)
def test_an_account_says_it_or_its_partner(told, more, partner, expected):
    assert told(SERVER + more, partner) == expected


@pytest.mark.parametrize("value", ["Ana.Pop@example.org", "Two Words", "UPPER", "ană", ""])
def test_a_value_that_could_be_personal_or_odd_is_refused_with_its_line(told, root, value):
    with pytest.raises(ProblemsFound) as caught:
        told(f'{SERVER}tracking = {{ content = "{value}" }}')
    (problem,) = caught.value.problems
    assert problem.line == (root / "outreach.toml").read_text().count("\n")
    assert "'tracking' in [accounts.new]" in problem.message
