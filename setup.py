"""The one step that pyproject.toml cannot say: the wheel brings the site's theme, templates, words and fonts along.

They lie beside the package, where people who work on them look for them; ``pipeline/shipped.py`` finds them in both
places.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class WithSite(build_py):
    """Copies the site's files into the package that is built."""

    def run(self) -> None:
        """Build as usual, then lay the files beside."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "pipeline" / "as_shipped"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(HERE / "site", target / "site")
        shutil.copy(HERE / "mkdocs.yml", target)


setup(cmdclass={"build_py": WithSite})
