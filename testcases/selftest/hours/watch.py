"""What must hold at any time, whatever partners, wires and operators do.

Each check names the clause it is from. It sees what a host sees: outputs, and an operator's status.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from typing import Any

from agr.core import lacpdu, marker, outputs
from agr.core.constants import (
    SILENT_MARKER_WAIT,
    UNANSWERED_MARKERS,
    Marker_Wait_Time,
)
from agr.core.distribution import BUCKETS
from agr.core.lacpdu import PortState
from testcases.selftest.core.lab import Sent, check_pdu, information

# 43.4.4, 43.4.16: not the core's own, so that a change there is noticed here
Fast_Periodic_Time, Slow_Periodic_Time = 1.0, 30.0
LACPDU_LIMIT = 3

# Rounding of sums of floating-point seconds
EPSILON = 1e-6
_ATTACHED = ("ATTACHED", "COLLECTING", "DISTRIBUTING", "COLLECTING_DISTRIBUTING")
_BITS = {
    "DETACHED": (False, False, False),
    "WAITING": (False, False, False),
    "ATTACHED": (True, False, False),
    "COLLECTING": (True, True, False),
    "DISTRIBUTING": (True, True, True),
    "COLLECTING_DISTRIBUTING": (True, True, True),
}


@dataclass
class _Port:
    collecting: bool = False
    distributing: bool = False
    silent: bool = True  # LACP runs, and its partner is not heard
    unanswered: int = 0  # Markers in a row that had no Response
    link: bool = False
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=LACPDU_LIMIT))
    last_sent: float = float("-inf")
    periodic: str = "NO_PERIODIC"
    periodic_since: float = float("-inf")


@dataclass
class _Held:
    """A conversation that is kept: since when, how long without an answer, and what of its Marker."""

    since: float
    wait: float
    old: str | None
    marked: float | None = None
    answered: bool = False


class Watch:
    """``leaving`` are the ports under a planned detach, kept up to date by the host.

    Raises AssertionError for what does not hold.
    """

    def __init__(self) -> None:
        self.ports: dict[str, _Port] = defaultdict(_Port)
        self.table: dict[str, list[str | None]] = defaultdict(lambda: [None] * BUCKETS)
        self.held: dict[str, dict[int, _Held]] = defaultdict(dict)
        self.round_robin: dict[str, tuple[str, ...] | None] = defaultdict(lambda: None)
        self.leaving: set[str] = set()
        self.counts: dict[str, int] = defaultdict(int)
        self._outstanding: dict[tuple[str, marker.Marker], float] = {}

    # What the host tells

    def link(self, port: str, up: bool) -> None:
        """Carrier, before the core is told."""
        self.ports[port].link = up

    def gone(self, port: str) -> None:
        """The port was removed at once."""
        found = self.ports.pop(port)
        assert not found.collecting and not found.distributing, f"{port} is gone while it carries data"

    def restarted(self) -> None:
        """Another process begins: it is told anew what the host is to do, and holds nothing."""
        for port in self.ports.values():
            port.collecting = port.distributing = False
        for state in (self.table, self.held, self.round_robin):
            state.clear()

    def heard(self, now: float, port: str, frame: bytes) -> None:
        """A frame for ``port``, before the core gets it: Marker Responses count (43.5.4)."""
        if frame[12:16] != b"\x88\x09\x02\x01":
            return
        try:
            found = marker.decode(frame)
        except lacpdu.IllegalPDU:
            return
        if found.kind != marker.MARKER_RESPONSE:
            return
        asked = self._outstanding.pop((port, replace(found, kind=marker.MARKER_INFORMATION)), None)
        if asked is None:
            return
        waited_for = [
            at
            for (where, _), at in self._outstanding.items()
            if where == port and now - at <= Marker_Wait_Time
        ]
        self.ports[port].unanswered = len(waited_for)
        for held in self._held_of(port):  # any Marker that went out behind what is held will do
            if held.marked is not None and held.marked <= asked:
                held.answered = True

    def _held_of(self, port: str) -> list[_Held]:
        return [held for all_held in self.held.values() for held in all_held.values() if held.old == port]

    # What the core asks for

    def see(self, now: float, output: outputs.Output) -> None:
        """Check one output."""
        self.counts[type(output).__name__] += 1
        if isinstance(output, outputs.Transmit):
            self._transmit(now, output)
        elif isinstance(output, outputs.CollectingChanged):
            assert self.ports[output.port].collecting != output.on
            self.ports[output.port].collecting = output.on
        elif isinstance(output, outputs.DistributingChanged):
            assert self.ports[output.port].distributing != output.on
            self.ports[output.port].distributing = output.on
        elif isinstance(output, outputs.StateChanged):
            self._state(now, output)
        elif isinstance(output, outputs.Hold):
            self._hold(now, output)
        elif isinstance(output, outputs.Assign):
            self._assign(now, output)
        elif isinstance(output, outputs.RoundRobin):
            self.round_robin[output.aggregator] = output.ports
        elif isinstance(output, outputs.Detachment):
            self._left(output.port)

    def _state(self, now: float, output: outputs.StateChanged) -> None:
        port = self.ports[output.port]
        if output.machine == "receive":
            port.silent = output.new not in ("CURRENT", "LACP_DISABLED")
        elif output.machine == "periodic":
            port.periodic, port.periodic_since = output.new, now

    def _left(self, name: str) -> None:
        port = self.ports[name]
        assert not port.collecting and not port.distributing, f"{name} left while it carries data"
        self.ports[name] = _Port(link=port.link)

    def _transmit(self, now: float, output: outputs.Transmit) -> None:
        port = self.ports[output.port]
        if output.frame[14] == 2:
            self._marker(now, output.port, marker.decode(output.frame))
            return
        if len(port.sent) == LACPDU_LIMIT:
            assert now - port.sent[0] > Fast_Periodic_Time - EPSILON, f"{output.port}: 43.4.16: 4 PDUs in 1 s"
        port.sent.append(now)
        port.last_sent = now
        pdu = lacpdu.decode(output.frame)
        sent = Sent(now, output.port, pdu, output.frame)
        check_pdu(sent, (port.collecting, port.distributing), output.port in self.leaving)

    def _marker(self, now: float, port: str, sent: marker.Marker) -> None:
        if sent.kind != marker.MARKER_INFORMATION:
            return
        key = (port, sent)
        asked = self._outstanding.get(key)
        assert asked is None or now - asked > Marker_Wait_Time - EPSILON, f"{port}: 43.5.4: id in use twice"
        self._outstanding[key] = now
        self.ports[port].unanswered += 1
        for held in self._held_of(port):
            if held.marked is None:
                held.marked = now

    def _hold(self, now: float, output: outputs.Hold) -> None:
        table, held = self.table[output.aggregator], self.held[output.aggregator]
        for bucket in output.buckets:
            if bucket not in held:
                held[bucket] = _Held(now, self._wait(table[bucket]), table[bucket])

    def _wait(self, old: str | None) -> float:
        """Shorter where the partner answered none of the last Markers."""
        silent = old is not None and self.ports[old].unanswered >= UNANSWERED_MARKERS
        return SILENT_MARKER_WAIT if silent else Marker_Wait_Time

    def _assign(self, now: float, output: outputs.Assign) -> None:
        table, held = self.table[output.aggregator], self.held[output.aggregator]
        if output.port is not None:
            assert self.ports[output.port].distributing, f"43.2.4: {output.port} does not distribute"
        for bucket in output.buckets:
            kept = held.pop(bucket, None)
            if table[bucket] not in (None, output.port) and output.port is not None:
                self._may_move(now, output.aggregator, bucket, kept)
            table[bucket] = output.port

    def _may_move(self, now: float, aggregate: str, bucket: int, kept: _Held | None) -> None:
        """43A.3: the old link is dead, or a Marker came back on it, or the wait is over."""
        old = self.table[aggregate][bucket]
        assert old is not None
        port = self.ports[old]
        if not port.link or port.silent or self.round_robin[aggregate] is not None:
            return
        assert kept is not None, f"conversation {bucket} leaves {old}, which lives, without a hold"
        waited = now - kept.since >= kept.wait - EPSILON
        assert kept.answered or waited, f"conversation {bucket} leaves {old} before its Marker came back"

    # At rest

    def at_rest(self, now: float, status: dict[str, Any]) -> None:
        """Between two events: outputs and status tell one story."""
        lags = {}
        for name, aggregate in status["aggregates"].items():
            self._check_table(now, name, set(aggregate["ports"]))
            for port, shown in aggregate["ports"].items():
                self._check_port(now, port, shown)
            lag = self._lag(aggregate)
            assert lag is None or lag not in lags, f"43.3.6: {name} and {lags[lag]} serve one LAG ID"
            lags[lag] = name

    def _check_table(self, now: float, aggregate: str, members: set[str]) -> None:
        held, table = self.held[aggregate], self.table[aggregate]
        for bucket, kept in held.items():
            assert now - kept.since <= Marker_Wait_Time + EPSILON, f"conversation {bucket} is held for ever"
        if self.round_robin[aggregate] is not None:
            return
        active = {port for port in members if self.ports[port].distributing}
        for bucket, port in enumerate(table):
            if bucket in held:
                continue
            assert port is None or port in active, f"43.2.4: conversation {bucket} on {port}, which is off"
            assert port is not None or not active - self.leaving, f"conversation {bucket} goes nowhere"

    def _check_port(self, now: float, name: str, shown: dict[str, Any]) -> None:
        port = self.ports[name]
        state = PortState.from_octet(shown["actor"]["state"])
        bits = (state.Synchronization, state.Collecting, state.Distributing)
        assert bits == _BITS[shown["mux_state"]], f"{name}: {shown['mux_state']} with {bits}"
        assert shown["distributing"] == port.distributing == state.Distributing
        assert shown["collecting"] == port.collecting
        assert port.collecting == state.Collecting or name in self.leaving
        if shown["receive_state"] != "PORT_DISABLED":  # which leaves the bit as it was (43.4.12)
            assert state.Expired == (shown["receive_state"] == "EXPIRED"), f"{name}: Expired {shown}"
        if shown["receive_state"] in ("DEFAULTED", "LACP_DISABLED"):
            assert state.Defaulted
        if shown["receive_state"] == "CURRENT":
            assert not state.Defaulted
        assert port.link or not port.distributing or not shown["link"]
        self._check_cadence(now, name, port)

    def _check_cadence(self, now: float, name: str, port: _Port) -> None:
        """43.4.13: a port that transmits periodically has not fallen silent, so no timer is lost."""
        periods = {"FAST_PERIODIC": Fast_Periodic_Time, "SLOW_PERIODIC": Slow_Periodic_Time}
        if port.periodic in periods and now - port.periodic_since > 2 * periods[port.periodic]:
            late = now - port.last_sent - 2 * periods[port.periodic]
            assert late < EPSILON, f"{name}: {port.periodic}, and no PDU for {now - port.last_sent:g} s"

    @staticmethod
    def _lag(aggregate: dict[str, Any]) -> tuple[Any, ...] | None:
        """43.3.6: the LAG that the attached ports are in; all of them in one."""
        found = set()
        for shown in aggregate["ports"].values():
            if shown["mux_state"] not in _ATTACHED or shown["selected"] != "SELECTED":
                continue
            actor, partner = information(shown["actor"]), information(shown["partner"])
            together = actor.state.Aggregation and partner.state.Aggregation
            alone = () if together else (actor.port, partner.port, partner.port_priority)
            ends = ((end.system_priority, end.system, end.key) for end in (actor, partner))
            found.add((*ends, *alone))
        assert len(found) <= 1, f"43.3.6: ports of several LAGs attached to one Aggregator: {found}"
        return found.pop() if found else None
