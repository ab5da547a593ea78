"""What a testcase comes to that was run more than once."""

from __future__ import annotations

import pytest

from harness.run.attempts import repeated, settled
from harness.verdict import Verdict
from harness.verdict.failure import Failure, Kind
from harness.verdict.result import Result

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
DOUBTED, LOST, UNSTEADY, INCONCLUSIVE = "doubted", "lost", Verdict.UNSTEADY, Verdict.INCONCLUSIVE
NOT_JUDGED = Verdict.NOT_JUDGED
FAILURE = Failure("LF-01", "43B.3", "an address", "another")
PREMISE = Failure("MX-08", "43.4.15", "an LACPDU", "nothing", Kind.PREMISE)


def result(verdict: str, bench: str = "a") -> Result:
    """Of a testcase; a doubted one would be a FAIL, of a lost one nothing is known."""
    real = verdict if isinstance(verdict, Verdict) else INCONCLUSIVE
    cause = str(verdict) if real is INCONCLUSIVE else ""
    failures = [FAILURE] if verdict in (FAIL, DOUBTED) else [PREMISE] if verdict is NOT_JUDGED else []
    return Result("t", ["LF-01"], "43", "T", real, 1.0, bench, cause=cause, failures=failures)


@pytest.mark.parametrize(
    ("first", "alone", "together"),
    [
        (FAIL, PASS, FAIL),
        (FAIL, ERROR, FAIL),
        (DOUBTED, PASS, UNSTEADY),
        (DOUBTED, DOUBTED, INCONCLUSIVE),
        (DOUBTED, FAIL, FAIL),
        (DOUBTED, ERROR, ERROR),
        (LOST, PASS, PASS),
        (ERROR, PASS, PASS),
        (ERROR, FAIL, FAIL),
        (NOT_JUDGED, PASS, NOT_JUDGED),
        (PASS, PASS, PASS),  # in the first the monitor found something
        (PASS, FAIL, FAIL),
    ],
)
def test_two_runs(first: str, alone: str, together: Verdict) -> None:
    found = settled([(result(first), False), (result(alone), True)])
    assert found.verdict is together
    assert [attempt.alone for attempt in found.attempts] == [False, True]


def test_a_doubt_in_the_middle_is_not_forgotten() -> None:
    runs = [(result(LOST), False), (result(DOUBTED), False), (result(PASS), True)]
    assert settled(runs).verdict is UNSTEADY
    assert settled(runs).cause == DOUBTED and settled(runs).judged == {"LF-01": UNSTEADY}


def test_once_is_no_attempt() -> None:
    assert settled([(result(PASS), False)]).attempts == []


def test_of_several_the_worst_counts() -> None:
    found = repeated([result(PASS), result(FAIL), result(ERROR)])
    assert found.verdict is FAIL
    assert [attempt.verdict for attempt in found.attempts] == [PASS, FAIL, ERROR]
