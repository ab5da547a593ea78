"""The state of a System as JSON, for a new process that takes over from a killed one on the same clock.

It has a part for each Aggregator, with its ports, and one part more. Each is of a time of its own.
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

VERSION = 5

_OTHER_AGGREGATOR = frozenset(("emit", "ports", "moves"))
_OTHER_PORT = frozenset(("aggregator", "limits", "emit", "at_rest", "disabled_key", "received"))
_LASTING_MOVES = ("target", "former", "transaction_id", "counters")


@dataclass
class State:
    """All variables of a System."""

    aggregators: dict[str, Aggregator]
    ports: dict[str, Port]
    limits: dict[str, Limits]
    numbers: PortNumbers
    keys: Keys


def save(state: State, now: float) -> dict[str, Any]:
    """A whole snapshot, JSON-ready."""
    parts = [save_aggregator(state, aggregator, now) for aggregator in state.aggregators.values()]
    saved = {"aggregators": parts, **save_rest(state)}
    return {**saved, "checksum": checksum(saved)}


def save_aggregator(state: State, aggregator: Aggregator, now: float) -> dict[str, Any]:
    """An Aggregator and its ports, JSON-ready.

    Conversations that are held are saved as having moved: nobody will hold them any more.
    """
    moves = aggregator.moves
    saved = _variables(aggregator, _OTHER_AGGREGATOR)
    saved["moves"] = {name: encode(getattr(moves, name)) for name in _LASTING_MOVES}
    table = list(aggregator.distributor.table)
    for drain in moves.drains:
        for bucket in drain.buckets:
            table[bucket] = moves.target[bucket]
    saved["distributor"]["Distributor"]["table"] = encode(table)
    ports = [
        {"limits": encode(state.limits[port.name]), **_variables(port, _OTHER_PORT)}
        for port in aggregator.ports
    ]
    return {"now": now, "ports": ports, **saved}


def save_rest(state: State) -> dict[str, Any]:
    """The part of a snapshot that belongs to no Aggregator, JSON-ready."""
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
    """CRC-32 of a snapshot but for the checksum itself, whatever the order of keys."""
    content = {key: value for key, value in saved.items() if key != "checksum"}
    return zlib.crc32(text_of(content).encode())


def _variables(value: Any, without: frozenset[str]) -> dict[str, Any]:
    return {name: encode(getattr(value, name)) for name in attributes(value) if name not in without}


def load(now: float, saved: dict[str, Any], emit: Callable[[Output], None]) -> State:
    """The State that `save` was given, at ``now``.

    Nobody has listened meanwhile: a partner that was heard is given the time to be heard again, and a timer
    that ran out expires now. Raises ValueError, KeyError, TypeError, AttributeError or IndexError where
    ``saved`` cannot be read.
    """
    if saved["version"] != VERSION:
        raise ValueError(f"version {saved['version']} of it, not {VERSION}")
    if saved["checksum"] != checksum(saved):
        raise ValueError("it was changed, or is not whole")
    limits, numbers, keys = (decode(saved[name]) for name in ("limits", "numbers", "keys"))
    state = State({}, {}, limits, numbers, keys)
    for part in saved["aggregators"]:
        aggregator = _load_aggregator(part, emit)
        state.aggregators[aggregator.name] = aggregator
        for saved_port in part["ports"]:
            port = _load_port(saved_port, aggregator, emit)
            if port.name in state.ports:
                raise ValueError(f"{port.name} is there twice")
            state.ports[port.name] = port
            state.limits[port.name] = port.limits
            aggregator.ports.append(port)
            _pass_time(port, now, part["now"])
    return state


def _load_aggregator(saved: dict[str, Any], emit: Callable[[Output], None]) -> Aggregator:
    own = {key: value for key, value in saved.items() if key not in ("now", "ports", "moves")}
    aggregator = Aggregator(decode(own["name"]), decode(own["admin"]), emit)
    put(aggregator, aggregator, own, _OTHER_AGGREGATOR)
    put(
        aggregator.moves, aggregator.moves, saved["moves"], frozenset(attributes(Moves())) - {*_LASTING_MOVES}
    )
    return aggregator


def _load_port(saved: dict[str, Any], aggregator: Aggregator, emit: Callable[[Output], None]) -> Port:
    saved = dict(saved)
    limits = decode(saved.pop("limits"))
    if not isinstance(limits, Limits):
        raise ValueError(f"{limits!r:.50} is not Limits")
    port = Port(
        decode(saved["name"]),
        decode(saved["mac"]),
        decode(saved["Actor_Port_Number"]),
        aggregator,
        decode(saved["admin"]),
        limits,
        emit,
    )
    put(port, port, saved, _OTHER_PORT)
    return port


def _pass_time(port: Port, now: float, then: float) -> None:
    for timer in port.timers:
        if timer.deadline is not None:
            timer.deadline = max(timer.deadline, now)
    heard = port.current_while_timer.deadline
    if port.receive_state is ReceiveState.CURRENT and heard is not None and now > then:
        port.current_while_timer.deadline = max(heard, now + Short_Timeout_Time)


def announce(aggregator: Aggregator) -> None:
    """Emit all outputs that bring a new host to the state of ``aggregator``."""
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

    ``changed`` are the names of Aggregators that have changed since; the System keeps it up to date. What
    every LACPDU changes (timers, counters, times of the rate limits) does not count: there the snapshot is as
    old as the last change of that Aggregator.
    """

    def __init__(self, state: Callable[[], State], changed: set[str]) -> None:
        self._state = state
        self._changed = changed
        self._parts: dict[str, str] = {}

    def renew(self, now: float) -> bool:
        """Make the part of one Aggregator that has changed. Returns whether there is another one."""
        state = self._state()
        self._changed.intersection_update(state.aggregators)
        if self._changed:
            name = self._changed.pop()
            self._parts[name] = text_of(save_aggregator(state, state.aggregators[name], now))
        return bool(self._changed)

    def text(self, now: float) -> str:
        """The whole snapshot as JSON, which `System.restore` takes; parts that have changed are made anew."""
        while self.renew(now):
            pass
        state = self._state()
        self._parts = {name: self._parts[name] for name in state.aggregators}
        return join(self._parts.values(), save_rest(state))


def changed_by(output: Output) -> str | None:
    """The name of the port or Aggregator whose part of a snapshot an output makes out of date, or None."""
    if isinstance(output, Assign | Hold | RoundRobin):
        return output.aggregator
    if isinstance(output, Transmit) and not output.behind_data:
        return None
    if isinstance(output, StateChanged) and output.machine == "periodic":
        return None  # to and fro, with every LACPDU
    return output.port
