"""Wires through the switch: made by command, proven by probes, taken away again (docs/design.md, rule 6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from harness.bench.arrangement import TunnelledWire, tunnels, with_wires
from harness.bench.places import Places
from harness.bench.transparency import Ends, reaction
from harness.host.tester_ports import OwnPorts
from harness.lab.schema import Lab
from harness.lab.tunnel import KINDS, LACP, Tunnel
from harness.switch import Journal, Switch
from harness.verdict import BenchError

JUMBO = 9000
"""Octets of the MTU from which on jumbo frames are probed."""


class Tunnels:
    """Those of a bench. ``switch`` gives the command line that makes them, ``commanding`` that by which wires
    lose their carrier; ``state`` is the bench's directory.

    ``journal`` has what the switch's ports were before. ``unfit`` says of the last ones made what kept them
    from being wires; empty where they are.
    """

    def __init__(
        self,
        lab: Lab,
        places: Places,
        state: Path,
        switch: Callable[[], Switch],
        commanding: Callable[[], Switch],
    ) -> None:
        self._places = places
        self._patience = lab.limits.link_up
        self.journal = Journal(state / "tunnels.journal")
        self._ports = OwnPorts(state / "tunnels.ports.journal", places.find)
        self._switch = switch
        self._commanding = commanding
        self.unfit: list[str] = []

    def make(self, lab: Lab) -> Lab:
        """Make the wires through the switch of a bench as it is to be arranged, and prove them.

        Gives the lab with what was found. A tunnel that the switch refuses, or that is no wire, is `unfit`.
        """
        found = {}
        for wire in tunnels(lab):
            found[wire.name] = self._made(wire, jumbo=lab.mtu >= JUMBO)
        wires = [
            wire.model_copy(update={"way": found[wire.name]}) if wire.name in found else wire
            for wire in lab.wires
        ]
        return with_wires(lab, wires)

    def take_away(self) -> None:
        """Put the switch's ports, and those of the implementation, back to what they were before."""
        self.unfit = []
        self._ports.restore()
        if self.journal.pending():
            self._switch().restore(self.journal)

    def _made(self, wire: TunnelledWire, *, jumbo: bool) -> Tunnel:
        """A tunnel, as it was found to be."""
        way = wire.way
        try:
            self._switch().tunnel(way.near, way.far, way.vlan, self.journal)
            return self._proven(wire, jumbo=jumbo)
        except BenchError as error:
            self.unfit.append(f"{wire.name} through the switch ({way.words}): {error}")
            return replace(way, blocked=frozenset(KINDS))

    def _proven(self, wire: TunnelledWire, *, jumbo: bool) -> Tunnel:
        """What a tunnel was found to be; BenchError where that is no wire.

        Where the implementation's end cannot be seen, it is as it was said to be, and has the time that the
        switch takes for its commands.
        """
        way = wire.way
        at = self._places.implementation
        if at.link_state(wire.port) is None or wire.tester is None:
            return replace(way, reaction=self._commands(way.near))
        self._ports.set(at, wire.port, up=True)
        try:
            with (
                closing(at.packets(wire.port)) as near,
                closing(self._places.of(wire.tester).packets(wire.tester.interface)) as far,
            ):
                return self._probed(wire, Ends(near, far), jumbo=jumbo)
        finally:
            self._ports.restore()

    def _probed(self, wire: TunnelledWire, ends: Ends, *, jumbo: bool) -> Tunnel:
        way = wire.way
        if not ends.passes_within(self._patience):
            words = "are the cables in these ports?"
            raise BenchError(f"no frame passes in {self._patience:g} s (limits.link_up): {words}")
        blocked = ends.blocked(jumbo=jumbo)
        if LACP in blocked:
            words = "does the switch tunnel LACP, and is its MTU 1504 octets or more?"
            raise BenchError(f"{KINDS[LACP]} do not pass: {blocked[LACP]}; {words}")
        if ends.learns():
            raise BenchError(f"the switch learns addresses in VLAN {way.vlan}, which no cable does")
        took = reaction(
            ends,
            lambda: self._commanding().shut(way.near),
            lambda: self._commanding().no_shut(way.near),
            lambda: self._has_carrier(wire.port),
            self._patience,
        )
        return replace(way, blocked=frozenset(blocked), reaction=took, proven=True)

    def _has_carrier(self, port: str) -> bool:
        found = self._places.implementation.link_state(port)
        return found is not None and found.carrier

    def _commands(self, port: str) -> float:
        """Seconds that the switch takes to shut a port, or to set it up, whichever takes longer."""
        took = []
        for order in (self._commanding().shut, self._commanding().no_shut):
            start = time.monotonic()
            order(port)
            took.append(time.monotonic() - start)
        return max(took)


def words_of(lab: Lab) -> dict[str, str]:
    """What the report says of the wires through the switch: their ways, what they block, their reaction."""
    said = []
    for wire in tunnels(lab):
        way = wire.way
        blocked = [words for kind, words in KINDS.items() if kind in way.blocked]
        parts = [f"{wire.name}: {way.words}", f"reaction {way.reaction:.2f} s"]
        if not way.proven:
            parts.append("not proven")
        said.append(", ".join([*parts, *([f"not passed: {'; '.join(blocked)}"] if blocked else [])]))
    return {"wires through the switch": " | ".join(said)} if said else {}
