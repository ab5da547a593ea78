"""Interruptions of conversations, and what a testcase records of them."""

from __future__ import annotations

import pytest

from harness.case import gaps

NOMINAL = 0.5


def test_the_longest_interruption_beyond_what_lies_between_two_frames() -> None:
    times = {1: [0.0, 0.5, 2.0, 2.5], 2: [0.0, 0.25, 0.5], 3: [1.0], 4: []}
    assert gaps(times, NOMINAL) == {1: 1.0, 2: 0.0, 3: 0.0, 4: 0.0}


@pytest.mark.parametrize("dead_after", [1, 3])
def test_a_conversation_that_ends_is_not_interrupted(dead_after: int) -> None:
    """That none is dead in the end is a check of its own."""
    assert gaps({1: [number * NOMINAL for number in range(dead_after)]}, NOMINAL) == {1: 0.0}
