"""The same messages as Hugo takes them: its plain template is in bench/hugo."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from pipeline.content.frontmatter import split
from pipeline.content.yaml import load

TEMPLATE = Path(__file__).parent / "hugo"
_NUMBER = "0000 000 000"


def write(project: Path, folder: Path) -> Path:
    """Write the messages of a project into ``folder`` with Hugo's template, and return ``folder``."""
    shutil.copytree(TEMPLATE, folder)
    for message in sorted(project.glob("content/campaigns/*/messages/*")):
        campaign = load((message.parents[1] / "campaign.yml").read_text("utf-8"))
        source = _parts(message / f"{campaign['source_language']}.md")[0]
        for file in sorted(message.glob("*.md")):
            page = folder / "content" / file.stem / campaign["id"] / message.name
            page.mkdir(parents=True)
            (page / "index.md").write_text(_page(file, source), "utf-8")
            shutil.copy(message / "picture.svg", page)
    return folder


def _page(file: Path, source: dict[str, Any]) -> str:
    head, body = _parts(file)
    fields = {
        "title": _filled(head["title"]),
        "summary": _filled(head["summary"]),
        "short": _filled(head.get("short", "")),
        "action": _filled(head["action"]["text"]),
        "alt": head["picture"]["alt"],
        "topics": [source["topic"]],
        "audiences": [source["audience"]],
        # Related pages are found by words of the title too: a topic alone would make all pages of it equal.
        "keywords": head["title"].lower().split()[:3],
        "lastmod": str(head["updated"]),
        "sources": [{name: str(value) for name, value in one.items()} for one in source["sources"]],
    }
    linked = re.sub(r"\(\.\./([^/)]+)/\w+\.md\)", r"(../\1/)", _filled(body))
    return f"{json.dumps(fields, ensure_ascii=False, indent=1)}\n\n{linked}\n"


def _parts(file: Path) -> tuple[dict[str, Any], str]:
    parts = split(file.read_text("utf-8"), file.name)
    return load(parts.head), parts.body


def _filled(text: str) -> str:
    return re.sub(r"\{helpline(?::[a-z0-9-]+)?\}", _NUMBER, text)
