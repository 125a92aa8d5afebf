"""The folder that a person works from: what lies in it, and a person who reads it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from channels.testing.simulator import Arrived, Clock, Simulator


class FolderSimulator(Simulator):
    """A folder of its own for each account, thrown away at the end; one that is given as ``root`` stays."""

    def __init__(self, clock: Clock, root: Path | None = None) -> None:
        super().__init__(clock)
        self._given = root
        self.root = root or Path()

    def start(self) -> Self:
        """Make the folder."""
        if self._given is None:
            self.root = Path(tempfile.mkdtemp(prefix="outreach-tasks-"))
        return self

    def close(self) -> None:
        """Remove the folder, unless it was given."""
        if self._given is None:
            shutil.rmtree(self.root, ignore_errors=True)

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the settings of an account of this name."""
        return {"path": str(self.root / account)}

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Put a file where the folder should be: as good as a share that is not mounted."""
        aside = self.root.with_name(self.root.name + ".aside")
        self.root.rename(aside)
        self.root.touch()
        try:
            yield
        finally:
            self.root.unlink()
            aside.rename(self.root)

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """The tasks, oldest first; each must be whole."""
        return tuple(sorted((_read(place) for place in self._places()), key=lambda one: one.fields["written_at"]))

    @property
    def publishing_requests(self) -> int:
        """How many tasks were written; leaving one as it is counts for nothing."""
        return len(self._places())

    def _places(self) -> list[Path]:
        return sorted(place.parent for place in self.root.glob("*/[!.]*/task.json"))

    def transmitted(self) -> list[dict[str, Any]]:
        """Return every task: its files, with what is in those that can be read."""
        return [
            {
                "folder": place.relative_to(self.root).as_posix(),
                "files": {
                    file.name: file.read_text(encoding="utf-8") if file.suffix in {".txt", ".json"} else _sha(file)
                    for file in sorted(place.iterdir())
                },
            }
            for place in self._places()
        ]


def _sha(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _read(place: Path) -> Arrived:
    task = json.loads((place / "task.json").read_bytes())
    found = {file.name: _sha(file) for file in place.iterdir() if file.name != "task.json"}
    if found != task["files"]:
        raise AssertionError(f"the task {place.name} is not whole")
    pictures = sorted(place.glob("picture-*"))
    alts = (file.read_text(encoding="utf-8").removesuffix("\n") for file in pictures if file.suffix == ".txt")
    return Arrived(
        account=place.parent.name,
        remote_id=place.name,
        text=(place / "text.txt").read_text(encoding="utf-8"),
        language=task["language"],
        alt_texts=tuple(alts),
        media=tuple(_sha(file) for file in pictures if file.suffix != ".txt"),
        key=task["key"],
        fields={"Task": (place / "README.txt").read_text(encoding="utf-8"), "written_at": task["written_at"]},
    )
