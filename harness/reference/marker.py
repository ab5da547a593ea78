"""The Marker Responder (43.5.4)."""

from __future__ import annotations

from harness.pdu import Frame, marker_response_frame
from harness.reference.table import ANY, BEGIN, UCT, Action, Condition, Machine, Transition
from harness.reference.variables import Port


def _respond(port: Port) -> None:
    tlv = Frame(port.now, port.marker or b"", True, port.name).marker
    if tlv is not None:
        own = port.mac.hex(":")
        answer = marker_response_frame(own, tlv.requester_port, tlv.requester_system, tlv.transaction_id)
        port.outbox.append(answer)
        port.counters["MarkerResponsePDUsTx"] += 1
    port.marker = None


received = Condition("Marker PDU received", lambda port: port.marker is not None)
respond = Action("transmit a Marker Response PDU with the Marker's request in it", _respond)

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
