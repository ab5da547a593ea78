"""Which testcases there are: asked of pytest, without running any."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

import pytest

from harness.spec import Spec, spec_of, title_of
from harness.verdict import UsageError

SUITE = "testcases/conformance"


@dataclass(frozen=True)
class Collected:
    """One testcase: pytest's id of it, its declaration, its title."""

    nodeid: str
    spec: Spec
    title: str


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
