"""Conversations that change their interface, among thousands of frames in one array."""

from __future__ import annotations

import numpy as np

from harness.traffic.handovers import Handovers

MS = 1_000_000


def accept(handovers: Handovers, *frames: tuple[int, int, int]) -> None:
    """Frames as (flow, ms, interface)."""
    flows, times, indexes = zip(*frames, strict=True)
    handovers.accept(np.array(flows, np.uint16), np.array(times, np.int64) * MS, np.array(indexes, np.uint32))


def test_the_interruption_is_between_the_last_frame_there_and_the_first_here() -> None:
    handovers = Handovers()
    accept(handovers, (1, 0, 5), (2, 1, 5), (1, 2, 5), (2, 3, 6), (1, 9, 7))
    assert sorted(handovers.take()) == [2 * MS, 7 * MS]
    assert handovers.take() == []


def test_an_array_may_end_between_them() -> None:
    handovers = Handovers()
    accept(handovers, (1, 0, 5), (2, 0, 5))
    accept(handovers, (2, 4, 5), (1, 3, 6))
    accept(handovers, (2, 11, 6))
    assert handovers.take() == [3 * MS, 7 * MS]


def test_a_pause_of_the_sender_is_none() -> None:
    handovers = Handovers()
    accept(handovers, (1, 0, 5))
    handovers.take()
    accept(handovers, (1, 1000, 6), (1, 1001, 6))
    assert handovers.take() == []


def test_times_of_two_interfaces_may_cross() -> None:
    handovers = Handovers()
    accept(handovers, (1, 3, 5), (1, 2, 6))
    assert handovers.take() == [0]
