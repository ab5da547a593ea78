"""Performs the outputs of the protocol core: on data paths and on agr0's carrier."""

from __future__ import annotations

import logging
from collections.abc import Callable

from agr.core.outputs import (
    Assign,
    CollectingChanged,
    Detachment,
    DistributingChanged,
    Hold,
    Output,
    RoundRobin,
    StateChanged,
    Transmit,
)
from agr.core.states import MuxState
from agr.daemon.aggregate import Aggregate
from agr.daemon.world import World

log = logging.getLogger("agrd")


class Performer:
    """``detached`` is called with the name of a port that the core has detached."""

    def __init__(self, world: World, detached: Callable[[str], None]) -> None:
        self._world = world
        self._detached = detached

    def perform(self, output: Output) -> None:
        """Perform it, now. Nothing is done for a port or aggregate that is not there any more."""
        if isinstance(output, StateChanged) and output.machine == "periodic":
            return  # it changes with every LACPDU: nothing to log, nothing for the state file
        self._world.note_change()
        if isinstance(output, Assign | Hold | RoundRobin):
            aggregate = self._world.registry.aggregates.get(output.aggregator)
            if aggregate is not None:
                self._distribute(aggregate, output)
        elif isinstance(output, Detachment):
            self._detached(output.port)
        else:
            aggregate = self._world.registry.owner(output.port)
            if aggregate is not None:
                self._change_port(aggregate, output)

    def _distribute(self, aggregate: Aggregate, output: Assign | Hold | RoundRobin) -> None:
        if isinstance(output, Assign):
            aggregate.path.assign(output.buckets, output.port)
        elif isinstance(output, Hold):
            aggregate.path.hold(output.buckets, lambda: self._hold_in_force(aggregate))
        else:
            aggregate.path.round_robin(output.ports)

    def _hold_in_force(self, aggregate: Aggregate) -> None:
        if self._world.registry.has(aggregate):
            self._world.system.held(self._world.runner.now(), aggregate.name)
            self._world.runner.settle()

    def _change_port(
        self, aggregate: Aggregate, output: Transmit | StateChanged | CollectingChanged | DistributingChanged
    ) -> None:
        if isinstance(output, Transmit):
            self._send_behind_data(aggregate, output)
        elif isinstance(output, StateChanged):
            text = f"{aggregate.name}: {output.port}: {output.machine} {output.old} -> {output.new}"
            # Writing it takes as long as some frames: what sends them elsewhere comes first.
            self._world.loop.call_soon(log.info, text)
            if output.machine == "mux":
                aggregate.path.expect(output.port, MuxState(output.new).attached)
        elif isinstance(output, CollectingChanged):
            self._collect(aggregate, output.port, output.on)
        else:
            aggregate.refresh_link()

    def _collect(self, aggregate: Aggregate, port: str, on: bool) -> None:
        """Begin or end Collecting. Frames wait until agr0 has carrier: without it it receives nothing."""
        member = aggregate.members[port]
        member.collecting = on
        if on:
            aggregate.path.keep(port)
        else:
            member.delivers = False
            aggregate.path.set_collecting(port, False)
        aggregate.refresh_link()
        aggregate.collect()

    def _send_behind_data(self, aggregate: Aggregate, marker: Transmit) -> None:
        try:
            aggregate.path.send_behind_data(marker.port, marker.frame)
        except OSError as error:  # whoever waits for its Response has a time limit
            log.warning("%s: a Marker was not sent: %s", marker.port, error.strerror)
        self._world.system.sent(self._world.runner.now(), marker)
