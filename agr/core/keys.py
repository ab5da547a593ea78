"""Operational keys (43.3.5): ports that differ in speed or duplex may not aggregate, so their keys differ."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from agr.core.variables import Aggregator


class LinkKind(NamedTuple):
    """Ports of one Aggregator that may aggregate with one another, but not with its first ones."""

    aggregator: str
    speed_mbps: int | None
    full_duplex: bool


class Keys:
    """Gives every port its Actor_Oper_Port_Key.

    The administrative key stands for one speed of an Aggregator, in full duplex: that of its first port with
    carrier, as long as a port with carrier has it. Ports of another known speed or in half duplex get a key
    from the upper end that no Aggregator has, the same one each time.
    """

    def __init__(self) -> None:
        self._administrative: set[int] = set()
        self._others: dict[LinkKind, int] = {}

    def assign(self, aggregators: Collection[Aggregator]) -> None:
        """Bring Actor_Oper_Port_Key of all ports up to date, after a change of administrative keys."""
        self._administrative = {aggregator.admin.key for aggregator in aggregators}
        names = {aggregator.name for aggregator in aggregators}
        self._others = {
            kind: key
            for kind, key in self._others.items()
            if kind.aggregator in names and key not in self._administrative
        }
        for aggregator in aggregators:
            self.follow(aggregator)

    def follow(self, aggregator: Aggregator) -> None:
        """Bring the keys of one Aggregator's ports up to date, after a change of its ports or their links."""
        aggregator.speed_mbps = _reference_speed(aggregator)
        for port in aggregator.ports:
            if port.full_duplex and port.speed_mbps in (None, aggregator.speed_mbps):
                port.Actor_Oper_Port_Key = aggregator.admin.key
            else:
                kind = LinkKind(aggregator.name, port.speed_mbps, port.full_duplex)
                port.Actor_Oper_Port_Key = self._other(kind)

    def _other(self, kind: LinkKind) -> int:
        if kind not in self._others:
            taken = self._administrative | set(self._others.values())
            self._others[kind] = next(key for key in range(0xFFFF, 0, -1) if key not in taken)
        return self._others[kind]


def _reference_speed(aggregator: Aggregator) -> int | None:
    ports = [port for port in aggregator.ports if port.port_enabled and port.full_duplex]
    speeds = {port.Actor_Port_Number: port.speed_mbps for port in ports if port.speed_mbps is not None}
    if not speeds or aggregator.speed_mbps in speeds.values():
        return aggregator.speed_mbps
    return speeds[min(speeds)]
