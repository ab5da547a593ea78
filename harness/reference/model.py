"""Runs the machines of all ports: after each event, until no transition has a condition that holds."""

from __future__ import annotations

from collections.abc import Iterator

from harness.pdu import State
from harness.reference.choices import Choices
from harness.reference.churn import ACTOR_CHURN, PARTNER_CHURN
from harness.reference.marker import RESPONDER
from harness.reference.mux import CONTROL
from harness.reference.periodic import PERIODIC
from harness.reference.receive import RECEIVE
from harness.reference.selection import select
from harness.reference.table import Machine
from harness.reference.transmit import TRANSMIT, latest, may_wait, next_allowed
from harness.reference.variables import Aggregator, Port


def _has_moved(port: Port, other: Port) -> bool:
    """43.4.8, port_moved: the partner of a port that is down is received on another of its System."""
    pdu = other.received
    return (
        pdu is not None
        and other is not port
        and other.port_enabled
        and other.LACP_Enabled
        and port.states.get("Receive") == "PORT_DISABLED"
        and State.Defaulted not in port.actor.state
        and other.actor.system == port.actor.system
        and (pdu.actor.system, pdu.actor.port) == (port.partner.system, port.partner.port)
    )


class Model:
    """Aggregators and their ports. Times are seconds; `choices` decides what the clause leaves open."""

    def __init__(self, choices: Choices) -> None:
        self.aggregators: list[Aggregator] = []
        self.choices = choices
        self.now = 0.0

    @property
    def ports(self) -> list[Port]:
        """The ports of all Aggregators, in the order of attachment."""
        return [port for aggregator in self.aggregators for port in aggregator.ports]

    def until(self, now: float) -> None:
        """Let time pass without an event.

        An arrow from any state that held all the time has led into its state ever anew: its timers start now.
        """
        self.now = now
        for port in self.ports:
            port.now = now
            for machine in self.machines(port):
                machine.step(port)

    def machines(self, port: Port) -> Iterator[Machine]:
        """The machines of a port, without its Transmit machine."""
        for drawn in (
            RECEIVE, CONTROL[port.aggregator.control], PERIODIC, ACTOR_CHURN, PARTNER_CHURN, RESPONDER,
        ):  # fmt: skip
            yield self.choices.figures.get(drawn.name, drawn)

    def settle(self, now: float) -> None:
        """Follow every arrow until no condition holds any more, as if it took no time; then transmit.

        The standard's machines run side by side. In which order they are asked here shows only in that one
        LACPDU is sent for all that one event brings about, with the values that stand at the end (43.4.16).
        """
        self.now = now
        for port in self.ports:
            port.now = now
            port.port_moved |= any(_has_moved(port, other) for other in self.ports)
        while self._step():
            pass
        for port in self.ports:
            port.received = port.marker = None  # what no machine took is discarded
            self.transmit(port)

    def transmit(self, port: Port) -> None:
        """Let the Transmit machine of a port send what is due."""
        if may_wait(port) and not self.choices.transmit(port):
            return
        while TRANSMIT.step(port):
            pass

    def _step(self) -> bool:
        moved = False
        for port in self.ports:
            for machine in self.machines(port):
                moved |= machine.step(port)
            if port.NTT and not (port.BEGIN or self.choices.one_lacpdu):
                self.transmit(port)
            if port.BEGIN:
                TRANSMIT.step(port)
                port.BEGIN = False
                while TRANSMIT.step(port):  # DETACHED has set NTT, and Periodic is in NO_PERIODIC
                    pass
        for aggregator in self.aggregators:
            moved |= select(aggregator, self.choices)
        return moved

    def deadline(self) -> float | None:
        """When the next timer expires, or the transmit limit ends; None without either."""
        times = [time for port in self.ports for time in port.timers.values()]
        times += [time for port in self.ports if port.NTT for time in (next_allowed(port), latest(port))]
        return min((time for time in times if time > self.now), default=None)
