"""Known deviations: which failures a list covers, until when, and what of it no longer shows."""

from __future__ import annotations

from datetime import date

import pytest

from harness.lab.pics import Deviation, Deviations
from harness.report.sentences import message
from harness.report.summary import headline, summary_exit_code
from harness.run.deviations import gone, mark, under
from harness.verdict import Verdict
from harness.verdict.failure import Failure, KnownDeviation
from harness.verdict.result import Result, Run

LAST = date(2027, 6, 30)
TEST = "testcases/conformance/mk/test_response.py::test_copied[zero/one]"
CLAIMS = {"MK-01": [TEST]}


def deviation(*rows: str, testcases: list[str] | None = None, expires: date = LAST) -> Deviation:
    return Deviation.model_validate(
        {
            "rows": list(rows),
            "testcases": testcases or [],
            "reason": "It has no Responder",
            "reference": "its manual",
            "expires": expires.isoformat(),
        }
    )


def listed(*known: Deviation) -> Deviations:
    return Deviations(known=list(known))


def result(verdict: Verdict = Verdict.FAIL, row: str = "MK-01", rows: tuple[str, ...] = ("MK-01",)) -> Result:
    failures = [Failure(row, "43.5.4", "an answer", "none")] if verdict is Verdict.FAIL else []
    judged = {one: verdict if one == row else Verdict.NOT_JUDGED for one in rows}
    return Result(
        TEST,
        list(rows),
        "43.5.4",
        "It answers",
        verdict,
        1.0,
        "1",
        failures=failures,
        judged=judged,
        checks=1,
    )


def ran(results: list[Result]) -> Run:
    return Run("lab.yaml", "simulated", "agr", "2026-05-04T03:02:01Z", 1.0, {}, results)


def marked(one: Result, *known: Deviation, today: date = LAST) -> Result:
    mark(one, listed(*known), today)
    return one


def test_a_listed_failure_is_a_known_deviation_with_its_reason() -> None:
    one = marked(result(), deviation("MK-01"))
    assert one.verdict is Verdict.DEVIATION
    assert one.deviations == [KnownDeviation("MK-01", "It has no Responder", "its manual", "2027-06-30")]
    assert one.judged == {"MK-01": Verdict.DEVIATION}
    assert Result.from_json(one.as_json()) == one


def test_the_row_that_broke_counts_not_the_others_that_the_testcase_claims() -> None:
    both = ("MK-01", "MK-06")
    assert marked(result(row="MK-06", rows=both), deviation("MK-01")).verdict is Verdict.FAIL
    assert marked(result(row="MK-06", rows=both), deviation("MK-06")).verdict is Verdict.DEVIATION


def test_of_two_rows_that_broke_one_may_be_known() -> None:
    one = result(rows=("MK-01", "MK-06"))
    one.failures.append(Failure("MK-06", "43.5.4", "transaction 7", "transaction 8"))
    one.judged["MK-06"] = Verdict.FAIL
    marked(one, deviation("MK-01"))
    assert one.verdict is Verdict.FAIL
    assert one.judged == {"MK-01": Verdict.DEVIATION, "MK-06": Verdict.FAIL}
    marked(one, deviation("MK-01"), deviation("MK-06"))
    assert one.verdict is Verdict.DEVIATION and len(one.deviations) == 2


def test_a_row_that_is_inconclusive_beside_a_known_one_leaves_no_fail() -> None:
    one = result(rows=("MK-01", "MK-06"))
    one.judged["MK-06"] = Verdict.INCONCLUSIVE
    marked(one, deviation("MK-01"))
    assert one.verdict is Verdict.INCONCLUSIVE and one.judged["MK-01"] is Verdict.DEVIATION


@pytest.mark.parametrize(
    ("named", "covered"),
    [
        ("test_response.py::test_copied[zero/one]", True),
        ("test_response.py::test_copied", True),
        ("test_response.py", True),
        ("test_response.py::test_copied[zero]", False),
        ("test_response.py::test_cop", False),
        ("test_resp", False),
        ("monitor", False),
    ],
)
def test_testcases_may_be_named(named: str, covered: bool) -> None:
    verdict = marked(result(), deviation("MK-01", testcases=[named])).verdict
    assert verdict is (Verdict.DEVIATION if covered else Verdict.FAIL)


def test_the_monitor_may_be_named() -> None:
    one = result()
    one.nodeid = "monitor::MK-01: a Marker is answered once"
    assert marked(one, deviation("MK-01", testcases=["monitor"])).verdict is Verdict.DEVIATION


def test_it_fails_again_after_its_day() -> None:
    one = marked(result(), deviation("MK-01"), today=date(2027, 7, 1))
    assert one.verdict is Verdict.FAIL
    assert message(one).endswith("seen none (a known deviation until 2027-06-30: It has no Responder)")
    longer = deviation("MK-01", expires=date(2027, 7, 1))
    assert marked(result(), deviation("MK-01"), longer, today=date(2027, 7, 1)).verdict is Verdict.DEVIATION


def test_it_may_be_one_of_some_editions_alone() -> None:
    everywhere = deviation("MK-01")
    one = everywhere.model_copy(update={"editions": ["802.1AX-2014"]})
    assert under("802.1AX-2014", listed(one, everywhere)).known == [one, everywhere]
    assert under("802.3ad-2000", listed(one, everywhere)).known == [everywhere]


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.FAIL])
def test_no_other_verdict_changes(verdict: Verdict) -> None:
    assert marked(result(verdict), deviation("MK-01")).verdict is verdict


def test_what_no_longer_shows_is_found() -> None:
    known = listed(deviation("MK-01", "MK-06"))
    passed = result(Verdict.PASS)
    (one,) = gone([passed], known, CLAIMS)
    assert (one.row, one.testcases) == ("MK-01", [TEST])
    assert gone([passed, marked(result(), *known.known)], known, CLAIMS) == []
    assert gone([result(Verdict.INCONCLUSIVE), result(Verdict.ERROR)], known, CLAIMS) == [], (
        "nothing was judged"
    )


def test_what_shows_sometimes_is_never_gone() -> None:
    found = deviation("MK-01").model_copy(update={"sometimes": True})
    assert gone([result(Verdict.PASS)], listed(found), CLAIMS) == []
    failed = result()
    mark(failed, listed(found), LAST)
    assert failed.verdict is Verdict.DEVIATION


def test_a_run_of_a_part_of_the_suite_says_nothing_of_what_it_does_not_show() -> None:
    left_out = {**CLAIMS, "LF-01": ["testcases/conformance/lf/test_header.py::test_address"]}
    assert gone([result(Verdict.PASS)], listed(deviation("MK-01")), left_out) == []


def test_one_of_other_testcases_no_longer_shows_though_the_row_fails() -> None:
    known = listed(deviation("MK-01", testcases=["test_response.py"]))
    other = result()
    other.nodeid = "testcases/conformance/mk/test_other.py::test_it"
    assert [one.row for one in gone([result(Verdict.PASS), other], known, CLAIMS)] == ["MK-01"]


def test_a_run_with_known_deviations_alone_is_0_and_says_so() -> None:
    results = [marked(result(), deviation("MK-01")), result(Verdict.PASS)]
    assert summary_exit_code(ran(results)) == 0
    verdict, words = headline(ran(results))
    assert verdict is Verdict.DEVIATION
    assert words == "1 of 2 testcases judged broke a requirement, all in a way that is listed as known"


def test_another_failure_is_1() -> None:
    results = [marked(result(), deviation("MK-01")), result(), result(Verdict.PASS)]
    assert summary_exit_code(ran(results)) == 1
    assert headline(ran(results))[1] == "1 of 3 testcases judged broke a requirement, 1 more in a known way"
