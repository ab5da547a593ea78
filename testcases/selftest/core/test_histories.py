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


def comes_back(lab: Lab) -> None:
    """Ten seconds of a cooperative partner, and every port distributes: no timer was lost."""
    make_good(lab)
    keep_on(lab, 10.0)
    assert {port: lab.data[port] for port in lab.partners} == dict.fromkeys(lab.partners, (True, True))


def agrees(lab: Lab) -> None:
    """Status, data path and distributor tell one story, and the numbers of links are kept."""
    aggregate = lab.system.status(lab.now)["aggregates"]["agr0"]
    ports = aggregate["ports"]
    for port in lab.partners:
        assert (ports[port]["collecting"], ports[port]["distributing"]) == lab.data[port]
    selected = [port for port in ports.values() if port["selected"] == "SELECTED"]
    assert len(selected) <= (aggregate["max_links"] or len(ports))
    carriers = [port for port in ports.values() if port["selected"] != "UNSELECTED" and port["link"]]
    assert len(carriers) >= aggregate["min_links"] or not any(port["link"] for port in selected)
    assert aggregate["carrier"] == any(on for _, on in lab.data.values())
    if aggregate["individual"]:
        assert sum(on for _, on in lab.data.values()) <= 1
    distributing = tuple(sorted(port for port, (_, on) in lab.data.items() if on))
    assert lab.system.distributor("agr0").ports == distributing


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


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=25))
def test_any_history(history: list[tuple[str, str, float]]) -> None:
    lab = Lab(3)
    for event, port, pause in history:
        EVENTS[event](lab, port)
        lab.run(pause)
        agrees(lab)
    comes_back(lab)


@settings(max_examples=50, deadline=None)
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
