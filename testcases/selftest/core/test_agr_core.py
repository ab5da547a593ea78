"""The core behind the plain protocol of the simulated bench."""

from __future__ import annotations

import json

import pytest

from agr.core import lacpdu, marker
from agr.core.constants import Conversations_Move_Time, Fast_Periodic_Time, Partner_Stop_Time
from agr.core.lacpdu import LACPDU, Information
from agr.core.marker import MARKER_INFORMATION, Marker
from fixtures.simulated.agr_core import Agr
from testcases.selftest.core.lab import FOREIGN, UP, information, mac

PORTS = {f"re{n}": mac(n) for n in range(4)}
DATA = bytes.fromhex("020000000100 02aa00000001 0800") + bytes(46)


def opened(**aggregates: str) -> Agr:
    """agr<n>="re0 re1": aggregates with these ports, all with carrier."""
    agr = Agr()
    agr.open(PORTS)
    for aggregate, ports in aggregates.items():
        agr.configure(0.0, {"do": "create", "aggregate": aggregate})
        for port in ports.split():
            agr.configure(0.0, {"do": "agrport", "aggregate": aggregate, "port": port})
    for port in PORTS:
        agr.link(0.0, port, True)
    return agr


def partner_pdu(agr: Agr, port: str, number: int) -> bytes:
    aggregates = agr.status(0.0)["aggregates"].values()
    (said,) = [found["ports"][port]["actor"] for found in aggregates if port in found["ports"]]
    echo = information(said)
    actor = Information(0x7000, FOREIGN, 2, 0x90, number, UP)
    return lacpdu.encode(LACPDU(actor, echo, 0), source=FOREIGN)


def carry(agr: Agr, *ports: str) -> None:
    """Bring ports to Distributing, at 3 s."""
    for now in (0.0, 1.0, 2.0, 3.0):
        while (deadline := agr.deadline()) is not None and deadline <= now:
            agr.advance(deadline)
        for port in ports:
            agr.receive(now, port, partner_pdu(agr, port, int(port[2:]) + 1))
    agr.take()


def test_frames_to_the_client_only_while_collecting() -> None:
    agr = opened(agr0="re0 re1")
    agr.receive(0.0, "re0", DATA)
    assert agr.take() == []
    carry(agr, "re0")
    agr.receive(3.0, "re0", DATA)
    agr.receive(3.0, "re1", DATA)
    agr.receive(3.0, "re3", DATA)
    assert agr.take() == [("client", "agr0", DATA)]
    agr.link(3.0, "re0", False)
    agr.receive(3.0, "re0", DATA)
    assert [kind for kind, _, _ in agr.take()] == []


def test_frames_of_the_client_only_while_distributing() -> None:
    agr = opened(agr0="re0 re1")
    agr.send(0.0, "agr0", DATA)
    assert agr.take() == []
    carry(agr, "re1")
    agr.send(3.0, "agr0", DATA)
    assert agr.take() == [("port", "re1", DATA)]


def test_link0_alternates() -> None:
    agr = opened(agr0="re0 re1")
    carry(agr, "re0", "re1")
    agr.configure(3.0, {"do": "set", "aggregate": "agr0", "variable": "link0", "value": "on"})
    for _ in range(4):
        agr.send(3.0, "agr0", DATA)
    ports = [port for _, port, _ in agr.take()]
    assert ports in (["re0", "re1"] * 2, ["re1", "re0"] * 2)


@pytest.mark.parametrize("last", range(18))
def test_reserved_addresses_are_the_clients(last: int) -> None:
    """43.2.9: a bridge above must hear BPDUs."""
    agr = opened(agr0="re0")
    frame = bytes.fromhex("0180c20000") + bytes((last,)) + DATA[6:]
    agr.receive(0.0, "re0", frame)
    assert agr.take() == []
    carry(agr, "re0")
    agr.receive(3.0, "re0", frame)
    assert agr.take() == [("client", "agr0", frame)]
    agr.send(3.0, "agr0", frame)
    assert agr.take() == [("port", "re0", frame)]


def test_what_is_lacps_or_markers_or_illegal_never_reaches_the_client() -> None:
    agr = opened(agr0="re0")
    carry(agr, "re0")
    frame = partner_pdu(agr, "re0", 1)
    for kept in (frame, frame[:14] + b"\x00" + frame[15:], frame[:14] + b"\x0b" + frame[15:], frame[:20]):
        agr.receive(3.0, "re0", kept)
    assert agr.take() == []
    passed = [mac(0) + frame[6:], frame[:14] + b"\x05" + frame[15:]]
    for other in passed:
        agr.receive(3.0, "re0", other)
    assert agr.take() == [("client", "agr0", other) for other in passed]
    counters = agr.status(3.0)["aggregates"]["agr0"]["ports"]["re0"]["counters"]
    assert (counters["LACPDUsRx"], counters["UnknownRx"], counters["IllegalRx"]) == (5, 2, 3)


def test_a_marker_is_answered_on_its_port() -> None:
    agr = opened(agr0="re0 re1")
    agr.take()
    request = Marker(MARKER_INFORMATION, 7, FOREIGN, 9)
    agr.receive(0.0, "re1", marker.encode(request, source=FOREIGN))
    assert agr.take() == [("port", "re1", marker.encode(marker.response(request), source=mac(1)))]


def test_aggregates_are_apart() -> None:
    agr = opened(agr0="re0 re1", agr7="re2 re3")
    carry(agr, "re0", "re2")
    agr.receive(3.0, "re2", DATA)
    agr.send(3.0, "agr7", DATA)
    assert agr.take() == [("client", "agr7", DATA), ("port", "re2", DATA)]
    said = agr.status(3.0)["aggregates"]
    assert (said["agr0"]["key"], said["agr7"]["key"]) == (1, 8)
    assert (said["agr0"]["system"], said["agr7"]["system"]) == (mac(0).hex(":"), mac(2).hex(":"))
    assert (said["agr0"]["mac"], said["agr7"]["mac"]) == (mac(0).hex(":"), mac(2).hex(":"))


def test_removed_port_carries_nothing_and_destroy_works() -> None:
    agr = opened(agr0="re0")
    carry(agr, "re0")
    agr.configure(3.0, {"do": "-agrport", "aggregate": "agr0", "port": "re0"})
    now = 3.0
    while agr.status(now)["aggregates"]["agr0"]["ports"]:
        now = agr.deadline() or 0.0
        agr.advance(now)
    assert 3.0 <= now < 3.0 + Conversations_Move_Time + Fast_Periodic_Time + Partner_Stop_Time
    sent = [port for kind, port, _ in agr.take() if kind == "port"]
    assert sent and set(sent) == {"re0"}
    agr.receive(now, "re0", DATA)
    agr.send(now, "agr0", DATA)
    assert agr.take() == []
    agr.configure(now, {"do": "destroy", "aggregate": "agr0"})
    assert agr.status(now)["aggregates"] == {}
    assert agr.deadline() is None


def test_carrier_before_the_port_is_attached_counts() -> None:
    agr = opened()
    agr.configure(0.0, {"do": "create", "aggregate": "agr0"})
    agr.configure(0.0, {"do": "agrport", "aggregate": "agr0", "port": "re0"})
    assert agr.status(0.0)["aggregates"]["agr0"]["ports"]["re0"]["link"] is True


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "fly", "aggregate": "agr0"},
        {"do": "create", "aggregate": "agr0"},
        {"do": "create", "aggregate": "bond0"},
        {"do": "create"},
        {"do": "destroy", "aggregate": "agr0"},
        {"do": "destroy", "aggregate": "agr1"},
        {"do": "agrport", "aggregate": "agr0", "port": "re0"},
        {"do": "agrport", "aggregate": "agr0", "port": "re9"},
        {"do": "agrport", "aggregate": "agr1", "port": "re1"},
        {"do": "agrport", "aggregate": "agr0"},
        {"do": "-agrport", "aggregate": "agr0", "port": "re1"},
        {"do": "set", "aggregate": "agr0", "variable": "key"},
        {"do": "set", "aggregate": "agr0", "variable": "key", "value": "many"},
        {"do": "set", "aggregate": "agr1", "variable": "key", "value": "1"},
    ],
)
def test_refused_requests_change_nothing(request_: dict[str, object]) -> None:
    agr = opened(agr0="re0")
    before = agr.status(0.0)
    with pytest.raises(ValueError, match=r"."):
        agr.configure(0.0, request_)
    assert agr.status(0.0) == before


def test_status_has_the_shape_of_agrconfig_json() -> None:
    status = json.loads(json.dumps(opened(agr0="re0").status(0.0)))
    assert set(status) == {"agrd", "aggregates"}
    assert {"version", "pid"} <= set(status["agrd"])
    assert {
        "mac",
        "mtu",
        "carrier",
        "flags",
        "system_priority",
        "system",
        "key",
        "activity",
        "timeout",
        "control",
        "collector_max_delay",
        "ports",
    } <= set(status["aggregates"]["agr0"])
    port = status["aggregates"]["agr0"]["ports"]["re0"]
    assert {"mac", "link", "number", "priority", "individual", "lacp", "receive_state"} <= set(port)
    assert {"periodic_state", "mux_state", "selected", "actor_churn_state", "partner_churn_state"} <= set(
        port
    )
    assert {"collecting", "distributing", "actor", "partner", "counters"} <= set(port)
