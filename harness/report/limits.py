"""How much of a run's texts reports show, and files for what is longer.

A testcase shows at most `TEXT_LIMIT` characters, a run `RUN_LIMIT`: an answer of some device, a traceback or
a story of frames may be of any size, and what reads reports cannot (lxml refuses a text of ten million
characters, a browser crawls long before). What is cut stands whole in a file of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.report.sentences import details, message, sentence
from harness.report.summary import short_id
from harness.report.text import (
    LINE_LIMIT,
    RUN_LIMIT,
    TEXT_LIMIT,
    cut,
    printable,
    short_line,
    write_atomically,
)
from harness.verdict.failure import Failure
from harness.verdict.result import Attachment, Attempt, Result, Run

WHOLE = "all texts of this testcase, whole"
"""Describes the attachment that holds what reports cut."""

_FOLDER = "texts"
_LEAST = 4096
"""Characters that each testcase shows, however many there are."""
_PART = 8
"""Of what a testcase may show, each text but the details has one in so many."""
_SAID = ("expected", "seen", "doubt")
"""What a failure says in words of any length."""
_PROPERTY, _PROPERTIES = 1024, 8192
"""Characters of one property, and of all of a testcase."""
_FRAME = 1000
"""Characters of a frame; an LACPDU with all its bits has less than 400."""


def limited(run: Run) -> Run:
    """The run as reports show it, texts cut; the run given stays as it is."""
    room = room_each(run.results)
    return replace(
        run,
        results=[_Shown(result, room).result for result in run.results],
        properties=_cut_each(run.properties),
        labs=[replace(lab, properties=_cut_each(lab.properties)) for lab in run.labs],
    )


def _cut_each(properties: Mapping[str, str]) -> dict[str, str]:
    return {name: cut(printable(value), _PROPERTY) for name, value in properties.items()}


def room_each(results: Sequence[Result]) -> int:
    """Characters that each testcase may show: those that need less leave the rest to the others."""
    left = RUN_LIMIT
    sizes = sorted(min(_size(result), TEXT_LIMIT) for result in results)
    for number, size in enumerate(sizes):
        share = left // (len(sizes) - number)
        if size > share:
            return max(share, _LEAST)
        left -= size
    return TEXT_LIMIT


def keep_whole(run: Run, reports: Path) -> None:
    """Write the texts that reports cut to files below ``reports``, attachments of their results.

    Testcases with the same texts share one. OSError as from the system.
    """
    room = room_each(run.results)
    files: dict[str, Attachment] = {}
    for result in run.results:
        if whole_file(result) or not _Shown(result, room).cut_any:
            continue
        content = _whole(result).encode("utf-8")
        digest = hashlib.sha256(content).hexdigest()
        if digest not in files:
            path = f"{_FOLDER}/{_file_name(result)}"
            write_atomically(reports / path, content)
            files[digest] = Attachment(path, WHOLE, digest)
        result.attachments.append(files[digest])


def whole_file(result: Result) -> str:
    """The file with the whole texts of a result, relative to the reports folder; "" where there is none."""
    return next((file.path for file in result.attachments if file.description == WHOLE), "")


class _Shown:
    """A result as reports show it, and whether anything of it was cut."""

    def __init__(self, result: Result, room: int) -> None:
        self.cut_any = False
        self._whole = whole_file(result)
        part = room // _PART
        shown = replace(
            result,
            title=self._cut(result.title, LINE_LIMIT),
            cause=self._cut(result.cause, part),
            failures=[self._failure(one, 3 * part // len(result.failures)) for one in result.failures],
            notes=self._few(result.notes, part),
            attempts=[self._attempt(one, max(part // len(result.attempts), 80)) for one in result.attempts],
            properties=self._properties(result.properties),
            details="",
        )
        self.result = replace(shown, details=self._cut(result.details, max(room - _size(shown), part)))

    def _failure(self, failure: Failure, room: int) -> Failure:
        """Its words, then as many frames as there is room for."""
        said: dict[str, Any] = {name: self._cut(getattr(failure, name), room // 4) for name in _SAID}
        left = room - sum(map(len, said.values()))
        frames = []
        for frame in failure.frames:
            frames.append(replace(frame, text=self._cut(frame.text, _FRAME)))
            left -= len(frames[-1].text)
            if left < 0:
                self.cut_any = True
                frames.pop()
                break
        left_out = failure.left_out + len(failure.frames) - len(frames)
        return replace(failure, **said, frames=tuple(frames), left_out=left_out)

    def _attempt(self, attempt: Attempt, room: int) -> Attempt:
        """Told on a line: what its frames were is in its captures."""
        failures = []
        for one in attempt.failures:
            most = min(room // 2, LINE_LIMIT)
            said: dict[str, Any] = {name: short_line(getattr(one, name), most) for name in _SAID}
            self.cut_any |= any(len(text) < len(getattr(one, name)) for name, text in said.items())
            failures.append(replace(one, **said, frames=(), left_out=0))
        cause = self._cut(attempt.cause, room)
        return replace(attempt, cause=cause, failures=tuple(failures))

    def _cut(self, text: str, room: int) -> str:
        shown = cut(printable(text), room, self._whole)
        self.cut_any |= len(shown) < len(text)
        return shown

    def _few(self, lines: Sequence[str], room: int) -> list[str]:
        """The first of many lines, and how many there are."""
        shown: list[str] = []
        for line in lines:
            if room < LINE_LIMIT:
                self.cut_any = True
                shown.append(f"... cut: {len(shown)} of {len(lines)} notes shown")
                break
            shown.append(self._cut(line, room))
            room -= len(shown[-1])
        return shown

    def _properties(self, given: Mapping[str, str]) -> dict[str, str]:
        shown: dict[str, str] = {}
        room = _PROPERTIES
        for name, value in given.items():
            if room < 0:
                self.cut_any = True
                shown["... cut"] = f"{len(shown)} of {len(given)} properties shown"
                break
            key = self._cut(name, LINE_LIMIT)
            shown[key] = self._cut(value, _PROPERTY)
            room -= len(key) + len(shown[key])
        return shown


def _size(result: Result) -> int:
    """Characters of all its texts."""
    texts = [result.cause, *map(sentence, result.failures), details(result), *result.notes]
    return sum(map(len, [*texts, *map(message, result.attempts)]))


def _whole(result: Result) -> str:
    """Every text, each below its name."""
    texts = {
        "testcase": result.title,
        "test": result.nodeid,
        "cause": result.cause,
        "failures": "\n".join(map(sentence, result.failures)),
        "notes": "\n".join(result.notes),
        **{f"attempt {n}": message(attempt) for n, attempt in enumerate(result.attempts, start=1)},
        **result.properties,
        "details": details(result),
    }
    return "\n".join(f"--- {printable(name)}\n{printable(text)}\n" for name, text in texts.items() if text)


def _file_name(result: Result) -> str:
    """One of its own for each testcase, with its name in it."""
    words = re.sub(r"[^A-Za-z0-9_.-]+", "_", short_id(result.nodeid)).strip("._")[:100]
    digest = hashlib.sha256((result.lab + result.nodeid).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{words}-{digest[:8]}.txt"
