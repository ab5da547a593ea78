"""What became of conversations on several links: order, copies, interruptions, by whose doing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.case.busy import APART, Seen, Traffic
from harness.case.ways import IN, OUT, Way
from testcases.conformance.interop.test_markers import Move, moved

NOTHING: Any = SimpleNamespace(own=SimpleNamespace(late=0, copies=0, missing=[]), others=[])


def traffic(way: Way, ports: dict[str, Seen], came: Seen, changed: tuple[str, ...] = ("a",)) -> Traffic:
    """Of one conversation, offered as it came and left."""
    offered = sorted({key for seen in (*ports.values(), came) for _, key in seen})
    return Traffic(way, offered, ports, came, cast(Any, NOTHING), changed)


def frames(*pairs: tuple[float, int]) -> Seen:
    """Times and numbers of frames of conversation 1."""
    return [(time, (1, number)) for time, number in pairs]


def test_a_frame_that_leaves_behind_a_later_one_is_the_implementation_s() -> None:
    seen = traffic(OUT, {"a": frames((1, 0), (3, 1)), "b": frames((2, 2))}, frames((1, 0), (2, 2), (3, 1)))
    assert seen.late() == 1
    assert seen.overtaken() == 1


def test_frames_that_overtake_others_on_another_link_left_in_order() -> None:
    seen = traffic(OUT, {"a": frames((1, 0), (2, 1)), "b": frames((3, 2))}, frames((1, 0), (3, 2), (4, 1)))
    assert seen.late() == 0
    assert seen.overtaken() == 1


def test_a_copy_is_not_late() -> None:
    seen = traffic(OUT, {"a": frames((1, 0), (2, 1), (3, 0))}, frames((1, 0), (2, 1), (3, 0)))
    assert seen.late() == 0


def test_an_interruption_is_the_implementation_s_where_frames_left_on_a_link_that_is_lost() -> None:
    left = frames(*((n * APART, n) for n in range(10)))
    lost = traffic(OUT, {"a": left, "b": []}, left[:2])
    assert lost.interrupted_by_own(0.0, 10 * APART) == {1: pytest.approx(8 * APART)}
    elsewhere = traffic(OUT, {"a": [], "b": left}, left[:2])
    assert elsewhere.interrupted_by_own(0.0, 10 * APART) == {1: pytest.approx(0.0)}
    assert elsewhere.interrupted(0.0, 10 * APART) == {1: pytest.approx(8 * APART)}


def test_what_comes_on_a_link_that_nothing_happens_to_is_delivered() -> None:
    seen = traffic(IN, {"a": frames((1, 0)), "b": frames((2, 1), (3, 2))}, frames((2, 1)))
    assert seen.undelivered() == [(1, 2)]
    assert seen.lost() == 2
    assert seen.dead() == [1]


def test_moves_of_a_conversation() -> None:
    seen = traffic(OUT, {"a": frames((1, 0), (2, 1)), "b": frames((3, 2), (4, 3))}, [])
    assert list(moved(seen)) == [Move(1, "a", 2, "b", 3)]
