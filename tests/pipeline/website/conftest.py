"""A small project with a campaign, two messages and a few pages of its own; and the sample, built once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_project import CAMPAIGN, HELPLINES, NOW, ROOT, SETTINGS, Project, Sample, message

from pipeline.app.house import House
from pipeline.app.site_checking import served
from pipeline.app.website import build_site
from pipeline.clock import VirtualClock


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("outreach.toml", SETTINGS)
    made.write("content/helplines.yml", HELPLINES)
    made.write("content/campaigns/spring/campaign.yml", CAMPAIGN)
    made.message("seeds", message())
    made.write("content/pages/help/ro.md", "---\ntitle: Numere\nsummary: Numere.\n---\n{list:helplines}\n")
    (tmp_path / "site").symlink_to(ROOT / "site")
    return made


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    with House(ROOT, VirtualClock(NOW), {}) as house:
        done = build_site(house, tmp_path_factory.mktemp("sample") / "site", with_kits=False)
    return Sample(done.site, done.folder)


@pytest.fixture(scope="session")
def address(sample: Sample) -> Iterator[str]:
    with served(sample.folder) as base:
        yield base
