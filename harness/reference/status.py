"""Management status of the reference model (30.7), in the shape that an `Implementation` gives it."""

from __future__ import annotations

from typing import Any

from harness.pdu import PortInfo
from harness.reference.datapath import collecting, distributing
from harness.reference.model import Model
from harness.reference.variables import Aggregator, Port

COUNTERS = (
    "LACPDUsRx", "LACPDUsTx", "MarkerPDUsRx", "MarkerResponsePDUsTx", "MarkerResponsePDUsRx", "MarkerPDUsTx",
    "UnknownRx", "IllegalRx",
)  # fmt: skip

STATES = {
    "receive_state": "Receive",
    "periodic_state": "Periodic",
    "mux_state": "Mux",
    "actor_churn_state": "Actor Churn",
    "partner_churn_state": "Partner Churn",
}


def status(model: Model) -> dict[str, Any]:
    """Every Aggregator with its ports, by name."""
    return {"aggregates": {aggregator.name: _aggregator(aggregator) for aggregator in model.aggregators}}


def _aggregator(said: Aggregator) -> dict[str, Any]:
    return {
        "mac": said.mac.hex(":"),
        "carrier": any(map(distributing, said.ports)),
        "flags": [],
        "system_priority": said.system_priority,
        "system": said.system,
        "key": said.key,
        "activity": "active" if said.active else "passive",
        "timeout": "short" if said.short else "long",
        "control": said.control,
        "collector_max_delay": said.collector_max_delay,
        "max_links": said.max_links,
        "min_links": said.min_links,
        "ports": {port.name: _port(port) for port in said.ports},
    }


def _port(said: Port) -> dict[str, Any]:
    return {
        "mac": said.mac.hex(":"),
        "link": said.port_enabled,
        "speed_mbps": said.speed_mbps,
        "full_duplex": said.full_duplex,
        "number": said.actor.port,
        "priority": said.actor.port_priority,
        "individual": said.individual,
        "lacp": said.LACP_Admin,
        **{key: said.states.get(machine, "") for key, machine in STATES.items()},
        "selected": said.Selected.value,
        "collecting": collecting(said),
        "distributing": distributing(said),
        "actor": info_of(said.actor),
        "partner": info_of(said.partner),
        "counters": {name: said.counters[name] for name in COUNTERS},
        "debug": {
            "ActorChurnCount": said.counters["actor_churn_count"],
            "PartnerChurnCount": said.counters["partner_churn_count"],
        },
    }


def info_of(info: PortInfo) -> dict[str, Any]:
    """What a port says of itself, as a status and a PICS have it."""
    return {
        "system_priority": info.system_priority,
        "system": info.system,
        "key": info.key,
        "port_priority": info.port_priority,
        "port": info.port,
        "state": int(info.state),
    }
