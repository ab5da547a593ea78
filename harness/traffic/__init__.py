"""Frames at a rate that scripted stations cannot reach, and what became of each of them.

A `Sender` and a `Receiver` are processes of their own, each pinned to a core. Every frame ends in a `stamp`
of its run, its flow and its place in the flow, so the receiver knows what was lost, doubled or overtaken.
"""

from harness.traffic.flows import FLOWS_MOST, SHORTEST, udp_frame
from harness.traffic.outcome import Flow, Outcome, Port, Seen, Sent, Silence, compare
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender

__all__ = [
    "FLOWS_MOST",
    "SHORTEST",
    "Flow",
    "Outcome",
    "Port",
    "Receiver",
    "Seen",
    "Sender",
    "Sent",
    "Silence",
    "compare",
    "udp_frame",
]
