"""The state of a System as JSON, for a new process that takes over from a killed one on the same clock."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agr.core.aggregator import Aggregator
from agr.core.constants import Short_Timeout_Time
from agr.core.encoding import attributes, decode, encode, put
from agr.core.keys import Keys
from agr.core.moves import Moves
from agr.core.numbers import PortNumbers
from agr.core.outputs import (
    Assign,
    CollectingChanged,
    DistributingChanged,
    Output,
    RoundRobin,
    StateChanged,
)
from agr.core.port import Limits, Port
from agr.core.states import MuxState, ReceiveState

VERSION = 1

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
    """JSON-ready. Conversations that are held are saved as having moved: nobody will hold them any more."""
    saved = {
        "version": VERSION,
        "now": now,
        "aggregators": [_save_aggregator(aggregator) for aggregator in state.aggregators.values()],
        "ports": [
            {"aggregator": port.aggregator.name, **_variables(port, _OTHER_PORT)}
            for port in state.ports.values()
        ],
        "limits": encode(state.limits),
        "numbers": encode(state.numbers),
        "keys": encode(state.keys),
    }
    return {**saved, "checksum": checksum(saved)}


def checksum(saved: dict[str, Any]) -> int:
    """Of all but the checksum itself, whatever the order of keys."""
    content = {key: value for key, value in saved.items() if key != "checksum"}
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())


def _variables(value: Any, without: frozenset[str]) -> dict[str, Any]:
    return {name: encode(getattr(value, name)) for name in attributes(value) if name not in without}


def _save_aggregator(aggregator: Aggregator) -> dict[str, Any]:
    moves = aggregator.moves
    said = _variables(aggregator, _OTHER_AGGREGATOR)
    said["moves"] = {name: encode(getattr(moves, name)) for name in _LASTING_MOVES}
    table = list(aggregator.distributor.table)
    for drain in moves.drains:
        for bucket in drain.buckets:
            table[bucket] = moves.target[bucket]
    said["distributor"]["Distributor"]["table"] = encode(table)
    return said


def load(now: float, saved: dict[str, Any], emit: Callable[[Output], None]) -> State:
    """What `save` was given, at ``now``. Raises what comes of it where it cannot be read.

    Time has gone on without anybody who listened: a partner that was heard is given the time to be heard
    again, and what became due is due now.
    """
    if saved["version"] != VERSION:
        raise ValueError(f"version {saved['version']} of it, not {VERSION}")
    if saved["checksum"] != checksum(saved):
        raise ValueError("it was changed, or is not whole")
    aggregators = [_load_aggregator(said, emit) for said in saved["aggregators"]]
    state = State(
        {aggregator.name: aggregator for aggregator in aggregators},
        {},
        decode(saved["limits"]),
        decode(saved["numbers"]),
        decode(saved["keys"]),
    )
    for said in saved["ports"]:
        port = _load_port(dict(said), state, emit)
        state.ports[port.name] = port
        port.aggregator.ports.append(port)
        _pass_time(port, now, saved["now"])
    return state


def _load_aggregator(said: dict[str, Any], emit: Callable[[Output], None]) -> Aggregator:
    said = dict(said)
    moves = said.pop("moves")
    aggregator = Aggregator(decode(said["name"]), decode(said["admin"]), emit)
    put(aggregator, aggregator, said, _OTHER_AGGREGATOR)
    put(aggregator.moves, aggregator.moves, moves, frozenset(attributes(Moves())) - {*_LASTING_MOVES})
    return aggregator


def _load_port(said: dict[str, Any], state: State, emit: Callable[[Output], None]) -> Port:
    aggregator = state.aggregators[said.pop("aggregator")]
    name, mac = decode(said["name"]), decode(said["mac"])
    port = Port(
        name,
        mac,
        decode(said["Actor_Port_Number"]),
        aggregator,
        decode(said["admin"]),
        state.limits[name],
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
