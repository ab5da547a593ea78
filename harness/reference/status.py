"""Management status of the reference model (30.7), in the shape that an `Implementation` gives it."""

from __future__ import annotations

from typing import Any

from harness.pdu import PortInfo, State
from harness.reference.datapath import collecting, distributing
from harness.reference.lag import lag_id
from harness.reference.model import Model
from harness.reference.variables import NOBODY, Aggregator, Port, Selected

COUNTERS = (
    "LACPDUsRx", "LACPDUsTx", "MarkerPDUsRx", "MarkerResponsePDUsTx", "MarkerResponsePDUsRx", "MarkerPDUsTx",
    "UnknownRx", "IllegalRx",
)  # fmt: skip

TRAFFIC = tuple(
    f"{what}{way}OK"
    for what in ("Frames", "Octets", "MulticastFrames", "BroadcastFrames")
    for way in ("Tx", "Rx")
)
"""30.7.1.1."""

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
        **_lag(said),
        "oper_state": "up" if said.operational else "down",
        "data_rate": _data_rate(said),
        "client": {name: said.counters[name] for name in TRAFFIC},
        "notifications": {name: said.counters[name] for name in ("LinkUp", "LinkDown")},
        "ports": {port.name: _port(port) for port in said.ports},
    }


def _lag(said: Aggregator) -> dict[str, Any]:
    """30.7.1.1: the LAG whose ports have selected the Aggregator; null values where there is none."""
    port = next((port for port in said.ports if port.Selected is not Selected.UNSELECTED), None)
    lag = None if port is None else lag_id(port)
    return {
        "oper_key": said.key if lag is None else lag.key,
        "partner_system_priority": 0 if lag is None else lag.partner_system_priority,
        "partner_system": NOBODY.system if lag is None else lag.partner_system,
        "partner_key": 0 if lag is None else lag.partner_key,
        "individual": lag is not None and lag.link is not None,
    }


def _data_rate(said: Aggregator) -> int | None:
    """30.7.1.1, in bits a second; None where the speed of a link in use is not known."""
    speeds = [port.speed_mbps for port in said.ports if distributing(port)]
    return None if None in speeds else sum(speed or 0 for speed in speeds) * 1_000_000


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
        "aggregatable": State.Aggregation in said.actor.state,
        "admin_key": said.aggregator.key,
        "admin_state": int(_admin_state(said)),
        "selected_aggregator": "" if said.Selected is Selected.UNSELECTED else said.aggregator.name,
        "attached": said.aggregator.name if said.mux not in ("", "DETACHED", "WAITING") else "",
        "partner_admin": info_of(said.partner_admin),
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


def _admin_state(said: Port) -> State:
    """43.4.7, Actor_Admin_Port_State."""
    own = said.aggregator
    return State(0).with_bits(Activity=own.active, Timeout=own.short, Aggregation=not said.individual)


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
