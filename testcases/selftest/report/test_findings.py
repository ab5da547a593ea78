"""A premise that was not reached: one FAIL of its own row, whoever ran, and its consequences not judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from harness.lab.pics import Deviation, Deviations
from harness.report.findings import unmet_premises
from harness.report.summary import headline, summary_exit_code
from harness.run.deviations import mark
from harness.verdict import Verdict
from harness.verdict.failure import Kind
from harness.verdict.result import Result
from testcases.selftest.report import sample

WORDS = "an LACPDU with Synchronization=1 on w4"


def own(verdict: Verdict) -> Result:
    """The testcase of the premise's own row."""
    failures = [sample.failure("MX-02", "43.4.15")] if verdict is Verdict.FAIL else []
    return sample.result(
        verdict, ["MX-02"], "It attaches", nodeid="mx/test_own.py::test_it", failures=failures
    )


@pytest.mark.parametrize("others", [[], [own(Verdict.PASS)], [own(Verdict.INCONCLUSIVE)]], ids=len)
def test_it_fails_once_whatever_the_row_s_own_testcase_did(others: list[Result]) -> None:
    """With none of its testcases selected, too."""
    cases = [*others, *sample.waiting(5)]
    (found,) = unmet_premises(cases)
    assert (found.nodeid, found.rows, found.verdict) == ("premise::MX-02", ["MX-02"], Verdict.FAIL)
    (failure,) = found.failures
    assert (failure.row, failure.clause, failure.kind, failure.expected) == (
        "MX-02", "43.4.15", Kind.CHECK, WORDS)  # fmt: skip
    assert failure.frames == sample.FRAMES
    assert found.shown_by == [one.nodeid for one in sample.waiting(5)]
    assert summary_exit_code(sample.run([*cases, found])) == 1


def test_where_the_row_s_own_testcase_failed_that_one_has_the_list() -> None:
    failed = own(Verdict.FAIL)
    assert unmet_premises([failed, *sample.waiting(5)]) == []
    assert failed.shown_by == [one.nodeid for one in sample.waiting(5)]


def test_each_premise_has_its_own() -> None:
    found = unmet_premises([*sample.waiting(5), *sample.waiting(2, "PT-01")])
    assert [(one.nodeid, len(one.shown_by)) for one in found] == [
        ("premise::MX-02", 5),
        ("premise::PT-01", 2),
    ]


def test_one_that_the_bench_excuses_fails_nothing() -> None:
    assert unmet_premises(sample.waiting(5, doubt="the bench was late")) == []


def test_the_headline_counts_testcases_and_names_the_row() -> None:
    run = sample.run([*sample.passed(), *sample.unmet(5)])
    assert headline(run) == (
        Verdict.FAIL,
        "0 of 6 testcases judged broke a requirement; broken across testcases: MX-02; 5 not judged",
    )


@pytest.mark.parametrize(
    ("testcases", "verdict", "code"),
    [
        ([], Verdict.DEVIATION, 0),
        (["test_fd.py"], Verdict.DEVIATION, 0),
        (["test_fd.py::test_it[1]"], Verdict.FAIL, 1),
    ],
    ids=["known", "known of all that met it", "known of one"],
)
def test_it_may_be_a_known_deviation(testcases: list[str], verdict: Verdict, code: int) -> None:
    listed = Deviations(
        known=[
            Deviation(rows=["MX-02"], testcases=testcases, reason="It waits 12 s", reference="issue 1",
                      expires=date(2027, 6, 30))
        ]
    )  # fmt: skip
    cases = sample.waiting(5)
    for one in cases:
        mark(one, listed, date(2027, 1, 1))
    assert {one.verdict for one in cases} == {Verdict.NOT_JUDGED}
    (found,) = unmet_premises(cases)
    mark(found, listed, date(2027, 1, 1))
    assert found.verdict is verdict
    run = sample.run([*sample.passed(), *cases, found])
    assert summary_exit_code(run) == code
    assert headline(run)[0] is verdict


def test_what_was_not_judged_for_no_row_s_failure_is_no_pass() -> None:
    run = sample.run([*sample.passed(), replace(sample.waiting(1)[0], failures=[])])
    assert (headline(run)[0], summary_exit_code(run)) == (Verdict.NOT_JUDGED, 2)
