"""The order checker against a plain model, on any arrivals cut into any blocks."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from harness.traffic.order import Order
from testcases.selftest.traffic.trouble import Arrivals, model, troubled

arrivals = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=120)
cuts = st.lists(st.integers(0, 120), max_size=8).map(sorted)


def check(frames: Arrivals, at: list[int]) -> Order:
    """The same by the array, in blocks cut at these places."""
    order = Order()
    bounds = [0, *(cut for cut in at if cut < len(frames)), len(frames)]
    for start, end in itertools.pairwise(bounds):
        flows = np.array([flow for flow, _ in frames[start:end]], np.uint16)
        order.accept(flows, np.array([sequence for _, sequence in frames[start:end]], np.int64))
    return order


@given(arrivals, cuts)
@example([(0, 5), (0, 2), (0, 2), (0, 3), (0, 6)], [])
@example([(0, 9), (0, 4), (0, 0), (0, 8), (0, 4), (1, 0), (0, 10)], [2, 3])
def test_any_arrivals(frames: Arrivals, at: list[int]) -> None:
    order = check(frames, at)
    for flow, expected in model(frames).items():
        assert (order.received[flow], order.duplicated[flow], order.reordered[flow]) == expected


@given(st.data())
def test_planted_trouble(data: st.DataObject) -> None:
    """Frames of 4 flows in turn; some are lost, one is doubled, one comes late."""
    frames = [(number % 4, number // 4) for number in range(400)]
    place = st.integers(0, len(frames) - 5)
    doubled = data.draw(place)
    frames.insert(data.draw(st.integers(doubled + 1, len(frames))), frames[doubled])
    late = data.draw(place)
    after = data.draw(st.integers(late + 4, len(frames) - 1))
    frames.insert(after, frames.pop(late))
    lost = data.draw(st.sets(place, max_size=20))
    left = [frame for number, frame in enumerate(frames) if number not in lost]
    order = check(left, data.draw(cuts))
    totals = [int(counts.sum()) for counts in (order.received, order.duplicated, order.reordered)]
    expected = model(left).values()
    assert totals == [sum(counts[kind] for counts in expected) for kind in range(3)]
    if not lost:
        assert totals[0] == 401
        assert totals[1:] != [0, 0]


@given(st.data(), st.integers(1, 5), st.integers(20, 60))
def test_exactly_what_was_planted_is_found(data: st.DataObject, flows: int, each: int) -> None:
    """Frames lost, doubled and late at random, no frame twice unlucky: so many are told, flow by flow."""
    frames, planted = troubled(data.draw(st.randoms(use_true_random=False)), flows, each)
    order = check(frames, data.draw(cuts))
    found = [
        (
            int(order.received[flow]),
            int(order.duplicated[flow]),
            int(order.reordered[flow]),
            each - int(order.received[flow] - order.duplicated[flow]),
        )
        for flow in range(flows)
    ]
    assert found == planted


def test_frames_in_order_cost_nothing_to_remember() -> None:
    order = Order()
    for block in range(4):
        sequences = np.repeat(np.arange(block * 100, block * 100 + 100), 8)
        order.accept(np.tile(np.arange(8, dtype=np.uint16), 100), sequences)
    assert not order._missing
    assert (order.received[:8] == 400).all()
