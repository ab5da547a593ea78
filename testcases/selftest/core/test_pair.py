"""Two Systems, wired back to back, come to terms."""

from __future__ import annotations

import pytest

from testcases.selftest.core.lab import mac
from testcases.selftest.core.pair import Pair

ACTIVITIES = [("active", "active"), ("active", "passive"), ("passive", "active")]


@pytest.mark.parametrize("activities", ACTIVITIES)
@pytest.mark.parametrize(
    "controls", [("independent", "independent"), ("independent", "coupled"), ("coupled", "coupled")]
)
@pytest.mark.parametrize("timeouts", [("long", "long"), ("short", "long"), ("short", "short")])
@pytest.mark.parametrize("links", [1, 4])
def test_all_links_distribute(
    activities: tuple[str, str], controls: tuple[str, str], timeouts: tuple[str, str], links: int
) -> None:
    sides = [
        {"activity": activity, "control": control, "timeout": timeout}
        for activity, control, timeout in zip(activities, controls, timeouts, strict=True)
    ]
    pair = Pair(links, *sides)
    for number in range(links):
        pair.link(number, True)
    pair.run(4.0)
    expected = [f"re{number}" for number in range(links)]
    assert pair.distributing() == (expected, expected)
    pair.run(100.0)
    assert pair.distributing() == (expected, expected)


def test_passive_systems_never_meet() -> None:
    pair = Pair(2, {"activity": "passive"}, {"activity": "passive"})
    pair.link(0, True)
    pair.run(100.0)
    assert pair.distributing() == ([], [])
    assert pair.lacpdus == 0


def test_links_come_and_go() -> None:
    pair = Pair(4, {}, {})
    for number in range(4):
        pair.link(number, True)
        pair.run(1.5)
    pair.run(4.0)
    assert [len(ports) for ports in pair.distributing()] == [4, 4]
    pair.link(2, False)
    pair.run(0.0)
    assert pair.distributing() == (["re0", "re1", "re3"], ["re0", "re1", "re3"])
    pair.run(200.0)
    pair.link(2, True)
    pair.run(4.0)
    assert [len(ports) for ports in pair.distributing()] == [4, 4]


def test_both_move_at_once_and_answer_every_marker() -> None:
    """43B.2's rate is enough for the Markers of each end and the Responses to the other's."""
    pair = Pair(2, {}, {})
    pair.link(0, True)
    pair.run(10.0)
    pair.link(1, True)
    pair.run(10.0)
    for side in (0, 1):
        moves = pair.moves(side)
        assert moves["Moves"] == moves["MarkersTx"] == moves["MarkerResponsesRx"] > 0
        assert moves["MovesTimedOut"] == moves["held"] == moves["pending"] == 0


def test_slow_links_exchange_two_pdus_in_30_s_when_settled() -> None:
    pair = Pair(1, {}, {})
    pair.link(0, True)
    pair.run(40.0)
    before = pair.lacpdus
    pair.run(300.0)
    assert pair.lacpdus - before == 20


def test_a_removed_port_is_let_go_at_once_and_taken_back() -> None:
    pair = Pair(2, {}, {})
    pair.link(0, True)
    pair.link(1, True)
    pair.run(10.0)
    here = pair.systems[0]
    here.remove_port(pair.now, "re1")
    pair.deliver()
    assert pair.distributing() == (["re0"], ["re0"])
    here.add_port(pair.now, "re1", mac(1), "agr0")
    here.set_link(pair.now, "re1", True)
    pair.run(5.0)
    assert pair.distributing() == (["re0", "re1"], ["re0", "re1"])


@pytest.mark.parametrize(
    ("variable", "value"), [("key", "300"), ("system-priority", "9"), ("timeout", "short")]
)
def test_a_change_on_one_side_settles_again(variable: str, value: str) -> None:
    pair = Pair(2, {}, {})
    pair.link(0, True)
    pair.link(1, True)
    pair.run(10.0)
    pair.systems[0].configure(pair.now, "agr0", variable, value)
    pair.run(5.0)
    assert [len(ports) for ports in pair.distributing()] == [2, 2]
