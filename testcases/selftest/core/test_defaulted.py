"""What a port without a LACP partner does: nothing, or it serves the aggregate alone."""

from __future__ import annotations

import pytest

from testcases.selftest.core.lab import Lab, keep_on, up_lab

IN_SYNC_NOBODY = 0b00111000  # Synchronization, Collecting, Distributing; not aggregatable


def distributing(lab: Lab) -> list[str]:
    return [port for port, data in lab.data.items() if data == (True, True)]


def individual_lab(ports: int = 2, **variables: str) -> Lab:
    """Nobody was ever heard, and re0 serves agr0."""
    lab = Lab(ports, defaulted="individual", **variables)
    lab.run(5.0)
    assert distributing(lab) == ["re0"]
    return lab


def test_down_is_the_default() -> None:
    lab = Lab(2)
    lab.run(100.0)
    assert distributing(lab) == []
    assert {lab.status(port)["selected"] for port in lab.partners} == {"UNSELECTED"}


@pytest.mark.parametrize("control", ["independent", "coupled"])
def test_the_lowest_number_serves_alone(control: str) -> None:
    """3 s until DEFAULTED, then Aggregate_Wait_Time."""
    lab = Lab(3, defaulted="individual", control=control)
    lab.run(4.999)
    assert distributing(lab) == []
    lab.run(0.001)
    assert distributing(lab) == ["re0"]
    assert lab.status("re1")["selected"] == lab.status("re2")["selected"] == "UNSELECTED"
    assert lab.system.status(lab.now)["aggregates"]["agr0"]["individual"] is True


def test_lacp_goes_on_and_tells_the_defaults() -> None:
    lab = individual_lab()
    since = lab.now + 0.001
    lab.run(61.0)
    assert len(lab.sent_since(since)) == 2
    partner = lab.sent[-1].pdu.partner
    assert (partner.system, partner.key, partner.port) == (bytes(6), 0, 0)
    assert partner.state.octet() == IN_SYNC_NOBODY
    assert lab.state().Defaulted


def test_another_port_takes_over_and_keeps() -> None:
    lab = individual_lab()
    lab.link("re0", False)
    assert distributing(lab) == []
    lab.run(2.0)
    assert distributing(lab) == ["re1"]
    lab.link("re0", True)
    lab.run(20.0)
    assert distributing(lab) == ["re1"]


@pytest.mark.parametrize("port", ["re0", "re1"])
def test_a_partner_takes_over(port: str) -> None:
    lab = individual_lab()
    lab.partners[port].say()
    assert distributing(lab) == []
    assert lab.status(port)["selected"] == "SELECTED"
    lab.partners[port].keep_on(3.0)
    assert distributing(lab) == [port]
    assert lab.partner_state(port).Aggregation


def test_a_partner_that_falls_silent_is_replaced() -> None:
    lab = individual_lab(timeout="short")
    lab.partners["re1"].keep_on(4.0)
    assert distributing(lab) == ["re1"]
    lab.run(4.0)
    assert lab.status("re1")["receive_state"] == "EXPIRED"
    assert lab.status("re0")["selected"] == "UNSELECTED"
    lab.run(6.0)
    assert distributing(lab) == ["re0"]


def test_a_link_that_remembers_a_partner_displaces_nobody() -> None:
    lab = individual_lab()
    lab.partners["re1"].keep_on(4.0)
    lab.link("re1", False)
    lab.run(5.0)
    assert distributing(lab) == ["re0"]
    lab.link("re1", True)
    for _ in range(10):
        assert distributing(lab) == ["re0"]
        lab.run(1.0)


def test_half_duplex_and_lacp_off_are_no_partner_either() -> None:
    lab = Lab(1, defaulted="individual")
    lab.link("re0", True, full_duplex=False)
    lab.run(2.0)
    assert distributing(lab) == ["re0"]
    lab.link("re0", True)
    lab.set("lacp", "off", "re0")
    lab.run(2.0)
    assert distributing(lab) == ["re0"]


MANUAL = {"partner-system": "02:00:00:00:0b:01", "partner-key": "7", "partner-state": "0x3c"}


def test_a_lag_made_by_hand() -> None:
    """43.4.7: ports with one administrative partner aggregate though none is heard; another one's waits."""
    lab = Lab(3)
    for port in ("re0", "re1", "re2"):
        for variable, value in MANUAL.items():
            lab.set(variable, "9" if (port, variable) == ("re2", "partner-key") else value, port)
    lab.run(10.0)
    assert distributing(lab) == ["re0", "re1"]
    assert lab.status("re0")["partner"] == lab.status("re0")["partner_admin"]
    assert lab.status("re0")["partner_admin_set"]
    assert lab.aggregate()["partner_system"] == MANUAL["partner-system"]
    assert lab.sent[-1].pdu.actor.state.Defaulted
    lab.set("partner-state", "auto", "re1")
    lab.run(10.0)
    assert distributing(lab) == ["re0"]


def test_a_partner_that_is_heard_goes_before_one_that_is_set() -> None:
    lab = Lab(2)
    for variable, value in MANUAL.items():
        lab.set(variable, value, "re0")
    lab.run(10.0)
    assert distributing(lab) == ["re0"]
    lab.set("port-priority", "5", "re1")
    assert not lab.status("re1")["partner_admin_set"]
    lab.partners["re1"].keep_on(4.0)
    assert distributing(lab) == ["re1"]
    lab.partners["re0"].say()
    assert lab.status("re0")["partner"]["system"] != MANUAL["partner-system"]


def test_a_partner_that_is_set_and_not_in_sync_carries_nothing() -> None:
    lab = Lab(1)
    lab.set("partner-key", "7", "re0")
    lab.set("partner-state", "0x34", "re0")
    lab.run(10.0)
    assert distributing(lab) == []
    assert lab.status()["partner"]["key"] == 7


def test_the_policy_can_change() -> None:
    lab = Lab(2)
    lab.run(10.0)
    lab.set("defaulted", "individual")
    lab.run(5.0)
    assert distributing(lab) == ["re0"]
    lab.set("defaulted", "down")
    assert distributing(lab) == []
    lab.run(100.0)
    assert distributing(lab) == []
    assert lab.partner_state().octet() == 0


def test_the_policy_is_nothing_to_ports_with_partners() -> None:
    lab = up_lab(2)
    lab.set("defaulted", "individual")
    assert distributing(lab) == ["re0", "re1"]
    keep_on(lab, 4.0)
    assert distributing(lab) == ["re0", "re1"]


def test_min_links_holds() -> None:
    lab = Lab(2, defaulted="individual", min_links="2")
    lab.run(10.0)
    assert distributing(lab) == []
