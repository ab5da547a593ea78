"""Editions and readings, read from the two files beside this one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from harness.profile import versions
from harness.verdict import BenchError

Edition = Literal["802.3ad-2000", "802.3-2002", "802.3-2005", "802.1AX-2008", "802.1AX-2014", "802.1AX-2020"]

EDITIONS_FILE = Path(__file__).with_name("editions.yaml")
READINGS_FILE = Path(__file__).with_name("readings.yaml")

_T = TypeVar("_T")
_Words = Annotated[str, Field(min_length=1)]


class UnknownReading(LookupError):
    """A reading was asked for that readings.yaml does not have."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Constants(_Model):
    """The constants that differ by edition; editions.yaml has the clause of each."""

    title: _Words
    slow_protocol_frames_per_second: Annotated[int, Field(gt=0)]
    by_memory: bool
    excluded: list[_Words]


class Reading(_Model):
    """One question that the standard's editions or readers answer differently; fields as in readings.yaml."""

    rows: Annotated[list[Annotated[str, AfterValidator(versions.row_now)]], Field(min_length=1)]
    question: _Words
    choices: Annotated[dict[str, _Words], Field(min_length=2)]
    default: str | dict[Edition, str]
    note: _Words

    @model_validator(mode="after")
    def _defaults_are_choices(self) -> Reading:
        defaults = {self.default} if isinstance(self.default, str) else set(self.default.values())
        if wrong := defaults - set(self.choices):
            raise ValueError(f"default {min(wrong)} is not one of {', '.join(self.choices)}")
        if isinstance(self.default, dict) and set(self.default) != set(get_args(Edition)):
            raise ValueError("default names a choice for each edition, or one for all")
        return self

    def default_of(self, edition: Edition) -> str:
        """The choice that judges where the lab file says nothing."""
        return self.default if isinstance(self.default, str) else self.default[edition]


@dataclass(frozen=True)
class Profile:
    """The profile of a run: an edition, its constants, and the choice in force for every reading."""

    edition: Edition
    constants: Constants
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def slow_protocol_frames_per_second(self) -> int:
        """Frames of one slow protocol that a port may send in any second (43B.2)."""
        return self.constants.slow_protocol_frames_per_second

    @property
    def reservations(self) -> list[str]:
        """What a reader of its verdicts must know: what is not judged, and what rests on memory."""
        memory = ["No text of this edition was at hand: where it may differ, readings only report."]
        not_judged = [f"Not judged: {sentence}" for sentence in self.constants.excluded]
        return [*(memory if self.constants.by_memory else []), *not_judged]

    @property
    def chosen(self) -> dict[str, str]:
        """The readings that are not the edition's default."""
        return {
            name: choice
            for name, choice in self.choices.items()
            if choice != readings()[name].default_of(self.edition)
        }

    def reading(self, name: str) -> str:
        """The choice in force. Raises UnknownReading."""
        if name not in self.choices:
            near = difflib.get_close_matches(name, self.choices, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UnknownReading(f"{READINGS_FILE.name} has no reading {name}{hint}")
        return self.choices[name]

    def __str__(self) -> str:
        chosen = ", ".join(f"{name}={choice}" for name, choice in self.chosen.items())
        return f"{self.edition} with {chosen}" if chosen else self.edition


def profile(edition: Edition, chosen: Mapping[str, str] | None = None) -> Profile:
    """The profile of an edition; ``chosen`` are choices by reading, in place of the edition's defaults.

    The lab file's checks have seen that these exist. Raises BenchError where a data file is damaged.
    """
    choices = {name: reading.default_of(edition) for name, reading in readings().items()}
    return Profile(edition, _editions()[edition], choices | dict(chosen or {}))


@cache
def readings() -> dict[str, Reading]:
    """Every reading by name, in the file's order. Raises BenchError where the file is damaged."""
    return load_readings(READINGS_FILE)


def load_readings(path: Path) -> dict[str, Reading]:
    """The readings of a file. Raises BenchError that names the file, the reading and the key."""
    return _read(path, TypeAdapter(dict[str, Reading]))


@cache
def _editions() -> dict[Edition, Constants]:
    found = _read(EDITIONS_FILE, TypeAdapter(dict[Edition, Constants]))
    if missing := set(get_args(Edition)) - set(found):
        raise BenchError(f"{EDITIONS_FILE}: {min(missing)}: missing")
    return found


def _read(path: Path, kind: TypeAdapter[_T]) -> _T:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        version = data.pop("version", versions.VERSION) if isinstance(data, dict) else versions.VERSION
        if words := versions.wrong_version(version):
            raise BenchError(f"{path}: version: {words}")
        return kind.validate_python(data)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BenchError(f"{path}: cannot be read: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BenchError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
