"""The state of a System as JSON, for a new process that takes over from a killed one on the same clock.

It consists of a part for each Aggregator, with its ports, and of a rest. Each part is of a time of its own.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from agr.core.constants import Short_Timeout_Time
from agr.core.encoding import attributes, decode, encode, put
from agr.core.keys import Keys
from agr.core.numbers import PortNumbers
from agr.core.outputs import (
    Assign,
    CollectingChanged,
    DistributingChanged,
    Hold,
    Output,
    RoundRobin,
    StateChanged,
    Transmit,
)
from agr.core.states import MuxState, ReceiveState
from agr.core.variables import Aggregator, Limits, Moves, Port

VERSION = 3

_OTHER_AGGREGATOR = frozenset(("emit", "ports", "moves"))
_OTHER_PORT = frozenset(("aggregator", "limits", "emit", "at_rest", "disabled_key", "received"))
_LASTING_MOVES = ("target", "former", "transaction_id", "counters")


@dataclass
class State:
    """What a System consists of."""

    aggregators: dict[str, Aggregator]
    ports: dict[str, Port]
    limits: dict[str, Limits]
    numbers: PortNumbers
    keys: Keys


def save(state: State, now: float) -> dict[str, Any]:
    """All of it, JSON-ready."""
    parts = [save_aggregator(state, aggregator, now) for aggregator in state.aggregators.values()]
    saved = {"aggregators": parts, **save_rest(state)}
    return {**saved, "checksum": checksum(saved)}


def save_aggregator(state: State, aggregator: Aggregator, now: float) -> dict[str, Any]:
    """An Aggregator and its ports, JSON-ready.

    Conversations that are held are saved as having moved: nobody will hold them any more.
    """
    moves = aggregator.moves
    said = _variables(aggregator, _OTHER_AGGREGATOR)
    said["moves"] = {name: encode(getattr(moves, name)) for name in _LASTING_MOVES}
    table = list(aggregator.distributor.table)
    for drain in moves.drains:
        for bucket in drain.buckets:
            table[bucket] = moves.target[bucket]
    said["distributor"]["Distributor"]["table"] = encode(table)
    ports = [
        {"limits": encode(state.limits[port.name]), **_variables(port, _OTHER_PORT)}
        for port in aggregator.ports
    ]
    return {"now": now, "ports": ports, **said}


def save_rest(state: State) -> dict[str, Any]:
    """What belongs to no Aggregator, JSON-ready."""
    former = {name: limits for name, limits in state.limits.items() if name not in state.ports}
    return {
        "version": VERSION,
        "limits": encode(former),
        "numbers": encode(state.numbers),
        "keys": encode(state.keys),
    }


def text_of(saved: dict[str, Any]) -> str:
    """The one JSON text of it, whatever the order of keys."""
    return json.dumps(saved, sort_keys=True)


def join(parts: Iterable[str], rest: dict[str, Any]) -> str:
    """The text of a snapshot, from those of its Aggregators' parts."""
    text = f'{{"aggregators": [{", ".join(parts)}], {text_of(rest)[1:]}'
    return f'{text[:-1]}, "checksum": {zlib.crc32(text.encode())}}}'


def checksum(saved: dict[str, Any]) -> int:
    """Of all but the checksum itself, whatever the order of keys."""
    content = {key: value for key, value in saved.items() if key != "checksum"}
    return zlib.crc32(text_of(content).encode())


def _variables(value: Any, without: frozenset[str]) -> dict[str, Any]:
    return {name: encode(getattr(value, name)) for name in attributes(value) if name not in without}


def load(now: float, saved: dict[str, Any], emit: Callable[[Output], None]) -> State:
    """What `save` was given, at ``now``. Raises what comes of it where it cannot be read.

    Time has gone on without anybody who listened: a partner that was heard is given the time to be heard
    again, and what became due is due now.
    """
    if saved["version"] != VERSION:
        raise ValueError(f"version {saved['version']} of it, not {VERSION}")
    if saved["checksum"] != checksum(saved):
        raise ValueError("it was changed, or is not whole")
    limits, numbers, keys = (decode(saved[name]) for name in ("limits", "numbers", "keys"))
    state = State({}, {}, limits, numbers, keys)
    for said in saved["aggregators"]:
        aggregator = _load_aggregator(said, emit)
        state.aggregators[aggregator.name] = aggregator
        for port_said in said["ports"]:
            port = _load_port(port_said, aggregator, emit)
            if port.name in state.ports:
                raise ValueError(f"{port.name} is there twice")
            state.ports[port.name] = port
            state.limits[port.name] = port.limits
            aggregator.ports.append(port)
            _pass_time(port, now, said["now"])
    return state


def _load_aggregator(said: dict[str, Any], emit: Callable[[Output], None]) -> Aggregator:
    own = {key: value for key, value in said.items() if key not in ("now", "ports", "moves")}
    aggregator = Aggregator(decode(own["name"]), decode(own["admin"]), emit)
    put(aggregator, aggregator, own, _OTHER_AGGREGATOR)
    put(aggregator.moves, aggregator.moves, said["moves"], frozenset(attributes(Moves())) - {*_LASTING_MOVES})
    return aggregator


def _load_port(said: dict[str, Any], aggregator: Aggregator, emit: Callable[[Output], None]) -> Port:
    said = dict(said)
    limits = decode(said.pop("limits"))
    if not isinstance(limits, Limits):
        raise ValueError(f"{limits!r:.50} is not Limits")
    port = Port(
        decode(said["name"]),
        decode(said["mac"]),
        decode(said["Actor_Port_Number"]),
        aggregator,
        decode(said["admin"]),
        limits,
        emit,
    )
    put(port, port, said, _OTHER_PORT)
    return port


def _pass_time(port: Port, now: float, then: float) -> None:
    for timer in port.timers:
        if timer.deadline is not None:
            timer.deadline = max(timer.deadline, now)
    heard = port.current_while_timer.deadline
    if port.receive_state is ReceiveState.CURRENT and heard is not None and now > then:
        port.current_while_timer.deadline = max(heard, now + Short_Timeout_Time)


def announce(aggregator: Aggregator) -> None:
    """Tell the host all that it has to do, as if it had happened now."""
    for port in aggregator.ports:
        if port.mux_state is not MuxState.DETACHED:
            port.emit(StateChanged(port.name, "mux", str(MuxState.DETACHED), str(port.mux_state)))
        if port.collecting:
            port.emit(CollectingChanged(port.name, True))
        if port.distributing:
            port.emit(DistributingChanged(port.name, True))
    distributor = aggregator.distributor
    if distributor.round_robin is not None:
        aggregator.emit(RoundRobin(aggregator.name, distributor.round_robin))
    for name in dict.fromkeys(distributor.table):
        buckets = tuple(bucket for bucket, port in enumerate(distributor.table) if port == name)
        aggregator.emit(Assign(aggregator.name, buckets, name))


class Saver:
    """The text of a System's snapshot, made an Aggregator at a time, and only of those that have changed.

    ``changed`` are names of Aggregators whose part is not so any more; the System keeps it up to date.

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
