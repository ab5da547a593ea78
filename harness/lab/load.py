"""Load a lab file: YAML, models, checks; every mistake in one message."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from harness.lab import checks
from harness.lab.explain import explain
from harness.lab.schema import Lab
from harness.lab.source import Problem, Source, SourceError, read
from harness.verdict import UsageError


def load(path: Path | str) -> Lab:
    """The lab that a file describes.

    Raises UsageError with a line ``file:line: key: what is wrong`` for every mistake in the file.
    """
    path = Path(path)
    try:
        source = read(path)
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
    return build(source)


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
