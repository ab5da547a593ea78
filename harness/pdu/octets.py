"""Fast codec of LACPDUs and Marker PDUs by fixed offsets, without scapy (43.4.2.2, 43.5.3.2).

The layers do the same through scapy, at a hundredth of the speed, and show the rest of a PDU too; tests hold
the two against each other, on damaged frames as well.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from harness.pdu.info import PortInfo, State

_HEADER = Struct("!6s6sHBB")  # addresses, type, subtype, version
_PORT = Struct("!BBH6sHHHB3s")
_COLLECTOR = Struct("!BBH12s")
_MARKER = Struct("!BBH6sI2s")

_ACTOR_AT = _HEADER.size
_PARTNER_AT = _ACTOR_AT + _PORT.size
_COLLECTOR_AT = _PARTNER_AT + _PORT.size

_SLOW_TYPE = 0x8809
_LACPDU_REST = bytes(2 + 50)  # the terminator, and what is reserved behind it
_MARKER_REST = bytes(2 + 90)


class MarkerInfo(NamedTuple):
    """The information TLV of a Marker PDU or Marker Response PDU."""

    type: int
    length: int
    requester_port: int
    requester_system: str
    transaction_id: int
    pad: bytes


def read_port(data: bytes, partner: bool) -> PortInfo | None:
    """Actor or Partner Information of a frame that is an LACPDU; None where it is cut short."""
    at = _PARTNER_AT if partner else _ACTOR_AT
    if len(data) < at + _PORT.size:
        return None
    _, _, system_priority, system, key, port_priority, port, state, _ = _PORT.unpack_from(data, at)
    return PortInfo(system_priority, system.hex(":"), key, port_priority, port, State(state))


def has_ports(data: bytes) -> bool:
    """Whether an LACPDU has both its Actor and its Partner Information, neither cut short."""
    return len(data) >= _COLLECTOR_AT


def read_max_delay(data: bytes) -> int | None:
    """Collector_Max_Delay of a frame that is an LACPDU; None where it is cut short before."""
    if len(data) < _COLLECTOR_AT + _COLLECTOR.size:
        return None
    return int(_COLLECTOR.unpack_from(data, _COLLECTOR_AT)[2])


def read_marker(data: bytes) -> MarkerInfo | None:
    """The information of a frame that is a Marker PDU, of whatever TLV type; None where it is cut short."""
    if len(data) < _ACTOR_AT + _MARKER.size:
        return None
    kind, length, port, system, transaction_id, pad = _MARKER.unpack_from(data, _ACTOR_AT)
    return MarkerInfo(kind, length, port, system.hex(":"), transaction_id, pad)


def lacpdu(destination: str, source: str, actor: PortInfo, partner: PortInfo, max_delay: int) -> bytes:
    """124 octets of an LACPDU."""
    return b"".join(
        (
            _HEADER.pack(_mac(destination), _mac(source), _SLOW_TYPE, 1, 1),
            _port(1, actor),
            _port(2, partner),
            _COLLECTOR.pack(3, 16, max_delay, b""),
            _LACPDU_REST,
        )
    )


def marker(destination: str, source: str, kind: int, port: int, system: str, transaction_id: int) -> bytes:
    """124 octets of a Marker (`kind` 1) or a Marker Response (2)."""
    header = _HEADER.pack(_mac(destination), _mac(source), _SLOW_TYPE, 2, 1)
    return header + _MARKER.pack(kind, 16, port, _mac(system), transaction_id, b"") + _MARKER_REST


def _port(kind: int, info: PortInfo) -> bytes:
    system = _mac(info.system)
    numbers = info.key, info.port_priority, info.port, int(info.state)
    return _PORT.pack(kind, 20, info.system_priority, system, *numbers, b"")


@lru_cache(maxsize=1024)
def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))
