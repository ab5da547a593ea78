"""What a port does with a received slow-protocol frame: counts it, answers a Marker, notes a Response, hands
on a LACPDU."""

from __future__ import annotations

from agr.core import lacpdu, marker, moves
from agr.core.lacpdu import LACPDU, IllegalPDU
from agr.core.outputs import Transmit
from agr.core.port import Port
from agr.core.slow import Kind, parse


def accept(port: Port, now: float, frame: bytes) -> LACPDU | None:
    """Count ``frame`` and return the LACPDU in it, if there is one that matters.

    Never raises, whatever the octets are.
    """
    kind = parse(frame)
    try:
        if kind is Kind.LACP:
            pdu = lacpdu.decode(frame)
            port.counters.LACPDUsRx += 1
            return pdu if _is_heeded(port, now) else None
        if kind is Kind.MARKER:
            _accept_marker(port, now, marker.decode(frame))
    except IllegalPDU:
        kind = Kind.ILLEGAL
    if kind is Kind.UNKNOWN:
        port.counters.UnknownRx += 1
    elif kind is Kind.ILLEGAL:
        port.counters.IllegalRx += 1
    return None


def _is_heeded(port: Port, now: float) -> bool:
    """Whether an LACPDU is one that a partner may send, with some to spare, or part of a flood (43B.2)."""
    heeded = port.limits.received_lacpdu.allowed_at(now) <= now
    if heeded:
        port.limits.received_lacpdu.count(now)
    return heeded


def _accept_marker(port: Port, now: float, received: marker.Marker) -> None:
    if received.kind == marker.MARKER_INFORMATION:
        port.counters.MarkerPDUsRx += 1
        _respond(port, now, received)
    elif received.kind == marker.MARKER_RESPONSE:
        port.counters.MarkerResponsePDUsRx += 1
        moves.answer(port, received)
    else:
        port.counters.UnknownRx += 1


def _respond(port: Port, now: float, received: marker.Marker) -> None:
    """Marker Responder (43.5.4): on the port the Marker came in on, whatever the other machines do there."""
    rate = port.limits.marker
    if not port.port_enabled or not rate.response_allowed(now, port.aggregator.moves.marker_due(port)):
        return
    rate.count_response(now)
    port.counters.MarkerResponsePDUsTx += 1
    port.emit(Transmit(port.name, marker.encode(marker.response(received), source=port.mac)))
