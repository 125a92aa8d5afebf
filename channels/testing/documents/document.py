"""An OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.1, read 2026-11-25): where it comes from, and its operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import yaml

Schema = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
BASE = "urn:document"
"""The name under which the parts of a document refer to each other."""

_UNCLOSED = frozenset({"additionalProperties", "unevaluatedProperties"})


@dataclass(frozen=True, slots=True)
class Source:
    """The document that a network publishes, from which the facts were taken."""

    repository: str
    files: Mapping[str, str]
    """The commit at which each file was read."""
    read_on: date
    licence: str

    @property
    def url(self) -> str:
        """Return where it can be read: the file, or the repository where there are several."""
        home = f"https://github.com/{self.repository}"
        if len(self.files) > 1:
            return home
        ((path, commit),) = self.files.items()
        return f"{home}/blob/{commit}/{path}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the path, the query or a header."""

    name: str
    place: str
    required: bool
    exploded: bool
    """Whether several values come as several parameters, instead of separated by commas."""
    schema: Schema


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Mapping[str, Schema]
    """The schema of the body by media type; empty where it takes none."""
    needs_body: bool
    responses: Mapping[str, Mapping[str, Schema]]
    """For each status (``200``, ``4XX``, ``default``) the schema of the body by media type."""

    @property
    def name(self) -> str:
        """Return method and path."""
        return f"{self.method} {self.path}"

    def response(self, status: int) -> Mapping[str, Schema] | None:
        """Return what an answer with this status holds; ``None`` where the document knows no such answer."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in self.responses:
                return self.responses[name]
        return None


@dataclass(frozen=True, slots=True)
class Document:
    """One network's document, read and closed (see :mod:`channels.testing.documents`)."""

    source: Source
    prefix: str
    """What stands before every path, such as ``/api/v10``."""
    operations: tuple[Operation, ...]
    elsewhere: frozenset[str]
    """Operations that are used and not documented, as method and path."""
    corrections: int
    """At how many places it departs from the published one."""
    whole: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a document.

        :raises ValueError: it does not say where it comes from, names no operation, or does not hold together; all of
            it at once, a sentence in each line.
        """
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict) or not isinstance(raw.get("x-source"), dict) or not raw.get("paths"):
            raise ValueError(f"{path.name} needs 'x-source' and 'paths'.")
        faults = list(_faults(raw))
        if faults:
            raise ValueError("\n".join(f"{path.name}: {fault}." for fault in faults))
        whole: dict[str, Any] = _closed(raw)
        return cls(
            source=Source(**raw["x-source"]),
            prefix=urlsplit((raw.get("servers") or [{"url": ""}])[0]["url"]).path.rstrip("/"),
            operations=tuple(_operations(whole)),
            elsewhere=frozenset(raw.get("x-not-in-document") or ()),
            corrections=len(raw.get("x-corrections") or ()),
            whole=whole,
        )

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation of a request and the values in its path; one with fewer such values goes first."""
        if not path.startswith(self.prefix):
            return None
        found = []
        for operation in self.operations:
            match = _pattern(operation.path).fullmatch(path.removeprefix(self.prefix))
            if match and operation.method == method:
                names = re.findall(r"\{([^}]+)\}", operation.path)
                found.append((operation, dict(zip(names, map(unquote, match.groups()), strict=True))))
        return min(found, key=lambda one: len(one[1]), default=None)

    def is_elsewhere(self, method: str, path: str) -> bool:
        """Whether the document says that this request is documented nowhere in the published one."""
        for name in self.elsewhere:
            other, _, template = name.partition(" ")
            if other == method and _pattern(template).fullmatch(path):
                return True
        return False

    def resolved(self, schema: Schema) -> Schema:
        """Return a schema itself where only its name is given."""
        while "$ref" in schema:
            schema = _at(self.whole, schema["$ref"])
        return schema


def _faults(raw: dict[str, Any]) -> Iterator[str]:
    needed = {field.name for field in fields(Source)}
    yield from (f"'x-source' has no '{name}'" for name in sorted(needed - raw["x-source"].keys()))
    yield from (f"'x-source' has '{name}', which is unknown" for name in sorted(raw["x-source"].keys() - needed))
    missing = [name for name in sorted(set(_references(raw))) if not _is_there(raw, name)]
    yield from (f"'{name}' is not in it" for name in missing)
    if missing:
        return
    for operation in _operations(raw):
        named = {one.name for one in operation.parameters if one.place == "path"}
        in_path = set(re.findall(r"\{([^}]+)\}", operation.path))
        yield from (f"{operation.name} does not describe '{name}'" for name in sorted(in_path - named))
        yield from (
            f"{operation.name} describes '{name}', which is not in the path" for name in sorted(named - in_path)
        )


def _operations(whole: dict[str, Any]) -> Iterator[Operation]:
    for path, item in whole["paths"].items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                yield _operation(whole, method.upper(), path, {"parameters": [], **item[method]}, shared)


def _operation(whole: Mapping[str, Any], method: str, path: str, said: dict[str, Any], shared: list[Any]) -> Operation:
    parameters = [_named(whole, one) for one in (*shared, *said["parameters"])]
    body = _named(whole, said.get("requestBody") or {})
    responses = {str(status): _named(whole, one) for status, one in said["responses"].items()}
    return Operation(
        method=method,
        path=path,
        parameters=tuple(
            Parameter(
                one["name"],
                one["in"],
                bool(one.get("required")),
                bool(one.get("explode", one["in"] == "query")),
                one["schema"],
            )
            for one in parameters
        ),
        body=_schemas(body),
        needs_body=bool(body.get("required")),
        responses={status: _schemas(one) for status, one in responses.items()},
    )


def _schemas(content: Mapping[str, Any]) -> dict[str, Schema]:
    return {kind: media.get("schema", {}) for kind, media in content.get("content", {}).items()}


def _named(whole: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    return _at(whole, part["$ref"]) if "$ref" in part else part


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _references(one)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for one in part.values():
            yield from _references(one)


def _is_there(whole: Mapping[str, Any], name: str) -> bool:
    try:
        return isinstance(_at(whole, name), dict)
    except (KeyError, TypeError, ValueError):
        return False


def _at(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Any = whole
    for step in name.removeprefix(BASE).removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join("([^/]+)" if one[:1] == "{" else re.escape(one) for one in _split(template)))


def _split(template: str) -> list[str]:
    return [one for one in re.split(r"(\{[^}]+\})", template) if one]


def _closed(part: Any) -> Any:
    """Return the part with every object of named properties closed, and every reference made absolute."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {name: _closed(one) for name, one in part.items()}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = f"{BASE}{made['$ref']}"
    if isinstance(made.get("properties"), dict) and "type" in made and not _UNCLOSED & made.keys():
        made["additionalProperties"] = False
    return made
