"""The Marker Responder (43.5.4)."""

from __future__ import annotations

from harness.pdu import Frame, marker_response_frame
from harness.reference.table import ANY, BEGIN, UCT, Action, Condition, Machine, Transition
from harness.reference.variables import Port

RESPONSES_A_SECOND = 5
"""Frames of a slow protocol that a port may send in a second: the fewest of all editions (43B.2)."""


def _may_respond(port: Port) -> bool:
    """Whether one more keeps the rate."""
    lately = port.responses[-RESPONSES_A_SECOND:]
    return len(lately) < RESPONSES_A_SECOND or lately[0] + 1.0 <= port.now


def _respond(port: Port) -> None:
    tlv = Frame(port.now, port.marker or b"", True, port.name).marker
    if tlv is not None and _may_respond(port):
        port.responses[:] = [*port.responses[1 - RESPONSES_A_SECOND :], port.now]
        own = port.mac.hex(":")
        answer = marker_response_frame(own, tlv.requester_port, tlv.requester_system, tlv.transaction_id)
        port.outbox.append(answer)
        port.counters["MarkerResponsePDUsTx"] += 1
    port.marker = None


received = Condition("Marker PDU received", lambda port: port.marker is not None)
respond = Action(
    "transmit a Marker Response PDU with the Marker's request in it, as the rate of 43B.2 allows", _respond
)

RESPONDER = Machine(
    "Marker Responder",
    "43.5.4",
    entry={"WAIT_FOR_MARKER": (), "RESPOND_TO_MARKER": (respond,)},
    transitions=(
        Transition("MK1", ANY, BEGIN, "WAIT_FOR_MARKER"),
        Transition("MK2", "WAIT_FOR_MARKER", received, "RESPOND_TO_MARKER"),
        Transition("MK3", "RESPOND_TO_MARKER", UCT, "WAIT_FOR_MARKER"),
    ),
)
