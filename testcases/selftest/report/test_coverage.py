"""coverage.json: for every row who claims it, what became of it, and why it was not judged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.report.coverage import coverage, write_coverage
from harness.report.findings import unmet_premises
from harness.verdict import Verdict
from harness.verdict.failure import Kind
from harness.verdict.result import Result, RuleFinding
from testcases.selftest.report import sample

ROW = {"id": "RX-31", "clause": "43.4.8, 43.6.3", "clauses": ["43.4.8", "43.6.3"], "confidence": ("C",)}


def result(verdict: Verdict, name: str = "a", **more: object) -> Result:
    return sample.result(verdict, ["RX-31", "SL-11"], "t", nodeid=name, **more)


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ([Verdict.PASS, Verdict.NOT_APPLICABLE], "pass"),
        ([Verdict.PASS, Verdict.DEVIATION], "known deviation"),
        ([Verdict.DEVIATION, Verdict.INCONCLUSIVE], "inconclusive"),
        ([Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.PASS], "error"),
        ([Verdict.ERROR, Verdict.FAIL, Verdict.PASS], "fail"),
        ([Verdict.PASS, Verdict.NOT_JUDGED], "not judged"),
        ([Verdict.NOT_JUDGED, Verdict.DEVIATION], "known deviation"),
        ([Verdict.NOT_APPLICABLE], "not applicable"),
    ],
)
def test_the_state_is_the_worst_verdict(verdicts: list[Verdict], state: str) -> None:
    (row,) = coverage([ROW], [result(verdict, str(n)) for n, verdict in enumerate(verdicts)])
    assert row.state == state
    assert sum(map(len, row.outcomes.values())) == len(verdicts)
    assert row.claimed_by == [str(n) for n in range(len(verdicts))]


@pytest.mark.parametrize(
    ("more", "state", "claimed"),
    [
        ({"testcases": ["a"]}, "not run", True),
        ({"no_bench": "it needs a broken NIC"}, "no bench", False),
        ({}, "unclaimed", False),
    ],
)
def test_a_row_without_a_result(more: dict[str, object], state: str, claimed: bool) -> None:
    (row,) = coverage([{**ROW, **more}], [])
    assert (row.state, row.claimed) == (state, claimed)


def test_reasons_and_readings_of_the_row_alone() -> None:
    watched = [RuleFinding("RX-31", "43.4.8", "quiet", 40), RuleFinding("LF-01", "43B.3", "address", 7)]
    readings = {"half_duplex": "lacp_off", "mixed_speeds": "separate"}
    results = [
        result(Verdict.PASS, "a", readings=readings, watched=watched),
        result(Verdict.NOT_APPLICABLE, "b", cause="no such wire"),
        result(
            Verdict.DEVIATION,
            "c",
            failures=[sample.failure("RX-31", known=replace(sample.KNOWN, row="RX-31"))],
            judged={"RX-31": Verdict.DEVIATION, "SL-11": Verdict.PASS},
        ),
        result(Verdict.NOT_JUDGED, "d", failures=[sample.failure("MX-02", kind=Kind.PREMISE)]),
        result(
            Verdict.FAIL,
            "e",
            failures=[sample.failure("SL-11", known=replace(sample.KNOWN, row="SL-11", reason="of another"))],
            judged={"RX-31": Verdict.NOT_JUDGED, "SL-11": Verdict.FAIL},
        ),
    ]
    (row,) = coverage([ROW], results)
    assert row.readings == {"half_duplex": "lacp_off"}
    assert row.not_applicable == {"no such wire": ["b"]}
    assert row.not_judged == {"MX-02": ["d"], "SL-11": ["e"]}
    assert row.deviations == ["It has no Marker Responder"]
    assert row.watched == 40


def test_each_row_of_a_testcase_has_its_own_verdict() -> None:
    """A deviation that is known of MK-08 alone says nothing of the other rows."""
    rows = coverage([{"id": row} for row in ("MK-08", "MK-09", "MK-10")],
                    [sample.fused(replace(sample.KNOWN, row="MK-08"))])  # fmt: skip
    assert [(row.id, row.state) for row in rows] == [
        ("MK-08", "known deviation"),
        ("MK-09", "fail"),
        ("MK-10", "pass"),
    ]
    assert [row.deviations for row in rows] == [["It has no Marker Responder"], [], []]


def test_a_premise_that_was_not_reached_is_its_own_row_s_failure() -> None:
    """Though the row's own testcase passed; those that wait for it are not judged."""
    passed = sample.result(Verdict.PASS, ["MX-02"], "t", nodeid="own")
    cases = sample.waiting(2)
    premise, waits = coverage(
        [{"id": "MX-02"}, {"id": "FD-01"}], [passed, *cases, *unmet_premises([passed, *cases])]
    )
    assert (premise.state, premise.outcomes) == ("fail", {"pass": ["own"], "fail": ["premise::MX-02"]})
    assert (waits.state, waits.not_judged) == ("not judged", {"MX-02": [cases[0].nodeid]})


def test_the_file(tmp_path: Path) -> None:
    path = tmp_path / "coverage.json"
    run = sample.run([result(Verdict.PASS, "a")])
    catalogue = [ROW, {"id": "LF-01", "clauses": ["43B.3"]}, {"id": "AG-01"}]
    write_coverage(run, path, catalogue)
    data = json.loads(path.read_text())
    assert data["run"] == {
        "lab": "lab.yaml",
        "name": "",
        "kind": "emulated",
        "implementation": "agr 0.1.0",
        "profile": "",
        "started": run.started,
        "git commit": "05d64d0c",
    }
    assert data["states"] == {"unclaimed": 2, "pass": 1}
    assert list(data["clauses"].items()) == [
        ("43.4.8", ["RX-31"]),
        ("43.6.3", ["RX-31"]),
        ("43B.3", ["LF-01"]),
        ("AG", ["AG-01"]),
    ]
    first, *_ = data["rows"]
    assert first == {
        "id": "RX-31",
        "group": "RX",
        "clause": "43.4.8, 43.6.3",
        "clauses": ["43.4.8", "43.6.3"],
        "requirement": "",
        "confidence": ["C"],
        "state": "pass",
        "claimed_by": ["a"],
        "outcomes": {"pass": ["a"]},
        "attempts": {},
        "not_applicable": {},
        "not_judged": {},
        "watched": 0,
        "readings": {},
        "deviations": [],
        "no_bench": "",
    }
