"""YAML files as plain data that still knows in which file, and on which line of it, each key stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake: where (path of keys, line) and what, in words."""

    key: Key
    message: str
    line: int | None = None


@dataclass(frozen=True)
class Place:
    """Where a key stands: a line (from 1) of a file, whose own first keys are ``depth`` keys further down."""

    file: str
    line: int
    depth: int = 0


@dataclass
class Source:
    """The data of a file, and the place of every key and list item in it.

    What another file says may have been put into it (`put`, `extend`): then some places are of that file.
    """

    name: str
    data: Any = None
    places: dict[Key, Place] = field(default_factory=dict)

    def place(self, key: Key) -> Place:
        """The place of a key, or that of the nearest enclosing key when it is in no file."""
        while key and key not in self.places:
            key = key[:-1]
        return self.places.get(key, Place(self.name, 1))

    def put(self, key: Key, other: Source, own: Mapping[str, Any]) -> None:
        """Let the section at a path of keys be what another file says, with its ``own`` keys over that."""
        section = self.data
        for part in key[:-1]:
            section = section[part]
        section[key[-1]] = {**other.data, **own}
        for below, place in other.places.items():
            if below and below[0] not in own:
                self.places[key + below] = Place(place.file, place.line, len(key))
        if set(own) <= {"file"}:
            self.places[key] = Place(other.name, 1, len(key))

    def remove(self, key: Key) -> None:
        """Forget a section of the data, and where its keys stand."""
        section = self.data
        for part in key[:-1]:
            section = section.get(part) if isinstance(section, dict) else None
        if isinstance(section, dict):
            section.pop(key[-1], None)
        self.places = {other: place for other, place in self.places.items() if other[: len(key)] != key}

    def extend(self, base: Source) -> None:
        """Let the data be those of another file with these over it, section by section."""
        self.data = _merged(base.data, self.data)
        self.places = base.places | self.places

    def describe(self, problem: Problem) -> str:
        """``file:line: key: message``."""
        place = self.place(problem.key)
        key = spell(problem.key[place.depth :])
        return f"{place.file}:{problem.line or place.line}: {f'{key}: ' if key else ''}{problem.message}"

    def report(self, problems: list[Problem]) -> str:
        """All problems, one a line: those of the file itself in its order, then those of others in theirs."""

        def order(problem: Problem) -> tuple[bool, str, int]:
            place = self.place(problem.key)
            return place.file != self.name, place.file, problem.line or place.line

        placed = sorted(problems, key=order)  # stable: within a line, as found
        return "\n".join(dict.fromkeys(self.describe(problem) for problem in placed))


def _merged(base: Any, above: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(above, dict)):
        return above
    return base | {
        name: _merged(base[name], value) if name in base else value for name, value in above.items()
    }


def spell(key: Key) -> str:
    """``("wires", 2, "port")`` as ``wires[2].port``; list items count from 0."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema: `on`, `no` and `10:00:00:00:00:01` stay text, unlike in YAML 1.1."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's name)


def _resolver(kind: str, pattern: str, first: str) -> None:
    """``first``: the characters a plain scalar of this kind may start with; the empty one has none."""
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), [*first, ""])


_resolver("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF")
_resolver("null", r"^(?:~|null|Null|NULL|)$", "~nN")
_resolver("int", r"^[-+]?[0-9]+$", "-+0123456789")
_resolver("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789")


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(str(loader.construct_scalar(node)))  # PyYAML's own takes 010 for octal


_CoreLoader.add_constructor("tag:yaml.org,2002:int", _integer)


class SourceError(Exception):
    """The text is no YAML that a lab file may be; ``problems`` says where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


def parse(text: str, name: str) -> Source:
    """Parse YAML text. Raises SourceError for a syntax error, a key that stands twice or is no text."""
    source = Source(name)
    try:
        loader = _CoreLoader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise SourceError([_syntax(error)]) from None
    if node is None:
        raise SourceError([Problem((), "the file is empty; a lab file starts with `kind: ...`", 1)])
    problems: list[Problem] = []
    source.data = _value(node, (), loader, source, problems, ())
    if problems:
        raise SourceError(problems)
    return source


def read(path: Path) -> Source:
    """Read and parse a file. Raises OSError and UnicodeDecodeError as they come, else as `parse`."""
    return parse(path.read_text(encoding="utf-8"), str(path))


def _syntax(error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        words = " ".join(part for part in (error.context, error.problem) if part)
        return Problem((), f"not YAML: {words}", error.problem_mark.line + 1)
    return Problem((), f"not YAML: {str(error).splitlines()[0]}", 1)


def _value(
    node: yaml.Node,
    key: Key,
    loader: _CoreLoader,
    source: Source,
    problems: list[Problem],
    above: tuple[yaml.Node, ...],
) -> Any:
    """The plain value of a node; notes places in ``source`` and mistakes in ``problems``."""
    line = node.start_mark.line + 1
    source.places.setdefault(key, Place(source.name, line))
    if node in above:
        problems.append(Problem(key, "an alias (*name) that contains itself", line))
        return None
    below = (*above, node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*key, i), loader, source, problems, below) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, key, loader, source, problems, below)
    try:
        return loader.construct_object(node)
    except (yaml.YAMLError, ValueError):
        problems.append(Problem(key, f"a value of kind {node.tag} has no place here", line))
        return None


def _mapping(
    node: yaml.MappingNode,
    key: Key,
    loader: _CoreLoader,
    source: Source,
    problems: list[Problem],
    above: tuple[yaml.Node, ...],
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name_node, value_node in node.value:
        line = name_node.start_mark.line + 1
        if not isinstance(name_node, yaml.ScalarNode):
            problems.append(Problem(key, "a key must be a word", line))
            continue
        name = str(name_node.value)
        if name in data:
            first = source.places[(*key, name)].line
            problems.append(Problem((*key, name), f"stands twice, first on line {first}", line))
            continue
        source.places[(*key, name)] = Place(source.name, line)
        data[name] = _value(value_node, (*key, name), loader, source, problems, above)
    return data
