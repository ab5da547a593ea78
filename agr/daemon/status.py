"""The status that agrconfig shows, of what the core and the kernel know."""

from __future__ import annotations

import errno
import os
from dataclasses import asdict
from typing import Any

import agr
from agr.control.protocol import Refusal
from agr.daemon.aggregate import Aggregate
from agr.daemon.linux.interfaces import IFF_RUNNING, Interfaces
from agr.daemon.service import Service


async def status(service: Service, interfaces: Interfaces, name: str | None) -> dict[str, Any]:
    """All aggregates, or one, JSON-ready. Raises Refusal (ENXIO).

    "carrier" is the kernel's RUNNING; "client" its counters of the interface, by the names of 30.7.1.1,
    octets with Ethernet headers; "clock" the core's, in seconds, to compare its times with.
    """
    if name is not None and name not in service.aggregates:
        raise Refusal(errno.ENXIO, f"there is no agr interface {name} here")
    chosen = [aggregate for aggregate in service.aggregates.values() if name in (None, aggregate.name)]
    shown = {}
    for aggregate in chosen:
        if not service.world.registry.has(aggregate):
            continue  # it was destroyed meanwhile
        # One aggregate's at one instant, and between two of them the event loop has its turn.
        own = _of_agrd(service, aggregate)
        shown[aggregate.name] = own | await _of_kernel(interfaces, aggregate.index)
    agrd = {"version": agr.__version__, "pid": os.getpid(), "clock": service.world.runner.now()}
    return {"agrd": agrd, "aggregates": shown}


def _of_agrd(service: Service, aggregate: Aggregate) -> dict[str, Any]:
    """ "overrun_pdus" of a port: slow protocol frames that were never read, so that 30.7.3.1 has them not."""
    path, runner = aggregate.path, service.world.runner
    core = service.core_status(aggregate.name)
    ports = {
        port: {
            **values,
            "overrun_pdus": runner.overrun(port),
            "traffic": path.port_traffic(port).as_dict(),
        }
        for port, values in core["ports"].items()
    }
    own: dict[str, Any] = {
        "data_path": path.name,
        "data_path_reason": aggregate.reason,
        "reports": [asdict(report) for report in aggregate.reports],
    }
    return {**core, **own, "traffic": path.client_traffic().as_dict(), "ports": ports}


async def _of_kernel(interfaces: Interfaces, index: int) -> dict[str, Any]:
    interface = await interfaces.find_index(index)
    if interface is None:
        return {}
    return {
        "mac": interface.mac.hex(":"),
        "mtu": interface.mtu,
        "up": interface.up,
        "carrier": bool(interface.flags & IFF_RUNNING),
        "client": {
            "FramesTxOK": interface.sent[0],
            "OctetsTxOK": interface.sent[1],
            "FramesRxOK": interface.received[0],
            "OctetsRxOK": interface.received[1],
        },
        "addresses": await interfaces.addresses(index),
    }
