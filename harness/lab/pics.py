"""The PICS: what an implementation declares, in a file of its own that lab files name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.lab import checks
from harness.lab.explain import explain
from harness.lab.schema import Pics
from harness.lab.source import Key, Problem, Source, SourceError, read
from harness.verdict import UsageError

_PICS: Key = ("implementation", "pics")


def with_pics(source: Source, folder: Path) -> None:
    """Put the answers of the file that a lab file names in their place; those of the lab file go over them.

    ``folder`` is the lab file's. Raises UsageError that names the file and the key.
    """
    implementation = source.data.get("implementation") if isinstance(source.data, dict) else None
    if not isinstance(implementation, dict):
        return
    said = implementation.get("pics")
    own = said if isinstance(said, dict) else {"file": said} if isinstance(said, str) else {}
    if not isinstance(own.get("file"), str):
        return  # the lab file's own check speaks
    path = Path(os.path.normpath(folder / own["file"]))
    implementation["pics"] = {**_answers(path, source), **own, "file": str(path)}


def _answers(path: Path, lab: Source) -> dict[str, Any]:
    """What a PICS file says. Raises UsageError."""
    try:
        source = read(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file in UTF-8"
        raise UsageError(lab.report([Problem(_PICS, f"{path}: cannot be read: {reason}")])) from None
    except SourceError as error:
        raise UsageError(Source(str(path)).report(error.problems)) from None
    if not isinstance(source.data, dict):
        raise UsageError(source.report([Problem((), "a PICS file is a mapping of answers", 1)]))
    problems = [Problem(("file",), "one PICS file does not name another")] if "file" in source.data else []
    try:
        Pics.model_validate(source.data)
    except ValidationError as error:
        problems += explain(error, Pics)
    problems += [
        Problem(found.key[len(_PICS) :], found.message)
        for found in checks.of_pics({"implementation": {"pics": source.data}})
    ]
    if problems:
        raise UsageError(source.report(problems))
    return source.data
