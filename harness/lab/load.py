"""Load a lab file: YAML, models, checks; every mistake in one message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.lab import checks
from harness.lab.explain import explain
from harness.lab.files import named_files, with_files
from harness.lab.schema import Lab
from harness.lab.source import Key, Problem, Source, SourceError, read
from harness.verdict import UsageError


def load(path: Path | str) -> Lab:
    """The lab that a file describes.

    Raises UsageError with a line ``file:line: key: what is wrong`` for every mistake in the file.
    """
    return build(_extended(Path(path)))


def _extended(path: Path) -> Source:
    """A file's data; where it says ``extends: FILE``, on that file's: its sections are added to, key by key.

    The other file must be a lab file by itself.
    """
    source = _with_files(path)
    if not isinstance(source.data, dict) or "extends" not in source.data:
        return source
    key: Key = ("extends",)
    where = source.data.pop("extends")
    if not isinstance(where, str):
        raise UsageError(source.report([Problem(key, "must be the name of another lab file")]))
    base = _with_files(path.parent / where)
    if isinstance(base.data, dict) and "extends" in base.data:
        raise UsageError(source.report([Problem(key, f"{where} extends another file itself: name that one")]))
    build(base)
    for name in named_files(source.data):  # another implementation's: nothing of the base's stays
        base.data["implementation"].pop(name, None)
    return Source(source.name, _merged(base.data, source.data), source.lines)


def _with_files(path: Path) -> Source:
    """A file's data, with what the files say that it names."""
    source = _read(path)
    with_files(source, path.parent)
    return source


def _merged(base: Any, above: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(above, dict)):
        return above
    return base | {
        name: _merged(base[name], value) if name in base else value for name, value in above.items()
    }


def _read(path: Path) -> Source:
    """The data of a file alone. Raises UsageError as `load`."""
    try:
        return read(path)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such lab file; name one with --lab FILE") from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: not a text file in UTF-8 (octet {error.start}); is it a lab file?"
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except SourceError as error:
        raise UsageError(Source(str(path)).report(error.problems)) from None


def build(source: Source) -> Lab:
    """A Lab of parsed data. Raises UsageError as `load`."""
    if not isinstance(source.data, dict):
        raise UsageError(
            source.report([Problem((), "a lab file is a mapping that starts with `kind: ...`", 1)])
        )
    problems: list[Problem] = []
    lab: Lab | None = None
    try:
        lab = Lab.model_validate(source.data)
    except ValidationError as error:
        problems += explain(error, Lab)
    said = {problem.key for problem in problems}
    meaning = checks.check(source.data)
    secret = {problem.key for problem in meaning if problem.message.startswith("credentials")}
    problems = [problem for problem in problems if problem.key not in secret]
    problems += [problem for problem in meaning if problem.key not in said or problem.key in secret]
    if problems or lab is None:
        raise UsageError(source.report(problems))
    lab._source = source
    return lab
