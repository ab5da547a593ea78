"""A Lab whose host takes its time to hold and whose partners take theirs to answer Markers.

It keeps a data path of its own and checks every output against it: no conversation changes links without
order being safe, none is held too long, none is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from hypothesis import strategies as st

from agr.core import marker
from agr.core.constants import SILENT_MARKER_WAIT, Marker_Wait_Time
from agr.core.distribution import BUCKETS
from agr.core.marker import MARKER_INFORMATION, Marker
from agr.core.outputs import Assign, Detachment, Hold, Output, RoundRobin, StateChanged, Transmit
from testcases.selftest.core.events import EVENTS
from testcases.selftest.core.lab import FOREIGN, Lab

_ROUNDING = 1e-9

# For random histories: how long a host or a partner takes
DELAYS = st.sampled_from([0.0, 0.003, 0.2, 1.5, None])


def steps(*more: str) -> st.SearchStrategy[tuple[str, str, float]]:
    """What happens, one of EVENTS or ``more``; to which port; and the pause behind it, in seconds."""
    return st.tuples(
        st.sampled_from([*sorted(EVENTS), *more]),
        st.sampled_from(["re0", "re1", "re2"]),
        st.sampled_from([0.0, 0.01, 0.4, 2.0]),
    )


def happen(lab: MovingLab, event: str, port: str) -> None:
    """One of EVENTS, or "detach", which does not happen twice; a port that has gone is added instead."""
    if port not in lab.partners:
        lab.add(int(port[2:]))
    elif event != "detach":
        EVENTS[event](lab, port)
    elif port not in lab.detaching:
        lab.detach(port)


@dataclass
class Held:
    """A bucket that is held: since when, and whether what left on ``port`` is known to have arrived."""

    port: str
    since: float
    in_force: bool = False
    markers: set[int] = field(default_factory=set)
    drained: bool = False


class MovingLab(Lab):
    """``hold_delay`` and ``answer_delay`` in seconds; None: never."""

    def __init__(
        self,
        ports: int = 2,
        up: bool = True,
        hold_delay: float | None = 0.0,
        answer_delay: float | None = 0.0,
        **variables: str,
    ) -> None:
        self.hold_delay = hold_delay
        self.answer_delay = answer_delay
        self.table: list[str | None] = [None] * BUCKETS
        self.held: dict[int, Held] = {}
        self.holds: list[tuple[int, ...]] = []
        self.turns: tuple[str, ...] | None = None
        self.heard: dict[str, str] = {}  # state of the Receive machine, at this place in the outputs
        self.markers: list[tuple[float, str, Marker]] = []
        self.moved: list[tuple[float, Assign]] = []
        self.left: list[tuple[float, str]] = []
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        super().__init__(ports, up, **variables)

    # Time

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            deadline = self.system.deadline()
            following = min(end, end if deadline is None else deadline)
            if self._coming and self._coming[0][0] <= following:
                self.now, _, happens = heappop(self._coming)
                happens()
            elif following < end or deadline == end:
                super().run(following - self.now)
            else:
                break
        self.now = end
        self.check()

    def later(self, seconds: float | None, happens: Callable[[], None]) -> None:
        if seconds is not None:
            heappush(self._coming, (self.now + seconds, next(self._order), happens))

    # What the core asks for

    def _do(self, output: Output) -> None:
        if isinstance(output, Hold):
            self.log.append((self.now, output))
            self._hold(output)
            return
        super()._do(output)
        if isinstance(output, StateChanged) and output.machine == "receive":
            self.heard[output.port] = output.new
        elif isinstance(output, Assign):
            self.moved.append((self.now, output))
            for bucket in output.buckets:
                self._assign(bucket, output.port)
        elif isinstance(output, RoundRobin):
            self.turns = output.ports
        elif isinstance(output, Detachment):
            assert self.data[output.port] == (False, False)
            assert output.port not in self.table
            self.left.append((self.now, output.port))
            del self.partners[output.port]
        elif isinstance(output, Transmit) and output.behind_data:
            self._marker_sent(output)

    def _hold(self, output: Hold) -> None:
        for bucket in output.buckets:
            port = self.table[bucket]
            assert port is not None and bucket not in self.held, "held without need"
            self.held[bucket] = Held(port, self.now)
        self.holds.append(output.buckets)
        if self.hold_delay == 0:
            self._in_force()
        else:
            self.later(self.hold_delay, self._in_force)

    def _in_force(self) -> None:
        for bucket in self.holds.pop(0):
            if bucket in self.held:
                self.held[bucket].in_force = True
        self.system.held(self.now, "agr0")
        self.drain()

    def _assign(self, bucket: int, port: str | None) -> None:
        held = self.held.pop(bucket, None)
        old = self.table[bucket]
        self.table[bucket] = port
        if held is not None:
            waited = self.now - held.since
            assert waited <= Marker_Wait_Time + _ROUNDING, "held for too long"
            safe = held.drained or waited >= self.bound(held.port) - _ROUNDING
            assert port == held.port or safe or self.lost(held.port) or self.turns is not None
        elif old is not None:
            assert self.lost(old) or self.turns is not None, "moved in disorder"
        if port is not None:
            assert self.data[port][1], "assigned to a port that does not distribute"

    def bound(self, port: str) -> float:
        silent = [m for _, name, m in self.markers if name == port]
        return SILENT_MARKER_WAIT if self.answer_delay is None and len(silent) >= 3 else Marker_Wait_Time

    def lost(self, port: str) -> bool:
        """Without carrier, or with a partner that is not heard; or gone."""
        ports = self.system.status(self.now)["aggregates"]["agr0"]["ports"]
        if port not in ports:
            return True
        return not ports[port]["link"] or self.heard[port] not in ("CURRENT", "LACP_DISABLED")

    def _marker_sent(self, output: Transmit) -> None:
        sent = marker.decode(output.frame)
        port = output.port
        assert sent.kind == MARKER_INFORMATION
        assert (sent.requester_port, sent.requester_system) == (
            self.status(port)["actor"]["port"],
            bytes.fromhex(self.status(port)["actor"]["system"].replace(":", "")),
        )
        identifier = sent.requester_transaction_id
        assert all(m.requester_transaction_id != identifier for _, _, m in self.markers), "not a new one"
        self.markers.append((self.now, port, sent))
        for held in self.held.values():
            if held.port == port and held.in_force:
                held.markers.add(identifier)
        if self.answer_delay is not None:
            self.later(self.answer_delay, lambda: self.answer(port, sent))

    def answer(self, port: str, sent: Marker) -> None:
        """The partner's Marker Response."""
        if port not in self.partners or not self.status(port)["link"]:
            return
        for held in self.held.values():
            if held.port == port and sent.requester_transaction_id in held.markers:
                held.drained = True
        self.receive(port, marker.encode(marker.response(sent), source=FOREIGN))

    # What must hold between events

    def drain(self) -> None:
        super().drain()
        if self.turns is None:
            for bucket, port in enumerate(self.table):
                assert bucket in self.held or port is None or self.data[port][1], "data outside Distributing"

    def check(self) -> None:
        """After all that was due is done."""
        distributing = {port for port, (_, on) in self.data.items() if on}
        staying = {port for port in distributing if port in self.partners}
        if staying:
            assert all(port is not None for port in self.table), "a conversation without a port"
        for held in self.held.values():
            assert self.now <= held.since + Marker_Wait_Time + _ROUNDING
        for port in self.partners:
            recent = [at for at, name, _ in self.markers if name == port and at > self.now - 1]
            assert len(recent) <= 5, "too many Markers"
            frames = [at for at, name, f in self.frames if name == port and f[14] == 2 and at > self.now - 1]
            assert len(frames) <= 10, "too many frames of the Marker Protocol"

    def shares(self) -> Counter[str | None]:
        """How many conversations each port has."""
        return Counter(self.table)

    def at_rest(self) -> bool:
        """Whether no conversation is still to move."""
        shares = self.shares()
        return not self.held and max(shares.values()) - min(shares.values()) <= 1
