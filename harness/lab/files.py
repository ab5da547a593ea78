"""Files about an implementation that lab files name: its PICS, and its known deviations."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from harness.lab import checks
from harness.lab.explain import explain
from harness.lab.schema import Deviations, Pics
from harness.lab.source import Key, Problem, Source, SourceError, read
from harness.verdict import UsageError

Check = Callable[[dict[str, Any]], Iterable[Problem]]


def with_files(source: Source, folder: Path) -> None:
    """Put what the named files say in their place; what the lab file says itself goes over it.

    ``folder`` is the lab file's. Raises UsageError that names the file and the key.
    """
    _inline(source, folder, "pics", Pics, checks.of_pics)
    _inline(source, folder, "deviations", Deviations, checks.of_deviations)


def named_files(data: dict[str, Any]) -> list[str]:
    """Which sections of the implementation come from a file."""
    implementation = data.get("implementation")
    sections = implementation.items() if isinstance(implementation, dict) else ()
    return [name for name, section in sections if isinstance(section, dict) and "file" in section]


def _inline(source: Source, folder: Path, name: str, model: type[BaseModel], check: Check) -> None:
    implementation = source.data.get("implementation") if isinstance(source.data, dict) else None
    if not isinstance(implementation, dict):
        return
    said = implementation.get(name)
    own = said if isinstance(said, dict) else {"file": said} if isinstance(said, str) else {}
    if not isinstance(own.get("file"), str):
        return  # the lab file's own check speaks
    path = Path(os.path.normpath(folder / own["file"]))
    found = _found(path, source, ("implementation", name))
    problems = _problems(found, model, check, name)
    if problems:
        raise UsageError(found.report(problems))
    implementation[name] = {**found.data, **own, "file": str(path)}


def _found(path: Path, lab: Source, key: Key) -> Source:
    """The file's data, a mapping. Raises UsageError."""
    try:
        source = read(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file in UTF-8"
        raise UsageError(lab.report([Problem(key, f"{path}: cannot be read: {reason}")])) from None
    except SourceError as error:
        raise UsageError(Source(str(path)).report(error.problems)) from None
    if not isinstance(source.data, dict):
        raise UsageError(source.report([Problem((), f"a file of {key[-1]} is a mapping of keys", 1)]))
    return source


def _problems(source: Source, model: type[BaseModel], check: Check, name: str) -> list[Problem]:
    problems = [Problem(("file",), "it does not name another file")] if "file" in source.data else []
    try:
        model.model_validate(source.data)
    except ValidationError as error:
        problems += explain(error, model)
    said = {problem.key for problem in problems}
    meant = check({"implementation": {name: source.data}})
    own = (Problem(found.key[2:], found.message) for found in meant)
    return problems + [problem for problem in own if problem.key not in said]
