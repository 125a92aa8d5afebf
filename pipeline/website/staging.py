"""The tree on disk, for engines that know no plugin of ours: Markdown files, assets, the theme, a configuration."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.website.tree import Copied, Site


def mkdocs_settings(site: Site) -> dict[str, Any]:
    """Return the configuration with which MkDocs or Zensical builds the staged tree."""
    return {
        "site_name": site.extra["name"],
        "site_url": f"{site.extra['address']}/",
        "docs_dir": "docs",
        "site_dir": "site",
        "nav": [{site.extra["name"]: "index.md"}],
        "not_in_nav": "*",
        "theme": {
            "name": "material",
            "custom_dir": "theme",
            "font": False,
            "language": "en",
            "favicon": "assets/outreach/icon.svg",
        },
        "plugins": [],
        "markdown_extensions": [],
        "extra": {"site": dict(site.extra)},
    }


def write(site: Site, folder: Path, theme: Mapping[str, Path], settings: dict[str, Any]) -> None:
    """Write the tree into ``folder``; what an earlier staging left there is removed.

    :param theme: the files of the theme by their path in it.

    :raises FileExistsError: when the folder holds something that no staging wrote.
    """
    config = folder / "mkdocs.yml"
    if folder.exists() and any(folder.iterdir()) and not config.exists():
        raise FileExistsError(17, "the folder holds other things; name an empty one", str(folder))
    for name in ("docs", "theme", "site"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for page in site.pages.values():
        _put(folder / "docs" / page.path, page.markdown.encode())
    for asset in site.assets.values():
        place = folder / "docs" / asset.path
        if isinstance(asset, Copied) and asset.source:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(asset.source, place)
        else:
            _put(place, asset.read())
    for path, file in theme.items():
        _put(folder / "theme" / path, file.read_bytes())
    config.write_text(json.dumps(settings, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
