"""The status that agrconfig shows: what the core knows, completed with what the kernel knows."""

from __future__ import annotations

import errno
import os
from typing import Any

import agr
from agr.daemon.aggregate import Aggregate
from agr.daemon.interfaces import IFF_RUNNING, Interfaces
from agr.daemon.protocol import Refused
from agr.daemon.service import Service


async def status(service: Service, interfaces: Interfaces, name: str | None) -> dict[str, Any]:
    """All aggregates, or one, JSON-ready; "carrier" is the kernel's RUNNING. Raises Refused (ENXIO)."""
    if name is not None and name not in service.aggregates:
        raise Refused(errno.ENXIO, f"there is no agr interface {name} here")
    core = service.core_status()
    aggregates = {}
    for aggregate in tuple(service.aggregates.values()):
        if name in (None, aggregate.name):
            aggregates[aggregate.name] = await _aggregate(interfaces, aggregate, core[aggregate.name])
    return {"agrd": {"version": agr.__version__, "pid": os.getpid()}, "aggregates": aggregates}


async def _aggregate(interfaces: Interfaces, aggregate: Aggregate, core: dict[str, Any]) -> dict[str, Any]:
    traffic = {port: aggregate.path.port_traffic(port).as_dict() for port in aggregate.members}
    undistributed = aggregate.path.client_traffic().as_dict()
    interface = await interfaces.find_index(aggregate.index)
    kernel: dict[str, Any] = {}
    if interface is not None:
        kernel = {
            "mac": interface.mac.hex(":"),
            "mtu": interface.mtu,
            "up": interface.up,
            "carrier": bool(interface.flags & IFF_RUNNING),
            "addresses": await interfaces.addresses(aggregate.index),
        }
    ports = {port: {**core["ports"][port], "traffic": traffic[port]} for port in core["ports"]}
    return {**core, **kernel, "traffic": undistributed, "ports": ports}
