"""link1: static aggregation, without LACP."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agr.core.lacpdu import PortState
from agr.core.outputs import StateChanged
from testcases.selftest.core.lab import START, Lab, keep_on, up_lab
from testcases.selftest.core.samples import MARKER_FRAME, MARKER_RESPONSE_FRAME


def distributing(lab: Lab) -> list[str]:
    return [port for port, data in lab.data.items() if data == (True, True)]


def static_lab(ports: int = 3, **variables: str) -> Lab:
    lab = Lab(ports, link1="on", **variables)
    lab.run(2.0)
    return lab


@pytest.mark.parametrize("control", ["independent", "coupled"])
def test_every_port_distributes_after_aggregate_wait_time(control: str) -> None:
    lab = Lab(3, link1="on", control=control)
    lab.run(1.999)
    assert distributing(lab) == []
    lab.run(0.001)
    assert distributing(lab) == ["re0", "re1", "re2"]
    lab.run(200.0)
    assert distributing(lab) == ["re0", "re1", "re2"]
    assert lab.frames == []


def test_a_port_is_selected_once() -> None:
    lab = Lab(1)
    lab.set("link1", "on")
    lab.run(2.0)
    selections = [
        out.new for _, out in lab.log if isinstance(out, StateChanged) and out.machine == "selected"
    ]
    assert selections == ["SELECTED"]


def test_lacpdus_are_counted_and_nothing_else() -> None:
    lab = static_lab(2)
    before = lab.status()
    lab.partners["re0"].say()
    lab.partners["re0"].become(Aggregation=False, Synchronization=False)
    after = lab.status()
    assert after["counters"].pop("LACPDUsRx") == 2
    assert before["counters"].pop("LACPDUsRx") == 0
    assert after["debug"].pop("LastRxTime") == lab.now
    del before["debug"]["LastRxTime"]
    assert after == before
    assert distributing(lab) == ["re0", "re1"]
    assert lab.sent == []


def test_markers_are_answered() -> None:
    lab = static_lab(1)
    lab.receive("re0", MARKER_FRAME)
    assert [frame for _, _, frame in lab.frames] == [MARKER_RESPONSE_FRAME]


def test_only_ports_that_can_aggregate_take_part() -> None:
    lab = Lab(5, link1="on")
    for port in ("re0", "re1", "re4"):
        lab.link(port, True, speed_mbps=1000)
    lab.link("re2", True, speed_mbps=100)
    lab.link("re3", True, speed_mbps=1000, full_duplex=False)
    lab.set("individual", "on", "re4")
    lab.run(5.0)
    assert distributing(lab) == ["re0", "re1"]
    assert lab.status("re3")["debug"]["MuxReason"] == "half duplex: the link cannot be aggregated"


def test_lacp_of_a_port_is_no_matter() -> None:
    lab = static_lab(2)
    lab.set("lacp", "off", "re0")
    assert distributing(lab) == ["re0", "re1"]


def test_carrier() -> None:
    lab = static_lab(2)
    lab.link("re0", False)
    assert lab.data["re0"] == (False, False)
    assert distributing(lab) == ["re1"]
    lab.link("re0", True)
    assert distributing(lab) == ["re1"]
    lab.run(2.0)
    assert distributing(lab) == ["re0", "re1"]


def test_lacp_sends_a_last_lacpdu_and_is_silent() -> None:
    lab = up_lab(2)
    lab.run(2.0)
    changed = lab.now
    lab.set("link1", "on")
    last_ones = [sent for sent in lab.sent if sent.at >= changed]
    assert {sent.port for sent in last_ones} == {"re0", "re1"}
    for sent in last_ones:
        state = sent.pdu.actor.state
        assert (state.Synchronization, state.Collecting, state.Distributing) == (False, False, False)
    assert distributing(lab) == []
    lab.run(0.001)
    keep_on(lab, 100.0)
    assert [sent for sent in lab.sent if sent.at > changed] == []
    assert distributing(lab) == ["re0", "re1"]


def test_lacp_begins_anew_when_it_is_let() -> None:
    lab = static_lab(2)
    lab.set("link1", "off")
    assert distributing(lab) == []
    status = lab.status()
    assert (status["receive_state"], status["selected"], status["mux_state"]) == (
        "EXPIRED",
        "UNSELECTED",
        "DETACHED",
    )
    assert lab.sent[0].at == START + 2.0
    assert lab.sent[0].pdu.partner.state == PortState(LACP_Timeout=True)
    lab.run(10.0)
    assert distributing(lab) == []
    assert lab.partner_state().octet() == 0
    keep_on(lab, 4.0)
    assert distributing(lab) == ["re0", "re1"]


def test_the_partner_is_believed_to_agree() -> None:
    lab = static_lab(1)
    state = lab.partner_state()
    assert replace(state, Synchronization=True) == state
    assert state.octet() == 0b00111100
    lab.run(100.0)
    assert lab.status()["debug"]["ActorChurnCount"] == lab.status()["debug"]["PartnerChurnCount"] == 0


def test_limits_hold_without_a_partner() -> None:
    lab = static_lab(3, max_links="2")
    assert distributing(lab) == ["re0", "re1"]
    lab.set("port-priority", "1", "re2")
    assert distributing(lab) == ["re0", "re2"]
    lab.set("min-links", "3")
    assert distributing(lab) == ["re0", "re2"]
    lab.link("re1", False)
    assert distributing(lab) == []
