"""Which testcases there are: asked of pytest, without running any."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.report.summary import parameters
from harness.spec import Spec, spec_of, title_of
from harness.verdict import UsageError

SUITE = os.path.relpath(Path(__file__).parents[2] / "testcases" / "conformance")
"""The conformance suite of this checkout, wherever the command is called."""


@dataclass(frozen=True)
class Collected:
    """One testcase: pytest's id of it, its declaration, its title."""

    nodeid: str
    spec: Spec
    title: str

    @property
    def shown(self) -> str:
        """Rows, title and parameters on one line."""
        given = parameters(self.nodeid)
        return f"{' '.join(self.spec.rows)}: {self.title}{f' [{given}]' if given else ''}"


class _Collector:
    def __init__(self) -> None:
        self.found: list[Collected] = []
        self.errors: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            spec = spec_of(item)
            if spec is not None:
                self.found.append(Collected(item.nodeid, spec, title_of(item)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(str(report.longrepr))


def collect(arguments: list[str]) -> list[Collected]:
    """Every testcase that these pytest arguments select. UsageError with pytest's words where that fails."""
    collector = _Collector()
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = pytest.main(
            ["--collect-only", "-q", "-p", "no:cacheprovider", *arguments],
            plugins=[collector],
        )
    if collector.errors or code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise UsageError("\n".join(collector.errors) or out.getvalue().strip())
    return collector.found
