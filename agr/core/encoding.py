"""The core's variables as JSON, and back. Every JSON object has one key, which names what it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from agr.core.admin import AggregatorAdmin, PortAdmin, SystemAdmin
from agr.core.counters import Counters, Debug, MoveCounters, Notifications
from agr.core.distribution import BUCKETS, Distributor, Table
from agr.core.keys import Keys, LinkKind
from agr.core.lacpdu import PortState
from agr.core.lag import LagEnd, LagId
from agr.core.numbers import PortNumbers
from agr.core.states import (
    ActorChurnState,
    DetachState,
    MuxState,
    PartnerChurnState,
    PeriodicState,
    ReceiveState,
    Selected,
)
from agr.core.timer import MarkerRate, RateLimit, Timer
from agr.core.variables import Limits

_SCALARS = (str, int, float, bool, type(None))
_ENUMS: dict[str, type[Enum]] = {
    kind.__name__: kind
    for kind in (
        ActorChurnState,
        DetachState,
        MuxState,
        PartnerChurnState,
        PeriodicState,
        ReceiveState,
        Selected,
    )
}
# One of each, whose attributes a decoded one must have
_RECORDS: dict[str, Any] = {
    kind.__name__: kind()
    for kind in (AggregatorAdmin, SystemAdmin, PortAdmin, Counters, Debug, MoveCounters, Notifications)
}
_TUPLES: dict[str, Any] = {kind.__name__: kind for kind in (LagEnd, LagId, LinkKind)}
_OBJECTS: dict[str, Any] = {
    type(like).__name__: like
    for like in (
        Timer(),
        RateLimit(1, 1.0),
        MarkerRate(2, 1, 1.0),
        Limits(),
        PortNumbers(),
        Keys(),
        Distributor(),
    )
}


def encode(value: Any) -> Any:
    """A value as JSON. Raises TypeError for a value of a type that no variable of the core has."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    name = kind.__name__
    if name in _ENUMS:
        return {name: value.value}
    if kind is PortState:
        return {name: value.octet()}
    if kind is bytes:
        return {name: value.hex()}
    if kind is list:
        return _encode_table(value) if len(value) == BUCKETS else [encode(item) for item in value]
    if kind is deque:
        return {name: [value.maxlen, [encode(item) for item in value]]}
    if kind in (tuple, set) or name in _TUPLES:
        return {name: [encode(item) for item in value]}
    if kind is dict:
        return {name: [[encode(key), encode(item)] for key, item in value.items()]}
    if name in _RECORDS or name in _OBJECTS:
        return {name: {attribute: encode(getattr(value, attribute)) for attribute in attributes(value)}}
    raise TypeError(f"{name} is no variable of the core")


def decode(value: Any) -> Any:
    """The value that `encode` made this JSON of. Raises ValueError where it did not."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"{value!r:.50} is no encoded value")
    ((name, encoded),) = value.items()
    try:
        return _decode_named(name, encoded)
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"{name}: {error}") from None


def _decode_named(name: str, encoded: Any) -> Any:
    if name in _ENUMS:
        return _ENUMS[name](encoded)
    if name in _RECORDS:
        return _decode_record(_RECORDS[name], encoded)
    if name in _TUPLES:
        return _TUPLES[name](*[decode(item) for item in encoded])
    if name in _OBJECTS:
        return _decode_object(_OBJECTS[name], encoded)
    if name in _PLAIN:
        return _PLAIN[name](encoded)
    raise ValueError(f"{name} is unknown")


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "PortState": PortState.from_octet,
    "bytes": bytes.fromhex,
    "tuple": lambda encoded: tuple(decode(item) for item in encoded),
    "set": lambda encoded: {decode(item) for item in encoded},
    "dict": lambda encoded: {decode(key): decode(item) for key, item in encoded},
    "deque": lambda encoded: deque([decode(item) for item in encoded[1]], encoded[0]),
    "table": lambda encoded: _decode_table(*encoded),
}


def _decode_record(like: Any, encoded: dict[str, Any]) -> Any:
    return type(like)(**_decode_attributes(like, encoded))


def _decode_object(like: Any, encoded: dict[str, Any]) -> Any:
    value = object.__new__(type(like))
    put(value, like, encoded)
    return value


def put(value: Any, like: Any, encoded: dict[str, Any], without: frozenset[str] = frozenset()) -> None:
    """Set variables of ``value`` to those ``encoded``, which must be those of ``like``, of the same types."""
    for name, decoded in _decode_attributes(like, encoded, without).items():
        setattr(value, name, decoded)


def _decode_attributes(
    like: Any, encoded: dict[str, Any], without: frozenset[str] = frozenset()
) -> dict[str, Any]:
    expected = set(attributes(like)) - without
    if set(encoded) != expected:
        raise ValueError(f"{type(like).__name__} has not these variables: {sorted(set(encoded) ^ expected)}")
    decoded = {name: decode(item) for name, item in encoded.items()}
    for name, item in decoded.items():
        usual = getattr(like, name)
        if usual is not None and type(item) is not type(usual):
            raise ValueError(f"{name}: {item!r:.50} is not {type(usual).__name__}")
    return decoded


def attributes(value: Any) -> list[str]:
    """The names of its variables."""
    if is_dataclass(value):
        return [field.name for field in fields(value)]
    return list(getattr(value, "saved", None) or getattr(value, "__slots__", None) or vars(value))


# A table of buckets: its ports, and one character a bucket


def _encode_table(table: Table) -> Any:
    ports = list(dict.fromkeys(table))
    signs = {port: chr(ord("0") + place) for place, port in enumerate(ports)}
    return {"table": [ports, "".join([signs[port] for port in table])]}


def _decode_table(ports: list[str | None], signs: str) -> Table:
    table = [ports[ord(sign) - ord("0")] for sign in signs]
    if len(table) != BUCKETS:
        raise ValueError(f"a table of {len(table)} buckets, {BUCKETS} expected")
    return table
