"""What is in a kit, and that the same content and history give the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from kit_project import FOLDER, NOW, SHEET, Kits, files, manifest, message, project, texts
from PIL import Image

from channels import registry
from channels.mastodon import Mastodon
from pipeline.app.kits import KitProblem, Shelf, Shelved
from pipeline.settings import ProblemsFound


def test_a_kit_holds_what_a_partner_needs(kits: Kits) -> None:
    made = files(kits.make())
    wanted = {
        "README.txt", "manifest.json", "press/press-release.docx", "press/press-release.odt", "press/press-release.txt",
        "press/questions.docx", "press/questions.odt", "licence/licence.docx", "licence/licence.odt",
        "e-mail/e-mail.txt", "e-mail/e-mail.html", "e-mail/signature.txt", "e-mail/signature.png",
        "scripts/radio-20.txt", "scripts/radio-20.srt", "scripts/radio-20-spoken.txt", "scripts/television.txt",
        "scripts/television.srt", "pictures/alt.txt", "pictures/picture.svg", "texts/lengths.csv",
        "cards/card-1200x630.png", "cards/card-1080x1080.png", "cards/card-1080x1920.png", "cards/alt.txt",
        "prints/poster-a4.pdf", "prints/poster-a3.pdf", "prints/leaflet.pdf", "prints/staff-card.pdf",
    }  # fmt: skip
    assert wanted <= set(made)
    assert all(made.values()), "no file is empty"


def test_the_press_release_says_who_when_and_until_when(kits: Kits) -> None:
    kits.change(f"{FOLDER}/seeds/ro.md", "author: editor", "author: editor\nembargo: 2026-12-10 10:30")
    release = texts(kits.make(partner="agency", embargoed=True))["press/press-release.txt"]
    assert "EMBARGO: nu înainte de 2026-12-10T10:30+02:00 (Europe/Bucharest)" in release
    for said in (
        "Semințe", "Despre semințe.", "1. Dorm.", "Semințele dorm iarna.", "Nu scrieți numele grădinii.",
        "0000 000 000: Linie de probă (Apel gratuit). Răspunde: Trial. Număr verificat la 1 noiembrie 2026.",
        "https://trial.example/ro/spring/seeds/?utm_source=agency", "Suntem un proiect de probă.", "Plătit de Soare.",
        "Biroul de presă: desk@trial.example", "The Agency: Ghișeul 3, strada Florilor",
        "Textul și numerele de telefon se pot folosi până la 20 ianuarie 2027.",
    ):  # fmt: skip
        assert said in release, said


def test_without_an_embargo_it_may_go_out_at_once(kits: Kits) -> None:
    assert "Se poate publica imediat" in texts(kits.make())["press/press-release.txt"]


def test_each_network_s_text_fits_by_its_own_count(kits: Kits) -> None:
    made = kits.make()
    rows = list(csv.DictReader(io.StringIO(files(made)["texts/lengths.csv"].decode("utf-8-sig"))))
    short = {"bluesky", "by-hand", "linkedin", "mastodon", "telegram", "x"}
    assert {path.split("/")[1] for path in files(made) if path.startswith("texts/")} >= {f"{one}.txt" for one in short}
    assert "texts/webhook.txt" not in files(made), "no person reads what a partner's program takes"
    for row in rows:
        assert not row["limit"] or int(row["length"]) <= int(row["limit"])
        assert row["alt text"] == "Un câmp galben."
    with kits.house() as house:
        shelf = Shelf(house, record=False)
        for network in shelf._networks_of("ro"):
            text = texts(made).get(f"texts/{network.file}.txt")
            row = next((row for row in rows if row["network"].startswith(network.label)), None)
            if text and row:
                assert int(row["length"]) == network.channel.count(text.strip())


class _Stranger(Mastodon):
    kind = "stranger"


def test_a_network_that_is_installed_later_gets_its_text(kits: Kits, monkeypatch: pytest.MonkeyPatch) -> None:
    before = registry.load_all()[0]
    monkeypatch.setattr(registry, "load_all", lambda: ({**before, "stranger": _Stranger}, []))
    assert "texts/stranger.txt" in files(kits.make())


def test_pictures_are_as_networks_take_them(kits: Kits) -> None:
    made = files(kits.make())
    sizes = {}
    for path, data in made.items():
        if path.startswith("pictures/picture-"):
            with Image.open(io.BytesIO(data)) as image:
                sizes[path] = image.size
                assert f"{image.width}x{image.height}" in path
    assert (1600, 900) in sizes.values()
    assert (1200, 675) in sizes.values(), "mail takes no picture wider than 1200"
    assert b"Un c\xc3\xa2mp galben." in made["pictures/alt.txt"]


def test_scripts_have_their_seconds_and_their_layers(kits: Kits) -> None:
    made = texts(kits.make())
    # Five words and ten digits at 150 words a minute: 6 seconds; a second that has begun is taken.
    assert "Radio, 6 s" in made["scripts/radio-20.txt"] or "Radio, 7 s" in made["scripts/radio-20.txt"]
    assert "Rodero" in made["scripts/radio-20.txt"], "the source of the rate is named"
    assert made["scripts/radio-20-spoken.txt"] == "Semințele dorm iarna. Sună la 0000 000 000.\n"
    first, last = (part for part in made["scripts/television.srt"].strip().split("\n\n"))
    assert first.startswith("1\n00:00:00,000 --> 00:00:01,200\nSemințele dorm iarna.")
    assert last.startswith("2\n00:00:01,200 --> ")
    assert "Se vede: O sămânță." in made["scripts/television.txt"]


def test_what_is_missing_is_said(kits: Kits) -> None:
    kits.message("plain", message(title="Fără foaie"))
    made = kits.make("plain")
    assert "press/questions.docx" not in files(made)
    assert any("nu au fost scrise încă" in one for one in made.manifest.left_out)
    assert "nu au fost scrise încă" in texts(made)["README.txt"]
    seeds = kits.make()
    assert any("Text pentru radio, 30 s" in one for one in seeds.manifest.left_out), seeds.manifest.left_out


def test_a_stale_sheet_is_left_out(kits: Kits) -> None:
    romanian = (kits.root / FOLDER / "seeds" / "ro.md").read_text("utf-8")
    with kits.house() as house:
        made_from = house.project.messages["spring", "seeds"].source.text_hash
    english = romanian.replace("author: editor", f'source_hash: "{made_from}"')
    kits.write(f"{FOLDER}/seeds/en.md", english)
    kits.write(f"{FOLDER}/seeds/kit.en.yml", SHEET + 'source_hash: "0123456789abcdef"\n')
    with kits.house() as house:
        made = Shelf(house).of_message(house.project.messages["spring", "seeds"], "en")
    assert "press/questions.docx" not in files(made)
    assert any("being brought up to date" in one for one in made.manifest.left_out)


def test_a_kit_is_good_until_its_first_number_expires(kits: Kits) -> None:
    assert str(kits.make().manifest.valid_until) == "2027-01-20"
    kits.change("content/helplines.yml", "expires: 2027-01-20", "expires: 2027-09-01")
    assert str(kits.make().manifest.valid_until) == "2027-02-28", "and not beyond its campaign"


def test_a_number_that_may_not_be_published_stops_the_kit(kits: Kits) -> None:
    kits.now = NOW + timedelta(days=60)
    with pytest.raises(ProblemsFound, match="expired on 2027-01-20"):
        kits.make()


def test_what_people_write_stays_text(kits: Kits) -> None:
    title = "'{{ 7 * 7 }} {% raw %} *x* <b>y</b> # z'"
    kits.change(f"{FOLDER}/seeds/ro.md", "title: Semințe", f"title: {title}")
    release = texts(kits.make())["press/press-release.txt"]
    assert release.startswith("{{ 7 * 7 }} {% raw %} *x* <b>y</b> # z\n")


# --- versions ---


def test_the_same_content_gives_the_same_bytes(kits: Kits, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = kits.make()
    data = first.path.read_bytes()
    kits.forget_outputs()
    (kits.root / "state" / "kits.json").unlink()
    kits.now = NOW + timedelta(days=3)
    again = kits.make()
    assert again.anew
    assert again.path.read_bytes() == data
    other = project(tmp_path_factory.mktemp("elsewhere"))
    assert other.make().path.read_bytes() == data


def test_a_kit_that_did_not_change_is_not_made_again(kits: Kits) -> None:
    assert kits.make().anew
    again = kits.make()
    assert not again.anew
    assert again.manifest.version == 1


def test_a_change_makes_a_version_and_says_what_changed(kits: Kits) -> None:
    kits.make()
    kits.change(f"{FOLDER}/seeds/kit.ro.yml", "Apa le trezește.", "Căldura le trezește.")
    second = kits.make()
    assert second.manifest.version == 2
    changed = second.manifest.changes
    assert changed
    assert changed.since == 1
    assert set(changed.changed) == {
        "press/press-release.docx", "press/press-release.odt", "press/press-release.txt",
        "press/questions.docx", "press/questions.odt", "press/questions.txt",
    }  # fmt: skip
    assert "schimbat: press/questions.txt" in texts(second)["README.txt"]


def test_going_back_is_a_version_too(kits: Kits) -> None:
    first = kits.make().manifest
    kits.change(f"{FOLDER}/seeds/kit.ro.yml", "Apa", "Ploaia")
    kits.make()
    kits.change(f"{FOLDER}/seeds/kit.ro.yml", "Ploaia", "Apa")
    third = kits.make().manifest
    assert (third.version, third.digest) == (3, first.digest)


def test_what_is_no_part_of_a_kit_makes_no_version(kits: Kits) -> None:
    kits.make()
    kits.message("another", message(title="Altceva"))
    kits.change("content/campaigns/spring/campaign.yml", "hashtags:", "late_after: 3h\nhashtags:")
    assert kits.make().manifest.version == 1


def test_the_manifest_tells_every_file(kits: Kits) -> None:
    made = kits.make()
    inside, told = files(made), manifest(made)
    assert {one["path"] for one in told["files"]} == set(inside) - {"manifest.json"}
    for one in told["files"]:
        assert one["sha256"] == hashlib.sha256(inside[one["path"]]).hexdigest()
        assert one["size"] == len(inside[one["path"]])
    assert told["schema"] == 1
    assert made.manifest.own_digest() == made.manifest.digest


def test_a_damaged_memory_is_told_and_not_written_over(kits: Kits) -> None:
    kits.write("state/kits.json", '{"schema": 1, "kits": []}')
    with pytest.raises(ProblemsFound, match=r"state/kits\.json"):
        kits.make()
    assert json.loads((kits.root / "state/kits.json").read_text())["kits"] == []


# --- recalled and under embargo ---


def test_of_a_message_that_was_taken_back_only_a_notice_is_left(kits: Kits) -> None:
    kits.make()
    entry = "- {date: 2026-12-04, campaign: spring, message: seeds, recalled: true, what: {ro: Era greșit.}}\n"
    kits.write("content/corrections.yml", entry)
    made = kits.make()
    assert set(files(made)) == {"NOTICE.txt", "manifest.json"}
    assert "Era greșit." in texts(made)["NOTICE.txt"]
    assert "0000" not in texts(made)["NOTICE.txt"]
    assert (made.manifest.state, made.manifest.version) == ("recalled", 2)


@pytest.fixture
def embargoed(kits: Kits) -> Kits:
    kits.message("secret", message(title="Secret", more="embargo: 2026-12-10 10:30\n"))
    return kits


def test_nothing_under_embargo_has_a_public_kit(embargoed: Kits) -> None:
    done = embargoed.run("kit", "build")
    assert done.exit_code == 0, done.output
    made = list((embargoed.root / "build" / "kits").glob("*.zip"))
    assert len(made) == 2, "the public message, and the campaign"
    for kit in made:
        assert b"secret" not in kit.read_bytes().lower()
    assert "secret" not in (embargoed.root / "state" / "kits.json").read_text("utf-8").lower()
    alone = embargoed.run("kit", "build", "--message", "secret")
    assert (alone.exit_code, "under embargo until 2026-12-10 08:30 UTC" in alone.output) == (1, True)


def test_a_partner_that_is_named_gets_it_apart(embargoed: Kits) -> None:
    done = embargoed.run("kit", "build", "--message", "secret", "--partner", "agency", "--embargoed", "--json")
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.output)
    assert Path(told["path"]).parent == embargoed.root / "build" / "private" / "kits"
    assert told["embargo"] == "2026-12-10T10:30+02:00"
    assert not list(embargoed.root.glob("build/kits/*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--embargoed"], "say which with --partner"),
        (["--embargoed", "--partner", "other"], "not given anything before its embargo ends"),
        (["--partner", "nobody"], "there is no partner 'nobody'"),
        (["--message", "nothing"], "there is no message 'nothing'"),
    ],
)
def test_what_cannot_be_made_is_one_sentence(embargoed: Kits, arguments: list[str], said: str) -> None:
    done = embargoed.run("kit", "build", *arguments)
    assert done.exit_code == 1
    assert said in done.output


def test_there_is_no_kit_of_a_partner_that_is_not_there(kits: Kits) -> None:
    with pytest.raises(KitProblem, match="agency, other"):
        kits.make(partner="nobody")


# --- campaigns ---


def test_one_changed_message_makes_its_kits_and_its_campaign_s_anew_and_no_others(kits: Kits) -> None:
    kits.message("plain", message(title="Simplu"))

    def anew() -> set[str]:
        with kits.house() as house:
            shelf = Shelf(house)
            made = [one for _, one in shelf.of_all(shelf.asked())]
            made += [shelf.of_campaign(campaign, language) for campaign, language in shelf.campaigns()]
            shelf.save()
            return {one.manifest.name for one in made if isinstance(one, Shelved) and one.anew}

    anew()
    assert anew() == set()
    kits.message("plain", message(title="Altfel"))
    with kits.house() as house:
        before = {path.name: path.stat().st_mtime_ns for path in (house.settings.build / "kits").glob("*.zip")}
    anew()
    after = {path.name: path.stat().st_mtime_ns for path in (kits.root / "build/kits").glob("*.zip")}
    fresh = {name.partition(".")[0] for name in after if before.get(name) != after[name]}
    assert fresh == {"spring-plain-ro", "spring-ro"}


def test_a_campaign_s_kit_holds_the_very_files_of_its_messages(kits: Kits) -> None:
    with kits.house() as house:
        shelf = Shelf(house)
        campaign = shelf.of_campaign(house.project.campaigns["spring"], "ro")
        alone = files(shelf.of_message(house.project.messages["spring", "seeds"], "ro"))
        shelf.save()
    inside = {path.removeprefix("messages/seeds/"): data for path, data in files(campaign).items() if "/seeds/" in path}
    own = {"manifest.json", "README.txt"}
    assert inside == {path: data for path, data in alone.items() if path not in own and not path.startswith("licence/")}


def test_the_read_me_names_each_file_once(kits: Kits) -> None:
    lines = files(kits.make())["README.txt"].decode().splitlines()
    named = [line for line in lines if line.startswith("- ") and ".txt: " in line]
    assert named
    assert len(named) == len(set(named))


def test_a_campaign_s_kit_holds_those_of_its_messages(kits: Kits) -> None:
    kits.message("plain", message(title="Simplu"))
    with kits.house() as house:
        shelf = Shelf(house)
        made = shelf.of_campaign(house.project.campaigns["spring"], "ro")
    inside = files(made)
    assert {"messages/seeds/press/questions.docx", "messages/plain/texts/mastodon.txt"} <= set(inside)
    release = inside["press/press-release.txt"].decode()
    for said in (
        "Primăvara",
        "Să vină.",
        "Semințe.",
        "Simplu.",
        "https://trial.example/ro/spring/plain/",
        "0000 000 000",
    ):
        assert said in release
    assert any(one.startswith("Simplu: ") for one in made.manifest.left_out)
