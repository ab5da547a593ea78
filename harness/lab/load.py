"""Load a lab file, and the files that it names: each is read once, and all are checked together, once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

from harness.lab.schema import Lab
from harness.lab.source import Key, Problem, Source, SourceError, read
from harness.profile import versions
from harness.verdict import UsageError

NAMED_FILES = ("pics", "deviations")
"""Sections of `implementation` that may stand in a file of their own."""


def load(path: Path | str, tell: Callable[[str], object] = lambda note: None) -> Lab:
    """The lab that a file describes.

    ``tell`` is called with ``file:line: key: sentence`` for each key that is written otherwise now.
    Raises UsageError with a line ``file:line: key: what is wrong`` for every mistake in it, and in the files
    that it names.
    """
    lab = Lab.of(_extended(Path(path)))
    for note in lab.notes:
        tell(note)
    return lab


def load_all(paths: Sequence[Path | str], tell: Callable[[str], object] = lambda note: None) -> list[Lab]:
    """The labs of several files, for one run; all are read before this returns.

    Raises UsageError with the mistakes of all of them, or where two are the same file or have one name.
    """
    labs, wrong = [], []
    for path in paths:
        try:
            labs.append(load(path, tell))
        except UsageError as error:
            wrong.append(str(error))
    if wrong:
        raise UsageError("\n".join(dict.fromkeys(wrong)))
    for one, other in combinations(labs, 2):
        if Path(one.file).samefile(other.file):
            raise UsageError(f"--lab {one.file} --lab {other.file}: this is one lab; name it once")
        if folder_name(one.name) == folder_name(other.name):
            raise UsageError(
                f"{one.file} and {other.file}: both labs are called {one.name}, and reports tell them apart "
                "by that: give one another `name:`"
            )
    return labs


def folder_name(name: str) -> str:
    """A lab's name as that of a folder."""
    return re.sub(r"[^\w()-]+", "_", name) or "_"


def _extended(path: Path) -> Source:
    """A file's data; where it says ``extends: FILE``, over that file's, section by section."""
    source = _with_files(path)
    if "extends" not in source.data:
        return source
    key: Key = ("extends",)
    where = source.data.pop("extends")
    if not isinstance(where, str):
        raise UsageError(source.report([Problem(key, "must be the name of another lab file")]))
    base = _with_files(path.parent / where)
    if "extends" in base.data:
        raise UsageError(source.report([Problem(key, f"{where} extends another file itself: name that one")]))
    for name in _named_files(source):  # another implementation's: nothing of the base's stays
        base.remove(("implementation", name))
    implementation = source.data.get("implementation")
    if isinstance(implementation, dict) and "namespace" in implementation:  # which `at` replaces
        base.remove(("implementation", "at"))
    source.extend(base)
    return source


def _named_files(source: Source) -> list[str]:
    """Which sections of the implementation come from a file."""
    implementation = source.data.get("implementation")
    sections = implementation.items() if isinstance(implementation, dict) else ()
    return [name for name, section in sections if isinstance(section, dict) and "file" in section]


def _with_files(path: Path) -> Source:
    """A lab file's data, with what the files say that it names; what it says itself goes over that."""
    source = _read_lab(path)
    implementation = source.data.get("implementation")
    for name in NAMED_FILES if isinstance(implementation, dict) else ():
        said = implementation.get(name)
        own = {"file": said} if isinstance(said, str) else said
        if isinstance(own, dict) and isinstance(own.get("file"), str):
            key: Key = ("implementation", name)
            file = Path(os.path.normpath(path.parent / own["file"]))
            source.put(key, _read_named(file, source, key), own | {"file": str(file)})
    return source


def _read_named(path: Path, lab: Source, key: Key) -> Source:
    """The data of a file that the lab file names at a key. Raises UsageError."""
    try:
        source = _read(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file in UTF-8"
        raise UsageError(lab.report([Problem(key, f"{path}: cannot be read: {reason}")])) from None
    if not isinstance(source.data, dict):
        raise UsageError(source.report([Problem((), f"a file of {key[-1]} is a mapping of keys", 1)]))
    if "file" in source.data:
        raise UsageError(source.report([Problem(("file",), "it does not name another file")]))
    return source


def _read_lab(path: Path) -> Source:
    """The data of a lab file alone. Raises UsageError."""
    try:
        source = _read(path)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such lab file; name one with --lab FILE") from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: not a text file in UTF-8 (octet {error.start}); is it a lab file?"
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    if not isinstance(source.data, dict):
        raise UsageError(
            source.report([Problem((), "a lab file is a mapping that starts with `kind: ...`", 1)])
        )
    return source


def _read(path: Path) -> Source:
    """The data of a file in a version that is known. Raises OSError, UnicodeDecodeError or UsageError."""
    try:
        source = read(path)
    except SourceError as error:
        raise UsageError(Source(str(path)).report(error.problems)) from None
    version = source.data.pop("version", versions.VERSION) if isinstance(source.data, dict) else 1
    if wrong := versions.wrong_version(version):
        raise UsageError(source.report([Problem(("version",), wrong)]))
    return source
