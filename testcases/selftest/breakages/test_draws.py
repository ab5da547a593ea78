"""A breakage that shows by where conversations are: it is caught whichever are drawn."""

from __future__ import annotations

import pytest

from agr.core.variables import Moves, Port
from harness.bench.opening import opened
from harness.case.case import Case
from harness.lab import load
from harness.lab.schema import Lab
from testcases import in_process
from testcases.selftest.breakages import ROOT

SIMULATED = ROOT / "fixtures" / "labs" / "simulated.yaml"
PARTNER_STOPS = "testcases/conformance/fd/test_moving.py::test_partner_stops"
DRAWS = 20
APART = 600
"""Conversations of one draw, at most."""
SECONDS = 60.0
"""Of the processor, that a testcase may take at most."""


def leaves_early(moves: Moves, port: Port) -> bool:
    """`Moves.remain_on`, but for conversations that wait for the last Marker's Response."""
    return (port.name in moves.distributing and not moves.targets) or port.name in moves.pending


def drawn(lab: Lab, testcase: in_process.Testcase, draw: int, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The rows that fail with another draw of conversations."""
    known = Case.__init__

    def begun(case: Case, *words: object, **more: object) -> None:
        known(case, *words, **more)  # type: ignore[arg-type]
        case._conversations = draw * APART

    with monkeypatch.context() as patched:
        patched.setattr(Case, "__init__", begun)
        with opened(lab.model_copy(update={"seed": draw})) as (bench, _):
            return {one.row for one in in_process.run(testcase, bench, SECONDS).judgement.failures}


def test_a_port_that_leaves_before_its_last_marker_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = load(SIMULATED)
    (testcase,) = (one for one in in_process.collect(lab) if one.nodeid == PARTNER_STOPS)
    assert drawn(lab, testcase, 0, monkeypatch) == set()
    monkeypatch.setattr(Moves, "remain_on", leaves_early)
    assert [drawn(lab, testcase, draw, monkeypatch) for draw in range(DRAWS)] == [{"FD-12"}] * DRAWS
