"""Which testcases run which lines of agr's core: one that never runs a broken line cannot notice it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from testcases.mutants.mutant import CORE, Mutant

AT_IMPORT = "at import"
"""Stands for a testcase: what is run when agr is imported and the bench comes up."""

Reach = Mapping[str, Mapping[str, Collection[int]]]
"""By testcase and file of the core: the lines that are run."""


SELDOM = 30
"""Of a function that a testcase calls more often all lines count as run: to look at each time takes long."""


class Lines:
    """Notes the lines of agr's core that are run, for one testcase after the other."""

    def __init__(self) -> None:
        self._codes: dict[CodeType, _Run] = {}

    @contextmanager
    def noted(self) -> Iterator[dict[str, list[int]]]:
        """Fills the dictionary that it gives, when it ends: by file."""
        found: dict[str, list[int]] = {}
        self._codes = {}
        sys.settrace(self._enter)
        try:
            yield found
        finally:
            sys.settrace(None)
            for code, run in self._codes.items():
                found.setdefault(code.co_filename.rpartition("/")[2], []).extend(run.lines)

    def _enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        run = self._codes.get(code)
        if run is None:
            if not code.co_filename.startswith(f"{CORE}/"):
                return None
            run = self._codes[code] = _Run()
        run.calls += 1
        if run.calls > SELDOM:
            return None
        if run.calls == SELDOM:
            run.lines.update(line for _, _, line in code.co_lines() if line)
        return run.note


@dataclass
class _Run:
    """Of one function: how often it was called, and its lines that were run."""

    calls: int = 0
    lines: set[int] = field(default_factory=set)

    def note(self, frame: FrameType, event: str, arg: Any) -> Any:
        self.lines.add(frame.f_lineno)
        return self.note


def may_notice(mutant: Mutant, testcase: str, reach: Reach) -> bool:
    """Whether a testcase runs the code that is broken; all do what is run when agr is imported."""
    return any(
        not mutant.lines.isdisjoint(reach[each].get(mutant.file, ())) for each in (AT_IMPORT, testcase)
    )
