"""Every state and every event, and long histories: nothing raises, invariants hold, the port comes back.

What must hold at any time is checked by `Lab` at every output: bits imply one another and the data path, no
more than three LACPDUs in a second, no deadline in the past.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testcases.selftest.core.events import EVENTS, SITUATIONS, make_good, situation
from testcases.selftest.core.lab import Lab, keep_on

OWN_HALF = ("system_priority", "system", "oper_key")  # of a LAG ID


def comes_back(lab: Lab) -> None:
    """Ten seconds of a cooperative partner, and every port distributes: no timer was lost."""
    make_good(lab)
    keep_on(lab, 10.0)
    assert {port: lab.data[port] for port in lab.partners} == dict.fromkeys(lab.partners, (True, True))


def agrees(lab: Lab) -> None:
    """Status, data path and distributor tell one story, and the numbers of links are kept."""
    aggregates = lab.system.status(lab.now)["aggregates"]
    for name, aggregate in aggregates.items():
        ports = aggregate["ports"]
        for port, said in ports.items():
            assert (said["collecting"], said["distributing"]) == lab.data[port]
        distributing = tuple(sorted(port for port in ports if lab.data[port][1]))
        assert lab.system.distributor(name).ports == distributing
        assert aggregate["carrier"] == bool(distributing)
        assert len(distributing) <= 1 or not aggregate["individual"]
        selected = [port for port in ports.values() if port["selected"] == "SELECTED"]
        assert len(selected) <= (aggregate["max_links"] or len(ports))
        carriers = [port for port in ports.values() if port["selected"] != "UNSELECTED" and port["link"]]
        assert len(carriers) >= aggregate["min_links"] or not any(port["link"] for port in selected)
    own_halves = [tuple(said[key] for key in OWN_HALF) for said in aggregates.values() if said["ports"]]
    assert len(set(own_halves)) == len(own_halves), "two Aggregators with one LAG ID"


@pytest.mark.parametrize("name", SITUATIONS)
def test_situations_are_what_they_say(name: str) -> None:
    status = situation(name).status("re0")
    assert (status["receive_state"], status["mux_state"], status["periodic_state"]) == SITUATIONS[name][2]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_event_in_every_situation(name: str, event: str) -> None:
    lab = situation(name)
    EVENTS[event](lab, "re0")
    agrees(lab)
    comes_back(lab)


@pytest.mark.parametrize("name", SITUATIONS)
def test_removal_in_every_situation(name: str) -> None:
    lab = situation(name)
    lab.remove("re0")
    del lab.partners["re0"]
    assert lab.data["re0"] == (False, False)
    agrees(lab)
    lab.add(0)
    comes_back(lab)


steps = st.tuples(
    st.sampled_from(sorted(EVENTS)),
    st.sampled_from(["re0", "re1", "re2"]),
    st.sampled_from([0.0, 0.1, 0.7, 2.0]),
)


@settings(max_examples=150)
@given(st.lists(steps, max_size=25))
def test_any_history(history: list[tuple[str, str, float]]) -> None:
    lab = Lab(3)
    for event, port, pause in history:
        EVENTS[event](lab, port)
        lab.run(pause)
        agrees(lab)
    comes_back(lab)


@settings(max_examples=75)
@given(st.lists(steps, max_size=25))
def test_any_history_of_two_aggregates(history: list[tuple[str, str, float]]) -> None:
    """They begin as one System; a value that would make them alike is refused."""
    lab = Lab(2, system_id="02:00:00:00:0f:0f")
    lab.system.add_aggregator(lab.now, "agr1")
    for variable, value in (("key", "2"), ("system-id", "02:00:00:00:0f:0f")):
        lab.set(variable, value, aggregate="agr1")
    lab.add(2, aggregate="agr1")
    for event, port, pause in history:
        try:
            EVENTS[event](lab, port)
        except ValueError as refusal:
            assert "give it another key or system-id" in str(refusal)
        lab.run(pause)
        agrees(lab)
    comes_back(lab)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(sorted(EVENTS)), st.floats(0.0, 5.0)), max_size=15))
def test_a_late_host(history: list[tuple[str, float]]) -> None:
    """Time may jump over any number of deadlines."""
    lab = Lab(2)
    for event, late in history:
        EVENTS[event](lab, "re0")
        lab.now += late
        lab.system.advance(lab.now)
        lab.drain()
        agrees(lab)
    comes_back(lab)
