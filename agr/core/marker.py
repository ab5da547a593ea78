"""Marker protocol (43.5): Marker PDUs, Marker Responder, Marker Generator and Marker Receiver.

A Marker is sent where conversations are to leave a link that lives (43.2.5, 43A.3). A `Drain` is what one
link loses at one time: its frames are held, then a Marker is sent behind those that have left. Its Response
shows that all of them have been delivered, so that the next ones may take another link. A partner need not
answer: the wait is bounded, and shorter where the partner never answers, as one without LACP may not.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from agr.core.constants import (
    MARKER_SUBTYPE,
    MARKER_VERSION,
    SILENT_MARKER_WAIT,
    SLOW_FRAME_LENGTH,
    UNANSWERED_MARKERS,
    Marker_Wait_Time,
    Slow_Protocols_Multicast,
    Slow_Protocols_Type,
)
from agr.core.lacpdu import IllegalPDU
from agr.core.machine import ANY, Condition, Machine
from agr.core.outputs import Transmit
from agr.core.states import DrainState, ReceiveState
from agr.core.variables import Drain, Port

MARKER_INFORMATION = 1
MARKER_RESPONSE = 2
_LENGTH = 16

_COLLECTOR_MAX_DELAY_UNIT = 1e-5  # seconds

_HEADER = struct.Struct("!6s6sHBB")
# TLV_type, length, Requester_Port, Requester_System, Requester_Transaction_ID, 2 octets of pad
_MARKER = struct.Struct("!BBH6sI2x")
# The Terminator's type and length, and the 90 reserved octets after it, are all zero.


@dataclass(frozen=True, slots=True)
class Marker:
    """A Marker PDU (``kind`` MARKER_INFORMATION), a Marker Response PDU (MARKER_RESPONSE), or unknown."""

    kind: int
    requester_port: int
    requester_system: bytes
    requester_transaction_id: int


def encode(marker: Marker, source: bytes) -> bytes:
    """The frame of 124 octets, sent from the individual MAC address ``source``."""
    frame = _HEADER.pack(
        Slow_Protocols_Multicast, source, Slow_Protocols_Type, MARKER_SUBTYPE, MARKER_VERSION
    ) + _MARKER.pack(
        marker.kind,
        _LENGTH,
        marker.requester_port,
        marker.requester_system,
        marker.requester_transaction_id,
    )
    return frame.ljust(SLOW_FRAME_LENGTH, b"\0")


def decode(frame: bytes) -> Marker:
    """Read a frame that the control parser took for a Marker.

    Version, pad and reserved octets are not checked; the length of a Marker or of its response is (43.5.4
    allows it), that of an unknown TLV is not.
    Raises IllegalPDU.
    """
    if len(frame) < _HEADER.size + _MARKER.size:
        raise IllegalPDU(f"Marker PDU of {len(frame)} octets, {_HEADER.size + _MARKER.size} needed")
    kind, length, port, system, transaction_id = _MARKER.unpack_from(frame, _HEADER.size)
    if kind in (MARKER_INFORMATION, MARKER_RESPONSE) and length != _LENGTH:
        raise IllegalPDU(f"Marker_Information_Length {length}, {_LENGTH} expected")
    return Marker(kind, port, system, transaction_id)


def response(marker: Marker) -> Marker:
    """What the Marker Responder answers (43.5.4): the requester's fields unchanged."""
    return Marker(
        MARKER_RESPONSE,
        marker.requester_port,
        marker.requester_system,
        marker.requester_transaction_id,
    )


# Marker Responder (43.5.4)


def respond(port: Port, now: float, received: Marker) -> None:
    """Answer on the port the Marker came in on, whatever the other machines do there."""
    rate = port.limits.marker
    if not port.port_enabled or not rate.response_allowed(now, port.aggregator.moves.marker_due(port)):
        return
    rate.count_response(now)
    port.counters.MarkerResponsePDUsTx += 1
    port.emit(Transmit(port.name, encode(response(received), source=port.mac)))


# Marker Receiver


def receive_response(port: Port, received: Marker) -> None:
    """A Marker Response came in on ``port``. One that nobody waits for shows that the partner answers."""
    aggregator = port.aggregator
    requester = (received.requester_port, received.requester_system)
    if requester != (port.Actor_Port_Number, aggregator.Actor_System):
        return
    port.unanswered_markers = 0
    for drain in aggregator.moves.drains:
        if (
            drain.port is port
            and drain.transaction_id == received.requester_transaction_id
            and not drain.answered
        ):
            drain.answered = True
            aggregator.moves.counters.MarkerResponsesRx += 1


# Marker Generator


def alive(port: Port) -> bool:
    """Whether frames sent on ``port`` may still be under way to a partner that delivers them.

    One that is EXPIRED or DEFAULTED is not heard any more; where LACP is off nothing is known of it.
    """
    heard = port.receive_state in (ReceiveState.CURRENT, ReceiveState.LACP_DISABLED)
    return port.port_enabled and heard and not port.removed


def marker_wait(port: Port) -> float:
    """How long a Response is waited for, in seconds."""
    if port.unanswered_markers < UNANSWERED_MARKERS:
        return Marker_Wait_Time
    return max(SILENT_MARKER_WAIT, port.Partner_Collector_Max_Delay * _COLLECTOR_MAX_DELAY_UNIT)


def _send_marker(drain: Drain, now: float) -> None:
    port = drain.port
    aggregator = port.aggregator
    moves = aggregator.moves
    moves.transaction_id = (moves.transaction_id + 1) & 0xFFFFFFFF
    drain.transaction_id = moves.transaction_id
    marker = Marker(MARKER_INFORMATION, port.Actor_Port_Number, aggregator.Actor_System, moves.transaction_id)
    port.limits.marker.count_marker(now)
    port.counters.MarkerPDUsTx += 1
    moves.counters.MarkersTx += 1
    port.emit(Transmit(port.name, encode(marker, source=port.mac), behind_data=True))


def _note_timeout(drain: Drain, now: float) -> None:
    if drain.marker_wait_timer.expired and not drain.answered:
        drain.port.aggregator.moves.counters.MovesTimedOut += 1
        if drain.transaction_id is not None:
            drain.port.unanswered_markers += 1


hold_answered = Condition[Drain]("the host holds the frames", lambda drain: drain.hold_answered)
marker_allowed = Condition[Drain]("the limit of 43B.2 allows a Marker", lambda drain: drain.marker_allowed)
answered = Condition[Drain]("Marker Response received", lambda drain: drain.answered)
over = Condition[Drain](
    "marker_wait_timer expired, or the partner is not heard",
    lambda drain: drain.marker_wait_timer.expired or not alive(drain.port),
)

_HOLDING = DrainState.HOLDING
_MARKING = DrainState.MARKING
_WAITING = DrainState.WAITING
_RELEASED = DrainState.RELEASED

DRAIN = Machine[Drain](
    "drain",
    "43A.3",
    arcs=(
        (_WAITING, answered, _RELEASED),
        (ANY, over, _RELEASED),
        (_HOLDING, hold_answered, _MARKING),
        (_MARKING, marker_allowed, _WAITING),
    ),
    entry={
        _HOLDING: (),
        _MARKING: (),
        _WAITING: (_send_marker,),
        _RELEASED: (_note_timeout,),
    },
)


def run(drain: Drain, now: float) -> None:
    """Take every arc that is open."""
    drain.marker_wait_timer.fire(now)
    drain.marker_allowed = drain.port.limits.marker.marker_allowed_at(now) <= now
    while DRAIN.step(drain, now):
        pass


def deadline(drain: Drain, now: float) -> float:
    """When `run` has something to do without an event."""
    over = drain.marker_wait_timer.deadline
    assert over is not None, "marker_wait_timer runs from the Hold until the conversations are released"
    if drain.drain_state is _MARKING:
        return min(over, drain.port.limits.marker.marker_allowed_at(now))
    return over
