"""Frames at a rate that scripted stations cannot reach, and what became of each of them.

A `Sender` and a `Receiver` are processes of their own, each pinned to a core. Every frame ends in a `stamp`
of its run, its flow, its place in the flow and the time it was sent, so the receiver knows what was lost,
doubled, overtaken or changed, and how long each was on its way. `mix_frames` makes frames of all kinds.
A `Generator` and a `Checker` are faster: programs in the kernel, which make and check frames past the queues.
"""

from harness.traffic.checker import Checker
from harness.traffic.deaf import Deaf
from harness.traffic.flows import FLOWS_MOST, SHORTEST, udp_frame
from harness.traffic.generator import Generator
from harness.traffic.mix import JUMBO, UNTAGGED, mix_frames
from harness.traffic.outcome import Delay, Flow, Outcome, Port, Seen, Sent, Silence, compare
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender

__all__ = [
    "FLOWS_MOST",
    "JUMBO",
    "SHORTEST",
    "UNTAGGED",
    "Checker",
    "Deaf",
    "Delay",
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
    "mix_frames",
    "udp_frame",
]
