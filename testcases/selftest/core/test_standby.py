"""Standby links, 43.6.1 and annex 43C: max-links and min-links."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agr.core.outputs import StateChanged
from testcases.selftest.core.lab import START, Lab, keep_on, mac
from testcases.selftest.core.pair import Pair

OTHER = bytes.fromhex("02bbbbbbbb01")
WE_DECIDE = {"system_priority": "1"}  # the partners of a Lab have 0x7000
THEY_DECIDE = {"system_priority": "0x8000"}


def active(lab: Lab) -> list[str]:
    return [port for port in lab.partners if lab.status(port)["selected"] == "SELECTED"]


def distributing(lab: Lab) -> list[str]:
    return [port for port, data in lab.data.items() if data == (True, True)]


def standby_lab(ports: int, **variables: str) -> Lab:
    """Settled; what is active distributes."""
    lab = Lab(ports, **variables)
    keep_on(lab, 4.0)
    assert distributing(lab) == active(lab)
    return lab


def have_priority(lab: Lab, **priorities: int) -> None:
    for port, priority in priorities.items():
        lab.partners[port].actor = replace(lab.partners[port].actor, port_priority=priority)


# Who decides: what we have, our ports' priorities, the partners' ports' priorities, who is active
DECIDED: dict[str, tuple[dict[str, str], dict[str, int], dict[str, int], list[str]]] = {
    "our numbers": (WE_DECIDE, {}, {}, ["re0", "re1"]),
    "our priorities": (WE_DECIDE, {"re2": 5, "re3": 4}, {"re0": 1}, ["re2", "re3"]),
    "our priority, then our numbers": (WE_DECIDE, {"re3": 4}, {"re1": 1, "re2": 1}, ["re0", "re3"]),
    "their numbers": (THEY_DECIDE, {"re3": 1}, {}, ["re0", "re1"]),
    "their priorities": (THEY_DECIDE, {"re0": 1, "re1": 1}, {"re2": 5, "re3": 4}, ["re2", "re3"]),
    "a lower identifier": (
        {"system_priority": "0x7000"},  # and 02:00:00:00:01:00 < 02:aa:aa:aa:aa:01
        {"re2": 5, "re3": 4},
        {"re0": 1},
        ["re2", "re3"],
    ),
    "a higher identifier": (
        {"system_priority": "0x7000", "system_id": "02:aa:aa:aa:aa:02"},
        {"re2": 5, "re3": 4},
        {"re0": 1},
        ["re0", "re1"],
    ),
}


@pytest.mark.parametrize("name", DECIDED)
def test_who_decides(name: str) -> None:
    variables, ours, theirs, expected = DECIDED[name]
    lab = Lab(0, max_links="2", **variables)
    for number in range(4):
        lab.add(number)
        lab.set("port-priority", str(ours.get(f"re{number}", 0x8000)), f"re{number}")
    have_priority(lab, **theirs)
    keep_on(lab, 4.0)
    assert active(lab) == distributing(lab) == expected


def test_the_partners_numbers_count_where_it_decides() -> None:
    lab = Lab(3, max_links="1", **THEY_DECIDE)
    for port, number in (("re0", 30), ("re1", 10), ("re2", 20)):
        lab.partners[port].actor = replace(lab.partners[port].actor, port=number)
    keep_on(lab, 4.0)
    assert distributing(lab) == ["re1"]


def test_a_standby_link_says_so_and_goes_on() -> None:
    lab = standby_lab(3, max_links="1", **WE_DECIDE)
    status = lab.status("re2")
    assert (status["selected"], status["mux_state"]) == ("STANDBY", "WAITING")
    since = lab.now
    keep_on(lab, 61.0)
    sent = lab.sent_since(since, "re2")
    assert len(sent) == 2
    for pdu in (s.pdu for s in sent):
        state = pdu.actor.state
        assert (state.Synchronization, state.Collecting, state.Distributing) == (False, False, False)
        assert state.Aggregation
    assert lab.data["re2"] == (False, False)
    assert lab.status("re2")["receive_state"] == "CURRENT"


@pytest.mark.parametrize("fails", ["carrier", "partner", "LACP", "removal"])
def test_a_failed_link_is_replaced_at_once(fails: str) -> None:
    lab = standby_lab(3, max_links="2", timeout="short", **WE_DECIDE)
    assert active(lab) == ["re0", "re1"]
    if fails == "carrier":
        lab.link("re0", False)
    elif fails == "LACP":
        lab.set("lacp", "off", "re0")
    elif fails == "removal":
        lab.remove("re0")
        del lab.partners["re0"]
    else:
        keep_on(lab, 3.5, partners=[lab.partners["re1"], lab.partners["re2"]])
        assert lab.status("re0")["receive_state"] == "EXPIRED"
    lab.partners["re1"].say()
    lab.partners["re2"].say()
    assert distributing(lab) == ["re1", "re2"]


def test_a_link_takes_over_in_one_step_where_LACP_ends_on_the_active_one() -> None:
    """It had waited: it attaches, and does not let go while the other is on its way to LACP_DISABLED."""
    lab = standby_lab(2, max_links="1", timeout="short", **WE_DECIDE)
    lab.run(4.0)
    assert [lab.status(port)["receive_state"] for port in lab.partners] == ["EXPIRED", "EXPIRED"]
    lab.log.clear()
    lab.set("lacp", "off", "re0")
    changes = [output for _, output in lab.log if isinstance(output, StateChanged)]
    assert [each.new for each in changes if (each.port, each.machine) == ("re1", "mux")] == ["ATTACHED"]


def test_a_standby_link_whose_wait_begins_again_disturbs_nobody() -> None:
    """Its partner changes, and would put it first: an active link stays so until the new wait is over."""
    lab = standby_lab(3, max_links="2", **THEY_DECIDE)
    have_priority(lab, re0=2, re1=1)
    keep_on(lab, 4.0)
    assert distributing(lab) == ["re0", "re1"]
    lab.log.clear()
    have_priority(lab, re2=0)
    lab.partners["re2"].say()
    changes = [output for _, output in lab.log if isinstance(output, StateChanged)]
    assert {each.port for each in changes} == {"re2"}


def test_an_unselected_link_without_carrier_holds_no_place() -> None:
    lab = standby_lab(2, max_links="1", **WE_DECIDE)
    lab.link("re0", False)
    lab.set("key", "7")
    keep_on(lab, 4.0, partners=[lab.partners["re1"]])
    assert distributing(lab) == ["re1"]
    lab.link("re1", False)
    states = [(lab.status(port)["selected"], lab.status(port)["mux_state"]) for port in ("re0", "re1")]
    assert states == [("UNSELECTED", "DETACHED"), ("SELECTED", "ATTACHED")]


def test_an_expired_link_goes_before_one_without_carrier() -> None:
    lab = standby_lab(2, max_links="1", timeout="short", **WE_DECIDE)
    lab.link("re0", False)
    lab.partners["re1"].keep_on(2.0)
    lab.run(4.0)
    assert lab.status("re1")["receive_state"] == "EXPIRED"
    assert active(lab) == ["re1"]


def test_a_better_link_takes_its_place_when_its_partner_is_heard() -> None:
    lab = standby_lab(2, max_links="1", **WE_DECIDE)
    lab.link("re0", False)
    keep_on(lab, 2.0, partners=[lab.partners["re1"]])
    assert distributing(lab) == ["re1"]
    lab.link("re0", True)
    assert active(lab) == ["re1"]
    lab.partners["re0"].say()
    lab.partners["re0"].say()
    assert distributing(lab) == active(lab) == ["re0"]


def test_a_better_link_waits_before_it_displaces_another() -> None:
    lab = standby_lab(1, max_links="1", **WE_DECIDE)
    lab.add(1)
    lab.set("port-priority", "1", "re1")
    came = lab.now
    while lab.now < came + 1.9:
        keep_on(lab, 0.1)
        assert distributing(lab) == ["re0"]
    keep_on(lab, 0.2)
    lab.partners["re1"].say()
    assert distributing(lab) == ["re1"]


def test_priorities_sort_anew_at_once() -> None:
    lab = standby_lab(3, max_links="1", **WE_DECIDE)
    lab.set("port-priority", "7", "re2")
    assert active(lab) == ["re2"]
    keep_on(lab, 1.0)
    assert distributing(lab) == ["re2"]
    lab.set("system-priority", "0xffff")
    keep_on(lab, 4.0)
    assert distributing(lab) == ["re0"]
    have_priority(lab, re1=1)
    keep_on(lab, 4.0)
    assert distributing(lab) == ["re1"]


def test_limits_can_change() -> None:
    lab = standby_lab(4, **WE_DECIDE)
    for limit, expected in (("3", 3), ("1", 1), ("2", 2), ("0", 4), ("9", 4)):
        lab.set("max-links", limit)
        keep_on(lab, 3.0)
        assert distributing(lab) == [f"re{number}" for number in range(expected)]


def test_a_standby_link_in_its_wait_delays_nobody() -> None:
    """Ready asks those that wait to attach; a later port that will stand by is none of them."""
    lab = Lab(2, max_links="1", **WE_DECIDE)
    lab.partners["re0"].say()
    lab.run(1.5)
    lab.partners["re1"].say()
    keep_on(lab, 3.0)
    attached = {
        output.port: at - START
        for at, output in lab.log
        if isinstance(output, StateChanged) and output.new == "ATTACHED"
    }
    assert attached == {"re0": 2.0}


def test_no_moment_with_more_than_the_limit() -> None:
    lab = standby_lab(4, max_links="2", **WE_DECIDE)
    lab.log.clear()
    lab.set("port-priority", "1", "re3")
    lab.set("port-priority", "2", "re2")
    keep_on(lab, 1.0)
    assert distributing(lab) == ["re2", "re3"]
    carrying = {"re0", "re1"}
    for _, output in lab.log:
        if isinstance(output, StateChanged) and output.machine == "mux":
            (carrying.add if output.new == "DISTRIBUTING" else carrying.discard)(output.port)
        assert len(carrying) <= 2


# min-links


def test_fewer_links_than_min_links_carry_nothing() -> None:
    lab = standby_lab(3, min_links="2")
    assert len(distributing(lab)) == 3
    lab.link("re0", False)
    assert distributing(lab) == ["re1", "re2"]
    lab.link("re1", False)
    assert distributing(lab) == []
    assert lab.status("re2")["selected"] == "STANDBY"
    assert "min-links 2" in lab.status("re2")["debug"]["MuxReason"]
    assert lab.system.status(lab.now)["aggregates"]["agr0"]["carrier"] is False
    lab.link("re0", True)
    keep_on(lab, 3.0, partners=[lab.partners["re0"], lab.partners["re2"]])
    assert distributing(lab) == ["re0", "re2"]


def test_min_links_may_ask_for_more_than_max_links_has_active() -> None:
    lab = standby_lab(3, min_links="2", max_links="1", **WE_DECIDE)
    assert distributing(lab) == ["re0"]
    lab.link("re2", False)
    lab.link("re0", False)
    keep_on(lab, 3.0, partners=[lab.partners["re1"]])
    assert distributing(lab) == []


def test_a_lag_of_enough_links_displaces_one_of_too_few() -> None:
    lab = Lab(4, min_links="2")
    for port in ("re2", "re3"):
        lab.partners[port].actor = replace(lab.partners[port].actor, system=OTHER)
    keep_on(lab, 4.0)
    assert distributing(lab) == ["re0", "re1"]
    lab.link("re0", False)
    keep_on(lab, 3.0, partners=[lab.partners[port] for port in ("re1", "re2", "re3")])
    assert distributing(lab) == ["re2", "re3"]


def test_it_displaces_that_one_though_a_link_of_its_own_has_expired() -> None:
    lab = Lab(4, min_links="2", timeout="short")
    for port in ("re2", "re3"):
        lab.partners[port].actor = replace(lab.partners[port].actor, system=OTHER)
    keep_on(lab, 4.0)
    keep_on(lab, 4.0, partners=[lab.partners[port] for port in ("re0", "re1", "re2")])
    assert lab.status("re3")["receive_state"] == "EXPIRED"
    lab.link("re0", False)
    assert lab.aggregate()["partner_system"] == OTHER.hex(":")


def test_a_link_that_has_waited_displaces_nobody_while_none_is_attached() -> None:
    lab = standby_lab(2, max_links="1", **WE_DECIDE)
    lab.run(0.1)
    have_priority(lab, re0=7)  # another partner: it begins anew
    lab.partners["re0"].say()
    assert active(lab) == ["re0"]
    assert lab.status("re0")["mux_state"] == "WAITING"


def test_who_waits_gives_way_to_nobody_where_the_attached_one_is_not_heard() -> None:
    lab = standby_lab(2, max_links="1", timeout="short", **WE_DECIDE)
    lab.set("port-priority", "0x9000", "re1")
    keep_on(lab, 4.0)
    keep_on(lab, 1.0, partners=[lab.partners["re1"]])
    lab.add(2)
    keep_on(lab, 1.5, partners=[lab.partners["re1"], lab.partners["re2"]])
    assert lab.status("re0")["receive_state"] == "EXPIRED"
    assert (active(lab), lab.status("re2")["mux_state"]) == (["re2"], "WAITING")


# Two Systems

priorities = st.lists(st.sampled_from([1, 2, 0x8000]), min_size=4, max_size=4)
limits = st.fixed_dictionaries({"max-links": st.integers(0, 5), "min-links": st.integers(1, 4)})


@settings(max_examples=120)
@given(
    limits=st.tuples(limits, limits),
    systems=st.tuples(st.sampled_from([1, 2]), st.sampled_from([1, 2])),
    ours=priorities,
    theirs=priorities,
    crossed=st.permutations(range(4)),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=6),
)
def test_both_ends_choose_alike(
    limits: tuple[dict[str, int], dict[str, int]],
    systems: tuple[int, int],
    ours: list[int],
    theirs: list[int],
    crossed: list[int],
    cuts: list[tuple[int, bool]],
) -> None:
    """However links come and go: what is active is the first links in the deciding System's order."""
    pair = Pair(0, {}, {})
    for side, port_priorities in enumerate((ours, theirs)):
        pair.set(side, "system-priority", str(systems[side]))
        for variable, value in limits[side].items():
            pair.set(side, variable, str(value))
        for number in range(4) if side == 0 else crossed:
            pair.systems[side].add_port(0.0, f"re{number}", mac(0x10 * side + number), "agr0")
            pair.set(side, "port-priority", str(port_priorities[number]), f"re{number}")
    up = {0, 1, 2, 3}
    for number in range(4):
        pair.link(number, True)
    for number, on in cuts:
        pair.run(1.0)
        pair.link(number, on)
        (up.add if on else up.discard)(number)
    pair.run(10.0)
    deciding = 0 if systems[0] <= systems[1] else 1
    said = pair.ports(deciding)
    order = sorted(up, key=lambda n: (said[f"re{n}"]["priority"], said[f"re{n}"]["number"]))
    expected = order
    for side, limit in enumerate(limits):
        most = limit["max-links"] or 4
        chosen = order[:most] if len(order) >= limit["min-links"] else []
        selected = {
            int(name[2:])
            for name, port in pair.ports(side).items()
            if port["selected"] == "SELECTED" and port["link"]
        }
        assert selected == set(chosen)
        assert len([p for p in pair.ports(side).values() if p["selected"] == "SELECTED"]) <= most
        expected = [number for number in expected if number in chosen]
    names = sorted(f"re{number}" for number in expected)
    assert pair.distributing() == (names, names)
