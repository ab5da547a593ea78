"""A lean LACP partner for any number of ports: a process of its own, a raw socket, no state machines.

It echoes what it hears, is always in Synchronization, collects and distributes while the other side is in
Synchronization too, sends once a second, and answers Markers. What it has not heard for 3 s is EXPIRED, after
6 s DEFAULTED. Ports can be told to be silent, or to say that they take no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.host.location import Here
from harness.traffic.child import Child
from testcases.benchmarks.hosts import Host, wait_until

_ANSWER_SECONDS = 10.0
_DISTRIBUTES = 0x3F
"""Actor_State of a port in service: all but Defaulted and Expired."""


@dataclass(frozen=True)
class Heard:
    """Of one port, since `Partner.forget`: LACPDUs, the longest time between two, how many not in service."""

    pdus: int
    longest_gap: float
    out_of_service: int


class Partner(Child):
    """Speaks on all of ``ports`` of a host: name of the port -> its key."""

    def __init__(self, host: Host, ports: Mapping[str, int], core: int) -> None:
        settings = {"ports": dict(ports), "core": core}
        super().__init__(Here(host.name), "testcases.benchmarks.partnering", settings)
        self._ports = ports

    def states(self) -> dict[str, int]:
        """Actor_State of the other side's ports, as each said it last; 0 where it was not heard."""
        return dict(self.ask({"do": "states"}, _ANSWER_SECONDS))

    def in_service(self) -> list[str]:
        """Ports whose other side distributes."""
        return [port for port, state in self.states().items() if state == _DISTRIBUTES]

    def wait_for_service(self, seconds: float) -> None:
        """All ports distribute."""
        wait_until(lambda: len(self.in_service()) == len(self._ports), "all ports distribute", seconds)

    def forget(self, *ports: str) -> None:
        """What was heard, of these ports or of all."""
        self.ask({"do": "forget", "ports": list(ports or self._ports)}, _ANSWER_SECONDS)

    def silence(self, port: str) -> None:
        """Its LACPDUs and Responses stay away; data passes."""
        self._be("silence", port)

    def withdraw(self, port: str) -> None:
        """It says Synchronization=0: the other side is to send no data there."""
        self._be("withdraw", port)

    def speak(self, *ports: str) -> None:
        """They take part, as at the beginning."""
        self._be("speak", *ports)

    def _be(self, mood: str, *ports: str) -> None:
        self.ask({"do": "be", "mood": mood, "ports": list(ports)}, _ANSWER_SECONDS)

    def heard(self) -> list[Heard]:
        """Of each port."""
        said = self.ask({"do": "heard"}, _ANSWER_SECONDS)["ports"]
        return [Heard(*port) for port in said]
