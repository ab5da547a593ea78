"""Configuration files of agrconfig -f: agr.conf(5)."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from agr.cli.grammar import Action, UsageError, actions
from agr.control.protocol import Refusal


class FileError(Exception):
    """Lines that are not in the grammar. ``args[0]``: a message a line, each with the file and the line."""


class Line(NamedTuple):
    """A line with its actions; ``place`` is FILE:NUMBER."""

    place: str
    aggregate: str
    actions: tuple[Action, ...]


def read(path: str) -> list[Line]:
    """The lines of a file. Raises FileError, or Refusal where the file cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            content = file.read()
    except OSError as error:
        raise Refusal(error.errno or errno.EIO, f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refusal(errno.EILSEQ, f"{path}: this is not text in UTF-8") from None
    lines, wrong = [], []
    for number, words in _lines(content):
        place = f"{path}:{number}"
        try:
            found = actions(words)
        except UsageError as error:
            wrong.append(f"{place}: {words[0]}: {error}")
            continue
        if not found:
            wrong.append(f"{place}: {words[0]}: nothing is said of it, as create, or agrport PORT")
        lines.append(Line(place, words[0], found))
    if wrong:
        raise FileError(wrong)
    return lines


def _lines(content: str) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and words; a # at the beginning of a word hides the rest of its line."""
    for number, line in enumerate(content.splitlines(), 1):
        words = line.split()
        hidden = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
        if words[:hidden]:
            yield number, words[:hidden]


def is_so(request: Mapping[str, Any], aggregate: Mapping[str, Any] | None) -> bool:
    """Whether a create, destroy, agrport or -agrport asks for what is so already.

    ``aggregate`` is the status of the request's aggregate, None while there is none.
    """
    match request["do"]:
        case "create":
            return aggregate is not None
        case "destroy":
            return aggregate is None
        case "agrport":
            return aggregate is not None and request["port"] in aggregate["ports"]
        case "-agrport":
            return aggregate is None or request["port"] not in aggregate["ports"]
    return False
