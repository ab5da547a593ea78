"""Planned detach of a port: order is kept, the partner is told, and all of it ends in time."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agr.core.constants import (
    LACPDU_LIMIT,
    LARGEST_MOVE,
    Aggregate_Wait_Time,
    Conversations_Move_Time,
    Fast_Periodic_Time,
    Marker_Wait_Time,
    Partner_Stop_Time,
)
from agr.core.distribution import BUCKETS
from agr.core.outputs import CollectingChanged, DistributingChanged
from testcases.selftest.core.events import EVENTS
from testcases.selftest.core.lab import Sent, keep_on, mac
from testcases.selftest.core.moving import DELAYS, MovingLab, steps

LONGEST = Conversations_Move_Time + Fast_Periodic_Time + Partner_Stop_Time + 0.05

# Where a link that is to take over has yet to wait
LONGEST_OF_ALL = LONGEST + Aggregate_Wait_Time


def both_up(**how: object) -> MovingLab:
    lab = MovingLab(2, **how)  # type: ignore[arg-type]
    keep_on(lab, 16.0)
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}
    lab.run(2.0)
    return lab


def last_lacpdu(lab: MovingLab, since: float, port: str = "re0") -> Sent:
    """The one PDU with Sync=Coll=Dist=0."""
    (sent,) = [s for s in lab.sent_since(since, port) if not s.pdu.actor.state.Synchronization]
    state = sent.pdu.actor.state
    assert (state.Collecting, state.Distributing) == (False, False)
    return sent


def test_conversations_first_then_a_last_lacpdu_then_the_end_of_reception() -> None:
    lab = both_up(answer_delay=0.01)
    begun = lab.now
    lab.detach("re0")
    assert lab.data["re0"] == (True, True)
    lab.run(1.2)
    last_move = max(at for at, a in lab.moved)
    said = last_lacpdu(lab, begun)
    assert begun < last_move <= said.at < begun + Conversations_Move_Time
    assert lab.shares() == {"re1": BUCKETS}
    assert lab.data["re0"] == (True, False)
    assert lab.left == []
    lab.partners["re0"].become(Distributing=False)
    assert lab.left == [(lab.now, "re0")]
    assert [port for _, port, _ in lab.markers] == ["re0"] * ceil(BUCKETS / 2 / LARGEST_MOVE)
    assert "re0" not in lab.system.status(lab.now)["aggregates"]["agr0"]["ports"]


def test_a_partner_that_sends_on_is_waited_for() -> None:
    lab = both_up(answer_delay=0.01)
    begun = lab.now
    lab.detach("re0")
    lab.run(LONGEST)
    assert lab.left == [(pytest.approx(last_lacpdu(lab, begun).at + Partner_Stop_Time), "re0")]


@pytest.mark.parametrize("how", [{"answer_delay": None}, {"hold_delay": None}, {"answer_delay": 0.9}])
def test_it_ends_in_time_whatever_the_partner_does(how: dict[str, object]) -> None:
    lab = both_up(**how)
    begun = lab.now
    lab.detach("re0")
    lab.run(LONGEST)
    assert [port for _, port in lab.left] == ["re0"]
    assert lab.shares() == {"re1": BUCKETS}
    last_lacpdu(lab, begun)


def test_what_is_still_held_when_the_partner_stops_is_waited_for() -> None:
    lab = both_up(answer_delay=1.2)
    lab.detach("re0")
    lab.run(Conversations_Move_Time)
    last_lacpdu(lab, lab.now)
    assert lab.held
    lab.partners["re0"].become(Synchronization=False, Collecting=False, Distributing=False)
    assert lab.left == []
    lab.run(Marker_Wait_Time)
    assert [port for _, port in lab.left] == ["re0"]


def test_the_last_lacpdu_waits_for_the_limit() -> None:
    lab = both_up()
    lab.link("re1", False)
    partner = lab.partners["re0"]
    for _ in range(LACPDU_LIMIT):
        partner.become(Synchronization=not partner.actor.state.Synchronization)
    lab.partners["re0"].become(Synchronization=True)
    begun = lab.now
    lab.detach("re0")
    lab.run(LONGEST)
    assert 0.9 < last_lacpdu(lab, begun).at - begun < 1.1
    assert lab.left


def standing_by(most: int, ports: int, **how: object) -> MovingLab:
    """We decide: the first ``most`` of the links carry everything, the others stand by."""
    lab = MovingLab(ports, max_links=str(most), system_priority="1", **how)  # type: ignore[arg-type]
    keep_on(lab, 16.0)
    assert list(lab.shares()) == [f"re{number}" for number in range(most)]
    lab.run(2.0)
    return lab


def test_a_link_that_stood_by_takes_over_before_the_last_lacpdu() -> None:
    """43.6.1: with max-links 1 both are active for as long as that takes."""
    lab = standing_by(1, 2, answer_delay=0.01)
    begun = lab.now
    lab.detach("re0")
    assert lab.status("re1")["selected"] == "SELECTED"
    assert lab.data["re0"] == (True, True)
    assert lab.shares() == {"re0": BUCKETS}
    lab.partners["re1"].say()
    assert lab.data["re1"] == (True, True)
    lab.run(LONGEST)
    moved = [(at, a.port) for at, a in lab.moved if at >= begun]
    assert {port for _, port in moved} == {"re1"}
    assert {port for at, port, _ in lab.markers if at >= begun} == {"re0"}
    assert min(moved)[0] < last_lacpdu(lab, begun).at
    assert max(moved)[0] <= lab.left[0][0]
    assert [port for _, port in lab.left] == ["re0"]
    assert lab.shares() == {"re1": BUCKETS}


@pytest.mark.parametrize("stood_by", [0.0, 0.1, 1.0, 1.9])
@pytest.mark.parametrize("turns", ["off", "on"])
def test_a_link_that_has_yet_to_wait_takes_over_too(stood_by: float, turns: str) -> None:
    """43.4.15: attached when Aggregate_Wait_Time is over; the detaching port keeps everything till then."""
    lab = both_up(answer_delay=0.01, system_priority="1", link0=turns)
    lab.set("max-links", "1")
    lab.run(stood_by)
    begun = lab.now
    lab.detach("re0")
    lab.run(Aggregate_Wait_Time - stood_by - 0.01)
    assert (lab.data["re0"], lab.data["re1"]) == ((True, True), (False, False))
    assert lab.turns == ("re0",) if turns == "on" else lab.shares() == {"re0": BUCKETS}
    lab.run(0.02)
    lab.partners["re1"].say()
    assert lab.data["re1"] == (True, True)
    assert lab.left == []
    taken_over = lab.now
    lab.run(LONGEST)
    assert taken_over - 0.02 <= last_lacpdu(lab, begun).at
    assert [port for _, port in lab.left] == ["re0"]
    assert lab.turns == ("re1",) if turns == "on" else lab.shares() == {"re1": BUCKETS}


def test_a_partner_that_lets_no_other_link_in_ends_the_wait() -> None:
    lab = standing_by(1, 2)
    begun = lab.now
    lab.partners["re1"].become(Synchronization=False)
    lab.detach("re0")
    lab.run(LONGEST)
    assert last_lacpdu(lab, begun).at == pytest.approx(begun + Conversations_Move_Time)
    lab.partners["re1"].become(Synchronization=True)
    assert lab.shares() == {"re1": BUCKETS}


def test_a_link_that_stands_by_is_detached_at_once() -> None:
    lab = standing_by(1, 3)
    begun = lab.now
    lab.detach("re1")
    assert [lab.status(port)["selected"] for port in lab.partners] == ["SELECTED", "UNSELECTED", "STANDBY"]
    assert last_lacpdu(lab, begun, "re1").at == begun


def test_of_two_active_links_one_is_detached_and_the_third_takes_its_place() -> None:
    lab = standing_by(2, 3, answer_delay=0.01)
    lab.detach("re0")
    lab.partners["re2"].say()
    keep_on(lab, 10.0)
    assert lab.shares() == {"re1": BUCKETS // 2, "re2": BUCKETS // 2}


def test_the_last_port_takes_its_conversations_with_it() -> None:
    lab = MovingLab(1)
    keep_on(lab, 4.0)
    lab.run(2.0)
    begun = lab.now
    lab.detach("re0")
    assert last_lacpdu(lab, begun).at == begun
    assert len(lab.held) == BUCKETS
    lab.run(0.0)
    assert lab.shares() == {None: BUCKETS}
    assert lab.left == []
    lab.partners["re0"].become(Synchronization=False)
    assert lab.left == [(begun, "re0")]
    assert lab.system.deadline() is None


def test_all_ports_at_once() -> None:
    lab = both_up()
    lab.detach("re0")
    lab.detach("re1")
    lab.run(LONGEST)
    assert {port for _, port in lab.left} == {"re0", "re1"}
    assert lab.shares() == {None: BUCKETS}


@pytest.mark.parametrize("before", [True, False])
def test_without_carrier_there_is_nothing_to_wait_for(before: bool) -> None:
    lab = both_up(answer_delay=None)
    if before:
        lab.link("re0", False)
    lab.detach("re0")
    if not before:
        lab.run(0.5)
        assert lab.left == []
        lab.link("re0", False)
    assert lab.left == [(lab.now, "re0")]
    assert lab.shares() == {"re1": BUCKETS}


@pytest.mark.parametrize("variables", [{"link1": "on"}, {"activity": "passive"}])
def test_no_last_lacpdu_where_no_lacpdu_may_be_sent(variables: dict[str, str]) -> None:
    lab = MovingLab(2, answer_delay=0.01, **variables)  # type: ignore[arg-type]
    lab.run(3.0)
    sent = len(lab.sent)
    lab.detach("re0")
    lab.run(Conversations_Move_Time)
    assert [port for _, port in lab.left] == ["re0"]
    assert len(lab.sent) == sent


@pytest.mark.parametrize("after", [0.0, 0.2, 1.3])
def test_removal_meanwhile_is_the_end_of_it(after: float) -> None:
    lab = both_up(answer_delay=0.01)
    lab.detach("re0")
    lab.run(after)
    lab.remove("re0")
    del lab.partners["re0"]
    assert lab.data["re0"] == (False, False)
    assert lab.shares() == {"re1": BUCKETS}
    lab.run(5.0)
    assert lab.left == []


@pytest.mark.parametrize("after", [0.0, 0.2, 1.3])
def test_lacp_off_meanwhile(after: float) -> None:
    lab = both_up(answer_delay=0.01)
    lab.detach("re0")
    lab.run(after)
    lab.set("lacp", "off", "re0")
    lab.run(LONGEST)
    assert [port for _, port in lab.left] == ["re0"]


def test_with_link0_nothing_is_held() -> None:
    lab = both_up(answer_delay=None, link0="on")
    lab.detach("re0")
    assert lab.turns == ("re1",)
    assert not lab.held
    last_lacpdu(lab, lab.now)


def test_names_are_checked() -> None:
    lab = both_up()
    lab.detach("re0")
    with pytest.raises(ValueError, match="re0"):
        lab.detach("re0")
    with pytest.raises(ValueError, match="re9"):
        lab.detach("re9")
    with pytest.raises(ValueError, match="re0"):
        lab.system.add_port(lab.now, "re0", mac(0), "agr0")
    lab.run(LONGEST)
    lab.add(0)
    keep_on(lab, 10.0)
    assert lab.data["re0"] == (True, True)
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}


def test_the_address_of_a_port_can_change() -> None:
    lab = both_up()
    lab.system.set_mac(lab.now, "re0", mac(99))
    lab.set("timeout", "short")
    assert lab.sent[-2].frame[6:12] == mac(99)
    with pytest.raises(ValueError, match="re0"):
        lab.system.set_mac(lab.now, "re0", b"\2")


@settings(max_examples=60)
@given(st.lists(steps("detach", "detach"), max_size=25), DELAYS, DELAYS)
def test_any_history(
    history: list[tuple[str, str, float]], hold_delay: float | None, answer_delay: float | None
) -> None:
    """`MovingLab` checks every output; every planned detach ends in time."""
    lab = MovingLab(3, hold_delay=hold_delay, answer_delay=answer_delay)
    keep_on(lab, 3.0)
    begun: dict[str, float] = {}
    for event, port, pause in history:
        if port not in lab.partners:
            lab.add(int(port[2:]))
        elif event != "detach":
            EVENTS[event](lab, port)
        elif port not in lab.detaching:
            begun[port] = lab.now
            lab.detach(port)
        lab.run(pause)
    lab.run(LONGEST_OF_ALL)
    ends = dict(reversed([(port, at) for at, port in reversed(lab.left)]))
    for port, at in begun.items():
        assert port in ends
        assert ends[port] - at <= LONGEST_OF_ALL
    changes = [output for _, output in lab.log if isinstance(output, CollectingChanged | DistributingChanged)]
    assert changes or not lab.left
