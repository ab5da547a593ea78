"""What the operator sets and LACPDUs show: Activity, Timeout, Aggregation (43.4.2.2)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME

WATCHED = 3 * FAST_PERIODIC_TIME
"""Seconds, as the rows' time."""

SETTINGS = [
    ("LF-22", "Activity", "activity", ("passive", "active"), ("passive", "active", "while_running:activity")),
    (
        "LF-23", "Timeout", "timeout", ("short", "long"),
        ("short_timeout", "long_timeout", "while_running:timeout"),
    ),
]  # fmt: skip
BIT = {"active": 1, "passive": 0, "short": 1, "long": 0}


@pytest.mark.parametrize(
    ("bit", "variable", "values"),
    [
        pytest.param(
            bit,
            variable,
            values,
            id=" then ".join(values),
            marks=claims(row, wires=1, needs=needs, seconds=13),
        )
        for row, bit, variable, values, needs in SETTINGS
    ],
)
def test_setting(case: Case, bit: str, variable: str, values: tuple[str, str]) -> None:
    """What is configured stands in all LACPDUs from the next one on"""
    lag = case.bundle()
    for value in values:
        lag.aggregate.set(variable, value)
        case.arrived()
        for frame in case.lacpdus([lag.station], during=WATCHED)[case.wires[0].name]:
            said = lacpdu(**{bit: BIT[value]})
            case.check(said(frame), f"{said.words} where {variable} is {value}", frame.text())


@claims("LF-24", wires=1, seconds=8)
def test_aggregatable(case: Case) -> None:
    """Aggregation is 1 for an aggregatable port, though it is its aggregate's only one"""
    lag = case.bundle()
    for frame in case.lacpdus([lag.station], during=2 * FAST_PERIODIC_TIME)[case.wires[0].name]:
        case.check(lacpdu(Aggregation=1)(frame), "Aggregation=1", frame.text())


@claims("LF-24", wires=1, needs=["individual"], seconds=10)
def test_individual(case: Case) -> None:
    """Aggregation is 0 for a port that is configured individual"""
    lag = case.bundle()
    lag.aggregate.set("individual", True, port=case.wires[0].port)
    case.arrived()
    for frame in case.lacpdus([lag.station], during=2 * FAST_PERIODIC_TIME)[case.wires[0].name]:
        case.check(lacpdu(Aggregation=0)(frame), "Aggregation=0", frame.text())
