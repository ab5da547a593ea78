"""What the suite says of implementations that take a freedom of the clause otherwise, and as it is read.

A conforming one passes. Where a reading asks for one answer, who gives the other fails that row and no other.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from harness.bench.opening import opened
from harness.lab import load
from harness.verdict import Verdict
from testcases.in_process import collect, run
from testcases.selftest.reference import freedoms
from testcases.selftest.runs.command import ROOT, lab_text

REFERENCE = ROOT / "fixtures" / "labs" / "reference.yaml"
SECONDS = 60.0
"""Of the processor, that a testcase may take at most."""


class Judged(NamedTuple):
    """Rows that are judged, by these readings, and those of them that are broken."""

    implementation: str
    rows: str
    broken: str = ""
    readings: str = ""


def of(implementation: type, rows: str, broken: str = "", readings: str = "") -> Judged:
    """The same, of a class of `freedoms`."""
    return Judged(f"{implementation.__module__}:{implementation.__name__}", rows, broken, readings)


REFERENCE_MODEL = "harness.reference:Reference"

JUDGED = (
    of(freedoms.AttachesAlone, "RX-12 RX-13 RX-14 RX-20 RX-32 MG-06 MG-08 SL-20 MX-14 PT-09 MK-25"),
    of(freedoms.AttachedWithoutLacp, "RX-32"),
    of(freedoms.EndsEarly, "RX-09 RX-12 RX-32 PT-06 PT-09"),
    of(freedoms.LetsGo, "RX-03 RX-04 RX-41 RX-33"),
    of(freedoms.LetsGo, "RX-04", "RX-04", "disabled_selected: kept"),
    Judged(REFERENCE_MODEL, "RX-04", "", "disabled_selected: kept"),
    of(freedoms.SpeaksAtOnce, "PT-10 RX-05 TX-07"),
    of(freedoms.AnswersWhileCollecting, "MK-25 MK-01"),
    of(freedoms.AnswersWhileCollecting, "MK-25", "MK-25", "marker_not_collecting: answered"),
    Judged(REFERENCE_MODEL, "MK-25", "", "marker_not_collecting: answered"),
    of(freedoms.Discards, "SP-04 SP-11"),
    of(freedoms.Discards, "SP-11", "SP-11", "unsupported_subtypes: passed_up"),
    Judged(REFERENCE_MODEL, "SP-11", "", "unsupported_subtypes: passed_up"),
    of(freedoms.AnswersEach, "MK-20", "MK-20"),
    of(freedoms.AnswersEach, "MK-20", "", "marker_rate: open"),
    of(freedoms.LimitsLoosely, "TX-01", "TX-01"),
    of(freedoms.LimitsLoosely, "TX-01", "", "transmit_limit: tolerant"),
)


@pytest.mark.parametrize("judged", JUDGED, ids=lambda judged: " ".join(filter(None, judged)))
def test_is_judged_as_it_is_read(judged: Judged, tmp_path: Path) -> None:
    file = tmp_path / "lab.yaml"
    text = lab_text(REFERENCE).replace(REFERENCE_MODEL, judged.implementation)
    file.write_text(f"{text}\nreadings: {{{judged.readings}}}\n")
    lab = load(file)
    rows = set(judged.rows.split())
    broken: set[str] = set()
    covered: set[str] = set()
    with opened(lab) as (bench, _):
        for testcase in collect(lab):
            if rows.isdisjoint(testcase.spec.rows):
                continue
            outcome = run(testcase, bench, SECONDS)
            judgement = outcome.judgement
            failed = {failure.row for failure in judgement.failures}
            assert judgement.verdict is (Verdict.FAIL if failed else Verdict.PASS), judgement.text
            covered |= set(judgement.rows)
            broken |= failed | {rule.row for rule in outcome.broken}
    assert broken == set(judged.broken.split())
    assert covered >= rows
