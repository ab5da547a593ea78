"""What a switch lost on wires through it, by the kernel's counters at both of their ends."""

from __future__ import annotations

from collections.abc import Iterable

from harness.bench.arrangement import TunnelledWire
from harness.bench.places import Places


class TunnelCounters:
    """The counters of wires through the switch since a testcase began.

    Both ends must be interfaces of hosts. Only what the implementation has sent is looked at: its ports are
    down at times, and what is sent to them then nobody has lost.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._began: dict[str, int] = {}

    def begin(self, wires: Iterable[TunnelledWire]) -> None:
        """A testcase begins. What is still on its way then is not counted as lost."""
        self._began = {wire.name: -self._behind(wire, far_first=True) for wire in wires if wire.way.proven}

    def lost(self, wires: Iterable[TunnelledWire]) -> list[str]:
        """What the switch lost on each of these wires, in words; nothing where none was lost."""
        found = []
        for wire in wires:
            if wire.name in self._began:
                number = self._began[wire.name] + self._behind(wire, far_first=False)
                if number > 0:
                    frames = "1 frame" if number == 1 else f"{number} frames"
                    found.append(f"the switch lost {frames} of {wire.port} ({wire.way.words})")
        return found

    def _behind(self, wire: TunnelledWire, *, far_first: bool) -> int:
        """Frames that the implementation's end has ever sent more than the tester's has received."""
        received = self._received(wire) if far_first else 0
        _received, sent = self._places.implementation.frames(wire.port)
        return sent - (received if far_first else self._received(wire))

    def _received(self, wire: TunnelledWire) -> int:
        if wire.tester is None:
            return 0
        received, _sent = self._places.of(wire.tester).frames(wire.tester.interface)
        return received
