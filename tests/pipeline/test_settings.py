"""The settings: everything that is wrong at once, each with its line; secrets from the environment alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import Field, SecretStr

from channels.contract import ChannelSettings
from pipeline.settings import ProblemsFound, load, variable

SECRET = "s3cret-word"


class Network(ChannelSettings):
    """The settings of a network that exists for these tests alone."""

    server: Annotated[str, Field(pattern=r"^https://")]
    token: Annotated[SecretStr, Field(min_length=8)]
    second: SecretStr | None = None
    retries: int = 3


def settings_of(kind):
    if kind != "network":
        raise LookupError(f"there is no kind '{kind}'; did you mean 'network'")
    return Network


GOOD = """\
[programme]
name = "Programul"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en"]
site = "https://outreach.example"

[people.editor-ro]
name = "Editor"
may = ["write", "approve"]

[partners.anitp]
name = "ANITP"
languages = ["ro"]

[accounts.fediverse-ro]
kind = "network"
language = "ro"
server = "https://social.example"
partner = "anitp"

[notices]
account = "fediverse-ro"
"""
ENVIRONMENT = {"OUTREACH_FEDIVERSE_RO_TOKEN": SECRET}


@pytest.fixture
def read(tmp_path):
    def read(text=GOOD, environment=ENVIRONMENT):
        (tmp_path / "outreach.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(tmp_path, settings_of, environment)

    return read


@pytest.fixture
def problems(read):
    """The problems of a file, as a person sees them; the secret in none of them."""

    def problems(text, environment=ENVIRONMENT) -> list[str]:
        with pytest.raises(ProblemsFound) as caught:
            read(text, environment)
        said = [str(problem) for problem in caught.value.problems]
        assert str(caught.value) == "\n".join(said)
        assert SECRET not in str(caught.value)
        return said

    return problems


def test_good_settings_are_read(read, tmp_path):
    settings = read()
    assert (settings.programme.name, settings.programme.languages) == ("Programul", ("ro", "en"))
    assert settings.store.url == "sqlite:///state/outreach.db"
    assert settings.people["editor-ro"].may == ("write", "approve")
    assert settings.partners["anitp"].languages == ("ro",)
    account = settings.accounts["fediverse-ro"]
    assert (account.kind, account.language, account.partner, account.line) == ("network", "ro", "anitp", 16)
    assert account.settings.server == "https://social.example"
    assert account.settings.token.get_secret_value() == SECRET
    assert account.missing == ()
    assert settings.notices.overdue_after == 15
    assert (settings.state, settings.build) == (tmp_path / "state", tmp_path / "build")


def test_everything_that_is_wrong_is_told_at_once_each_with_its_line(problems):
    text = (
        GOOD.replace('country = "RO"', 'country = "Romania"')
        .replace('timezone = "Europe/Bucharest"', 'timezone = "Europe/Bukarest"')
        .replace('may = ["write", "approve"]', 'mai = ["write"]')
        .replace('language = "ro"\n', 'langauge = "ro"\n')
        .replace('account = "fediverse-ro"', 'account = "fediverse-pt"\noverdue_after = 0')
    )
    said = problems(text + "\n[chanels.x]\n")
    assert [line.split(": ")[0] for line in said] == [
        f"outreach.toml:{line}" for line in (26, 3, 4, 8, 10, 16, 18, 24, 23)
    ]
    assert "unknown table 'chanels'; known are: accounts" in said[0]
    assert "'Europe/Bukarest' is not a time zone such as 'Europe/Bucharest'" in said[2]
    assert said[3].endswith("[people.editor-ro] needs 'may'")
    assert "unknown key 'mai' in [people.editor-ro]; did you mean 'may'?" in said[4]
    assert said[5].endswith("[accounts.fediverse-ro] needs 'language'")
    assert "unknown key 'langauge' in [accounts.fediverse-ro]; did you mean 'language'?" in said[6]
    assert "'overdue_after' in [notices]" in said[7]


def test_an_unknown_key_of_a_channel_is_told_with_what_was_meant(problems):
    assert problems(GOOD.replace("server =", "sever =")) == [
        "outreach.toml:16: [accounts.fediverse-ro] needs 'server'",
        "outreach.toml:19: unknown key 'sever' in [accounts.fediverse-ro]; did you mean 'server'?",
    ]
    assert problems(GOOD.replace('partner = "anitp"', 'lnguage = "ro"')) == [
        "outreach.toml:20: unknown key 'lnguage' in [accounts.fediverse-ro]; did you mean 'language'?"
    ]


def test_an_unknown_kind_is_told_as_the_registry_says_it(problems):
    assert problems(GOOD.replace('"network"', '"netwrk"')) == [
        "outreach.toml:17: there is no kind 'netwrk'; did you mean 'network'"
    ]


def test_names_that_nothing_bears_are_told(problems):
    said = problems(GOOD.replace('partner = "anitp"', 'partner = "anipt"').replace('account = "', 'account = "x-'))
    assert said == [
        "outreach.toml:20: there is no partner 'anipt'; name one of [partners.…]",
        "outreach.toml:23: there is no account 'x-fediverse-ro'; name one of [accounts.…]",
    ]


# --- secrets ---


def test_a_secret_in_the_file_is_refused_with_the_variable_to_use(problems):
    [said] = problems(GOOD.replace('partner = "anitp"', f'token = "{SECRET}"'), {})
    assert said.startswith("outreach.toml:20: 'token' is a secret and must not stand in a file; delete it here")
    assert "OUTREACH_FEDIVERSE_RO_TOKEN" in said


def test_a_secret_that_is_not_set_is_named_and_the_rest_can_be_used(read):
    account = read(environment={}).accounts["fediverse-ro"]
    assert account.missing == ("OUTREACH_FEDIVERSE_RO_TOKEN",)
    assert account.settings.server == "https://social.example"
    assert isinstance(account.settings, Network)


def test_a_secret_that_is_wrong_is_told_without_showing_it(problems):
    [said] = problems(GOOD, {"OUTREACH_FEDIVERSE_RO_TOKEN": SECRET[:7]})
    assert SECRET[:7] not in said
    assert "'token' in [accounts.fediverse-ro]" in said


def test_no_secret_shows_when_settings_are_printed(read):
    store = {"OUTREACH_STORE_URL": f"postgresql://outreach:{SECRET}@db.example/outreach"}
    settings = read(environment=ENVIRONMENT | store)
    assert settings.store.url == store["OUTREACH_STORE_URL"]
    assert SECRET not in f"{settings!r} {settings} {settings.accounts} {settings.store}"


@pytest.mark.parametrize("url", ["postgresql://u:{}@host/x", "postgresql://u@host/x?password={}"])
def test_a_password_in_the_stores_address_is_refused_with_the_variable_to_use(problems, url):
    [said] = problems(f'{GOOD}\n[store]\nurl = "{url.format(SECRET)}"\n')
    assert said.startswith("outreach.toml:26: 'url' holds a password, which must not stand in a file")
    assert "OUTREACH_STORE_URL" in said


def test_secrets_come_from_the_file_beside_too_and_the_environment_goes_first(read, tmp_path):
    lines = [
        "\ufeff# secrets",
        "",
        f"export OUTREACH_FEDIVERSE_RO_TOKEN = '{SECRET}'\r",
        "OUTREACH_FEDIVERSE_RO_SECOND=a=b",
        "word",
    ]
    (tmp_path / ".env").write_text("\n".join(lines))
    account = read(environment={}).accounts["fediverse-ro"]
    assert account.settings.token.get_secret_value() == SECRET
    assert account.settings.second.get_secret_value() == "a=b"
    assert account.missing == ()
    changed = read(environment={"OUTREACH_FEDIVERSE_RO_TOKEN": "another-word"}).accounts["fediverse-ro"]
    assert changed.settings.token.get_secret_value() == "another-word"


def test_a_file_of_secrets_that_cannot_be_read_is_told(problems, tmp_path):
    (tmp_path / ".env").write_bytes(b"OUTREACH_FEDIVERSE_RO_TOKEN=\xff\xfe")
    assert problems(GOOD, {}) == [".env: is not UTF-8 text; mend it, or take it away"]


def test_the_name_of_a_variable_says_account_and_setting():
    assert variable("fediverse-ro", "token") == "OUTREACH_FEDIVERSE_RO_TOKEN"


# --- files as they come ---


def test_a_mark_at_the_beginning_and_windows_line_ends_do_no_harm(read, problems):
    windows = GOOD.replace("\n", "\r\n").encode("utf-8-sig")
    assert read(windows).programme.name == "Programul"
    [said] = problems(windows.replace(b"retries", b"").replace(b'country = "RO"', b'country = "ro"'))
    assert said.startswith("outreach.toml:3: 'country' in [programme]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace('"Programul"', "Programul"), "outreach.toml:2: is not valid TOML: Invalid value"),
        (GOOD + '[programme]\nname = "x"\n', "outreach.toml:24: is not valid TOML: Cannot declare"),
        (GOOD.replace('country = "RO"', 'country = "RO'), "outreach.toml:3: is not valid TOML: "),
        ("x = [", "outreach.toml: is not valid TOML: Invalid value"),
        (b"\xff\xfe[\x00", "outreach.toml: is not UTF-8 text; save it again with the encoding UTF-8"),
        ("x = " + "[" * 100_000, "outreach.toml: is nested too deeply"),
        ("", "outreach.toml: the table [programme] is missing"),
        (GOOD.replace("\u0061", "\x00", 1), "outreach.toml:1: is not valid TOML: "),
    ],
)
def test_a_file_that_is_no_toml_is_told_with_the_line(problems, text, said):
    assert problems(text)[0].startswith(said)


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    with pytest.raises(ProblemsFound) as caught:
        load(tmp_path, settings_of, {})
    assert str(caught.value).startswith("outreach.toml: no such file; run the command in the project's folder")


def test_a_folder_in_place_of_the_file_is_told(tmp_path):
    (tmp_path / "outreach.toml").mkdir()
    with pytest.raises(ProblemsFound, match="cannot be read"):
        load(tmp_path, settings_of, {})


@pytest.mark.parametrize("table", ["programme", "store", "people", "partners", "accounts", "notices"])
def test_something_else_in_place_of_a_table_is_told(problems, table):
    without = "\n".join(
        block for block in GOOD.split("\n\n") if not block.startswith((f"[{table}.", f"[{table}]"))
    ).replace('partner = "anitp"\n', "")
    said = problems(f"{table} = 5\n{without}")
    assert [line for line in said if line.startswith("outreach.toml:1: ")], said


def test_a_place_in_an_inline_table_is_found(problems):
    text = GOOD + '\n[people]\ntranslator = { name = "T", may = ["sing"] }\n'
    assert problems(text)[0].startswith("outreach.toml:26: 'may' in [people.translator]")


def test_a_list_over_several_lines_does_not_hide_what_follows(problems):
    text = GOOD.replace('languages = ["ro", "en"]', 'languages = [\n  "ro",\n  "en",\n]').replace("https://o", "o")
    assert problems(text)[0].startswith("outreach.toml:9: 'site' in [programme]")


@pytest.mark.parametrize("name", ["Fediverse", "a_b", "a--b", '"a b"', "ă"])
def test_an_account_with_an_odd_name_is_told(problems, name):
    assert "is not a table with a short name" in "".join(problems(f"{GOOD}\n[accounts.{name}]\n".replace("ă", '"ă"')))


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_whatever_stands_in_the_file_is_read_or_told(read, data):
    """Damage a good file anywhere: never a traceback."""
    place = data.draw(st.integers(0, len(GOOD)))
    letters = st.text(st.characters(codec="utf-8"), max_size=6)
    put_in = data.draw(letters | st.sampled_from(["[", "]", '"', "= 5", "[[", "{}"]))
    damaged = GOOD[:place] + put_in + GOOD[place + data.draw(st.integers(0, 20)) :]
    try:
        problems = []
        read(damaged)
    except ProblemsFound as found:
        problems = found.problems or pytest.fail("refused without a word")
    lines = len(damaged.split("\n"))
    assert all(problem.line is None or 1 <= problem.line <= lines for problem in problems)


def test_the_environment_of_the_process_is_used_by_default(tmp_path, monkeypatch):
    (tmp_path / "outreach.toml").write_text(GOOD)
    monkeypatch.setenv("OUTREACH_FEDIVERSE_RO_TOKEN", SECRET)
    assert load(Path(tmp_path), settings_of).accounts["fediverse-ro"].missing == ()
