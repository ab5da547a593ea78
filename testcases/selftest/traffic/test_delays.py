"""Percentiles of delays, against those of numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.traffic.delays import PER_OCTAVE, Delays

STEP = 2 ** (1 / PER_OCTAVE)


@given(st.lists(st.lists(st.integers(1, 2**39), min_size=1, max_size=50), min_size=1, max_size=5))
def test_percentiles(blocks: list[list[int]]) -> None:
    """Within a column of the histogram; the extremes are exact."""
    delays = Delays()
    for block in blocks:
        delays.accept(np.array(block, np.int64))
    every = np.array([delay for block in blocks for delay in block])
    figures = delays.figures()
    assert figures is not None
    assert (figures[0], figures[3]) == (every.min(), every.max())
    for figure, percent in ((figures[1], 50), (figures[2], 99)):
        exact = float(np.percentile(every, percent, method="inverted_cdf"))
        assert exact / STEP - 1 <= figure <= exact * STEP + 1


def test_clocks_that_differ_may_give_delays_below_nothing() -> None:
    delays = Delays()
    delays.accept(np.array([-500, -100], np.int64))
    assert delays.figures() == (-500, -100, -100, -100)


def test_no_frame_has_no_delay() -> None:
    assert Delays().figures() is None
