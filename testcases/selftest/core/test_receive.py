"""Receive machine, 43.4.12."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agr.core import receive
from agr.core.admin import AggregatorAdmin, PortAdmin
from agr.core.lacpdu import LACPDU, Information, PortState
from agr.core.states import ReceiveState, Selected
from agr.core.variables import Aggregator, Limits, Port
from testcases.selftest.core.lab import UP, Lab, mac, up_lab


def test_begins_expired_with_the_default_partner() -> None:
    lab = Lab()
    assert lab.status()["receive_state"] == "EXPIRED"
    lab.run(1.0)
    pdu = lab.sent[0].pdu
    assert (pdu.actor.state.Expired, pdu.actor.state.Defaulted) == (True, True)
    assert not pdu.actor.state.Synchronization
    assert pdu.partner.state == PortState(LACP_Timeout=True)
    assert (pdu.partner.system, pdu.partner.key, pdu.partner.port) == (bytes(6), 0, 0)
    assert (pdu.partner.system_priority, pdu.partner.port_priority) == (0, 0)


def test_without_carrier_port_is_disabled_and_silent() -> None:
    lab = Lab(up=False)
    lab.run(100.0)
    assert lab.status()["receive_state"] == "PORT_DISABLED"
    assert lab.sent == []


def test_expired_becomes_defaulted_after_3_s_exactly() -> None:
    lab = Lab()
    lab.run(2.999)
    assert lab.status()["receive_state"] == "EXPIRED"
    lab.run(0.001)
    assert lab.status()["receive_state"] == "DEFAULTED"
    assert (lab.state().Expired, lab.state().Defaulted) == (False, True)


@pytest.mark.parametrize(("timeout", "seconds"), [("short", 3.0), ("long", 90.0)])
def test_current_ends_after_the_own_timeout(timeout: str, seconds: float) -> None:
    lab = up_lab(timeout=timeout)
    lab.partners["re0"].say()
    heard = lab.now
    lab.run(seconds)
    assert lab.status()["receive_state"] == "EXPIRED"
    first = next(sent for sent in lab.sent_since(heard) if sent.pdu.actor.state.Expired)
    assert first.at == heard + seconds


@pytest.mark.parametrize("partner_short", [False, True])
def test_timeout_is_the_actors_not_the_partners(partner_short: bool) -> None:
    lab = up_lab(timeout="long")
    lab.partners["re0"].become(LACP_Timeout=partner_short)
    lab.run(89.0)
    assert lab.status()["receive_state"] == "CURRENT"
    lab.run(1.0)
    assert lab.status()["receive_state"] == "EXPIRED"


def test_timeout_is_taken_at_reception() -> None:
    lab = up_lab(timeout="long")
    lab.partners["re0"].say()
    lab.set("timeout", "short")
    lab.run(89.0)
    assert lab.status()["receive_state"] == "CURRENT"


def test_expiry_then_default_of_a_bundled_port() -> None:
    lab = up_lab(timeout="short")
    partner = lab.partners["re0"]
    partner.say()
    identity = {key: value for key, value in lab.status()["partner"].items() if key != "state"}
    lab.run(3.0)
    assert lab.state().Expired
    assert lab.partner_state().LACP_Timeout
    assert not lab.partner_state().Synchronization
    assert lab.status()["selected"] == "SELECTED"
    assert {key: value for key, value in lab.status()["partner"].items() if key != "state"} == identity
    lab.run(3.0)
    assert lab.status()["receive_state"] == "DEFAULTED"
    assert lab.status()["selected"] == "UNSELECTED"
    last = lab.sent[-1].pdu
    assert (last.actor.state.Defaulted, last.actor.state.Synchronization) == (True, False)
    assert last.partner.system == bytes(6)


def test_a_pdu_ends_expired_without_a_wait() -> None:
    lab = up_lab(timeout="short")
    partner = lab.partners["re0"]
    partner.say()
    silent_from = lab.now
    lab.run(5.0)
    assert lab.state().Expired
    partner.say()
    assert lab.data["re0"] == (True, True)
    assert not lab.state().Expired
    assert all(sent.pdu.actor.state.Synchronization for sent in lab.sent_since(silent_from))


def test_a_pdu_ends_defaulted_and_is_answered() -> None:
    lab = Lab()
    partner = lab.partners["re0"]
    partner.keep_on(1.0)
    lab.run(100.0)
    assert lab.status()["receive_state"] == "DEFAULTED"
    partner.say(partner=replace(partner.echo(), system=bytes(6), key=0, port=0, state=PortState()))
    sent = lab.sent[-1]
    assert sent.at == lab.now
    assert not sent.pdu.actor.state.Defaulted
    assert sent.pdu.partner == replace(partner.actor, state=replace(UP, Synchronization=False))


def test_partner_tlv_echoes_every_field_and_bit() -> None:
    lab = up_lab()
    partner = lab.partners["re0"]
    for octet in range(256):
        partner.actor = replace(partner.actor, state=replace(PortState.from_octet(octet), Aggregation=True))
        partner.say()
        lab.run(0.05)  # no more than agr heeds of one port in a second
        echoed = lab.partner_state()
        assert replace(echoed, Synchronization=False) == replace(partner.actor.state, Synchronization=False)
    lab.run(2.0)
    information = lab.sent[-1].pdu.partner
    assert replace(information, state=partner.actor.state) == partner.actor


# update_Default_Selected and LACP_DISABLED: that a defaulted port is not selected hides them from outside


def selected_port() -> Port:
    aggregator = Aggregator("agr0", AggregatorAdmin(), lambda output: None)
    port = Port("re0", mac(0), 1, aggregator, PortAdmin(), Limits(), aggregator.emit)
    port.Selected = Selected.SELECTED
    return port


def test_defaults_unselect_only_where_they_differ() -> None:
    port = selected_port()
    receive.update_Default_Selected(port)
    assert port.Selected is Selected.SELECTED
    port.Partner_Oper_Port_Priority = 1
    receive.RECEIVE.enter(port, 0.0, ReceiveState.DEFAULTED)
    assert port.Selected is Selected.UNSELECTED
    assert port.Actor_Oper_Port_State.Defaulted


SAME = Information(1, bytes.fromhex("02aaaaaaaa01"), 2, 3, 4, UP)
NOT_COMPARED = ("LACP_Activity", "LACP_Timeout", "Synchronization", "Collecting", "Distributing", "Expired")


def selected_after(pdu_actor: Information) -> Selected:
    """update_Selected alone, for a port that was selected for SAME."""
    port = selected_port()
    port.set_partner(SAME)
    receive.update_Selected(port, LACPDU(pdu_actor, port.actor_information(), 0))
    return port.Selected


@pytest.mark.parametrize(
    "change",
    [
        {"system_priority": 9},
        {"system": bytes.fromhex("02aaaaaaaa02")},
        {"key": 9},
        {"port_priority": 9},
        {"port": 9},
        {"state": replace(UP, Aggregation=False)},
    ],
)
def test_update_selected_compares_the_partners_identity(change: dict[str, object]) -> None:
    """Selection would find the other LAG by itself; the function must not leave it to that."""
    assert selected_after(replace(SAME, **change)) is Selected.UNSELECTED


@pytest.mark.parametrize("flag", NOT_COMPARED)
def test_update_selected_compares_nothing_else(flag: str) -> None:
    state = replace(UP, **{flag: not getattr(UP, flag)})
    assert selected_after(replace(SAME, state=state)) is Selected.SELECTED


def test_lacp_disabled_unselects() -> None:
    port = selected_port()
    receive.RECEIVE.enter(port, 0.0, ReceiveState.LACP_DISABLED)
    assert port.Selected is Selected.UNSELECTED


# PORT_DISABLED, LACP_DISABLED, port_moved


def test_carrier_loss_ends_sync_and_keeps_the_identity() -> None:
    lab = up_lab()
    before = lab.status()["partner"]
    lab.link("re0", False)
    assert lab.data["re0"] == (False, False)
    assert not lab.partner_state().Synchronization
    lab.run(120.0)
    assert {**lab.status()["partner"], "state": before["state"]} == before
    lab.link("re0", True)
    assert lab.status()["selected"] == "SELECTED"
    lab.partners["re0"].say()
    assert lab.data["re0"] == (True, True)


def test_after_carrier_loss_a_silent_partner_gets_no_data() -> None:
    lab = up_lab()
    lab.link("re0", False)
    lab.run(1.0)
    raised = lab.now
    lab.link("re0", True)
    lab.run(2.75)
    assert lab.data["re0"] == (False, False)
    said = [sent.pdu.actor.state for sent in lab.sent_since(raised)]
    assert said
    assert all(state.Expired and not state.Collecting for state in said)


def test_nothing_is_recorded_without_carrier() -> None:
    lab = Lab(up=False)
    lab.partners["re0"].say()
    lab.link("re0", True)
    assert lab.status()["receive_state"] == "EXPIRED"
    assert lab.status()["partner"]["key"] == 0


@pytest.mark.parametrize("way", ["half duplex", "lacp off"])
def test_lacp_disabled(way: str) -> None:
    lab = up_lab()
    if way == "half duplex":
        lab.link("re0", True, full_duplex=False)
    else:
        lab.set("lacp", "off", "re0")
    off = lab.now
    assert lab.status()["receive_state"] == "LACP_DISABLED"
    lab.partners["re0"].keep_on(35.0)
    assert lab.data["re0"] == (False, False)
    assert [sent.at for sent in lab.sent_since(off) if sent.at > off] == []
    assert lab.status()["partner"]["key"] == 0
    assert not lab.partner_state().Aggregation
    if way == "half duplex":
        lab.link("re0", True)
    else:
        lab.set("lacp", "on", "re0")
    assert lab.status()["receive_state"] == "EXPIRED"
    lab.partners["re0"].keep_on(4.0)
    assert lab.data["re0"] == (True, True)


def test_lacp_off_sends_a_last_lacpdu() -> None:
    lab = up_lab()
    lab.run(2.0)
    lab.set("lacp", "off", "re0")
    (last,) = lab.sent_since(lab.now)
    state = last.pdu.actor.state
    assert (state.Synchronization, state.Collecting, state.Distributing) == (False, False, False)


def test_port_moved() -> None:
    """The partner of the disabled re0 is heard on re1: re0 forgets it."""
    lab = up_lab(2)
    lab.link("re0", False)
    lab.partners["re1"].say(lab.partners["re0"].actor)
    assert lab.status("re0")["selected"] == "UNSELECTED"
    assert lab.status("re0")["partner"]["key"] == 0
    lab.link("re0", True)
    raised = lab.now
    lab.run(1.0)
    state = lab.sent_since(raised)[0].pdu.actor.state
    assert (state.Defaulted, state.Expired, state.Synchronization) == (True, True, False)


def test_another_partner_elsewhere_moves_nothing() -> None:
    lab = up_lab(2)
    lab.link("re0", False)
    lab.partners["re1"].say()
    assert lab.status("re0")["partner"]["port"] == lab.partners["re0"].actor.port
