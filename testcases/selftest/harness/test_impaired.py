"""Impaired wires of the simulated bench: what arrives, how often, when, and the same from the same seed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.impaired import Clock, Direction
from harness.lab.schema import Impairments
from harness.wire.virtual_loop import START, VirtualLoop

FRAMES = [bytes((number,)) * 60 for number in range(200)]
APART = 0.01


Arrived = list[tuple[float, int]]


def carried(blocked: bool = False, repeat: bool = True, seed: int = 1, **how: object) -> Arrived:
    """(seconds under way, number) of what arrives of FRAMES, sent one after the other."""
    loop = VirtualLoop()
    direction = Direction(loop, Impairments.model_validate({"seed": seed, **how}), "t1", blocked)
    arrived: Arrived = []

    def arrives(frame: bytes) -> None:
        arrived.append((loop.now() - START - frame[0] * APART, frame[0]))

    for frame in FRAMES:
        direction.carry(frame, arrives, repeat)
        loop.run_for(APART)
    loop.run_for(2.0)
    return arrived


def numbers(arrived: Arrived) -> list[int]:
    return [number for _, number in arrived]


def test_nothing_is_impaired_by_default() -> None:
    arrived = carried()
    assert numbers(arrived) == list(range(len(FRAMES)))
    assert max(seconds for seconds, _ in arrived) < 1e-9


def test_delay_and_jitter_keep_the_order() -> None:
    arrived = carried(delay=0.02, jitter=0.05)
    assert numbers(arrived) == list(range(len(FRAMES)))
    seconds = [taken for taken, _ in arrived]
    assert 0.02 - 1e-9 <= min(seconds) < 0.04
    assert 0.05 < max(seconds) <= 0.07 + 1e-9


def test_no_two_frames_arrive_at_once() -> None:
    times = [taken + number * APART for taken, number in carried(delay=0.02, jitter=0.05, duplication=0.5)]
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.5e-6


def test_loss() -> None:
    assert 60 < len(carried(loss=0.5)) < 140
    assert carried(loss=1.0) == []


def test_losses_in_a_row() -> None:
    got = numbers(carried(loss=1.0, lost_in_a_row=2))
    assert got == list(range(2, len(FRAMES), 3))


def test_duplication() -> None:
    got = numbers(carried(duplication=0.5))
    assert set(got) == set(range(len(FRAMES)))
    assert 240 < len(got) < 360


def test_only_repeats() -> None:
    how = {"loss": 1.0, "duplication": 1.0, "frames": "repeats"}
    assert len(carried(repeat=False, **how)) == len(FRAMES)
    assert carried(repeat=True, **how) == []


def test_one_way() -> None:
    assert carried(blocked=True) == []


def test_the_seed_decides() -> None:
    how = {"loss": 0.3, "duplication": 0.3, "delay": 0.01, "jitter": 0.1}
    assert carried(seed=7, **how) == carried(seed=7, **how)
    assert carried(seed=7, **how) != carried(seed=8, **how)


@given(st.floats(-0.4, 0.4), st.floats(0, 1e5))
def test_a_clock_that_drifts_reaches_its_deadlines(drift: float, seconds: float) -> None:
    """Else a deadline would stay due for ever; and not a moment too early."""
    clock = Clock(drift)
    deadline = START + seconds
    reached = clock.reaches(deadline)
    assert clock.shows(reached) >= deadline
    assert clock.shows(reached) == pytest.approx(deadline, abs=1e-6)


def test_drift() -> None:
    assert Clock(0.001).shows(START + 1000) == pytest.approx(START + 1001)
    assert Clock(0.0).shows(START + 7) == START + 7
