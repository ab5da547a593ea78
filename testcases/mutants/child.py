"""What happens in the process of one mutant: agr is imported with one file broken, and testcases are run."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from types import CodeType, ModuleType
from typing import Any

import pytest

from harness.bench.bench import Bench
from harness.bench.opening import opened
from harness.lab.schema import Lab
from harness.verdict import Verdict
from testcases.in_process import Testcase, run
from testcases.mutants import ROOT
from testcases.mutants.mutant import Mutant


@dataclass
class Found:
    """``outcome`` is "caught", "survived", or "equivalent" where somebody has argued so.

    ``by`` is the testcase that failed, with what it ``said``; ``claims`` whether it claims a clause of the
    broken code. ``errors`` are testcases that broke instead of giving a verdict: a defect of theirs.
    """

    id: str
    outcome: str = "survived"
    by: str = ""
    said: str = ""
    claims: bool = False
    premise: bool = False
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def catch(self, by: str, said: str, claims: bool, *, premise: bool = False) -> None:
        """A testcase failed, or a premise of it was not reached."""
        self.outcome, self.by, self.said, self.claims, self.premise = "caught", by, said, claims, premise

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dictionary."""
        return asdict(self)


class _Broken(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Finds and loads the one module that is broken."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self._code = compile(mutant.source(), str(mutant.path), "exec")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        return self._code


@dataclass(frozen=True)
class Trial:
    """How a mutant is tried: testcases that ``claiming`` a clause of the broken code, then the ``others``.

    ``limit`` is how many seconds of the processor a testcase may take; ``claims`` whether a row claims a
    clause of the broken code. Before each testcase its id is given to ``say``.
    """

    lab: Lab
    claiming: Sequence[Testcase]
    others: Sequence[Testcase]
    limit: Callable[[Testcase], float]
    claims: Callable[[str], bool]
    say: Callable[[str], None]


def try_mutant(mutant: Mutant, trial: Trial) -> Found:
    """Break agr in this process and run testcases until one of those that claim the code's clause fails.

    One that only misses a premise is taken where no other fails, and at once where the row of the premise
    claims the clause: that row fails in a run. A rule of the protocol monitor counts as a testcase of its
    row.
    """
    if any(name == "agr" or name.startswith("agr.") for name in sys.modules):
        raise RuntimeError("agr is imported already: it cannot be broken any more")
    sys.meta_path.insert(0, _Broken(mutant))
    found = Found(mutant.id)
    if not (trial.claiming or trial.others):
        return found  # no testcase runs the code
    first = (*trial.claiming, *trial.others)[0].nodeid
    trial.say(first)
    try:
        with opened(trial.lab) as (bench, _):
            for testcases in (trial.claiming, trial.others):
                _try(found, testcases, bench, trial)
                if found.by:
                    break
    except OSError:
        raise  # no mutant's doing
    except Exception as error:
        if not found.by:
            said = f"agr cannot be loaded: {type(error).__name__}: {error}"
            found.catch(first, said, bool(trial.claiming))
    return found


def try_self_tests(mutant: Mutant, judge: str) -> Found:
    """Break agr in this process and run self-tests, which are the judge of agr's own choices.

    The broken file is imported first: pytest would find it by itself, to rewrite assertions in it.
    Raises RuntimeError where pytest itself does not work.
    """
    sys.meta_path.insert(0, _Broken(mutant))
    found, failures, said = Found(mutant.id), _Failures(), io.StringIO()
    try:
        importlib.import_module(mutant.module)
    except Exception as error:
        found.catch(judge, f"agr cannot be loaded: {type(error).__name__}: {error}", claims=False)
        return found
    words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(ROOT / judge)]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main(words, plugins=[failures])
    if failures.first:
        found.catch(failures.first, "a self-test failed", claims=False)
    elif code != pytest.ExitCode.OK:
        raise RuntimeError(f"{judge}: {said.getvalue()}")
    return found


class _Failures:
    """The first test that failed, or the file that could not be imported."""

    first = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.first = self.first or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.first = self.first or report.nodeid


def _try(found: Found, testcases: Sequence[Testcase], bench: Bench, trial: Trial) -> None:
    for testcase in testcases:
        trial.say(testcase.nodeid)
        outcome = run(testcase, bench, trial.limit(testcase))
        judgement = outcome.judgement
        if judgement.verdict is Verdict.ERROR:
            found.errors.append(f"{testcase.nodeid}: {judgement.cause}")
        claims = any(trial.claims(row) for row in testcase.spec.rows)
        if judgement.verdict is Verdict.FAIL:
            found.catch(testcase.nodeid, judgement.text, claims, premise=False)
            return
        if judgement.verdict is Verdict.NOT_JUDGED and judgement.failures and not found.by:
            found.catch(testcase.nodeid, judgement.text, claims, premise=True)
            if any(trial.claims(failure.row) for failure in judgement.failures):
                found.claims = True
                return
        for rule in sorted(outcome.broken, key=lambda rule: not trial.claims(rule.row)):
            if not found.by or (trial.claims(rule.row) and not found.claims):
                found.catch(f"monitor::{rule.row}: {rule.title}", rule.seen, trial.claims(rule.row))
        if found.claims and not found.premise:
            return
