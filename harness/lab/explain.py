"""pydantic's errors in a lab engineer's words."""

from __future__ import annotations

import difflib
import types
import typing
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.lab.source import Key, Problem

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list (lines that start with `- `)",
    "dict_type": "a section of keys",
    "model_type": "a section of keys",
    "model_attributes_type": "a section of keys",
}
_LIMITS = {
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
}


def explain(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """One Problem for each error; ``model`` is what was validated, for the known keys."""
    return [Problem(_key(detail), _words(detail, model)) for detail in error.errors()]


def _key(detail: ErrorDetails) -> Key:
    return tuple(detail["loc"])


def _words(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(_key(detail), model)
    if kind == "missing":
        return "missing"
    if kind == "literal_error":
        choices = [part.strip("' ") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        return f"{_show(value)} is not one of {', '.join(choices)}{_guess(str(value), choices)}"
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}, is {_show(value)}"
    if kind in _LIMITS:
        return f"must be {_LIMITS[kind].format(**context)}, is {_show(value)}"
    if kind == "too_short":
        return "must have at least one entry"
    return f"{detail['msg']}, is {_show(value)}"


def _show(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a section of keys"
    if isinstance(value, list):
        return "a list"
    return repr(value) if isinstance(value, str) else str(value)


def _unknown(key: Key, model: type[BaseModel]) -> str:
    known = _known(key[:-1], model)
    return "unknown key" + (_guess(str(key[-1]), known) or f"; known here: {', '.join(known)}")


def _guess(word: str, choices: list[str]) -> str:
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def _known(key: Key, model: type[BaseModel]) -> list[str]:
    """The keys of the section at a path."""
    section: type[BaseModel] = model
    for part in key:
        if isinstance(part, int):
            continue
        fields = {info.alias or name: info for name, info in section.model_fields.items()}
        inner = _model_in(fields[part].annotation)
        if inner is None:
            return []
        section = inner
    return [info.alias or name for name, info in section.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside ``X``, ``X | None`` or ``list[X]``."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    for inner in typing.get_args(annotation):
        if (model := _model_in(inner)) is not None:
            return model
    return None
