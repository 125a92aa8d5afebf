"""What came over the wire as text, with the types that a document gives it.

Forms and queries carry text alone. How a type is written there is OpenAPI's default serialisation: numbers and booleans
as JSON writes them, an object as JSON, a list as one value after another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from channels.testing.documents.document import Schema
from channels.testing.http_simulator import Request

Resolve = Callable[[Schema], Schema]
JSON, FORM, FILES = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"


class File(str):
    """A file in a form, by its name."""

    __slots__ = ()


def media_type(content_type: str) -> str:
    """Return the type without its parameters."""
    return content_type.split(";", 1)[0].strip().lower()


def body_of(request: Request, kind: str, schema: Schema, resolve: Resolve) -> Any:
    """Return the body of a request with the types of ``schema``.

    :raises ValueError: it cannot be read as what it says it is.
    """
    if kind == JSON or kind.endswith("+json"):
        return json.loads(request.body)
    if kind == FORM:
        return fields(parse_qsl(request.body.decode(), keep_blank_values=True), schema, resolve)
    if kind == FILES:
        parts = [(upload.name, File(upload.filename)) for upload in request.uploads()]
        return fields([*request.form(), *parts], schema, resolve)
    return None


def fields(pairs: Iterable[tuple[str, str]], schema: Schema, resolve: Resolve) -> dict[str, Any]:
    """Return the fields of a form with the types of the properties of ``schema``."""
    known = resolve(schema).get("properties", {})
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    return {name: values_of(values, known.get(name, {}), resolve) for name, values in given.items()}


def values_of(values: list[str], schema: Schema, resolve: Resolve) -> Any:
    """Return the values of one name: a list where one is declared, or where there are several."""
    schema = resolve(schema)
    if "array" in _types(schema):
        return [typed(value, schema.get("items", {}), resolve) for value in values]
    made = [typed(value, schema, resolve) for value in values]
    return made[0] if len(made) == 1 else made


def typed(text: str, schema: Schema, resolve: Resolve) -> Any:
    """Return a text as the declared type, or as it is where it cannot be that."""
    if isinstance(text, File):
        return text
    schema = resolve(schema)
    for one in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        for kind in _types(resolve(one)):
            made = _as(text, kind)
            if made is not None:
                return made
    return text


def is_file(schema: Schema) -> bool:
    """Whether a property of a form is a file."""
    return schema.get("format") == "binary" or schema.get("contentEncoding") == "binary"


def _types(schema: Schema) -> tuple[str, ...]:
    given = schema.get("type", ())
    return (given,) if isinstance(given, str) else tuple(given)


def _as(text: str, kind: str) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "object" and text.startswith("{"):
        return json.loads(text)
    return None
