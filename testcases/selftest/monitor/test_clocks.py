"""Rules on wires that another machine captures: what clocks may be wrong about is not judged, the rest is."""

from __future__ import annotations

import pytest

from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, TIMER_TOLERANCE
from testcases.selftest.harness.stub import StatedClock
from testcases.selftest.monitor.story import LATE, THEM, US, Story

ERROR = 0.02
OTHER = THEM.change(port=7)
LONGEST = float(FAST_PERIODIC_TIME) + TIMER_TOLERANCE + LATE


def captured_elsewhere(ahead: float, wires: int = 1) -> Story:
    """A story whose wires another machine captures; its clock is wrong by so much."""
    story = Story(wires)
    for tap in story.taps:
        tap.clock, tap.ahead = StatedClock("there", ERROR), ahead
    return story


def ordered(ahead: float, before: float) -> Story:
    """A port that has another number in an LACPDU so long before a change is ordered, or behind it."""
    story = captured_elsewhere(ahead).ours().pdu().wait(5.0)
    if before > 0:
        story.pdu(OTHER).wait(before)
        story.acts.dut.set("mode", "up")  # type: ignore[attr-defined]
    else:
        story.acts.dut.set("mode", "up")  # type: ignore[attr-defined]
        story.wait(-before).pdu(OTHER)
    return story.wait(1.0)


@pytest.mark.parametrize("ahead", [-ERROR, ERROR])
def test_what_may_have_passed_during_an_order_is_not_judged(ahead: float) -> None:
    assert "LF-20" not in ordered(ahead, -0.005).wrong()
    assert "LF-20" in ordered(ahead, 2 * ERROR + 0.005).wrong()


def silent(ahead: float, seconds: float) -> Story:
    """A port that says nothing for so long, until the testcase ends."""
    return captured_elsewhere(ahead).ours().wait(0.01).pdu().wait(seconds)


@pytest.mark.parametrize("ahead", [-ERROR, ERROR])
def test_a_silence_until_the_end_holds_the_clocks(ahead: float) -> None:
    assert "PT-01" not in silent(ahead, LONGEST).wrong()
    told = {one.row: one for one in silent(ahead, LONGEST + 2 * ERROR + 0.005).told()}
    assert "(limit 1.251 s + 0.020 s clocks)" in told["PT-01"].seen


@pytest.mark.parametrize("ahead", [-ERROR, ERROR])
def test_between_two_frames_of_one_wire_clocks_are_hardly_wrong(ahead: float) -> None:
    story = captured_elsewhere(ahead).ours().wait(0.01).pdu().wait(LONGEST + 0.005).pdu().wait(0.1)
    assert "PT-01" in story.wrong()
    crowded = captured_elsewhere(ahead)
    for _ in range(4):
        crowded.pdu().wait(0.33)
    assert "TX-01" in crowded.wrong()


@pytest.mark.parametrize("ahead", [-ERROR, ERROR])
def test_data_of_a_port_out_of_sync_are_found(ahead: float) -> None:
    """The wire was cut long before."""
    us = US.change(Synchronization=0)
    story = captured_elsewhere(ahead).ours(us)
    story.wires[0].cut()
    story.wires[0].restore()
    for _ in range(5):
        story.ours(us).wait(0.01).pdu(THEM, us).wait(PROMPT)
    assert "MX-11" in story.wrong()
