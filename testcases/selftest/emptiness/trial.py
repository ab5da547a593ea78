"""Which testcases of the simulated suite pass on an implementation that is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from harness.bench.opening import opened
from harness.lab import load
from harness.verdict import Verdict
from testcases.in_process import collect, run
from testcases.selftest.emptiness import ROOT

NAMES = ("Silence", "Lacpdus", "OpenGate")
"""The implementations, by their classes."""

ARGUED = Path(__file__).with_name("argued.yaml")
SECONDS = 20.0
"""Of the processor, that one testcase may take."""


@dataclass(frozen=True)
class Reason:
    """Why testcases may pass, whose ids (or patterns of them) are given: ``why`` in a sentence."""

    why: str
    testcases: Sequence[str]

    def covers(self, testcase: str) -> bool:
        """Whether this testcase is among them: one with parameters also by its name without."""
        plain = testcase.partition("[")[0]
        return any(pattern in (testcase, plain) or fnmatchcase(plain, pattern) for pattern in self.testcases)


def argued() -> dict[str, list[Reason]]:
    """By implementation, the reasons of the table; those of Lacpdus are reasons for OpenGate, too."""
    said = yaml.safe_load(ARGUED.read_text())
    found = {name: [Reason(**reason) for reason in said[name]] for name in NAMES}
    return {**found, "OpenGate": [*found["Lacpdus"], *found["OpenGate"]]}


@dataclass(frozen=True)
class Differences:
    """Testcases that pass ``without`` a reason, and patterns that are ``vain``: none of them passes."""

    without: list[str]
    vain: list[str]


def differences(found: Sequence[str], reasons: Sequence[Reason]) -> Differences:
    """Where the testcases that pass are not those that are argued."""
    without = [one for one in found if not any(reason.covers(one) for reason in reasons)]
    patterns = [pattern for reason in reasons for pattern in reason.testcases]
    vain = [one for one in patterns if not any(Reason("", [one]).covers(name) for name in found)]
    return Differences(without, vain)


def passing(name: str, folder: Path) -> list[str]:
    """The testcases that pass on the implementation of this name; ``folder`` is for its lab file.

    Ids are relative to the suite: "rx/test_expired.py::test_it[a]". Raises RuntimeError where a testcase ends
    as an ERROR, which nothing that an implementation does may become.
    """
    return sorted(_passing(name, folder))


def _passing(name: str, folder: Path) -> Iterator[str]:
    file = folder / f"{name}.yaml"
    simulated = ROOT / "fixtures" / "labs" / "simulated.yaml"
    implementation = {"load": f"testcases.selftest.emptiness.implementations:{name}"}
    file.write_text(yaml.safe_dump({"extends": str(simulated), "implementation": implementation}))
    lab = load(file)
    with opened(lab) as (bench, _):
        for testcase in collect(lab):
            judgement = run(testcase, bench, SECONDS).judgement
            if judgement.verdict is Verdict.ERROR:
                raise RuntimeError(f"{testcase.nodeid}: {judgement.cause}\n{judgement.details}")
            if judgement.verdict is Verdict.PASS:
                yield testcase.nodeid.partition("conformance/")[2]
