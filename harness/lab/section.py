"""A section of a lab file as a pydantic model that says every mistake in it at once, in sentences."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from harness.lab.source import Key
from harness.profile import versions

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
_SAID = "said"
"""pydantic's type of an error that is in words already."""


@dataclass(frozen=True)
class Mistake:
    """One mistake: the path of keys to it, from the section that finds it, and a sentence.

    One that comes ``first`` replaces every other mistake of that key, and of those above it.
    """

    key: Key
    words: str
    first: bool = False


class Section(BaseModel):
    """Keys of a lab file, or of a file that it names. No key is unknown, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterable[Mistake]:
        """What is wrong with the keys of this section together, or what their values mean.

        ``data`` is the section and ``lab`` the whole file, both as they were read: a key may be missing, or
        of a wrong type; then the field says so, and nothing need be said here. ``lab`` is empty where the
        section is checked by itself.
        """
        return ()

    @classmethod
    def unknown_key(cls, key: str, data: Mapping[str, Any]) -> str:
        """What is said of a key that this section does not have."""
        if old := versions.old_key(cls.__name__, key):
            return old
        known = [info.alias or name for name, info in cls.model_fields.items()]
        return "unknown key" + (guess(key, known) or f"; known here: {', '.join(known)}")

    @model_validator(mode="wrap")
    @classmethod
    def _every_mistake(
        cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        """Fields and `mistakes`, all of them, as one ValidationError whose errors are sentences."""
        found: list[Mistake] = []
        made: Self | None = None
        try:
            made = handler(data)
        except ValidationError as error:
            found = [Mistake(_key(detail, data), _words(detail, cls, data)) for detail in error.errors()]
        if isinstance(data, dict):
            said = {mistake.key for mistake in found}
            own: list[Mistake] = []
            for one in cls.mistakes(data, info.context or {}):
                if one.first or one.key not in said:
                    said.add(one.key)
                    own.append(one)
            first = [one.key for one in own if one.first]
            found = [one for one in found if not any(key[: len(one.key)] == one.key for key in first)]
            found += [one for one in own if one.first or not any(one.key == key for key in first)]
        if found or made is None:
            raise section_error(found, data)
        return made


def value_error(words: str) -> PydanticCustomError:
    """The error that a validator of a field raises: a sentence about the value."""
    return PydanticCustomError(_SAID, "{words}", {"words": words})


def show(value: Any) -> str:
    """A value of a file, for messages."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a section of keys"
    if isinstance(value, list):
        return "a list"
    return repr(value) if isinstance(value, str) else str(value)


def guess(word: str, choices: Iterable[str]) -> str:
    """``; did you mean X?`` where one of the choices is near; else empty."""
    close = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def section_error(mistakes: Iterable[Mistake], data: Any) -> ValidationError:
    """The error of a section in which there are mistakes."""
    details = [InitErrorDetails(type=value_error(one.words), loc=one.key, input=data) for one in mistakes]
    return ValidationError.from_exception_data("section", details)


def _key(detail: ErrorDetails, data: Any) -> Key:
    """The path of keys, without the names that pydantic has for the members of a union."""
    key: list[str | int] = []
    for part in detail["loc"]:
        try:
            data = data[part]
        except (LookupError, TypeError):
            if detail["type"] not in ("missing", _SAID):
                break
            data = None
        key.append(part)
    return tuple(key)


def _words(detail: ErrorDetails, section: type[Section], data: Any) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == _SAID:
        return detail["msg"]
    if kind == "extra_forbidden":
        return section.unknown_key(str(detail["loc"][-1]), data)
    if kind == "missing":
        return "missing"
    if kind == "literal_error":
        choices = [part.strip("' ") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        return f"{show(value)} is not one of {', '.join(choices)}{guess(str(value), choices)}"
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}, is {show(value)}"
    if kind in _LIMITS:
        return f"must be {_LIMITS[kind].format(**context)}, is {show(value)}"
    if kind == "too_short":
        return "must have at least one entry"
    return f"{detail['msg']}, is {show(value)}"
