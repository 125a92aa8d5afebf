"""How a post is worded where the message gives no wording that fits: by templates, one for each kind of channel.

A template (Jinja) is given the message's words and puts them in order. ``default.txt.j2`` beside this module is used
where the project has none; a project writes its own in its folder ``wording``: ``mastodon.txt.j2`` for one kind of
channel, ``default.txt.j2`` for all others. Hashtags come after what the template makes, and are not its business.

Templates are written by those who look after the project; messages are data, and never read as templates. Even so the
templates run in a sandbox: they reach nothing but the words they are given, and a name that they are not given is an
error, told with file and line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline.model import Problem

FOLDER = "wording"
SUFFIX = ".txt.j2"
DEFAULT = "default"
WORDS = ("title", "summary", "action", "link", "language", "campaign", "message")
"""What a template is given, in the order in which the words of a post come."""
LONGEST = 20_000
"""Characters that a template may have, and that it may make of the words of one message."""

_TRIAL = {name: f"[{name}]" for name in WORDS} | {"link": "https://outreach.example/en/campaign/message/"}


class WordingError(Exception):
    """A template cannot be used; ``str()`` says why and where."""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, _context: Any, operator: str, _left: Any, _right: Any) -> Any:
        """Refuse what could make much out of little."""
        raise SecurityError(f"'{operator}' is not allowed in a template of wording")


@dataclass(frozen=True)
class Wording:
    """The templates by kind of channel, where each stands, and why one that is there cannot be used."""

    templates: Mapping[str, Template]
    places: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)

    def write(self, kind: str, words: Mapping[str, str]) -> str:
        """Return the text that the template for ``kind`` makes of the words named in :data:`WORDS`.

        A word that is empty leaves no gap behind.

        :raises WordingError: when the template fails or cannot be used at all.
        """
        name = kind if kind in self.templates or kind in self.broken else DEFAULT
        if name in self.broken:
            raise WordingError(self.broken[name])
        try:
            made = self.templates[name].render(words)
        except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            place = f"{self.places.get(name, name)}:{_line(error)}"
            raise WordingError(f"the template {place} fails: {_said(error)}") from None
        if len(made) > LONGEST:
            raise WordingError(f"the template {self.places.get(name, name)} makes more than {LONGEST:,} characters")
        lines = (line.strip() for line in made.split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def shipped() -> Wording:
    """Return the wording of a project that has no templates of its own."""
    return Wording({DEFAULT: compiled(_shipped_source())})


def read(root: Path, kinds: Collection[str]) -> tuple[Wording, list[Problem]]:
    """Return the wording of the project in ``root`` and what is wrong with its templates.

    Posts whose template cannot be used must not go out: the problem is an error, and :meth:`Wording.write` says it too.

    :param kinds: the kinds of channel that there are; a template is named after one of them.
    """
    templates = {DEFAULT: compiled(_shipped_source())}
    places: dict[str, str] = {}
    broken: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted((root / FOLDER).glob("*")) if (root / FOLDER).is_dir() else []:
        place = path.relative_to(root).as_posix()
        name = path.name.removesuffix(SUFFIX)
        if not path.name.endswith(SUFFIX) or name not in {*kinds, DEFAULT}:
            problems.append(_problem(place, None, *_misnamed(name, kinds)))
            continue
        found = _tried(root, path, place)
        if isinstance(found, Problem):
            problems.append(found)
            broken[name] = str(found)
        else:
            templates[name], places[name] = found, place
    return Wording(templates, places, broken), problems


def _tried(root: Path, path: Path, place: str) -> Template | Problem:
    """Return the template, or what is wrong with it, as far as words that stand for any others show it."""
    try:
        template = compiled(_source(root, path))
        made = Wording({DEFAULT: template}).write(DEFAULT, _TRIAL)
    except (OSError, UnicodeDecodeError):
        return _problem(place, None, "cannot be read as UTF-8 text", "save it anew")
    except TemplateError as error:
        return _problem(place, getattr(error, "lineno", None), f"is no template: {_said(error)}", "correct it there")
    except WordingError as error:
        line = re.search(rf"{DEFAULT}:(\d+) ", str(error))
        what = str(error).rpartition("fails: ")[2]
        known = f"a template is given {', '.join(WORDS)}"
        return _problem(place, int(line[1]) if line else None, f"cannot be used: {what}", known)
    if _TRIAL["link"] not in made:
        todo = "write {{ link }} into it; an account leaves links out with `link = false`"
        return _problem(place, None, "leaves the link out", todo)
    return template


def _source(root: Path, path: Path) -> str:
    if not path.resolve().is_relative_to(root.resolve()):
        raise WordingError("it leads out of the project")
    source = path.read_text(encoding="utf-8-sig")
    if len(source) > LONGEST:
        raise WordingError(f"it has more than {LONGEST:,} characters")
    return source


def _shipped_source() -> str:
    return files(__package__).joinpath(f"{DEFAULT}{SUFFIX}").read_text(encoding="utf-8")


def compiled(source: str) -> Template:
    """Return a template that reaches nothing but the words it is given.

    :raises TemplateError: when it is none.
    """
    # Nothing is escaped: what comes of it is plain text, and each channel writes that in its own form.
    sandbox = _Sandbox(
        loader=DictLoader({DEFAULT: source}),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return sandbox.get_template(DEFAULT)


def _line(error: BaseException) -> int:
    """Return the line of the template in which it failed; 1 when nothing tells."""
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _said(error: Exception) -> str:
    text = " ".join(str(getattr(error, "message", None) or error).split()) or type(error).__name__
    return f"{text[:1].lower()}{text[1:]}".rstrip(".")


def _misnamed(name: str, kinds: Collection[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(name, [*kinds, DEFAULT], n=1)
    meant = f"did you mean '{near[0]}{SUFFIX}'?" if near else f"name it {DEFAULT}{SUFFIX}, or after a kind of channel"
    return f"is not named as a template is: a kind of channel and '{SUFFIX}'", meant


def _problem(path: str, line: int | None, message: str, todo: str) -> Problem:
    return Problem(path=path, line=line, rule="wording", message=message, todo=todo)
