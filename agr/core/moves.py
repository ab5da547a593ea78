"""How conversations leave a link that lives (43.2.5, 43A.3): held, then a Marker, then its Response.

A `Drain` is what one link loses at one time. When its Marker is answered every frame that left on the link
before has been delivered, so the next ones may take another link. A partner need not answer: the wait is
bounded, and shorter where the partner never answers, as one without LACP may not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from agr.core import marker
from agr.core.constants import (
    SILENT_MARKER_WAIT,
    UNANSWERED_MARKERS,
    Marker_Wait_Time,
)
from agr.core.distribution import BUCKETS, Table
from agr.core.marker import MARKER_INFORMATION, Marker
from agr.core.outputs import Transmit
from agr.core.states import ReceiveState
from agr.core.timer import Timer

if TYPE_CHECKING:
    from agr.core.port import Port

_COLLECTOR_MAX_DELAY_UNIT = 1e-5


class DrainState(StrEnum):
    """HOLDING: the host is stopping the frames. MARKING: a Marker is due. WAITING: for its Response."""

    HOLDING = "HOLDING"
    MARKING = "MARKING"
    WAITING = "WAITING"
    RELEASED = "RELEASED"


@dataclass(eq=False)
class Drain:
    """Conversations on their way off ``port``: their ``buckets`` are held."""

    port: Port
    buckets: list[int]
    state: DrainState = DrainState.HOLDING
    held: bool = False  # the host has said so
    marker: Marker | None = None  # as sent
    answered: bool = False
    marker_wait_timer: Timer = field(default_factory=Timer)


@dataclass
class MoveCounters:
    """``Moves``: how often a living link lost conversations; ``MovesTimedOut``: with no Response in time."""

    Moves: int = 0
    MovesTimedOut: int = 0
    MarkersTx: int = 0
    MarkerResponsesRx: int = 0


@dataclass
class Moves:
    """What an Aggregator's conversations are up to.

    ``target`` is the table that is aimed at, ``former`` what it was before, by bucket. ``targets`` are the
    ports to spread over, out of ``over``, the Distributing ones; where there are none, all of ``over`` are
    about to be detached and keep what they have. ``pending`` are buckets, by the port they are on, that have
    not begun to move. ``holds`` are the Holds that the host has not answered, oldest first.
    """

    target: Table = field(default_factory=lambda: [None] * BUCKETS)
    former: Table = field(default_factory=lambda: [None] * BUCKETS)
    targets: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    pending: dict[str | None, list[int]] = field(default_factory=dict)
    drains: list[Drain] = field(default_factory=list)
    holds: deque[list[Drain]] = field(default_factory=deque)
    transaction_id: int = 0  # of the last Marker
    counters: MoveCounters = field(default_factory=MoveCounters)

    def leaving(self, port: Port) -> bool:
        """Whether conversations are still to leave ``port``, maybe when another port can take them."""
        stranded = port.name in self.over and not self.targets
        return stranded or port.name in self.pending or any(drain.port is port for drain in self.drains)

    def marker_due(self, port: Port) -> bool:
        """Whether a Marker is, or will be, to send on ``port``."""
        return port.name in self.pending or any(
            drain.port is port and drain.marker is None for drain in self.drains
        )


def alive(port: Port) -> bool:
    """Whether frames sent on ``port`` may still be under way to a partner that delivers them.

    One that is EXPIRED or DEFAULTED is not heard any more; where LACP is off nothing is known of it.
    """
    heard = port.receive_state in (ReceiveState.CURRENT, ReceiveState.LACP_DISABLED)
    return port.port_enabled and heard and not port.gone


def marker_wait(port: Port) -> float:
    """How long a Response is waited for, in seconds."""
    if port.unanswered_markers < UNANSWERED_MARKERS:
        return Marker_Wait_Time
    return max(SILENT_MARKER_WAIT, port.Partner_Collector_Max_Delay * _COLLECTOR_MAX_DELAY_UNIT)


# Marker Generator


def _send_marker(drain: Drain, now: float) -> None:
    port = drain.port
    aggregator = port.aggregator
    moves = aggregator.moves
    moves.transaction_id = (moves.transaction_id + 1) & 0xFFFFFFFF
    drain.marker = Marker(
        MARKER_INFORMATION, port.Actor_Port_Number, aggregator.Actor_System, moves.transaction_id
    )
    port.limits.marker.count_marker(now)
    port.counters.MarkerPDUsTx += 1
    moves.counters.MarkersTx += 1
    port.emit(Transmit(port.name, marker.encode(drain.marker, source=port.mac), behind_data=True))


def answer(port: Port, response: Marker) -> None:
    """A Marker Response came in on ``port``. One that nobody waits for shows that the partner answers."""
    aggregator = port.aggregator
    said = (response.requester_port, response.requester_system)
    if said != (port.Actor_Port_Number, aggregator.Actor_System):
        return
    port.unanswered_markers = 0
    for drain in aggregator.moves.drains:
        sent = drain.marker
        if (
            drain.port is port
            and sent is not None
            and sent.requester_transaction_id == response.requester_transaction_id
            and not drain.answered
        ):
            drain.answered = True
            aggregator.moves.counters.MarkerResponsesRx += 1


# The states of a Drain


def _over(drain: Drain, now: float) -> bool:
    return drain.marker_wait_timer.expired or not alive(drain.port)


def _held(drain: Drain, now: float) -> bool:
    return drain.held


def _marker_allowed(drain: Drain, now: float) -> bool:
    return drain.port.limits.marker.marker_allowed_at(now) <= now


def _answered(drain: Drain, now: float) -> bool:
    return drain.answered


def _note_timeout(drain: Drain, now: float) -> None:
    if drain.marker_wait_timer.expired and not drain.answered:
        drain.port.aggregator.moves.counters.MovesTimedOut += 1
        if drain.marker is not None:
            drain.port.unanswered_markers += 1


_HOLDING = DrainState.HOLDING
_MARKING = DrainState.MARKING
_WAITING = DrainState.WAITING
_RELEASED = DrainState.RELEASED

_ARCS: tuple[tuple[DrainState, Callable[[Drain, float], bool], DrainState], ...] = (
    (_WAITING, _answered, _RELEASED),
    (_HOLDING, _over, _RELEASED),
    (_MARKING, _over, _RELEASED),
    (_WAITING, _over, _RELEASED),
    (_HOLDING, _held, _MARKING),
    (_MARKING, _marker_allowed, _WAITING),
)
_ENTRY: dict[DrainState, Callable[[Drain, float], None]] = {
    _WAITING: _send_marker,
    _RELEASED: _note_timeout,
}


def run(drain: Drain, now: float) -> None:
    """Take every arc that is open."""
    drain.marker_wait_timer.fire(now)
    moved = True
    while moved:
        moved = False
        for state, condition, target in _ARCS:
            if drain.state is state and condition(drain, now):
                drain.state = target
                if target in _ENTRY:
                    _ENTRY[target](drain, now)
                moved = True


def deadline(drain: Drain, now: float) -> float | None:
    """When `run` has something to do without an event."""
    times = [drain.marker_wait_timer.deadline]
    if drain.state is _MARKING:
        times.append(drain.port.limits.marker.marker_allowed_at(now))
    return min((time for time in times if time is not None), default=None)
