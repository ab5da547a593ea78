"""The conformance suite as calls: testcases that are run one by one, without pytest, in virtual time."""

from __future__ import annotations

import contextlib
import io
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from harness import catalogue
from harness.bench.bench import Bench
from harness.case.case import Case
from harness.catalogue.claims import Spec, spec_of
from harness.lab.schema import Lab
from harness.run.collecting import IMPORTING, SUITE
from harness.run.garbage import seldom_collected
from harness.run.plan import lacks
from harness.run.testcase import Outcome, case_of, conclude
from harness.verdict import ImplementationBroke, Verdict

ROWS = catalogue.load()


@dataclass(frozen=True)
class Testcase:
    """One testcase: pytest's id of it, its declaration, and how it is called."""

    __test__: ClassVar[bool] = False  # for pytest: no class of tests

    nodeid: str
    spec: Spec
    function: Callable[..., None]
    parameters: Mapping[str, Any]


class TooMuch(Exception):
    """A testcase has taken more of the processor than it may: the implementation spins."""


class _Collector:
    def __init__(self) -> None:
        self.found: list[Testcase] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        for item in items:
            spec = spec_of(item)
            if spec is not None:
                given = item.callspec.params if hasattr(item, "callspec") else {}
                self.found.append(Testcase(item.nodeid, spec, item.function, given))


def collect(lab: Lab) -> list[Testcase]:
    """Every testcase that the bench can run. RuntimeError, with what pytest said, where there are none."""
    return fit_for(lab, whole_suite())


def fit_for(lab: Lab, suite: Sequence[Testcase]) -> list[Testcase]:
    """Those of a suite that the bench can run."""
    return [testcase for testcase in suite if not lacks(lab, testcase.spec)]


def whole_suite() -> list[Testcase]:
    """Every testcase. RuntimeError, with what pytest said, where there are none."""
    collector = _Collector()
    said = io.StringIO()
    words = ["--collect-only", "-p", "no:terminal", "-p", "no:cacheprovider", *IMPORTING, SUITE]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main(words, plugins=[collector])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"the suite cannot be collected: {said.getvalue()}")
    seldom_collected()
    return collector.found


def run(testcase: Testcase, bench: Bench, seconds: float) -> Outcome:
    """Run one testcase on a bench. One that takes more than so many seconds of the processor fails."""
    rows = [ROWS.row(row) for row in testcase.spec.rows]
    error: BaseException | None = None
    case: Case | None = None
    try:
        with _at_most(seconds):
            bench.begin(testcase.nodeid)
            case = case_of(bench, testcase.spec, rows)
            testcase.function(case=case, **testcase.parameters)
    except BaseException as caught:
        spins = _spins(caught)
        error = ImplementationBroke(f"{type(caught).__name__}: {caught}") if spins else caught
    outcome = conclude(bench, case, error, ROWS, rows)
    if case is not None:
        with contextlib.suppress(ImplementationBroke, TooMuch), _at_most(seconds):
            case.close()
    return outcome


def _spins(error: BaseException) -> bool:
    return isinstance(error, TooMuch) or isinstance(error.__cause__, TooMuch)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise TooMuch in what takes longer, in seconds of the processor; again and again, if it is caught."""

    def over(*_: object) -> None:
        raise TooMuch(f"more than {seconds:g} s of the processor")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def seconds_of(testcases: Sequence[Testcase], bench: Bench, most: float) -> dict[str, float]:
    """How long each takes here, by id. RuntimeError where one does not pass: nothing can be learned then."""
    taken = {}
    for testcase in testcases:
        begun = time.process_time()
        outcome = run(testcase, bench, most)
        taken[testcase.nodeid] = time.process_time() - begun
        judgement = outcome.judgement
        if judgement.verdict is not Verdict.PASS or outcome.broken:
            said = f"{testcase.nodeid}: {judgement.verdict}: {judgement.text}\n{judgement.details}"
            said += "".join(f"\nmonitor: {one.row}: {one.seen}" for one in outcome.broken)
            raise RuntimeError(f"without any mutation: {said}")
    return taken
