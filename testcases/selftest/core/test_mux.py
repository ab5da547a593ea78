"""Mux machine, 43.4.15."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agr.core import lacpdu
from agr.core.lacpdu import LACPDU
from agr.core.outputs import StateChanged
from testcases.selftest.core.lab import ACTIVE, START, UP, Lab, keep_on, mac, up_lab


def walked(lab: Lab, port: str = "re0") -> list[tuple[float, str]]:
    """States that the port's Mux machine entered, and when."""
    return [
        (at - START, output.new)
        for at, output in lab.log
        if isinstance(output, StateChanged) and output.port == port and output.machine == "mux"
    ]


def flags(lab: Lab) -> tuple[bool, bool, bool]:
    state = lab.state()
    return state.Synchronization, state.Collecting, state.Distributing


def walk(lab: Lab, **bits: bool) -> None:
    """Let the partner say these bits, then one second pass."""
    lab.partners["re0"].become(**bits)
    lab.run(1.0)


def out_of_sync_lab(**variables: str) -> Lab:
    lab = Lab(**variables)
    lab.partners["re0"].actor = replace(lab.partners["re0"].actor, state=ACTIVE)
    keep_on(lab, 4.0)
    return lab


def test_wait_of_2_s_exactly() -> None:
    lab = Lab()
    keep_on(lab, 4.0, every=0.4)
    assert walked(lab) == [(0.0, "WAITING"), (2.0, "ATTACHED"), (2.0, "COLLECTING"), (2.0, "DISTRIBUTING")]
    assert all(sent.at >= START + 2.0 for sent in lab.sent if sent.pdu.actor.state.Synchronization)


def test_a_later_port_delays_the_first() -> None:
    """Ready needs Ready_N of all waiting ports."""
    lab = Lab(2)
    lab.partners["re0"].say()
    lab.run(1.0)
    lab.partners["re1"].say()
    keep_on(lab, 3.0)
    assert walked(lab, "re0")[:2] == [(0.0, "WAITING"), (3.0, "ATTACHED")]
    assert walked(lab, "re1")[:2] == [(1.0, "WAITING"), (3.0, "ATTACHED")]


def test_unselect_in_the_wait_begins_it_again() -> None:
    lab = Lab()
    partner = lab.partners["re0"]
    partner.say()
    lab.run(1.5)
    partner.actor = replace(partner.actor, key=9)
    partner.keep_on(3.0)
    assert walked(lab)[:4] == [(0.0, "WAITING"), (1.5, "DETACHED"), (1.5, "WAITING"), (3.5, "ATTACHED")]


def test_a_waiting_port_disturbs_no_attached_one() -> None:
    lab = up_lab(3)
    begin = lab.now
    for turn in range(20):
        lab.link("re2", turn % 2 == 1)
        keep_on(lab, 1.0)
    for port in ("re0", "re1"):
        assert lab.data[port] == (True, True)
        assert [at for at, _ in walked(lab, port) if at > begin - START] == []


def test_independent_control_walks_by_the_partners_bits() -> None:
    lab = out_of_sync_lab()
    assert (lab.status()["mux_state"], flags(lab)) == ("ATTACHED", (True, False, False))
    walk(lab, Synchronization=True)
    assert (lab.status()["mux_state"], flags(lab)) == ("COLLECTING", (True, True, False))
    assert lab.data["re0"] == (True, False)
    walk(lab, Collecting=True)
    assert (lab.status()["mux_state"], flags(lab)) == ("DISTRIBUTING", (True, True, True))
    assert lab.data["re0"] == (True, True)
    walk(lab, Collecting=False)
    assert (lab.status()["mux_state"], flags(lab)) == ("COLLECTING", (True, True, False))
    walk(lab, Synchronization=False)
    assert (lab.status()["mux_state"], flags(lab)) == ("ATTACHED", (True, False, False))
    assert lab.data["re0"] == (False, False)


def test_coupled_control_ignores_the_partners_collecting() -> None:
    lab = out_of_sync_lab(control="coupled")
    assert (lab.status()["mux_state"], flags(lab)) == ("ATTACHED", (True, False, False))
    walk(lab, Synchronization=True)
    assert lab.status()["mux_state"] == "COLLECTING_DISTRIBUTING"
    walk(lab, Collecting=True)
    walk(lab, Collecting=False)
    assert (lab.status()["mux_state"], flags(lab)) == ("COLLECTING_DISTRIBUTING", (True, True, True))
    walk(lab, Synchronization=False)
    assert (lab.status()["mux_state"], flags(lab)) == ("ATTACHED", (True, False, False))
    assert all(s.pdu.actor.state.Collecting == s.pdu.actor.state.Distributing for s in lab.sent)


@pytest.mark.parametrize(
    ("bits", "state"),
    [
        ({"Synchronization": True}, "COLLECTING"),
        ({"Synchronization": False}, "ATTACHED"),
        ({"Aggregation": False}, "WAITING"),
    ],
)
def test_entries_that_need_to_transmit(bits: dict[str, bool], state: str) -> None:
    """DETACHED, ATTACHED and COLLECTING tell the partner at once."""
    lab = out_of_sync_lab()
    if "Synchronization" in bits and not bits["Synchronization"]:
        walk(lab, Synchronization=True)
    lab.run(2.0)
    entered = lab.now
    lab.partners["re0"].become(**bits)
    assert lab.status()["mux_state"] == state
    assert [s.at for s in lab.sent_since(entered)] == [entered]


def test_entering_distributing_sends_nothing() -> None:
    lab = out_of_sync_lab()
    walk(lab, Synchronization=True)
    lab.run(2.0)
    entered = lab.now
    lab.partners["re0"].become(Collecting=True)
    assert lab.data["re0"] == (True, True)
    assert lab.sent_since(entered) == []


def test_sync_comes_back_without_a_wait() -> None:
    lab = up_lab()
    walk(lab, Synchronization=False)
    lab.partners["re0"].become(Synchronization=True)
    assert lab.data["re0"] == (True, True)


def test_the_data_path_is_told_before_the_partner() -> None:
    lab = up_lab()
    order: list[str] = []
    for sync in (False, True):
        lab.run(2.0)
        partner = lab.partners["re0"]
        pdu = LACPDU(replace(partner.actor, state=replace(UP, Synchronization=sync)), partner.echo(), 0)
        lab.system.receive(lab.now, "re0", lacpdu.encode(pdu, source=mac(0)))
        outputs = [output for output in lab.system.take() if not isinstance(output, StateChanged)]
        order += [type(output).__name__ for output in outputs]
    assert order == [
        "DistributingChanged",
        "CollectingChanged",
        "Hold",
        "Transmit",
        "CollectingChanged",
        "DistributingChanged",
        "Assign",
        "Transmit",
    ]


@pytest.mark.parametrize(("first", "then"), [("independent", "coupled"), ("coupled", "independent")])
def test_change_of_control_keeps_the_port_attached(first: str, then: str) -> None:
    lab = up_lab(control=first)
    lab.set("control", then)
    expected = "COLLECTING_DISTRIBUTING" if then == "coupled" else "DISTRIBUTING"
    assert lab.status()["mux_state"] == expected
    assert lab.data["re0"] == (True, True)
    assert "DETACHED" not in [state for _, state in walked(lab)]
