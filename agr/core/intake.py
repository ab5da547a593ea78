"""What a port does with a received slow-protocol frame: counts it, answers a Marker, hands on a LACPDU."""

from __future__ import annotations

from agr.core import lacpdu, marker
from agr.core.lacpdu import LACPDU, IllegalPDU
from agr.core.outputs import Transmit
from agr.core.port import Port
from agr.core.slow import Kind, parse


def accept(port: Port, now: float, frame: bytes) -> LACPDU | None:
    """Count ``frame`` and return the LACPDU in it, if there is one. Never raises, whatever the octets are."""
    kind = parse(frame)
    try:
        if kind is Kind.LACP:
            pdu = lacpdu.decode(frame)
            port.counters.LACPDUsRx += 1
            return pdu
        if kind is Kind.MARKER:
            _accept_marker(port, now, marker.decode(frame))
    except IllegalPDU:
        kind = Kind.ILLEGAL
    if kind is Kind.UNKNOWN:
        port.counters.UnknownRx += 1
    elif kind is Kind.ILLEGAL:
        port.counters.IllegalRx += 1
    return None


def _accept_marker(port: Port, now: float, received: marker.Marker) -> None:
    if received.kind == marker.MARKER_INFORMATION:
        port.counters.MarkerPDUsRx += 1
        _respond(port, now, received)
    elif received.kind == marker.MARKER_RESPONSE:
        port.counters.MarkerResponsePDUsRx += 1
    else:
        port.counters.UnknownRx += 1


def _respond(port: Port, now: float, received: marker.Marker) -> None:
    """Marker Responder (43.5.4): on the port the Marker came in on, whatever the other machines do there."""
    if not port.port_enabled or port.limits.marker_response.allowed_at(now) > now:
        return
    port.limits.marker_response.count(now)
    port.counters.MarkerResponsePDUsTx += 1
    port.emit(Transmit(port.name, marker.encode(marker.response(received), source=port.mac)))
