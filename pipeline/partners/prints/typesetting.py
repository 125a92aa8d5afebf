"""Typst, kept warm: templates and fonts are read once for a process, and every sheet is set by the same compiler.

The compiler sees one folder, which holds the templates and the pictures by name of their content, and no font but
ours: the same sheet gives the same bytes on every machine.

What draws and writes PDFs is imported where something is drawn: most builds find all of their prints in the cache.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
import unicodedata
from collections.abc import Callable
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline import shipped
from pipeline.model import Problem
from pipeline.partners.prints.kinds import Form
from pipeline.settings import ProblemsFound

TEMPLATES = "site/prints"
FONTS = "site/fonts"
MISSING = "\ufffd"
"""Stands visibly for what no font can show."""


class Typesetter:
    """Sets sheets with the templates and fonts of the project in ``root``.

    :param folder: where the compiler works; templates and pictures are laid into it under the name of their content.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hex digits over templates, fonts, this code and the versions of what draws."""
        whole = hashlib.sha256(f"typst {version('typst')} segno {version('segno')} pypdf {version('pypdf')}".encode())
        for path in (*self._templates, *_fonts(self._root), *sorted(Path(__file__).parent.glob("*.py"))):
            whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return whole.hexdigest()[:16]

    @cached_property
    def _templates(self) -> list[Path]:
        return [file for name, file in shipped.files(self._root, TEMPLATES).items() if name.endswith(".typ")]

    def keep(self, data: bytes, suffix: str) -> str:
        """Lay a picture into the compiler's folder; return the path by which a template names it."""
        path = Path("pictures", f"{hashlib.sha256(data).hexdigest()[:32]}{suffix}")
        if not (self._folder / path).exists():
            replace_file(self._folder / path, data)
        return f"/{path.as_posix()}"

    def shown(self, value: Any) -> Any:
        """Return what a template gets, with a visible sign in the place of every character that no font has."""
        if isinstance(value, str):
            return "".join(one if _has(self._root, one) else MISSING for one in value)
        if isinstance(value, dict):
            return {name: one if name in _NO_TEXT else self.shown(one) for name, one in value.items()}
        return [self.shown(one) for one in value] if isinstance(value, list | tuple) else value

    def missing(self, text: str) -> str:
        """Return the characters of a text that no font has."""
        return "".join(dict.fromkeys(one for one in text if not _has(self._root, one)))

    def lacking(self, text: str) -> str:
        """Return the characters of a text that the fonts lack, asked of the fonts themselves."""
        return "".join(one for one in text if ord(one) not in _covered(self._root))

    def set(self, form: Form, sheet: dict[str, Any]) -> bytes:
        """Return a form of a sheet as PNG or PDF.

        :raises ProblemsFound: when the template is wrong.
        """
        from pipeline.partners.prints.boxes import with_bleed_box  # noqa: PLC0415

        options: dict[str, Any] = {"format": "png", "ppi": 72.0}
        if form.unit == "mm":
            options = {"format": "pdf", "pdf_standards": ["ua-1"], "timestamp": 0}
        made = self._run(
            form,
            sheet,
            lambda page, told: _compiler(self._root, self._folder).compile(
                input=page, sys_inputs={"sheet": told}, **options
            ),
        )
        return with_bleed_box(bytes(made)) if form.unit == "mm" else bytes(made)

    def places(self, form: Form, sheet: dict[str, Any]) -> list[dict[str, Any]]:
        """Return where the texts of a form stand and how they were fitted, in points; for whoever wants to measure."""
        import typst  # noqa: PLC0415

        made = self._run(
            form,
            sheet,
            lambda page, told: typst.Compiler(
                page,
                root=self._folder,
                font_paths=_loaded(self._root),
                ignore_system_fonts=True,
                sys_inputs={"sheet": told},
            ).query("<fitted>", field="value"),
        )
        return list(json.loads(made))

    def forget(self) -> None:
        """Give up what the compiler remembers of the sheets that it has set, their pictures above all.

        It lets go of what its last ten sheets did not need, and knows no other way to be told.
        """
        for _ in range(_REMEMBERED):
            _compiler(self._root, self._folder).compile(input=b"", format="png", ppi=1.0)

    def _run(self, form: Form, sheet: dict[str, Any], act: Callable[[Path, str], Any]) -> Any:
        import typst  # noqa: PLC0415

        data = self.shown(sheet)
        if form.unit == "mm":
            data["code"] = data["code"] | {"svg": code(sheet["code"]["link"])}
        told = json.dumps(data, ensure_ascii=False, sort_keys=True)
        try:
            return act(self._laid_out / form.template, told)
        except typst.TypstError as error:
            found = _AT.search(error.diagnostic)
            path, line = (found[1], int(found[2])) if found else (form.template, None)
            what = f"the template cannot be set ({str(error.message).splitlines()[0]})"
            raise ProblemsFound(
                [Problem(path=f"{TEMPLATES}/{path}", line=line, rule="template", message=what)]
            ) from error

    @cached_property
    def _laid_out(self) -> Path:
        """The templates by name of their content, so that an edit in the middle of a run changes nothing of it."""
        folder = self._folder / f"templates-{self.fingerprint}"
        for path in self._templates:
            if not (folder / path.name).exists():
                replace_file(folder / path.name, path.read_bytes())
        return folder


COMMON = re.compile(
    "[ -~\u00a0-\u024f\u0400-\u045f\u0490\u0491\u060c\u061b\u061f\u0621-\u064a\u0660-\u0669"
    "\u2013\u2014\u2018-\u201e\u2026]"
)
"""What all fonts of prints have together: the letters of the languages here. Fonts are opened for other ones only."""
_REMEMBERED = 11
"""Empty sheets after which the compiler remembers no other: it keeps what one of the last ten used."""
_AT = re.compile(r"([\w-]+\.typ):(\d+):\d+")
_NO_TEXT = frozenset({"link", "path", "logo", "language", "direction"})


def code(link: str) -> str:
    """Return the QR code of an address as SVG, with its quiet zone."""
    import segno  # noqa: PLC0415

    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="svg", border=4, dark="#22302f", light="#ffffff")
    return out.getvalue().decode()


def replace_file(path: Path, data: bytes) -> None:
    """Write a file of the cache whole, or not at all; several processes may write the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def _fonts(root: Path) -> list[Path]:
    return [file for name, file in shipped.files(root, FONTS).items() if name.endswith(".ttf")]


@lru_cache(maxsize=4)
def _compiler(root: Path, folder: Path) -> Any:
    import typst  # noqa: PLC0415

    return typst.Compiler(root=folder, font_paths=_loaded(root), ignore_system_fonts=True)


@lru_cache(maxsize=4)
def _loaded(root: Path) -> Any:
    import typst  # noqa: PLC0415

    folders = [str(folder) for folder in shipped.places(root, FONTS) if folder.is_dir()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@lru_cache(maxsize=4)
def _covered(root: Path) -> frozenset[int]:
    """The characters that all fonts together have."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    found: set[int] = set()
    for path in _fonts(root):
        with TTFont(path, lazy=True) as font:
            found |= set(font.getBestCmap())
    return frozenset(found)


def _has(root: Path, character: str) -> bool:
    if COMMON.match(character):
        return True
    # Joiners, marks of direction and selectors of a variant are not drawn themselves.
    unseen = unicodedata.category(character) in {"Cf", "Cc"} or "\ufe00" <= character <= "\ufe0f"
    return unseen or ord(character) in _covered(root)
