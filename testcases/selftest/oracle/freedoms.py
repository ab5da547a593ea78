"""What the standard leaves open: the reference does as agr did, as far as the clause allows, no further."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.pdu import Frame, PortInfo, State
from harness.reference.choices import Choices
from harness.reference.lag import Lag, lag_between
from harness.reference.transmit import count
from harness.reference.variables import Aggregator, Port, Selected
from testcases.selftest.oracle.compare import Sent, is_lacpdu


def info(said: dict[str, Any]) -> PortInfo:
    """The Actor or Partner of a port in a status."""
    return PortInfo(**(said | {"state": State(said["state"])}))


class AsAgr(Choices):
    """agr has dealt with the event: `said` gives its status, `speaks` are the ports that sent an LACPDU."""

    def __init__(self, said: Callable[[], dict[str, Any]]) -> None:
        super().__init__()
        self._said = said
        self.speaks: set[str] = set()

    def lag(self, aggregator: Aggregator, lags: Sequence[Lag]) -> Lag:
        """43.4.14: a free Aggregator may serve any LAG that a port has; no clause says which."""
        for port in self._said()["ports"].values():
            lag = lag_between(info(port["actor"]), info(port["partner"]))
            if port["selected"] != Selected.UNSELECTED and lag in lags:
                return lag
        return super().lag(aggregator, lags)

    def active(self, aggregator: Aggregator, ranked: Sequence[Port], limit: int) -> Sequence[Port]:
        """43.6.1 orders the links that can be used. One that cannot be used now may be passed over.

        That is one without carrier, one whose partner is not heard (EXPIRED), and one that would have to wait
        first while the link in its place is attached.
        """
        ports = self._said()["ports"]
        taken = [port for port in ranked if ports[port.name]["selected"] == Selected.SELECTED]
        last = max(map(ranked.index, taken), default=0)
        passed_over = [port for port in ranked[:last] if port not in taken]
        if len(taken) == limit and all(map(_cannot_be_used, passed_over)):
            return taken
        return super().active(aggregator, ranked, limit)

    def transmit(self, port: Port) -> bool:
        """43.4.16: a fourth LACPDU leaves when Fast_Periodic_Time is over, whose tolerance is the timers'."""
        return port.name in self.speaks


def _cannot_be_used(port: Port) -> bool:
    waits = port.mux in ("DETACHED", "WAITING") and not port.Ready_N
    return not port.port_enabled or port.states["Receive"] == "EXPIRED" or waits


def without_farewell(sent: Sent, port: Port) -> Sent:
    """43.4.12, LACP_DISABLED: where LACP is turned off one last LACPDU is legal, if it claims nothing.

    Gives what else was sent. The reference counts the LACPDU, as the limit of 43.4.16 does.
    """
    pdus = [one for one in sent if one[:2] == ("port", port.name) and is_lacpdu(one[2])]
    claims = State.Synchronization | State.Collecting | State.Distributing
    if len(pdus) != 1 or Frame(0.0, pdus[0][2], False, "").actor.state & claims:
        return sent
    count(port)
    return [one for one in sent if one not in pdus]
