"""Selection Logic, 43.4.14, LAG IDs of 43.3.6 and keys of 43.3.5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agr.core.admin import AggregatorAdmin
from agr.core.lacpdu import Information, PortState
from testcases.selftest.core.lab import UP, Lab, keep_on, mac, up_lab

OTHER = bytes.fromhex("02bbbbbbbb01")


def distributing(lab: Lab) -> set[str]:
    return {port for port, data in lab.data.items() if data == (True, True)}


def be_other(lab: Lab, *ports: str, **fields: object) -> None:
    for port in ports:
        lab.partners[port].actor = replace(lab.partners[port].actor, **(fields or {"system": OTHER}))


def test_a_lag_without_a_selected_port_is_forgotten() -> None:
    lab = up_lab(2)
    for port in ("re0", "re1"):
        lab.link(port, False)
    for value in ("on", "off"):
        lab.set("individual", value, "re1")
    assert lab.aggregate()["partner_key"] != 0
    lab.remove("re0")
    assert lab.aggregate()["partner_key"] == 0


def test_links_of_one_partner_form_one_lag() -> None:
    lab = up_lab(4)
    assert distributing(lab) == {"re0", "re1", "re2", "re3"}


@pytest.mark.parametrize("fields", [{"system": OTHER}, {"system_priority": 7}, {"key": 7}])
def test_a_port_of_another_lag_stays_out(fields: dict[str, object]) -> None:
    lab = Lab(3)
    be_other(lab, "re0", **fields)
    lab.partners["re1"].say()
    keep_on(lab, 5.0)
    assert distributing(lab) == {"re1", "re2"}
    status = lab.status("re0")
    assert (status["selected"], status["mux_state"]) == ("UNSELECTED", "DETACHED")


def test_a_free_aggregator_takes_most_ports_then_the_lowest() -> None:
    """Three LAGs become possible in one instant: the key of all changes."""
    lab = Lab(5)
    be_other(lab, "re0")
    be_other(lab, "re1", "re4", key=9)
    be_other(lab, "re2", "re3", key=10)
    keep_on(lab, 4.0)
    lab.set("key", "77")
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re1", "re4"}


def test_the_lowest_port_number_is_not_the_first_added() -> None:
    lab = Lab(2)
    lab.remove("re0")
    lab.add(0)  # behind re1, and with its number again
    be_other(lab, "re0")
    keep_on(lab, 4.0)
    lab.set("key", "77")
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re0"}


def test_port_numbers_of_the_partner_do_not_matter() -> None:
    lab = Lab(2)
    be_other(lab, "re1", port=900, port_priority=3)
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re0", "re1"}


@pytest.mark.parametrize("fields", [{"key": 0}, {"port": 0}, {"system_priority": 0}])
def test_zero_is_a_value_like_any_other(fields: dict[str, int]) -> None:
    lab = Lab(2)
    be_other(lab, "re0", "re1", **fields)
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re0", "re1"}


def test_an_unused_port_keeps_lacp_running() -> None:
    lab = up_lab(2)
    be_other(lab, "re1")
    keep_on(lab, 10.0)
    begin = lab.now
    keep_on(lab, 61.0)
    sent = lab.sent_since(begin, "re1")
    assert len(sent) == 2
    assert not any(s.pdu.actor.state.Synchronization for s in sent)


def test_no_change_while_a_port_of_the_lag_is_left() -> None:
    lab = up_lab(3)
    be_other(lab, "re1", "re2")
    keep_on(lab, 10.0)
    assert distributing(lab) == {"re0"}


def test_another_lag_takes_over_when_the_last_port_goes() -> None:
    lab = up_lab(3)
    be_other(lab, "re1", "re2")
    keep_on(lab, 4.0)
    lab.link("re0", False)
    keep_on(lab, 2.5, partners=[lab.partners["re1"], lab.partners["re2"]])
    assert distributing(lab) == {"re1", "re2"}
    lab.link("re0", True)
    keep_on(lab, 10.0)
    assert distributing(lab) == {"re1", "re2"}


def test_another_lag_takes_over_when_the_last_partner_is_silent() -> None:
    lab = up_lab(2, timeout="short")
    be_other(lab, "re1")
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re0"}
    keep_on(lab, 9.0, partners=[lab.partners["re1"]])
    assert distributing(lab) == {"re1"}


def test_a_rogue_pdu_moves_its_port_only() -> None:
    lab = up_lab(3)
    lab.partners["re1"].say(replace(lab.partners["re1"].actor, system=OTHER))
    assert distributing(lab) == {"re0", "re2"}
    keep_on(lab, 3.0)
    assert distributing(lab) == {"re0", "re1", "re2"}


def test_a_defaulted_port_leaves_the_others_alone() -> None:
    lab = up_lab(2, timeout="short")
    keep_on(lab, 20.0, partners=[lab.partners["re0"]])
    assert lab.status("re1")["receive_state"] == "DEFAULTED"
    assert distributing(lab) == {"re0"}


def test_a_partner_that_equals_the_defaults_is_not_kept_when_defaulted() -> None:
    lab = Lab(timeout="short")
    partner = lab.partners["re0"]
    zero = PortState(Synchronization=True, Collecting=True, Distributing=True)
    partner.actor = Information(0, bytes(6), 0, 0, 0, zero)
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re0"}
    lab.run(6.0)
    assert lab.status()["receive_state"] == "DEFAULTED"
    assert distributing(lab) == set()
    assert not lab.state().Synchronization


def test_an_individual_partner_shares_no_lag() -> None:
    lab = up_lab(3)
    lab.partners["re1"].become(Aggregation=False)
    keep_on(lab, 5.0)
    assert distributing(lab) == {"re0", "re2"}


def test_two_individual_partners_share_no_lag() -> None:
    lab = Lab(2)
    be_other(lab, "re0", "re1", state=replace(UP, Aggregation=False))
    keep_on(lab, 5.0)
    assert distributing(lab) == {"re0"}


def test_an_individual_port_of_our_own_shares_no_lag() -> None:
    lab = up_lab(3)
    lab.set("individual", "on", "re2")
    keep_on(lab, 5.0)
    assert distributing(lab) == {"re0", "re1"}
    assert not lab.state("re2").Aggregation
    lab.set("individual", "off", "re2")
    keep_on(lab, 5.0)
    assert distributing(lab) == {"re0", "re1", "re2"}


@pytest.mark.parametrize(
    ("variable", "value"), [("key", "258"), ("system-priority", "5"), ("system-id", "02:00:00:00:09:09")]
)
def test_own_change_of_identity_detaches_once(variable: str, value: str) -> None:
    lab = up_lab(2)
    lab.run(2.0)
    changed = lab.now
    lab.set(variable, value)
    assert distributing(lab) == set()
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re0", "re1"}
    synced = [s.pdu.actor.state.Synchronization for s in lab.sent_since(changed)]
    assert synced == sorted(synced)
    assert synced[0] is False


@pytest.mark.parametrize(
    ("variable", "value", "port"),
    [("port-priority", "9", "re1"), ("collector-max-delay", "7", None), ("timeout", "short", None)],
)
def test_own_change_of_other_things_detaches_nobody(variable: str, value: str, port: str | None) -> None:
    lab = up_lab(2)
    lab.set(variable, value, port)
    keep_on(lab, 4.0)
    states = {port: lab.status(port)["mux_state"] for port in lab.partners}
    assert states == {"re0": "DISTRIBUTING", "re1": "DISTRIBUTING"}
    assert all(s.pdu.actor.state.Synchronization for s in lab.sent_since(lab.now - 4.0, "re0"))


def loop(lab: Lab, one: str, other: str, seconds: float) -> None:
    """A cable from ``one`` to ``other`` (or a reflector, if they are the same)."""
    end, seen = lab.now + seconds, len(lab.sent)
    while lab.now < end:
        while seen < len(lab.sent):
            sent = lab.sent[seen]
            seen += 1
            if sent.port in (one, other):
                lab.receive(other if sent.port == one else one, sent.frame)
        lab.run(0.05)


@pytest.mark.parametrize("other", ["re0", "re1"])
def test_looped_ports_are_not_aggregated(other: str) -> None:
    """43.4.14.1 g: of the two ends of a link one may be selected, and a port that hears itself is both."""
    lab = Lab(3)
    loop(lab, "re0", other, 10.0)
    assert lab.status("re0")["receive_state"] == "CURRENT"
    assert lab.status(other)["selected"] == "UNSELECTED"
    assert lab.status("re0")["selected"] == ("UNSELECTED" if other == "re0" else "SELECTED")
    assert distributing(lab) == set()
    lab.partners["re2"].keep_on(3.0)
    assert distributing(lab) == {"re2"}
    loop(lab, "re0", other, 5.0)
    assert lab.status("re0")["selected"] == "UNSELECTED"


def test_links_that_lead_back_may_aggregate_but_for_their_other_ends() -> None:
    """43.4.14.1 g, NOTE 1: of the cables re0 - re2 and re1 - re3, re0 and re1 are one LAG."""
    lab = Lab(4)
    cables, seen = {"re0": "re2", "re2": "re0", "re1": "re3", "re3": "re1"}, 0
    for _ in range(100):
        while seen < len(lab.sent):
            lab.receive(cables[lab.sent[seen].port], lab.sent[seen].frame)
            seen += 1
        lab.run(0.05)
    assert {port for port in lab.partners if lab.status(port)["selected"] == "SELECTED"} == {"re0", "re1"}
    assert distributing(lab) == set()


def test_a_partner_with_our_own_name_and_key_gives_way_to_any_other() -> None:
    lab = Lab(2)
    echo = lab.partners["re0"].echo()
    be_other(lab, "re0", system=echo.system, system_priority=echo.system_priority, key=echo.key, port=99)
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re1"}


# Speeds and keys


def speeds(lab: Lab, **by_port: int) -> None:
    for port, speed in by_port.items():
        lab.link(port, True, speed_mbps=speed)


def keys(lab: Lab) -> list[int]:
    return [lab.status(port)["actor"]["key"] for port in lab.partners]


def test_ports_of_another_speed_get_another_key_and_do_not_aggregate() -> None:
    lab = Lab(4)
    speeds(lab, re0=1000, re1=1000, re2=100, re3=100)
    same, same_too, slow, slow_too = keys(lab)
    assert same == same_too == 1
    assert slow == slow_too != 1
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re0", "re1"}


def test_a_port_rejoins_at_its_old_speed() -> None:
    lab = up_lab(2)
    speeds(lab, re0=1000, re1=1000)
    keep_on(lab, 4.0)
    speeds(lab, re1=100)
    assert distributing(lab) == {"re0"}
    keep_on(lab, 4.0)
    speeds(lab, re1=1000)
    keep_on(lab, 4.0)
    assert distributing(lab) == {"re0", "re1"}
    assert keys(lab) == [1, 1]


def test_unknown_speed_and_lost_carrier_change_no_key() -> None:
    lab = Lab(3)
    speeds(lab, re0=1000, re1=1000)
    lab.link("re0", False)
    assert keys(lab) == [1, 1, 1]


def test_half_duplex_has_a_key_of_its_own() -> None:
    lab = Lab(2)
    lab.link("re0", True, speed_mbps=100, full_duplex=False)
    lab.link("re1", True, speed_mbps=1000)
    half, full = keys(lab)
    assert half != full == 1
    lab.link("re0", True, speed_mbps=1000)
    assert keys(lab) == [1, 1]


def test_the_key_of_another_speed_is_nobodys_administrative_key() -> None:
    lab = Lab(2)
    speeds(lab, re0=1000, re1=100)
    taken = keys(lab)[1]
    lab.system.add_aggregator(lab.now, "agr1")
    lab.system.configure(lab.now, "agr1", "key", str(taken))
    lab.set("key", "5")
    assert keys(lab)[0] == 5
    assert keys(lab)[1] not in (taken, 5)


def test_a_key_that_another_aggregate_takes_is_given_back_and_the_partner_told() -> None:
    lab = Lab(2)
    speeds(lab, re0=1000, re1=100)
    lab.partners["re1"].keep_on(4.0)
    taken = keys(lab)[1]
    lab.system.add_aggregator(lab.now, "agr1", AggregatorAdmin(key=taken))
    lab.drain()
    assert lab.sent[-1].port == "re1"
    assert lab.sent[-1].pdu.actor.key == keys(lab)[1] != taken


@pytest.mark.parametrize("leaves", [Lab.remove, lambda lab, port: lab.link(port, False)])
def test_the_next_port_has_the_key_when_the_first_leaves(leaves: Callable[[Lab, str], None]) -> None:
    lab = Lab(3)
    speeds(lab, re0=1000, re1=100, re2=10)
    assert lab.status("re1")["actor"]["key"] != 1
    leaves(lab, "re0")
    assert lab.status("re1")["actor"]["key"] == 1
    assert lab.status("re2")["actor"]["key"] != 1


# Several aggregates


def test_two_aggregates_are_two_systems() -> None:
    lab = Lab(1)
    lab.system.add_aggregator(lab.now, "agr1")
    lab.system.add_port(lab.now, "re9", mac(9), "agr1")
    lab.data["re9"] = (False, False)
    lab.system.set_link(lab.now, "re9", True)
    lab.run(1.0)
    said = {s.port: s.pdu.actor for s in lab.sent}
    assert (said["re0"].system, said["re9"].system) == (mac(0), mac(9))
    assert said["re0"].port != said["re9"].port
