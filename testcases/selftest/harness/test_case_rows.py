"""A testcase of several rows says which one each check is of, also where the check holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.case import Case, any_lacpdu
from harness.verdict import ConformanceFailure
from testcases.selftest.harness.stub import case_on, wire_and_tap

CHECKS: dict[str, Callable[[Case, object], object]] = {
    "check": lambda case, _: case.check(True, "this", "that"),
    "equal": lambda case, _: case.equal(1, 1, "number"),
    "within": lambda case, _: case.within(1, 0, 2, "number", id="number"),
    "never": lambda case, wire: case.never(wire, any_lacpdu(), during=1),  # type: ignore[arg-type]
    "expect": lambda case, wire: case.expect(wire, any_lacpdu(), within=1),  # type: ignore[arg-type]
    "check_frame": lambda case, wire: case.check_frame(wire, any_lacpdu(), within=1),  # type: ignore[arg-type]
    "lacpdus": lambda case, wire: case.lacpdus([wire], during=1),  # type: ignore[list-item]
    "refusal": lambda case, _: case.refusal("it").__enter__(),
}


def case_of(*rows: str) -> tuple[Case, object]:
    wire, tap = wire_and_tap()
    return case_on([wire], *rows, tap=tap), wire


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_without_its_row_is_a_mistake_of_the_testcase(
    check: Callable[[Case, object], object],
) -> None:
    with pytest.raises(ValueError, match="which of RX-01, RX-03 is judged"):
        check(*case_of("RX-01", "RX-03"))


def test_a_testcase_of_one_row_need_not_say_it() -> None:
    case, _ = case_of("RX-01")
    case.check(True, "this", "that")
    with pytest.raises(ConformanceFailure, match="RX-01"):
        case.check(False, "this", "that")


def test_a_figure_without_limits_is_of_no_row() -> None:
    case, _ = case_of("RX-01", "RX-03")
    case.within(1, None, None, "number", id="number")
