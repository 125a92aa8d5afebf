"""Stands between a channel and its simulator, and notes what the network's document does not allow of what they say.

Every request is checked, whatever becomes of it; of the answers those that the simulator gives by itself. An answer
that a test orders (a :class:`~channels.testing.simulator.Fault`) is broken on purpose, and nobody's mistake.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from channels.testing.documents.document import BASE, Document, Operation, Parameter, Schema
from channels.testing.documents.wire import FILES, File, body_of, is_file, media_type, typed, values_of
from channels.testing.http_simulator import Answer, Request

FORMATS = FormatChecker(formats=())
"""The formats that are looked at; others are remarks for people."""


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is not None


@FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or value.partition(":")[2] != ""


class Checker:
    """Holds requests and answers to a document. It is handed to a simulator as one of its ``watchers``."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.differences: list[str] = []
        """What did not fit so far, each once, as one sentence for a person."""
        self.used: set[str] = set()
        """The operations that were asked for, as method and path."""
        self._registry: Registry[Any] = Registry().with_resource(
            BASE, DRAFT202012.create_resource(dict(document.whole))
        )

    def __call__(self, request: Request, answer: Answer | None) -> None:
        """Note what does not fit of a request, and of its answer where the simulator gave one by itself."""
        found = [*self.of_request(request), *(self.of_answer(request, answer) if answer else ())]
        self.differences += [one for one in dict.fromkeys(found) if one not in self.differences]

    # --- requests ---

    def of_request(self, request: Request) -> list[str]:
        """Return what of a request the document does not allow, each as one sentence."""
        found = self.document.find(request.method, request.path)
        if found is None:
            known = self.document.is_elsewhere(request.method, request.path)
            return [] if known else [f"{request.method} {request.path} is not in the document."]
        operation, in_path = found
        self.used.add(operation.name)
        told = [
            *self._path(operation, in_path),
            *self._query(operation, request),
            *self._headers(operation, request),
            *self._body(operation, request),
        ]
        return [f"{operation.name}: {one}." for one in told]

    def _path(self, operation: Operation, given: Mapping[str, str]) -> Iterator[str]:
        for parameter in operation.parameters:
            if parameter.place == "path":
                value = typed(given[parameter.name], parameter.schema, self.document.resolved)
                yield from self._told(f"'{parameter.name}' in the path", value, parameter.schema)

    def _query(self, operation: Operation, request: Request) -> Iterator[str]:
        known = {one.name: one for one in operation.parameters if one.place == "query"}
        given: dict[str, list[str]] = {}
        for name, value in request.query:
            given.setdefault(name, []).append(value)
        yield from (f"the document knows no parameter '{name}'" for name in given if name not in known)
        for name, parameter in known.items():
            if name in given:
                value = self._value(given[name], parameter)
                yield from self._told(f"the parameter '{name}'", value, parameter.schema)
            elif parameter.required:
                yield f"the parameter '{name}' is required"

    def _value(self, given: list[str], parameter: Parameter) -> Any:
        values = given if parameter.exploded else [one for value in given for one in value.split(",")]
        return values_of(values, parameter.schema, self.document.resolved)

    def _headers(self, operation: Operation, request: Request) -> Iterator[str]:
        for parameter in operation.parameters:
            if parameter.place == "header" and parameter.required and parameter.name not in request.headers:
                yield f"the header '{parameter.name}' is required"

    def _body(self, operation: Operation, request: Request) -> Iterator[str]:
        kind = media_type(request.headers.get("Content-Type", ""))
        if not operation.body:
            if request.body:
                yield "the document knows no body"
            return
        if not request.body and not kind:
            if operation.needs_body:
                yield "a body is required"
            return
        schema = _fitting(operation.body, kind)
        if schema is None:
            yield f"a body of the type '{kind}' is not one of {_listed(operation.body)}"
            return
        try:
            body = body_of(request, kind, schema, self.document.resolved)
        except ValueError as error:
            yield f"the body cannot be read ({error})"
            return
        if kind == FILES:
            yield from self._files(body, schema)
        if body is not None:
            yield from self._told("the body", body, schema)

    def _files(self, body: Mapping[str, Any], schema: Schema) -> Iterator[str]:
        properties = self.document.resolved(schema).get("properties", {})
        for name, value in body.items():
            if isinstance(value, File) != is_file(self.document.resolved(properties.get(name, {}))):
                yield f"'{name}' is {'a file' if isinstance(value, File) else 'no file'}, against the document"

    # --- answers ---

    def of_answer(self, request: Request, answer: Answer) -> list[str]:
        """Return what of an answer the document does not allow, each as one sentence."""
        found = self.document.find(request.method, request.path)
        if found is None:
            return []
        operation, _ = found
        return [f"{operation.name}: {one}." for one in self._answer(operation, answer)]

    def _answer(self, operation: Operation, answer: Answer) -> Iterator[str]:
        declared = operation.response(answer.status)
        if declared is None:
            yield f"the document knows no answer {answer.status}"
            return
        data, headers = answer.encoded()
        kind = media_type(headers.get("Content-Type", ""))
        if not declared:
            if data:
                yield f"the answer {answer.status} has a body, against the document"
            return
        schema = _fitting(declared, kind)
        if schema is None:
            yield f"the answer {answer.status} is of the type '{kind}', and not one of {_listed(declared)}"
            return
        if not kind.endswith("json"):
            return
        try:
            body = json.loads(data)
        except ValueError as error:
            yield f"the answer {answer.status} cannot be read ({error})"
            return
        yield from self._told(f"the answer {answer.status}", body, schema)

    # --- how ---

    def _told(self, what: str, value: Any, schema: Schema) -> Iterator[str]:
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)
        for error in sorted(validator.iter_errors(value), key=lambda one: [str(step) for step in one.absolute_path]):
            for reason in _reasons(error):
                place = "/".join(str(step) for step in reason.absolute_path)
                yield f"{what}{f' at {place}' if place else ''} does not fit: {reason.message[:300]}"


def _reasons(error: ValidationError) -> Iterator[ValidationError]:
    """Yield an error itself, or, where none of several alternatives fits, what the closest of them lacks."""
    alternatives: dict[object, list[ValidationError]] = {}
    for one in error.context or ():
        alternatives.setdefault(one.schema_path[0], []).append(one)
    if not alternatives:
        yield error
        return
    for one in min(alternatives.values(), key=_distance):
        yield from _reasons(one)


def _distance(errors: list[ValidationError]) -> tuple[int, int]:
    """Return how far an alternative is: one that is of another kind altogether is farther than any that lacks much."""
    return sum(one.validator in ("type", "const", "enum") and len(one.path) <= 1 for one in errors), len(errors)


def _fitting(content: Mapping[str, Schema], kind: str) -> Schema | None:
    main = kind.partition("/")[0]
    return next((content[name] for name in (kind, f"{main}/*", "*/*") if name in content), None)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
