"""From plain data to the models, and from what pydantic says to sentences for people, each with its line."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, NamedTuple, TypeVar, Union

from pydantic import BaseModel, ValidationError

from pipeline.content.yaml import Path, Places
from pipeline.model import UID, Problem

ModelT = TypeVar("ModelT", bound=BaseModel)


def validate(
    model: type[ModelT],
    data: Any,
    path: str,
    places: Callable[[], Places],
    *,
    at: Path = (),
    fixed: Mapping[str, Any] | None = None,
) -> tuple[ModelT | None, list[Problem]]:
    """Make a model of plain data, or tell everything that is wrong with it.

    A number where text is meant is taken as it is written (``number: 0112`` keeps its zero).

    :param path: the file, relative to the project.
    :param places: gives where things stand in the file; asked only when there is something to tell.
    :param at: where in the file the data stand.
    :param fixed: keys that the file does not hold, such as an id that is the name of its folder.
    """
    if not isinstance(data, dict):
        what = "there is nothing in it" if data is None else f"it holds {_kind(data)}"
        message = f"{what}, where keys and values are expected"
        return None, [Problem(path=path, line=places().line(at), rule="schema", message=message)]
    problems: list[Problem] = []
    for key in sorted(set(fixed or ()) & set(data)):
        line = places().line((*at, key))
        message = f"the key '{key}' is given by the name of the folder or entry, and must not be written"
        problems.append(Problem(path=path, line=line, rule="schema", message=message, todo="delete this line"))
        data = {name: value for name, value in data.items() if name != key}
    try:
        return model.model_validate({**data, **(fixed or {})}), problems
    except ValidationError as error:
        failed = error
    if _as_written(failed, data, places(), at):
        try:
            return model.model_validate({**data, **(fixed or {})}), problems
        except ValidationError as error:
            failed = error
    return None, [*problems, *_problems(model, failed, path, places(), at)]


def _as_written(error: ValidationError, data: Any, places: Places, at: Path) -> bool:
    changed = False
    for fault in error.errors(include_url=False, include_context=False):
        is_number = isinstance(fault["input"], (int, float)) and not isinstance(fault["input"], bool)
        if fault["type"] == "string_type" and is_number and (text := places.written((*at, *fault["loc"]))) is not None:
            target = data
            for step in fault["loc"][:-1]:
                target = target[step]
            target[fault["loc"][-1]] = text
            changed = True
    return changed


def _problems(model: type[BaseModel], error: ValidationError, path: str, places: Places, at: Path) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        told = _tell(model, Fault(fault["type"], fault["loc"], fault["msg"], fault["input"], fault.get("ctx", {})))
        yield Problem(
            path=path, line=places.line((*at, *told.at)), rule=told.rule, message=told.message, todo=told.todo
        )


class Fault(NamedTuple):
    """One error as pydantic tells it."""

    type: str
    loc: Path
    msg: str
    input: Any
    ctx: dict[str, Any]


class Told(NamedTuple):
    """One error as it is told to a person. ``at`` is where the line is looked up."""

    at: Path
    message: str
    todo: str = ""
    rule: str = "schema"


def _tell(model: type[BaseModel], fault: Fault) -> Told:
    loc = tuple(step for step in fault.loc if step != "[key]")
    name = named(loc)
    if fault.type == "extra_forbidden":
        return _unknown_key(model, loc)
    if fault.type == "missing":
        below = f" under '{named(loc[:-1])}'" if loc[:-1] else ""
        return Told(loc[:-1], f"the key '{loc[-1]}' is missing{below}", "add it")
    if fault.type == "value_error":
        message = str(fault.ctx.get("error", fault.msg))
        return Told(loc, f"{name}: {message}" if loc else message)
    tell = _SENTENCES.get(fault.type)
    if tell is not None:
        return Told(loc, *tell(name, fault))
    said = fault.msg.removeprefix("Input ").removeprefix("Value ")
    return Told(loc, f"'{name}' {said[:1].lower()}{said[1:]}")


def named(loc: Path) -> str:
    """Return the way to a key as a person says it: ``sources[2]: url``, lists counted from 1."""
    name = ""
    for step in loc:
        if isinstance(step, int):
            name += f"[{step + 1}]"
        else:
            name += f": {step}" if name else str(step)
    return name


def _unknown_key(model: type[BaseModel], loc: Path) -> Told:
    key, owner = str(loc[-1]), model_at(model, loc[:-1])
    fields = keys(owner) if owner else {}
    message = f"unknown key '{key}'"
    near = get_close_matches(key, fields, n=1, cutoff=0.6)
    if near:
        return Told(loc, f"{message}; did you mean '{near[0]}'?", rule="unknown-key")
    below = next((name for name, inner in fields.items() if key in keys(_model_in(inner))), None)
    if below:
        return Told(loc, message, f"it belongs under '{below}'", rule="unknown-key")
    return Told(loc, message, f"the keys here are {', '.join(fields)}" if fields else "", rule="unknown-key")


def keys(model: type[BaseModel] | None) -> dict[str, Any]:
    """Return the keys of a model as they are written in files, with their annotations."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()} if model else {}


def model_at(model: type[BaseModel], loc: Path) -> type[BaseModel] | None:
    """Return the model whose keys stand at ``loc``, or ``None`` where there is none."""
    here: Any = model
    for step in loc:
        found = _model_in(here)
        here = keys(found).get(step) if found and not isinstance(step, int) else _inner(here)
    return _model_in(here)


def _inner(annotation: Any) -> Any:
    """Return what a list or dictionary holds."""
    for kind in _alternatives(annotation):
        if arguments := typing.get_args(kind):
            return arguments[-1] if typing.get_origin(kind) is dict else arguments[0]
    return None


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) is Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in {Union, types.UnionType}:
        return tuple(kind for inner in typing.get_args(annotation) for kind in _alternatives(inner))
    return (annotation,)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for kind in _alternatives(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


# --- sentences ---------------------------------------------------------------------------------------------


def _kind(value: Any) -> str:
    names: dict[type, str] = {dict: "keys and values", list: "a list", bool: "true or false", type(None): "nothing"}
    if isinstance(value, str):
        return f"the text '{_short(value)}'"
    return names.get(type(value), f"the number {value}")


def _short(value: str) -> str:
    value = " ".join(value.split())
    return value if len(value) <= 40 else f"{value[:39]}…"


def _not_text(name: str, fault: Fault) -> tuple[str, str]:
    if fault.input is None:
        return f"'{name}' is empty", "write its text or delete the line"
    todo = ""
    if isinstance(fault.input, dict) and set(fault.input.values()) == {None}:
        todo = "put a text that begins with '{' in quotes"
    return f"'{name}' has to be text, but it is {_kind(fault.input)}", todo


def _too_long(name: str, fault: Fault) -> tuple[str, str]:
    return f"'{name}' has {len(fault.input)} characters; at most {fault.ctx['max_length']} are allowed", "shorten it"


def _too_short(name: str, fault: Fault) -> tuple[str, str]:
    if not fault.input:
        return f"'{name}' is empty", "write its text"
    return f"'{name}' is too short; at least {fault.ctx['min_length']} characters are needed", "say more"


def _too_few(name: str, _fault: Fault) -> tuple[str, str]:
    return f"'{name}' is an empty list; at least one entry is needed", ""


def _pattern(name: str, fault: Fault) -> tuple[str, str]:
    form = _FORMS.get(fault.ctx["pattern"])
    message = f"'{name}' is '{_short(str(fault.input))}'"
    return (f"{message}, which is not {form}", "") if form else (f"{message}, which has not the right form", "")


def _not_a_date(name: str, fault: Fault) -> tuple[str, str]:
    if isinstance(fault.input, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", fault.input):
        return f"'{name}' is {fault.input}, and there is no such day", "correct the date"
    if fault.input is None:
        return f"'{name}' is empty", "write a date such as 2026-12-01 or delete the line"
    return f"'{name}' has to be a date such as 2026-12-01, but it is {_kind(fault.input)}", ""


def _wants(what: str) -> Callable[[str, Fault], tuple[str, str]]:
    def tell(name: str, fault: Fault) -> tuple[str, str]:
        place = f"'{name}' has" if name else "this file has"
        return f"{place} to be {what}, but it is {_kind(fault.input)}", ""

    return tell


def _one_of(name: str, fault: Fault) -> tuple[str, str]:
    expected = str(fault.ctx["expected"]).replace("'", "")
    return f"'{name}' is {_kind(fault.input)}, but it can only be {expected}", ""


_FORMS = {
    r"^https?://\S+$": "an address that begins with https://",
    r"^\+?[\d ]{3,20}$": "a telephone number of digits and spaces, perhaps with a '+' before it",
    r"^\+\d{6,15}$": "an international number such as +40213133100, without spaces",
    r"^[A-Z]{2}$": "a country code such as 'RO'",
    r"^(?:[A-Z]{2}|abroad)$": "a country code such as 'RO', or 'abroad'",
    r"^[\w][\w.-]*$": "the name of a file in the message's own folder",
    r"^[0-9a-f]{16}$": "a hash of 16 digits as `outreach translated` writes it",
    r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}$": "a date and time such as '2026-12-01 10:00'",
    UID.pattern: "the first name of its folders, such as 'campaign/message'",
    r"^\w+$": "a single word; leave out '#', spaces and hyphens",
}
_SENTENCES: dict[str, Callable[[str, Fault], tuple[str, ...]]] = {
    "string_type": _not_text,
    "string_too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _too_few,
    "string_pattern_mismatch": _pattern,
    "date_type": _not_a_date,
    "date_parsing": _not_a_date,
    "date_from_datetime_parsing": _not_a_date,
    "date_from_datetime_inexact": _not_a_date,
    "bool_type": _wants("true or false"),
    "bool_parsing": _wants("true or false"),
    "int_type": _wants("a whole number"),
    "int_parsing": _wants("a whole number"),
    "dict_type": _wants("keys and values"),
    "mapping_type": _wants("keys and values"),
    "model_type": _wants("keys and values"),
    "tuple_type": _wants("a list"),
    "list_type": _wants("a list"),
    "literal_error": _one_of,
    "enum": _one_of,
}
