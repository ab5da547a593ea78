"""LACPDUs and Marker PDUs as the harness reads and writes them: scapy layers of its own, and plain values."""

from harness.pdu.build import SLOW_PROTOCOLS_ADDRESS, lacpdu_frame, marker_frame, marker_response_frame
from harness.pdu.frame import Frame
from harness.pdu.info import PortInfo, State

__all__ = [
    "SLOW_PROTOCOLS_ADDRESS",
    "Frame",
    "PortInfo",
    "State",
    "lacpdu_frame",
    "marker_frame",
    "marker_response_frame",
]
