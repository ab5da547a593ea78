"""A wall clock that steps moves no deadline of the bench, and no frame; the bench knows of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.clock import BenchClock, WallClock
from harness.wire.real_loop import RealLoop
from harness.wire.station import Station, default_info
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import EchoTap, StillCarrier
from testcases.selftest.harness.test_giving_way import PATIENCE, in_time, loop_up

HOURS = 3600.0
CLOSE = 1e-3
"""Seconds: what an interrupted look at two clocks may be wrong by, and much less than any step here."""


def test_a_clock_that_is_not_stepped_shows_no_step() -> None:
    clock = BenchClock(WallClock())
    assert [clock.look() for _ in range(1000)] == [0.0] * 1000
    assert clock.of(1_234_500_000_000) == 1234.5


@given(st.lists(st.floats(-HOURS, HOURS).filter(lambda step: abs(step) > 0.01), max_size=5))
def test_steps_are_measured_and_taken_out_of_stamps(steps: list[float]) -> None:
    wall = WallClock()
    clock = BenchClock(wall)
    begun, stamp = clock.now(), time.time_ns()
    for step in steps:
        wall.ahead += step
        assert clock.look() == pytest.approx(abs(step), abs=CLOSE)
        assert clock.look() == 0.0
        assert clock.of(stamp) == pytest.approx(stamp / 1e9, abs=CLOSE * len(steps))
    assert 0 <= clock.now() - begun < PATIENCE


@pytest.mark.parametrize("step", [-HOURS, -0.5, 0.5, HOURS])
def test_a_step_ends_no_wait_early_and_makes_none_longer(step: float) -> None:
    wall = WallClock()
    loop = RealLoop(wall)
    try:
        served: list[float] = []
        begun = time.monotonic()

        def step_now() -> None:
            wall.ahead = step
            loop.call_at(loop.now() + 0.02, lambda: served.append(time.monotonic()))

        def testcase() -> None:
            loop.measured()
            loop.call_at(loop.now() + 0.01, step_now)
            assert loop.run(lambda: None, loop.now() + 0.1) is None

        in_time(testcase)
        assert time.monotonic() >= begun + 0.1
        assert served and served[0] >= begun + 0.03
        assert loop.measured()[1] == pytest.approx(abs(step), abs=CLOSE)
    finally:
        loop.close()


def test_a_partner_speaks_on_when_the_clock_is_set_back() -> None:
    """It has sent what the rate allows; the next may follow a second later, not an hour."""
    with loop_up() as loop:
        tap = EchoTap(loop, "t1")
        station = Station(loop, Wire("t1", "re4", tap, StillCarrier(), capture="tester", straight=True),
                          default_info(1))  # fmt: skip
        wall = loop._clock._wall
        for _ in range(3):
            station.say()
        wall.ahead = -HOURS
        in_time(lambda: station.say(key=7) and None)
        assert [frame.actor.key for frame in tap.frames][-1] == 7
