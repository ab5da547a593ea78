"""The facade: identities, numbers, administrative variables, the last LACPDU, status."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agr.core.admin import AggregatorAdmin, PortAdmin, SystemAdmin
from agr.core.constants import LACPDU_LIMIT
from agr.core.numbers import PortNumbers
from agr.core.outputs import Transmit
from agr.core.system import System
from testcases.selftest.core.lab import Lab, keep_on, mac, up_lab


def numbers(lab: Lab) -> dict[str, int]:
    return {name: port["number"] for name, port in aggregate(lab)["ports"].items()}


def aggregate(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = lab.system.status(lab.now)["aggregates"]["agr0"]
    return found


DEFAULTS = {
    "carrier": False,
    "flags": [],
    "system_priority": 0x8000,
    "key": 1,
    "activity": "active",
    "timeout": "long",
    "control": "independent",
    "collector_max_delay": 0,
    "min_links": 1,
    "max_links": 0,
    "defaulted": "down",
}


def test_defaults_of_the_manual() -> None:
    lab = Lab(1)
    assert {key: value for key, value in aggregate(lab).items() if key in DEFAULTS} == DEFAULTS
    assert lab.status()["priority"] == 0x8000


def test_the_first_added_port_names_the_system_until_the_last_is_detached() -> None:
    lab = up_lab(2)
    first = mac(0).hex(":")
    lab.remove("re0")
    assert (aggregate(lab)["system"], aggregate(lab)["mac"]) == (first, first)
    assert lab.status("re1")["actor"]["system"] == first
    lab.add(5)
    lab.remove("re1")
    assert aggregate(lab)["system"] == first
    lab.remove("re5")
    assert aggregate(lab)["system"] == "00:00:00:00:00:00"
    lab.add(1)
    assert aggregate(lab)["system"] == mac(1).hex(":")


def test_a_configured_system_identifier_wins() -> None:
    lab = Lab(2, system_id="02:00:00:00:0a:0b")
    assert aggregate(lab)["system"] == "02:00:00:00:0a:0b"
    assert aggregate(lab)["mac"] == mac(0).hex(":")


def test_port_numbers_in_order_and_back_again() -> None:
    lab = Lab(3)
    assert numbers(lab) == {"re0": 1, "re1": 2, "re2": 3}
    lab.remove("re1")
    lab.add(7)
    assert numbers(lab) == {"re0": 1, "re2": 3, "re7": 4}
    lab.add(1)
    assert numbers(lab)["re1"] == 2


def test_names_that_never_come_back_take_no_more_room() -> None:
    """As those of a host whose interfaces are made for a while each."""

    def room() -> int:
        saved = lab.system.snapshot(lab.now)
        return len(json.dumps({key: value for key, value in saved.items() if key != "numbers"}))

    lab = Lab(1)
    rooms = []
    for number in range(1, 41):
        lab.add(number)
        lab.run(2.0)
        lab.remove(f"re{number}")
        rooms.append(room())
    assert max(rooms[20:]) < rooms[1] + 100


def test_wires_that_never_come_back_take_no_more_room() -> None:
    system = System()
    system.add_aggregator(0.0, "agr0")
    for wire in range(1, 11):
        system.add_port(float(wire), "re0", mac(0), "agr0", wire=wire)
        system.remove_port(wire + 0.5, "re0")
        assert len(vars(system)["_wires"]) <= 1


def test_a_number_is_kept_for_one_name() -> None:
    numbers = PortNumbers()
    names = vars(numbers)["_numbers"]
    names.update({f"former{number}": number for number in range(1, 0x10000)})
    assert [numbers.give(name, in_use) for name, in_use in (("re0", {1}), ("re1", {1, 2}))] == [2, 3]
    assert len(vars(numbers)["_numbers"]) == 0xFFFF


def test_every_number_is_given() -> None:
    numbers, every = PortNumbers(), range(1, 0x10000)
    names = vars(numbers)["_numbers"]
    names.update({f"former{number}": number for number in every[:-1]})
    assert numbers.give("re0", ()) == every[-1]
    for number in (every[0], every[-1]):
        assert numbers.give(f"re{number}", set(every) - {number}) == number
    with pytest.raises(ValueError, match=r"^re1: all 65535 port numbers are in use$"):
        numbers.give("re1", every)


def test_the_last_lacpdu() -> None:
    lab = up_lab(2)
    lab.run(2.0)
    lab.remove("re0")
    (last,) = lab.sent_since(lab.now)
    state = last.pdu.actor.state
    assert (state.Synchronization, state.Collecting, state.Distributing) == (False, False, False)
    assert (last.pdu.actor.port, last.pdu.actor.system) == (1, mac(0))
    assert lab.data["re0"] == (False, False)
    assert lab.data["re1"] == (True, True)
    assert lab.sent_since(lab.now, "re1") == []


def test_the_last_lacpdu_of_the_last_port_bears_the_systems_name() -> None:
    lab = up_lab(1)
    lab.run(2.0)
    lab.remove("re0")
    assert lab.sent[-1].pdu.actor.system == mac(0)
    assert lab.system.deadline() is None


def test_no_last_lacpdu_beyond_the_limit() -> None:
    lab = up_lab(1)
    lab.run(2.0)
    partner = lab.partners["re0"]
    for _ in range(LACPDU_LIMIT):
        partner.become(Synchronization=not partner.actor.state.Synchronization)
    assert len(lab.sent_since(lab.now)) == LACPDU_LIMIT
    lab.remove("re0")
    assert len(lab.sent_since(lab.now)) == LACPDU_LIMIT


def test_no_last_lacpdu_without_carrier() -> None:
    lab = up_lab(1)
    lab.link("re0", False)
    sent = len(lab.sent)
    lab.remove("re0")
    assert len(lab.sent) == sent


def test_removing_a_waiting_port_lets_the_others_go_on() -> None:
    lab = Lab(2)
    lab.partners["re0"].say()
    lab.run(1.0)
    lab.partners["re1"].say()
    lab.remove("re1")
    lab.partners["re0"].keep_on(1.0)
    assert lab.data["re0"] == (True, True)


SHOWN = [
    ("system-priority", "4660", None, lambda pdu: pdu.actor.system_priority == 0x1234),
    ("system-id", "02:00:00:00:09:01", None, lambda pdu: pdu.actor.system == bytes.fromhex("020000000901")),
    ("key", "0x0102", None, lambda pdu: pdu.actor.key == 0x0102),
    ("activity", "passive", None, lambda pdu: not pdu.actor.state.LACP_Activity),
    ("timeout", "short", None, lambda pdu: pdu.actor.state.LACP_Timeout),
    ("collector-max-delay", "7", None, lambda pdu: pdu.collector_max_delay == 7),
    ("port-priority", "258", "re0", lambda pdu: pdu.actor.port_priority == 258),
    ("individual", "on", "re0", lambda pdu: not pdu.actor.state.Aggregation),
]


@pytest.mark.parametrize(("variable", "value", "port", "shown"), SHOWN, ids=[row[0] for row in SHOWN])
def test_variables_are_told_to_the_partner_at_once(
    variable: str, value: str, port: str | None, shown: Callable[..., bool]
) -> None:
    lab = up_lab(1)
    lab.run(3.0)
    assert not shown(lab.sent[-1].pdu)
    lab.set(variable, value, port)
    (sent,) = lab.sent_since(lab.now)
    assert shown(sent.pdu)
    keep_on(lab, 5.0)
    assert all(shown(s.pdu) for s in lab.sent_since(lab.now - 5.0))


@pytest.mark.parametrize(("variable", "value", "port", "shown"), SHOWN, ids=[row[0] for row in SHOWN])
def test_a_value_that_is_set_again_is_no_news(
    variable: str, value: str, port: str | None, shown: Callable[..., bool]
) -> None:
    lab = up_lab(1)
    lab.set(variable, value, port)
    lab.run(3.0)
    logged = len(lab.log)
    lab.set(variable, value, port)
    assert (lab.sent_since(lab.now), len(lab.log)) == ([], logged)


NEW = {"min_links": "2", "max_links": "3", "defaulted": "individual", "link1": "on"}


@pytest.mark.parametrize("ports", [0, 2])
def test_limits_and_policies_can_be_set_and_read_at_any_time(ports: int) -> None:
    lab = Lab(ports)
    for variable, value in NEW.items():
        lab.set(variable.replace("_", "-"), value)
    said = aggregate(lab)
    assert (said["min_links"], said["max_links"], said["defaulted"]) == (2, 3, "individual")
    assert said["flags"] == ["link1"]
    lab.set("link0", "on")
    assert aggregate(lab)["flags"] == ["link0", "link1"]


@pytest.mark.parametrize(
    ("variable", "value"), [("min-links", "2"), ("max-links", "1"), ("defaulted", "individual")]
)
def test_limits_and_policies_are_followed_by_a_pdu(variable: str, value: str) -> None:
    lab = up_lab(1)
    lab.run(3.0)
    lab.set(variable, value)
    assert len(lab.sent_since(lab.now)) == 1


def test_system_id_auto_is_the_first_ports_address_again() -> None:
    lab = Lab(2, system_id="02:00:00:00:0a:0b")
    lab.remove("re0")
    lab.set("system-id", "auto")
    assert aggregate(lab)["system"] == mac(0).hex(":")
    assert lab.sent_since(lab.now, "re1")[0].pdu.actor.system == mac(0)


def test_variables_before_the_first_port() -> None:
    lab = Lab(0, key="258", timeout="short", system_priority="7")
    lab.add(0)
    lab.run(1.0)
    actor = lab.sent[0].pdu.actor
    assert (actor.key, actor.state.LACP_Timeout, actor.system_priority) == (258, True, 7)


def test_link0_is_shown_and_nobodys_business_else() -> None:
    lab = up_lab(1)
    lab.run(3.0)
    lab.set("link0", "on")
    assert aggregate(lab)["flags"] == ["link0"]
    assert lab.sent_since(lab.now) == []


REFUSED = [
    ("key", "0", None),
    ("key", "0x0", None),
    ("key", "65536", None),
    ("key", "-1", None),
    ("key", "many", None),
    ("activity", "lazy", None),
    ("timeout", "3", None),
    ("control", "", None),
    ("collector-max-delay", "70000", None),
    ("system-priority", "99999", None),
    ("system-id", "02:00:00:00:09", None),
    ("system-id", "02:00:00:00:09:zz", None),
    ("system-id", "00:00:00:00:00:00", None),
    ("system-id", "03:00:00:00:00:01", None),
    ("system", "02:00:00:00:09:01", None),
    ("link0", "perhaps", None),
    ("link1", "perhaps", None),
    ("min-links", "0", None),
    ("min-links", "two", None),
    ("max-links", "-1", None),
    ("max-links", "65536", None),
    ("defaulted", "up", None),
    ("system-id", "automatic", None),
    ("speed", "10", None),
    ("port-priority", "1", None),
    ("port-priority", "x", "re0"),
    ("individual", "yes", "re0"),
    ("key", "1", "re0"),
    ("lacp", "off", "re9"),
]


@pytest.mark.parametrize(("variable", "value", "port"), REFUSED)
def test_refused_variables_change_nothing(variable: str, value: str, port: str | None) -> None:
    lab = up_lab(1)
    before = lab.system.status(lab.now)
    with pytest.raises(ValueError, match=port if port == "re9" else variable):
        lab.set(variable, value, port)
    assert lab.system.status(lab.now) == before


def test_the_null_key_is_refused_with_what_may_be_said() -> None:
    """43.3.5; nor is there an aggregate that begins with it."""
    with pytest.raises(ValueError, match=r"^key: 0 is the null value, .* say 1 to 65535$"):
        AggregatorAdmin(key=0)


def test_names_are_checked() -> None:
    system = System()
    system.add_aggregator(0.0, "agr0")
    system.add_aggregator(0.0, "agr1")
    system.add_port(0.0, "re0", mac(0), "agr0")
    refused: list[Callable[[], object]] = [
        lambda: system.add_aggregator(0.0, "agr0"),
        lambda: system.remove_aggregator(0.0, "agr0"),
        lambda: system.remove_aggregator(0.0, "agr2"),
        lambda: system.add_port(0.0, "re0", mac(0), "agr1"),
        lambda: system.add_port(0.0, "re1", mac(1), "agr2"),
        lambda: system.add_port(0.0, "re1", b"\2", "agr1"),
        lambda: system.remove_port(0.0, "re1"),
        lambda: system.set_link(0.0, "re1", True),
        lambda: system.configure(0.0, "agr2", "key", "1"),
        lambda: system.configure(0.0, "agr1", "port-priority", "1", "re0"),
        lambda: system.distributor("agr2"),
        lambda: system.collecting("re1"),
    ]
    before = system.status(0.0)
    for call in refused:
        with pytest.raises(ValueError, match=r"agr\d|re\d"):
            call()
    assert system.status(0.0) == before


def test_two_aggregates_may_not_look_alike() -> None:
    system = System()
    for name in ("agr0", "agr1"):
        system.add_aggregator(0.0, name)
    system.configure(0.0, "agr0", "system-id", "02:00:00:00:09:01")
    with pytest.raises(ValueError, match="agr0"):
        system.configure(0.0, "agr1", "system-id", "02:00:00:00:09:01")
    system.configure(0.0, "agr1", "key", "2")
    system.configure(0.0, "agr1", "system-id", "02:00:00:00:09:01")
    with pytest.raises(ValueError, match="agr0"):
        system.configure(0.0, "agr1", "key", "1")
    with pytest.raises(ValueError, match="agr0"):
        system.add_aggregator(0.0, "agr2", system_admin=SystemAdmin(system=bytes.fromhex("020000000901")))


def test_a_port_whose_address_still_names_another_aggregate() -> None:
    system = System()
    for name in ("agr0", "agr1"):
        system.add_aggregator(0.0, name)
    for number in range(2):
        system.add_port(0.0, f"re{number}", mac(number), "agr0")
    system.remove_port(0.0, "re0")
    with pytest.raises(ValueError, match="agr0"):
        system.add_port(0.0, "re0", mac(0), "agr1")
    system.configure(0.0, "agr1", "key", "2")
    system.add_port(0.0, "re0", mac(0), "agr1")


def test_a_frame_that_comes_after_its_port_left_is_ignored() -> None:
    lab = up_lab(1)
    frame = lab.sent[-1].frame
    lab.remove("re0")
    lab.receive("re0", frame)
    assert lab.sent[-1].at == lab.now
    assert lab.system.deadline() is None


def test_admin_classes_check_too() -> None:
    with pytest.raises(ValueError, match="key"):
        AggregatorAdmin(key=70000)
    with pytest.raises(ValueError, match="system-id"):
        SystemAdmin(system=b"\2\0\0")
    with pytest.raises(ValueError, match="port-priority"):
        PortAdmin(port_priority=-1)


def test_removed_aggregate_is_gone() -> None:
    system = System()
    system.add_aggregator(0.0, "agr0")
    system.remove_aggregator(0.0, "agr0")
    assert system.status(0.0) == {"aggregates": {}}
    assert system.deadline() is None


def test_status_is_json_and_agrees_with_the_wire() -> None:
    lab = up_lab(1)
    lab.set("timeout", "short")
    status = json.loads(json.dumps(lab.status()))
    pdu = lab.sent[-1].pdu
    assert status["actor"] == {
        "system_priority": pdu.actor.system_priority,
        "system": pdu.actor.system.hex(":"),
        "key": pdu.actor.key,
        "port_priority": pdu.actor.port_priority,
        "port": pdu.actor.port,
        "state": pdu.actor.state.octet(),
    }
    assert status["partner"]["state"] == pdu.partner.state.octet()
    assert status["counters"]["LACPDUsTx"] == len(lab.sent)
    assert status["counters"]["LACPDUsRx"] == 4
    assert aggregate(lab)["carrier"] is True


def test_a_new_port_has_no_carrier_until_the_host_says_so() -> None:
    """Until then nothing is sent on it."""
    system = System()
    system.add_aggregator(0.0, "agr0")
    system.add_port(0.0, "re0", mac(0), "agr0")
    assert not [output for output in system.take() if isinstance(output, Transmit)]
    port = system.status(0.0)["aggregates"]["agr0"]["ports"]["re0"]
    assert (port["link"], port["receive_state"]) == (False, "PORT_DISABLED")


def test_a_link_is_full_duplex_unless_it_is_said_not_to_be() -> None:
    lab = Lab(1, up=False)
    lab.system.set_link(lab.now, "re0", True)
    assert lab.status()["full_duplex"] is True


def test_time_does_not_run_backwards() -> None:
    lab = Lab(1)
    lab.run(2.5)
    lab.system.advance(lab.now - 10.0)
    assert lab.system.deadline() == lab.now + 0.5


def test_an_event_finds_what_was_due_before_it_done() -> None:
    """The timeout of 3 s was due when the host, late, hands over a frame: DEFAULTED first."""
    lab = Lab(1)
    lab.now += 5.0
    lab.partners["re0"].say()
    changes = [output.new for _, output in lab.log if getattr(output, "machine", "") == "receive"]
    assert changes == ["PORT_DISABLED", "EXPIRED", "DEFAULTED", "CURRENT"]


def test_advance_leaves_nothing_due() -> None:
    """The host comes late, at the very time of another deadline: the timeout of 3 s, and a period's end."""
    lab = Lab(1)
    lab.system.advance(lab.now + 3.0)
    following = lab.system.deadline()
    assert following is not None
    assert following > lab.now + 3.0


def test_a_frame_at_the_instant_of_the_timeout_is_in_time() -> None:
    lab = Lab(1)
    lab.now += 3.0
    lab.partners["re0"].say()
    changes = [output.new for _, output in lab.log if getattr(output, "machine", "") == "receive"]
    assert changes == ["PORT_DISABLED", "EXPIRED", "CURRENT"]


def test_the_status_of_one_aggregator() -> None:
    lab = Lab(ports=1)
    lab.system.add_aggregator(lab.now, "agr1")
    everything = lab.system.status(lab.now)["aggregates"]
    assert list(everything) == ["agr0", "agr1"]
    assert lab.system.status(lab.now, "agr0")["aggregates"] == {"agr0": everything["agr0"]}
    with pytest.raises(ValueError, match="agr2"):
        lab.system.status(lab.now, "agr2")
