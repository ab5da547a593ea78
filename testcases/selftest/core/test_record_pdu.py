"""What one received LACPDU does, 43.4.9: recordPDU, update_NTT, update_Selected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from testcases.selftest.core.lab import ACTIVE, UP, Lab, up_lab

OTHER = bytes.fromhex("02bbbbbbbb01")
WRONG_ECHO = [("system_priority", 1), ("system", OTHER), ("key", 99), ("port_priority", 7), ("port", 77)]


# recordPDU: Synchronization


def attached_lab() -> Lab:
    """re0 is ATTACHED: its partner is not in sync."""
    lab = Lab()
    lab.partners["re0"].actor = replace(lab.partners["re0"].actor, state=ACTIVE)
    lab.partners["re0"].keep_on(4.0)
    assert lab.status()["mux_state"] == "ATTACHED"
    return lab


@pytest.mark.parametrize(("field", "value"), WRONG_ECHO)
def test_no_sync_while_the_partner_knows_us_wrong(field: str, value: object) -> None:
    lab = attached_lab()
    partner = lab.partners["re0"]
    partner.actor = replace(partner.actor, state=UP)
    partner.say(partner=replace(partner.echo(), **{field: value}))
    assert not lab.partner_state().Synchronization
    partner.say()
    assert lab.partner_state().Synchronization
    assert lab.data["re0"] == (True, True)


def test_no_sync_while_the_partner_takes_us_for_individual() -> None:
    lab = attached_lab()
    partner = lab.partners["re0"]
    partner.actor = replace(partner.actor, state=UP)
    echo = partner.echo()
    partner.say(partner=replace(echo, state=replace(echo.state, Aggregation=False)))
    assert not lab.partner_state().Synchronization


def test_individual_partner_needs_no_echo() -> None:
    lab = Lab()
    partner = lab.partners["re0"]
    partner.actor = replace(partner.actor, state=replace(UP, Aggregation=False))
    for _ in range(4):
        partner.say(partner=replace(partner.echo(), system=OTHER))
        lab.run(1.0)
    assert lab.data["re0"] == (True, True)


@pytest.mark.parametrize(
    ("own", "partners", "known", "maintained"),
    [
        ("active", True, False, True),
        ("active", False, True, True),
        ("active", False, False, False),
        ("passive", True, False, True),
        ("passive", False, True, False),
        ("passive", False, False, False),
    ],
)
def test_sync_needs_a_maintained_link(own: str, partners: bool, known: bool, maintained: bool) -> None:
    lab = attached_lab()
    lab.set("activity", own)
    partner = lab.partners["re0"]
    echo = partner.echo()
    partner.say(
        replace(partner.actor, state=replace(UP, LACP_Activity=partners)),
        replace(echo, state=replace(echo.state, LACP_Activity=known)),
    )
    assert lab.partner_state().Synchronization is maintained


# update_NTT


def quiet_lab() -> Lab:
    """re0 is up, its next periodic PDU is far away."""
    lab = up_lab()
    lab.run(3.0)
    assert lab.status()["periodic_state"] == "SLOW_PERIODIC"
    return lab


@pytest.mark.parametrize(("field", "value"), WRONG_ECHO)
def test_wrong_echo_is_answered_at_once(field: str, value: object) -> None:
    lab = quiet_lab()
    partner = lab.partners["re0"]
    partner.say(partner=replace(partner.echo(), **{field: value}))
    assert [sent.at for sent in lab.sent_since(lab.now)] == [lab.now]


@pytest.mark.parametrize("bit", ["LACP_Activity", "LACP_Timeout", "Synchronization", "Aggregation"])
def test_wrong_echo_of_these_bits_is_answered(bit: str) -> None:
    lab = quiet_lab()
    partner = lab.partners["re0"]
    echo = partner.echo()
    wrong = replace(echo.state, **{bit: not getattr(echo.state, bit)})
    partner.say(partner=replace(echo, state=wrong))
    assert len(lab.sent_since(lab.now)) >= 1


@pytest.mark.parametrize("bit", ["Collecting", "Distributing", "Defaulted", "Expired"])
def test_wrong_echo_of_these_bits_is_not(bit: str) -> None:
    lab = quiet_lab()
    partner = lab.partners["re0"]
    echo = partner.echo()
    wrong = replace(echo.state, **{bit: not getattr(echo.state, bit)})
    partner.say(partner=replace(echo, state=wrong))
    assert lab.sent_since(lab.now) == []


def test_right_echo_is_not_answered() -> None:
    lab = quiet_lab()
    begin = lab.now
    lab.partners["re0"].keep_on(20.0)
    assert lab.sent_since(begin) == []


# update_Selected


@pytest.mark.parametrize(
    ("field", "value"),
    [("system_priority", 1), ("system", OTHER), ("key", 99), ("port_priority", 7), ("port", 77)],
)
def test_another_partner_unselects(field: str, value: object) -> None:
    lab = quiet_lab()
    partner = lab.partners["re0"]
    partner.actor = replace(partner.actor, **{field: value})
    changed = lab.now
    partner.say()
    assert lab.data["re0"] == (False, False)
    assert not lab.sent_since(changed)[0].pdu.actor.state.Synchronization
    partner.keep_on(1.9)
    assert not lab.state().Synchronization
    partner.keep_on(1.0)
    assert lab.data["re0"] == (True, True)


def test_change_of_aggregation_unselects() -> None:
    lab = quiet_lab()
    lab.partners["re0"].become(Aggregation=False)
    assert not lab.state().Synchronization


@pytest.mark.parametrize(
    "bit", ["LACP_Activity", "LACP_Timeout", "Collecting", "Distributing", "Defaulted", "Expired"]
)
def test_other_changes_do_not_unselect(bit: str) -> None:
    lab = quiet_lab()
    partner = lab.partners["re0"]
    partner.become(**{bit: not getattr(partner.actor.state, bit)})
    assert lab.state().Synchronization
    assert lab.status()["selected"] == "SELECTED"
