"""What is known of another machine's clock by questions and answers: the truth is always within the error."""

from __future__ import annotations

import random

import pytest

from harness.host.offset import HostClock, Offset
from harness.wire.moment import DRIFT

MS = 1_000_000
SECOND = 1_000_000_000
AHEAD = 7_000 * SECOND
PERIOD = SECOND // 2


class World:
    """Our clock, another one, and ways between them; all times in nanoseconds."""

    def __init__(self, seed: int = 0, drift: float = 0.0) -> None:
        self.now = 50 * SECOND
        self.drift = drift
        self.ahead = float(AHEAD)
        self.random = random.Random(seed)
        self.offset = Offset(lambda: self.now)

    def wait(self, time: int) -> None:
        self.now += time
        self.ahead += self.drift * time

    def theirs(self) -> int:
        """What the other clock shows."""
        return self.now + round(self.ahead)

    def ask(self, there: int = MS // 10, back: int = MS // 10) -> None:
        """A question, that is so long under way there and back."""
        asked = self.now
        self.wait(there)
        theirs = self.theirs()
        self.wait(back)
        self.offset.add(asked, theirs, self.now)

    def wrong(self) -> float:
        """Seconds by which a time of the other clock is wrong now."""
        return abs(self.offset.ours(self.theirs()) - self.now) / 1e9


def test_half_of_the_way_there_and_back_is_the_error() -> None:
    world = World()
    world.ask(there=MS, back=3 * MS)
    assert world.offset.error() == pytest.approx(0.002, rel=1e-2)
    assert world.wrong() == pytest.approx(0.001, rel=1e-2)


def test_the_quickest_answers_tell_most() -> None:
    world = World()
    world.ask(there=40 * MS, back=2 * MS)
    world.wait(MS)
    world.ask(there=2 * MS, back=40 * MS)
    world.offset.renew()
    assert world.offset.error() < 0.003  # what one says of the least, and the other of the most
    known = world.offset.error()
    world.wait(MS)
    world.ask(there=200 * MS, back=200 * MS)
    world.offset.renew()
    assert known < world.offset.error() < known + 0.5 * DRIFT


def test_it_is_known_worse_with_time() -> None:
    world = World()
    world.ask()
    before = world.offset.error()
    world.wait(10 * SECOND)
    assert world.offset.error() - before == pytest.approx(10 * DRIFT, rel=1e-2)
    assert world.offset.worst() == world.offset.error()


@pytest.mark.parametrize("seed", range(20))
def test_the_truth_is_within_the_error_whatever_ways_and_clocks_do(seed: int) -> None:
    """The ways are not alike, and their delays come and go; the clocks drift this way and that."""
    world = World(seed)
    draw = world.random
    for look in range(400):
        if look % 50 == 0:
            world.drift = draw.uniform(-DRIFT, DRIFT)
        world.ask(
            round(draw.expovariate(1 / (20 * MS))),
            round(MS + draw.expovariate(1 / (draw.choice([1, 30]) * MS))),
        )
        world.wait(PERIOD)
        assert world.wrong() <= world.offset.error() + 1e-8
        if look % 30 == 29:
            world.offset.renew()
            assert world.wrong() <= world.offset.error() + 1e-8
    assert world.offset.step() == 0.0


@pytest.mark.parametrize("drift", [-40e-6, 0.0, 200e-6])
def test_a_steady_drift_is_measured_and_counted_on(drift: float) -> None:
    world = World(drift=drift)
    for _ in range(80):
        world.ask()
        world.wait(PERIOD)
    assert world.offset.drift == pytest.approx(drift, abs=10e-6)
    world.offset.renew()
    for _ in range(120):  # a minute, in which 200 ppm are 12 ms
        world.ask()
        world.wait(PERIOD)
    assert world.wrong() < 1e-3 and world.offset.worst() < 1.5e-3


def test_what_lies_between_two_times_is_as_that_clock_has_it_until_the_line_is_drawn_anew() -> None:
    world = World()
    world.ask(there=9 * MS, back=MS)
    first = world.theirs()
    before = world.offset.ours(first)
    world.ask()
    assert world.offset.ours(first) == before
    world.wait(SECOND)
    assert world.offset.ours(first + SECOND) - before == SECOND
    world.offset.renew()
    assert abs(world.offset.ours(first) - before) > 3 * MS


@pytest.mark.parametrize("step", [-60 * MS, 60 * MS])
def test_a_step_is_told(step: int) -> None:
    world = World()
    world.ask()
    world.wait(PERIOD)
    world.ahead += step
    world.ask()
    assert 0.059 < world.offset.step() <= 0.060 and world.offset.error() > 0.059
    clock = HostClock("dut", world.offset, 0.125)
    assert clock.troubles(0.05) == ["the clock of dut was stepped by 60 ms (limits.clock_step)"]
    clock.renew()
    assert clock.troubles(0.05) == [] and world.wrong() <= world.offset.error() < 0.001


def test_what_is_worse_known_than_the_limit_is_told_and_windows_count_the_limit() -> None:
    world = World()
    world.ask(there=150 * MS, back=150 * MS)
    clock = HostClock("dut", world.offset, 0.125)
    assert clock.error == 0.125
    assert clock.troubles(0.05) == ["the clock of dut was known to 150 ms only (limits.clock_error 0.125 s)"]
    for _ in range(3):
        world.ask()
    assert clock.troubles(0.05) != []  # it was, in this testcase
    clock.renew()
    assert clock.error < 0.001 and clock.troubles(0.05) == []


def test_by_ptp_it_is_known_as_it_is_stated_unless_the_answers_say_otherwise() -> None:
    world = World()
    world.ask(there=30 * MS, back=10 * MS)
    world.offset.state(AHEAD, 1e-6)
    assert world.offset.error() == 1e-6 and world.wrong() < 1e-8
    world.offset.renew()
    assert world.offset.error() == 1e-6 and world.offset.text() == "by PTP, to 0.001 ms"
    world.offset.state(AHEAD + 50 * MS, 1e-6)
    assert world.offset.error() > 0.01
    assert HostClock("dut", world.offset, 0.005).troubles(0.05) != []


def test_it_says_how_well_it_is_known() -> None:
    world = World(drift=100e-6)
    world.ask()
    assert world.offset.text() == "by measurement, to 0.1 ms"
    for _ in range(100):
        world.ask()
        world.wait(PERIOD)
    assert "drift +100 ppm" in world.offset.text()
