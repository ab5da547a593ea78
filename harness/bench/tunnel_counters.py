"""What a switch lost on wires through it, by the kernel's counters at both of their ends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from harness.bench.arrangement import TunnelledWire
from harness.lab.schema import Port
from harness.net.iproute import ip

Interface = tuple[str | None, str]
"""Namespace (None: where we are) and name."""


class Figures(NamedTuple):
    """Frames that an interface has sent and received."""

    sent: int
    received: int


class Reading(NamedTuple):
    """The figures of both ends of a wire."""

    near: Figures
    far: Figures


class TunnelCounters:
    """The counters of wires through the switch since a testcase began.

    Both ends must be interfaces of this machine; `namespace` is the implementation's.
    """

    def __init__(self, namespace: str | None) -> None:
        self._namespace = namespace
        self._began: dict[str, Reading] = {}

    def begin(self, wires: Iterable[TunnelledWire]) -> None:
        """A testcase begins. What is still on its way then is not counted as lost."""
        self._began = {}
        for wire in wires:
            if wire.tester is not None and wire.way.reaction:
                far_then, near_then = _read(_far(wire.tester)), _read(self._near(wire))
                self._began[wire.name] = Reading(near_then, far_then)

    def lost(self, wires: Iterable[TunnelledWire]) -> list[str]:
        """What the switch lost on each of these wires, in words; nothing where none was lost."""
        found = []
        for wire in wires:
            began = self._began.get(wire.name)
            if began is None or wire.tester is None:
                continue
            near, far = _read(self._near(wire)), _read(_far(wire.tester))
            outward = near.sent - began.near.sent - (far.received - began.far.received)
            far, near = _read(_far(wire.tester)), _read(self._near(wire))
            inward = far.sent - began.far.sent - (near.received - began.near.received)
            for number, way in ((outward, "from"), (inward, "to")):
                if number > 0:
                    frames = "1 frame" if number == 1 else f"{number} frames"
                    found.append(f"the switch lost {frames} {way} {wire.port} ({wire.way.words})")
        return found

    def _near(self, wire: TunnelledWire) -> Interface:
        return self._namespace, wire.port


def _far(port: Port) -> Interface:
    return port.namespace, port.interface


def _read(interface: Interface) -> Figures:
    namespace, name = interface
    (said,) = json.loads(ip(namespace, "-s", "-j", "link", "show", "dev", name))
    figures = said["stats64"]
    return Figures(int(figures["tx"]["packets"]), int(figures["rx"]["packets"]))
