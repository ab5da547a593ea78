"""What happens in the process of one mutant: agr is imported with one file broken, and testcases are run."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from types import CodeType, ModuleType
from typing import Any

from harness.bench.bench import Bench
from harness.bench.opening import opened
from harness.lab.schema import Lab
from harness.verdict import Verdict
from testcases.in_process import Testcase, run
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

    One that only misses a premise is taken where no other fails. A rule of the protocol monitor counts as a
    testcase of its row.
    """
    if any(name == "agr" or name.startswith("agr.") for name in sys.modules):
        raise RuntimeError("agr is imported already: it cannot be broken any more")
    sys.meta_path.insert(0, _Broken(mutant))
    found = Found(mutant.id)
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
        for rule in sorted(outcome.broken, key=lambda rule: not trial.claims(rule.row)):
            if not found.by or (trial.claims(rule.row) and not found.claims):
                found.catch(f"monitor::{rule.row}: {rule.title}", rule.seen, trial.claims(rule.row))
        if found.claims and not found.premise:
            return
