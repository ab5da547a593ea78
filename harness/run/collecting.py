"""Which testcases there are: asked of pytest, without running any."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.catalogue.claims import Spec, spec_of, title_of
from harness.report.summary import parameters
from harness.verdict import UsageError

INSTALLED = Path(__file__).parents[2]
"""Where the project's packages are: a checkout, or the site-packages that its wheel was installed in."""

SUITE = os.path.relpath(INSTALLED / "testcases" / "conformance")
"""The conformance suite, as a path from where the command is called."""

LABS = os.path.relpath(INSTALLED / "fixtures" / "labs")
"""The lab files that come with it."""

IMPORTING = ("--import-mode=importlib", "--assert=plain")
"""pytest's words: files of testcases may have equal names, wherever they are, and are imported as they stand.

A testcase judges by its case, not by `assert`, so that pytest need not compile it anew to explain one.
"""


@dataclass(frozen=True)
class SuiteItem:
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
        self.found: list[SuiteItem] = []
        self.claims: dict[str, list[str]] = {}
        self.errors: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None]:
        for item in items:
            for row in spec.rows if (spec := spec_of(item)) else ():
                self.claims.setdefault(row, []).append(item.nodeid)
        yield
        for item in items:
            spec = spec_of(item)
            if spec is not None:
                self.found.append(SuiteItem(item.nodeid, spec, title_of(item)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(_words(report))


def _words(report: pytest.CollectReport) -> str:
    """What is wrong with a file of testcases, and where, on one line."""
    lines = str(report.longrepr).splitlines()
    said = [line[1:].strip() for line in lines if line.startswith("E ")] or lines[-1:]
    places = [match[1] for line in lines if (match := re.match(r"(\S+:\d+): in ", line))]
    return f"{(places or [report.nodeid])[0]}: {' '.join(said)}"


def root(suite: list[str]) -> Path:
    """The folder at which pytest's ids of these files and folders begin: without it some have no name."""
    paths = [Path(os.path.normpath(Path(words.partition("::")[0]).absolute())) for words in suite]
    if all(path.is_relative_to(INSTALLED) for path in paths):
        return INSTALLED
    return Path(os.path.commonpath([path if path.is_dir() else path.parent for path in paths]))


def collect(arguments: list[str]) -> list[SuiteItem]:
    """Every testcase that these pytest arguments select; raises as `collect_with_claims`."""
    return collect_with_claims(arguments)[0]


def collect_with_claims(arguments: list[str]) -> tuple[list[SuiteItem], dict[str, list[str]]]:
    """The testcases that these pytest arguments select; and who claims each row, selected or not, by node id.

    UsageError that says what is wrong with the arguments; KeyboardInterrupt where it was told to end.
    """
    collector = _Collector()
    out, err = io.StringIO(), io.StringIO()
    words = ["--collect-only", "-p", "no:terminal", "-p", "no:cacheprovider", *IMPORTING, *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = pytest.main(words, plugins=[collector])
    if code == pytest.ExitCode.INTERRUPTED and not collector.errors:
        raise KeyboardInterrupt
    if collector.errors:
        raise UsageError("\n".join(collector.errors))
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        said = err.getvalue().strip() or out.getvalue().strip()
        raise UsageError("\n".join(line.removeprefix("ERROR: ") for line in said.splitlines() if line))
    return collector.found, collector.claims
