"""Status of the core, JSON-ready, as `agrconfig --json` shows it (30.7)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from agr.core.admin import PortAdmin
from agr.core.lacpdu import Information
from agr.core.lag import LagEnd
from agr.core.selection import refusal
from agr.core.states import MuxState, Selected
from agr.core.variables import Aggregator, Port

_NO_PARTNER = LagEnd(0, bytes(6), 0, 0, 0)


def mac_text(mac: bytes) -> str:
    """ "02:00:00:00:00:01" """
    return mac.hex(":")


def aggregator_status(aggregator: Aggregator) -> dict[str, Any]:
    """One aggregate and its ports. ``key`` is administrative; a port's ``actor`` has the operational one.

    30.7.1.1 of the LAG that is served: ``oper_key``, ``partner_*`` (zero while there is none) and
    ``individual``. ``oper_state`` is that of the ports, and does not ask for the host's interface;
    ``data_rate`` is in bits a second, null while the speed of a link in use is not known; ``last_change`` in
    seconds of the core's clock, null before the first change.

    ``moves``: see `MoveCounters`; ``held`` are conversations that wait for a Marker now, ``pending``
    those that are to move next.
    """
    admin = aggregator.admin
    lag = aggregator.lag_id
    partner = lag.partner if lag else _NO_PARTNER
    return {
        "mac": mac_text(aggregator.address),
        "carrier": any(port.distributing for port in aggregator.ports),
        "flags": [flag for flag in ("link0", "link1") if getattr(admin, flag)],
        "system_priority": aggregator.Actor_System_Priority,
        "system": mac_text(aggregator.Actor_System),
        "key": admin.key,
        "activity": admin.activity,
        "timeout": admin.timeout,
        "control": admin.control,
        "collector_max_delay": admin.collector_max_delay,
        "min_links": admin.min_links,
        "max_links": admin.max_links,
        "defaulted": admin.defaulted,
        "oper_key": lag.actor.key if lag else admin.key,
        "partner_system_priority": partner.system_priority,
        "partner_system": mac_text(partner.system),
        "partner_key": partner.key,
        "individual": lag is not None and lag.actor.port != 0,
        "oper_state": "up" if aggregator.operational else "down",
        "data_rate": _data_rate(aggregator),
        "last_change": aggregator.last_change,
        "notifications": dict(vars(aggregator.notifications)),
        "moves": {
            **vars(aggregator.moves.counters),
            "held": sum(len(drain.buckets) for drain in aggregator.moves.drains),
            "pending": sum(map(len, aggregator.moves.pending.values())),
        },
        "ports": {port.name: _port_status(port) for port in aggregator.ports},
    }


def _data_rate(aggregator: Aggregator) -> int | None:
    """30.7.1.1, aAggDataRate: that of all links in use."""
    speeds = [port.speed_mbps for port in aggregator.ports if port.distributing]
    return None if None in speeds else sum(filter(None, speeds)) * 1_000_000


def _port_status(port: Port) -> dict[str, Any]:
    """``debug`` is 30.7.4.1; its ``LastRxTime`` is in seconds of the core's clock.

    ``partner_admin`` is Partner_Admin_* of 43.4.7; ``partner_admin_set``: whether the operator has set it.
    ``selected_aggregator`` and ``attached`` are names of Aggregators, "" where there is none (30.7.2.1);
    ``admin_state`` is an octet, as in ``actor``.
    """
    aggregator = port.aggregator
    return {
        "mac": mac_text(port.mac),
        "link": port.port_enabled,
        "speed_mbps": port.speed_mbps,
        "full_duplex": port.full_duplex,
        "number": port.Actor_Port_Number,
        "priority": port.Actor_Port_Priority,
        "individual": port.admin.individual,
        "aggregatable": port.Actor_Oper_Port_State.Aggregation,
        "admin_key": aggregator.admin.key,
        "admin_state": port.Actor_Admin_Port_State.octet(),
        "selected_aggregator": "" if port.Selected is Selected.UNSELECTED else aggregator.name,
        "attached": aggregator.name if port.mux_state.attached else "",
        "lacp": port.admin.lacp,
        "receive_state": str(port.receive_state),
        "periodic_state": str(port.periodic_state),
        "mux_state": str(port.mux_state),
        "selected": str(port.Selected),
        "actor_churn_state": str(port.actor_churn_state),
        "partner_churn_state": str(port.partner_churn_state),
        "collecting": port.collecting,
        "distributing": port.distributing,
        "actor": _information(port.actor_information()),
        "partner": _information(port.partner_information()),
        "partner_admin": _information(port.Partner_Admin),
        "partner_admin_set": _sets_partner(port.admin),
        "counters": dict(vars(port.counters)),
        "debug": vars(port.debug) | {"MuxReason": mux_reason(port)},
    }


def _sets_partner(admin: PortAdmin) -> bool:
    partner = [field for field in fields(admin) if field.name.startswith("partner_")]
    return any(getattr(admin, field.name) != field.default for field in partner)


def _information(information: Information) -> dict[str, Any]:
    return {
        "system_priority": information.system_priority,
        "system": mac_text(information.system),
        "key": information.key,
        "port_priority": information.port_priority,
        "port": information.port,
        "state": information.state.octet(),
    }


def mux_reason(port: Port) -> str:
    """30.7.4.1, MuxReason: why the Mux machine of a port is where it is, in words for an operator.

    One line without the port's name; true of this instant.
    """
    if not port.port_enabled:
        return "no carrier"
    if port.mux_state is MuxState.DETACHED:
        return _why_detached(port)
    if port.mux_state is MuxState.WAITING:
        return _why_waiting(port)
    if port.mux_state is MuxState.ATTACHED:
        return "the partner is not in sync"
    if port.mux_state is MuxState.COLLECTING:
        return "the partner does not collect yet"
    return "data flows: no LACP is asked" if port.aggregator.admin.link1 else "data flows: both ends agree"


def _why_detached(port: Port) -> str:
    refused = refusal(port)
    if refused is not None:
        return refused
    return f"{port.aggregator.name} serves another link aggregation group than this link's"


def _why_waiting(port: Port) -> str:
    admin = port.aggregator.admin
    if port.Selected is not Selected.STANDBY:
        return "waits for other links to come up (Aggregate_Wait_Time)"
    if any(other.Selected is Selected.SELECTED for other in port.aggregator.ports):
        return f"stands by: max-links is {admin.max_links} and other links go before"
    return f"stands by: fewer links than min-links {admin.min_links} have carrier"
