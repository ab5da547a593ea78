"""The text of a System's snapshot, made an Aggregator at a time, and only of those that have changed."""

from __future__ import annotations

from collections.abc import Callable

from agr.core.outputs import Assign, Hold, Output, RoundRobin, StateChanged, Transmit
from agr.core.snapshot import State, join, save_aggregator, save_rest, text_of


class Saver:
    """``changed`` are names of Aggregators whose part is not so any more; the System keeps it up to date.

    What every LACPDU changes (timers, counters, times of the rate limits) is no change: there the snapshot is
    as old as the last change of that Aggregator.
    """

    def __init__(self, state: Callable[[], State], changed: set[str]) -> None:
        self._state = state
        self._changed = changed
        self._parts: dict[str, str] = {}

    def renew(self, now: float) -> bool:
        """Make one part anew, where one has changed. Returns whether another one is left."""
        state = self._state()
        self._changed.intersection_update(state.aggregators)
        if self._changed:
            name = self._changed.pop()
            self._parts[name] = text_of(save_aggregator(state, state.aggregators[name], now))
        return bool(self._changed)

    def text(self, now: float) -> str:
        """The snapshot, as JSON; `System.restore` takes it. Makes what is left to be made."""
        while self.renew(now):
            pass
        state = self._state()
        self._parts = {name: self._parts[name] for name in state.aggregators}
        return join(self._parts.values(), save_rest(state))


def changed_by(output: Output) -> str | None:
    """The port or the Aggregator whose variables an output tells a change of, that a snapshot must have."""
    if isinstance(output, Assign | Hold | RoundRobin):
        return output.aggregator
    if isinstance(output, Transmit) and not output.behind_data:
        return None
    if isinstance(output, StateChanged) and output.machine == "periodic":
        return None  # to and fro, with every LACPDU
    return output.port
