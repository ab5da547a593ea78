"""Runs testcases on the model, as it should be and with a transition changed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from harness.bench.opening import opened
from harness.dut.implementation import FIGURES as STATUS_FIGURES
from harness.lab import load
from harness.lab.schema import Lab
from harness.run.testcase import Outcome
from harness.verdict import Verdict
from testcases.in_process import Testcase, collect, run
from testcases.selftest.transitions import ROOT, model
from testcases.selftest.transitions.figures import TRANSITIONS, Restless, Variant, variants

SECONDS = 5.0
"""Of the processor, that a testcase may take."""

MOST = 60
"""Testcases that are tried with one variant, of either kind."""

TOLD_ALONE = ("AC", "PC")
"""Figures on which nothing in a frame depends: testcases that look at frames alone are not tried."""

GROUPS = {"RX": "rx/", "PT": "pt/", "MX": "mx/", "MC": "mx/", "AC": "ch/", "PC": "ch/"}
"""The suite's folder of a figure, by the first letters of its transitions."""

STATUS_WORDS = frozenset({"status", "get", "churn", *STATUS_FIGURES})
"""Needs of a testcase that reads what the implementation says of itself."""

WIRE, STATUS, NOBODY, RESTLESS = "wire", "status", "nobody", "restless"
"""Who notices: a testcase that looks at frames alone, one that reads the status too, none; or the machines
do not come to rest, so that it is no figure."""


@dataclass(frozen=True)
class Suite:
    """The suite on benches of the model: each run has a new one, which nothing has broken before."""

    lab: Lab
    testcases: Mapping[str, Testcase]

    def takes(self, testcase: str) -> set[str]:
        """The transitions that a testcase takes. RuntimeError where it fails on the model as it should be."""
        judgement = self._run(testcase, None).judgement
        if judgement.verdict in (Verdict.FAIL, Verdict.ERROR):
            raise RuntimeError(f"{testcase}: {judgement.verdict}: {judgement.text}\n{judgement.details}")
        return set(model.NOTES.taken)

    def notices(self, testcase: str, variant: Variant) -> bool:
        """Whether a variant fails a row, if only one that the testcase needs first. Raises Restless."""
        outcome = self._run(testcase, variant)
        if Restless.__name__ in outcome.judgement.text:
            raise Restless(outcome.judgement.text)
        return bool(outcome.judgement.failures or outcome.broken)

    def _run(self, testcase: str, variant: Variant | None) -> Outcome:
        model.choose(variant)
        with opened(self.lab) as (bench, _):
            return run(self.testcases[testcase], bench, SECONDS)


def reads_status(testcase: Testcase) -> bool:
    """Whether it reads what the implementation says of itself."""
    return bool(STATUS_WORDS & set(testcase.spec.all_needs))


@contextmanager
def suite() -> Iterator[Suite]:
    """The suite, by testcases of the reference model's lab file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "noted.yaml"
        reference = ROOT / "fixtures" / "labs" / "reference.yaml"
        implementation = {"load": "testcases.selftest.transitions.model:Noted"}
        file.write_text(yaml.safe_dump({"extends": str(reference), "implementation": implementation}))
        lab = load(file)
        found = {one.nodeid.partition("conformance/")[2]: one for one in collect(lab)}
        yield Suite(lab, found)


def measured(on: Suite) -> Iterator[tuple[str, dict[str, Any]]]:
    """By transition: a testcase that takes it ("" where none does), and who notices each variant, with the
    testcase."""
    takers: dict[str, list[str]] = {name: [] for name in TRANSITIONS}
    seconds = {}
    for testcase in on.testcases:
        begun = time.process_time()
        for name in sorted(on.takes(testcase)):
            takers[name].append(testcase)
        seconds[testcase] = time.process_time() - begun
    for name, able in takers.items():
        order = sorted(
            able, key=lambda one: (reads_status(on.testcases[one]), not own(name, one), seconds[one])
        )
        who = {one.to: noticed(on, one, order) for one in variants(name)} if order else {}
        yield name, {"taken": order[0] if order else "", "variants": who}


def own(transition: str, testcase: str) -> bool:
    """Whether a testcase is of the group that the transition's figure has in the catalogue."""
    return testcase.startswith(GROUPS[transition[:2]])


def noticed(on: Suite, variant: Variant, order: Sequence[str]) -> list[str]:
    """Who notices a variant first in this order: `WIRE` or `STATUS` and the testcase, or another word."""
    readers = [one for one in order if reads_status(on.testcases[one])]
    lookers = (
        [] if variant.transition.startswith(TOLD_ALONE) else [one for one in order if one not in readers]
    )
    for testcase in (*lookers[:MOST], *readers[:MOST]):
        try:
            if on.notices(testcase, variant):
                return [STATUS if reads_status(on.testcases[testcase]) else WIRE, testcase]
        except Restless:
            return [RESTLESS]
    return [NOBODY]
