"""Frames at a rate that scripted stations cannot reach, and what became of each of them.

A `Sender` and a `Receiver` are processes of their own, each pinned to a core. Every frame ends in a `stamp`
of its run, its flow and its place in the flow, so the receiver knows what was lost, doubled or overtaken.
A `Generator` and a `Checker` are faster: programs in the kernel, which make and check frames past the queues.
"""

from harness.traffic.checker import Checker
from harness.traffic.flows import FLOWS_MOST, SHORTEST, udp_frame
from harness.traffic.generator import Generator
from harness.traffic.outcome import Flow, Outcome, Port, Seen, Sent, Silence, compare
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender

__all__ = [
    "FLOWS_MOST",
    "SHORTEST",
    "Checker",
    "Flow",
    "Generator",
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
