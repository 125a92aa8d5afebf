"""A small project with every kind of account, whose texts try to act where they should only be shown."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.content import read_project, stamp

SETTINGS = """
[programme]
name = "Small & <b>bold</b>"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en", "ar"]
site = "https://small.example"

[people.writer]
name = "Writer"
may = ["write"]

[people.reader]
name = "Reader"
may = ["approve"]

[accounts.fedi-ro]
kind = "mastodon"
language = "ro"
server = "https://social.example"

[accounts.fedi-ar]
kind = "mastodon"
language = "ar"
server = "https://social.example"

[accounts.letter]
kind = "mail"
language = "en"
host = "smtp.example"
from_address = "letter@small.example"
from_name = "Letter"
unsubscribe_url = "https://small.example/u/{token}"
neutral_subject = "This month"
neutral_preheader = "News from us"

[accounts.agency]
kind = "webhook"
language = "ro"
url = "https://agency.example/hooks"

[accounts.board]
kind = "folder"
language = "en"
path = "build/board"
medium = "noticeboard"
"""

HELPLINES = """
ro-anitp:
  country: RO
  number: "0800 800 678"
  name: {ro: Linia, en: Helpline, ar: Helpline}
  operator: ANITP
  purpose: {ro: Pentru ajutor., en: For help., ar: For help.}
  dialable_from: [RO]
  sources: [{title: e-Justice, url: "https://e-justice.europa.eu/", read_on: 2026-11-21}]
  verified_on: 2026-11-21
  verified_by: writer
  verified_how: source
  expires: 2027-05-20
"""

CAMPAIGN = """
id: small
title: {ro: Mic, en: Small, ar: Small}
summary: {ro: Mic., en: Small., ar: Small.}
objective: {ro: Mic., en: Small., ar: Small.}
source_language: ro
languages: [ro, en, ar]
timezone: Europe/Bucharest
starts: 2026-12-01
ends: 2026-12-31
audiences: {everybody: {ro: Toți, en: Everybody, ar: Everybody}}
topics: {signs: {ro: Semne, en: Signs, ar: Signs}}
approval: two
late_after: 6h
calendar:
  - message: signs
    at: 2026-12-01 10:00
    accounts: [fedi-ro, fedi-ar, letter, agency, board]
  - id: again
    message: signs
    at: 2026-12-10 23:30
    accounts: [fedi-ro]
"""

RO = """---
title: Semne {{ 7*7 }} <script>alert(1)</script>
summary: Câteva semne la locul de muncă. {% for x in y %}
audience: everybody
topic: signs
action: {text: "Sună la {helpline}.", helpline: ro-anitp}
picture: {file: picture.svg, alt: 'Desen: doi oameni stau de vorbă la o masă. "><img src=x onerror=alert(2)>'}
short: Cunoști semnele? {{ 7*7 }} <script>alert(1)</script> Sună la {helpline}.
author: writer
---
Semnele nu sunt dovezi. Nu interveni. Sună.
"""

EN = """---
title: Signs {{ 7*7 }} <script>alert(1)</script>
summary: Some signs at work. {{ 7*7 }}
action: {text: "Call {helpline}."}
picture: {alt: "Drawing: two people talk at a table."}
short: Do you know the signs? {{ 7*7 }} Call {helpline}.
---
Signs are no proof. {{ 7*7 }} `<script>alert(1)</script>` `<img src="https://tracker.example/x.gif">`

## Look

Do not step in. Call.
"""

AR = """---
title: علامات
summary: بعض العلامات في مكان العمل.
action: {text: "اتصل على {helpline}."}
picture: {alt: "رسم: شخصان يتحدثان إلى طاولة."}
short: هل تعرف العلامات؟ اتصل على {helpline}.
---
العلامات ليست دليلا. اتصل.
"""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#0f4c5c"/></svg>'


def make(root: Path) -> Path:
    """Write the project into ``root``."""
    campaign = root / "content" / "campaigns" / "small"
    message = campaign / "messages" / "signs"
    message.mkdir(parents=True)
    (root / "outreach.toml").write_text(SETTINGS)
    (root / "content" / "helplines.yml").write_text(HELPLINES)
    (campaign / "campaign.yml").write_text(CAMPAIGN)
    for language, text in (("ro", RO), ("en", EN), ("ar", AR)):
        (message / f"{language}.md").write_text(text)
    (message / "picture.svg").write_text(SVG)
    for language in ("en", "ar"):
        stamp.stamp_translation(root, read_project(root).messages["small", "signs"], language)
    return root


def outreach(root: Path, *arguments: str) -> Result:
    """Run a command in a project; nothing of the machine's environment is taken for a secret."""
    return CliRunner(env={"OUTREACH_USER": "tester"}).invoke(main, ["--project", str(root), *arguments])


def files_of(root: Path) -> dict[str, bytes]:
    """Return the files under ``root`` by their path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
