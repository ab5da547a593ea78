"""What the transmit limit (43.4.16) holds back may come when the limit ends; neither without it nor later."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.case import Case, lacpdu, marker_response
from harness.pdu import PortInfo, State, lacpdu_frame, marker_response_frame
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.verdict import ConformanceFailure
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import LATE, case_on, wire_and_tap

MAC = "02:aa:bb:cc:dd:02"
OLD = lacpdu_frame(MAC, PortInfo(1, "02:aa:bb:cc:dd:01", 7, 1, 1, State(0x05)), PortInfo())
NEW = lacpdu_frame(MAC, PortInfo(1, "02:aa:bb:cc:dd:01", 7, 1, 1, State(0x0D)), PortInfo())
NEWS = lacpdu(Synchronization=1)
BURST = (0.2, 0.25, 0.3)
"""Seconds from the beginning at which three LACPDUs use the limit up."""


def case_with(frames: Sequence[tuple[float, bytes]]) -> tuple[Case, Wire]:
    """A case on a wire from which these frames come, seconds from now."""
    wire, tap = wire_and_tap()
    for after, frame in frames:
        tap.loop.call_at(tap.loop.now() + after, lambda frame=frame: tap.hear(frame))
    return case_on([wire], "RX-17", tap=tap), wire


TOO_LATE = PROMPT + LATE + 0.05
"""Seconds from the beginning: past the time for an answer, within what the limit leaves."""


def burst(news: float) -> list[tuple[float, bytes]]:
    return [*((after, OLD) for after in BURST), (news, NEW)]


FREE = BURST[0] + FAST_PERIODIC_TIME
"""When the limit lets the next one leave."""


@pytest.mark.parametrize("news", [0.9, TOO_LATE, FREE, FREE + LATE - 0.01])
def test_news_that_the_limit_holds_back_may_come_later(news: float) -> None:
    case, wire = case_with(burst(news))
    assert case.expect(wire, NEWS, within=PROMPT).data == NEW
    assert len(case.notes) == (news > PROMPT + LATE)
    assert case.checks == 1


def test_but_not_later_than_the_limit_ends() -> None:
    case, wire = case_with(burst(FREE + LATE + 0.01))
    with pytest.raises(ConformanceFailure):
        case.expect(wire, NEWS, within=PROMPT)


def test_two_of_a_second_hold_nothing_back() -> None:
    case, wire = case_with(burst(TOO_LATE)[1:])
    with pytest.raises(ConformanceFailure):
        case.expect(wire, NEWS, within=PROMPT)


def test_a_burst_that_is_long_over_holds_nothing_back() -> None:
    case, wire = case_with(burst(PROMPT + TOO_LATE))
    with pytest.raises(ConformanceFailure):
        case.expect(wire, NEWS, within=2 * PROMPT)


def test_the_limit_is_of_lacpdus_alone() -> None:
    response = marker_response_frame(MAC, 4, "02:aa:bb:cc:dd:01", 7)
    case, wire = case_with([*burst(2 * PROMPT), (TOO_LATE, response)])
    with pytest.raises(ConformanceFailure):
        case.expect(wire, marker_response(7), within=PROMPT)
