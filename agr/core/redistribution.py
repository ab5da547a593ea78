"""Which conversations leave on which port (43.2.4), and when each of them goes to another.

The buckets are spread evenly over the Distributing ports. Those of a port that is lost, without carrier or
with a partner that is not heard any more, go to the others at once: nothing of theirs is under way. Those of
a port that lives, with order to lose, are held and wait for a Marker (`marker`):

- where the port distributes no more, all of them at once, since no frame may leave on it;
- where it has too many, or is about to be detached, a batch at a time, one batch after the other.

Ports that are about to be detached keep theirs while they distribute and no other port does.

With link0 frames take turns without regard to order, so buckets move at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from agr.core import marker
from agr.core.constants import LARGEST_MOVE
from agr.core.distribution import spread
from agr.core.marker import alive, marker_wait
from agr.core.outputs import Assign, Hold, RoundRobin
from agr.core.states import DetachState, DrainState
from agr.core.variables import Aggregator, Drain, Port


def redistribute(aggregator: Aggregator, now: float) -> None:
    """Bring the Distributor as far as may be towards the Distributing ports of this instant."""
    state = aggregator.moves
    if _aim(aggregator):
        _spread(aggregator)
        _note_pending(aggregator)
    _take_turns(aggregator)
    if not state.under_way:
        return
    ports = {port.name: port for port in aggregator.ports}
    _release(aggregator, now)
    _assign_lost(aggregator, ports)
    _hold_stopped(aggregator, ports, now)
    _begin_batch(aggregator, ports, now)


def hold_answered(aggregator: Aggregator) -> None:
    """The host has answered the oldest Hold that waits for it."""
    if aggregator.moves.holds:
        for drain in aggregator.moves.holds.popleft():
            drain.hold_answered = True


def deadline(aggregator: Aggregator, now: float) -> float:
    """When `redistribute` has something to do without an event; infinity: never."""
    state = aggregator.moves
    times = [marker.deadline(drain, now) for drain in state.drains]
    if not state.drains and state.targets:
        times += [
            port.limits.marker.marker_allowed_at(now)
            for port in aggregator.ports
            if port.name in state.pending
        ]
    return min(times, default=float("inf"))


# Which port each conversation is to leave on


def _aim(aggregator: Aggregator) -> bool:
    """Find the ports to spread conversations over. Returns whether they are others than before."""
    state = aggregator.moves
    before = state.carriers
    detaching = {port.name for port in aggregator.ports if port.detach_state is not DetachState.NO_DETACH}
    state.distributing = aggregator.distributor.ports
    state.targets = tuple(port for port in state.distributing if port not in detaching)
    return state.carriers != before


def _spread(aggregator: Aggregator) -> None:
    state = aggregator.moves
    before, state.target = state.target, spread(state.target, state.carriers, state.former)
    for bucket, port in enumerate(before):
        if port not in (None, state.target[bucket]):
            state.former[bucket] = port


def _take_turns(aggregator: Aggregator) -> None:
    turns = aggregator.moves.carriers if aggregator.admin.link0 else None
    if aggregator.distributor.round_robin != turns:
        aggregator.distributor.round_robin = turns
        aggregator.emit(RoundRobin(aggregator.name, turns))


def _note_pending(aggregator: Aggregator) -> None:
    """Give held conversations back to a port that is to keep them; list those that have yet to move."""
    state = aggregator.moves
    for drain in state.drains:
        _assign(aggregator, [b for b in drain.buckets if state.target[b] == drain.port.name])
        drain.buckets = [b for b in drain.buckets if state.target[b] != drain.port.name]
    state.drains = [drain for drain in state.drains if drain.buckets]
    moving = {bucket for drain in state.drains for bucket in drain.buckets}
    pending: dict[str | None, list[int]] = defaultdict(list)
    for bucket, port in enumerate(aggregator.distributor.table):
        if port != state.target[bucket] and bucket not in moving:
            pending[port].append(bucket)
    state.pending = dict(pending)


# When it goes there


def _release(aggregator: Aggregator, now: float) -> None:
    """Assign held conversations whose Marker is answered, or whose wait is over."""
    state = aggregator.moves
    for drain in state.drains:
        marker.run(drain, now)
        if aggregator.admin.link0:
            drain.drain_state = DrainState.RELEASED
    released = [drain for drain in state.drains if drain.drain_state is DrainState.RELEASED]
    state.drains = [drain for drain in state.drains if drain.drain_state is not DrainState.RELEASED]
    _assign(aggregator, [bucket for drain in released for bucket in drain.buckets])


def _assign_lost(aggregator: Aggregator, ports: dict[str, Port]) -> None:
    """Assign at once the conversations of lost ports, and all with link0: no order is to be kept there."""
    pending = aggregator.moves.pending
    for name in list(pending):
        if name is None or aggregator.admin.link0 or name not in ports or not alive(ports[name]):
            _assign(aggregator, pending.pop(name))


def _hold_stopped(aggregator: Aggregator, ports: dict[str, Port], now: float) -> None:
    pending = aggregator.moves.pending
    stopped = [ports[name] for name in pending if name is not None and not ports[name].distributing]
    _hold(aggregator, [Drain(port, pending.pop(port.name)) for port in stopped], now)


def _begin_batch(aggregator: Aggregator, ports: dict[str, Port], now: float) -> None:
    """Hold the next buckets of ports that may be sent a Marker now."""
    state = aggregator.moves
    if state.drains or not state.targets:
        return
    ready = [
        ports[name]
        for name in state.pending
        if name is not None and ports[name].limits.marker.marker_allowed_at(now) <= now
    ]
    batch = set(sorted(bucket for port in ready for bucket in state.pending[port.name])[:LARGEST_MOVE])
    drains = []
    for port in ready:
        buckets = [bucket for bucket in state.pending[port.name] if bucket in batch]
        state.pending[port.name] = [b for b in state.pending[port.name] if b not in batch]
        if not state.pending[port.name]:
            del state.pending[port.name]
        if buckets:
            drains.append(Drain(port, buckets))
    _hold(aggregator, drains, now)


def _hold(aggregator: Aggregator, drains: list[Drain], now: float) -> None:
    if not drains:
        return
    state = aggregator.moves
    for drain in drains:
        drain.marker_wait_timer.start(now, marker_wait(drain.port))
    state.drains += drains
    state.holds.append(drains)
    state.counters.Moves += len(drains)
    buckets = sorted(bucket for drain in drains for bucket in drain.buckets)
    aggregator.emit(Hold(aggregator.name, tuple(buckets)))


def _assign(aggregator: Aggregator, buckets: Iterable[int]) -> None:
    """Assign buckets to the ports that they are to leave on."""
    by_port: dict[str | None, list[int]] = defaultdict(list)
    for bucket in sorted(buckets):
        port = aggregator.moves.target[bucket]
        aggregator.distributor.table[bucket] = port
        by_port[port].append(bucket)
    for port, moved in by_port.items():
        aggregator.emit(Assign(aggregator.name, tuple(moved), port))
