"""Operational keys (43.3.5): ports that differ in speed may not aggregate, so their keys differ."""

from __future__ import annotations

from collections.abc import Iterable

from agr.core.aggregator import Aggregator


class Keys:
    """Gives every port its Actor_Oper_Port_Key.

    The administrative key stands for one speed of an Aggregator: that of its first port with carrier, as long
    as a port with carrier has it. Ports of another known speed get a key from the upper end that no
    Aggregator has, the same one each time.
    """

    def __init__(self) -> None:
        self._others: dict[tuple[str, int], int] = {}

    def assign(self, aggregators: Iterable[Aggregator]) -> None:
        """Bring Actor_Oper_Port_Key of all ports up to date."""
        aggregators = list(aggregators)
        administrative = {aggregator.admin.key for aggregator in aggregators}
        self._others = {which: key for which, key in self._others.items() if key not in administrative}
        for aggregator in aggregators:
            aggregator.speed_mbps = _reference_speed(aggregator)
            for port in aggregator.ports:
                if port.speed_mbps in (None, aggregator.speed_mbps):
                    port.Actor_Oper_Port_Key = aggregator.admin.key
                else:
                    which = (aggregator.name, port.speed_mbps)
                    port.Actor_Oper_Port_Key = self._other(which, administrative)

    def _other(self, which: tuple[str, int], administrative: set[int]) -> int:
        if which not in self._others:
            taken = administrative | set(self._others.values())
            self._others[which] = next(key for key in range(0xFFFF, 0, -1) if key not in taken)
        return self._others[which]


def _reference_speed(aggregator: Aggregator) -> int | None:
    speeds = [
        port.speed_mbps
        for port in sorted(aggregator.ports, key=lambda port: port.Actor_Port_Number)
        if port.port_enabled and port.speed_mbps is not None
    ]
    if not speeds or aggregator.speed_mbps in speeds:
        return aggregator.speed_mbps
    return speeds[0]
