"""An implementation that the machine did not run has as much more time; one that is slow has failed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.case import Case, any_lacpdu
from harness.case.checks import LONGEST_GRANT
from harness.host.stalls import harmless
from harness.pdu import PortInfo, lacpdu_frame
from harness.verdict import ConformanceFailure
from harness.verdict.failure import Failure
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import LATE, case_on, wire_and_tap

FRAME = lacpdu_frame("02:aa:bb:cc:dd:02", PortInfo(), PortInfo())
WITHIN = 2.0
CLAUSE = WITHIN - LATE
"""Seconds in all, and without what is added for the bench."""


def case_with(after: float, waited: Callable[[float, float], float]) -> tuple[Case, Wire]:
    """A case on a wire from which a frame comes, seconds from now; `waited` is in seconds from now too."""
    wire, tap = wire_and_tap()
    now = tap.loop.now()
    tap.loop.call_at(now + after, lambda: tap.hear(FRAME))
    return case_on([wire], "RX-17", tap=tap, waited=lambda a, b: waited(a - now, b - now)), wire


def once(start: float, end: float) -> Callable[[float, float], float]:
    """Held up from `start` to `end`."""
    return lambda first, last: max(0.0, min(end, last) - max(start, first))


def half(first: float, last: float) -> float:
    """Held up half of the time."""
    return (last - first) / 2


def judged(after: float, waited: Callable[[float, float], float]) -> Failure:
    case, wire = case_with(after, waited)
    with pytest.raises(ConformanceFailure) as failure:
        case.expect(wire, any_lacpdu(), within=CLAUSE)
    return failure.value.failure


def doubt(failure: Failure, waited: Callable[[float, float], float]) -> float:
    """Seconds of the failure's window that excuse it; the case began at its window's start."""
    assert failure.window is not None
    start, end = failure.window
    return waited(0.0, end - start) - failure.granted


def test_what_comes_as_late_as_it_was_held_up_is_in_doubt() -> None:
    failure = judged(2.9, once(0.5, 1.5))
    assert doubt(failure, once(0.5, 1.5)) == pytest.approx(1.0)
    assert failure.granted == 0.0
    assert [frame.time for frame in failure.frames] == [pytest.approx(2.9)]


def test_what_comes_later_than_that_is_not() -> None:
    assert doubt(judged(3.1, once(0.5, 1.5)), once(0.5, 1.5)) == pytest.approx(0.0)


def test_what_is_slow_by_itself_is_not_excused_by_being_held_up_half_of_the_time() -> None:
    """It would have taken 2.5 s of the 2 s that it has; so it takes 5."""
    assert doubt(judged(5.0, half), half) <= LATE
    assert doubt(judged(3.8, half), half) == pytest.approx(1.9)  # 1.9 s of 2


def test_who_is_never_run_is_in_doubt_and_not_waited_for_without_end() -> None:
    failure = judged(1e6, lambda first, last: last - first)
    assert failure.window is not None
    assert failure.window[1] - failure.window[0] == pytest.approx(2 * WITHIN + LONGEST_GRANT)
    assert doubt(failure, lambda first, last: last - first) == pytest.approx(WITHIN)


def test_waits_of_nearly_the_allowance_excuse_what_comes_so_much_later_and_nothing_else() -> None:
    """Open vSwitch answers no Marker: a tenth of a second that the host took is no reason for that."""
    held = once(0.5, 0.5 + LATE - 0.01)
    assert doubt(judged(WITHIN + LATE / 2, held), held) > harmless(LATE)
    assert doubt(judged(5.0, held), held) <= harmless(LATE)


def test_who_was_not_held_up_gets_no_more_time() -> None:
    failure = judged(2.1, lambda *_: 0.0)
    assert failure.window is not None and failure.window[1] - failure.window[0] == pytest.approx(WITHIN)


def test_a_premise_that_is_met_as_late_as_that_is_met() -> None:
    case, wire = case_with(2.9, once(0.5, 1.5))
    assert case.expect(wire, any_lacpdu(), within=CLAUSE, premise="PT-01").data == FRAME
    assert "0.900 s later" in case.notes[0]


def test_lacpdus_are_judged_by_what_they_carry() -> None:
    case, wire = case_with(2.9, once(0.5, 1.5))
    assert [frame.data for frame in case.lacpdus([wire], during=CLAUSE)["t1"]] == [FRAME]
    case, wire = case_with(3.1, once(0.5, 1.5))
    with pytest.raises(ConformanceFailure) as failure:
        case.lacpdus([wire], during=CLAUSE)
    assert failure.value.failure.granted == pytest.approx(1.0)


def test_what_should_not_be_seen_may_have_been_held_up_before_it_was() -> None:
    case, wire = case_with(1.5, lambda *_: 0.0)
    begun = case.now()
    with pytest.raises(ConformanceFailure) as failure:
        case.never(wire, any_lacpdu(), during=WITHIN)
    assert failure.value.failure.window == pytest.approx((begun + 0.5, begun + 1.5))
