"""The default distribution of agr(4): by a hash of addresses, VLAN tag, IPv4 and IPv6 addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1AD, Dot1Q
from scapy.packet import Raw

from harness.case import Case, Conversation, Lag, carry, claims, flowing, record

FLOWS = 64
"""Conversations, enough for a distribution over all links to use each of them."""

ROUNDS = 3
"""Frames of each conversation; the map must be the same each time."""

FILLER = b"\0" * 2
LOCAL, FAR = "192.0.2.1", "203.0.113.1"
LOCAL6, FAR6 = "2001:db8::1", "2001:db8:ffff::1"

Variant = Callable[[Conversation, int], Conversation]


def plain(flow: Conversation) -> Conversation:
    """Without IP, to one destination: like all others in what is hashed."""
    return replace(flow, destination="02:00:5e:00:53:f0", network=Raw(FILLER))


# What alone differs between the conversations.
VARIANTS: dict[str, Variant] = {
    "destination address": lambda flow, n: replace(plain(flow), destination=f"02:00:5e:20:00:{n:02x}"),
    "source address": lambda flow, n: replace(plain(flow), source=f"02:00:5e:21:00:{n:02x}"),
    "VLAN": lambda flow, n: replace(plain(flow), tci=n + 2),
    "VLAN of a provider": lambda flow, n: replace(plain(flow), network=Dot1AD(vlan=n + 2) / Raw(FILLER)),
    "IPv4 source": lambda flow, n: replace(plain(flow), network=IP(src=f"192.0.2.{n + 1}", dst=FAR)),
    "IPv4 destination": lambda flow, n: replace(plain(flow), network=IP(src=LOCAL, dst=f"203.0.113.{n + 1}")),
    "IPv4 in a VLAN": lambda flow, n: replace(
        plain(flow), tci=5, network=IP(src=LOCAL, dst=f"203.0.113.{n + 1}")
    ),
    "IPv4 behind two tags": lambda flow, n: replace(
        plain(flow), network=Dot1AD(vlan=5) / Dot1Q(vlan=6) / IP(src=LOCAL, dst=f"203.0.113.{n + 1}")
    ),
    "IPv6 source": lambda flow, n: replace(plain(flow), network=IPv6(src=f"2001:db8::{n + 1:x}", dst=FAR6)),
    "IPv6 destination": lambda flow, n: replace(
        plain(flow), network=IPv6(src=LOCAL6, dst=f"2001:db8:ffff::{n + 1:x}")
    ),
}


def links(case: Case, lag: Lag, flows: Sequence[Conversation]) -> dict[int, list[str]]:
    """The links that each conversation's frames took."""
    frames = [flow.frame(number) for number in range(ROUNDS) for flow in flows]
    passage = carry(case, lag.aggregate, frames, lag.stations)
    took: dict[int, list[str]] = {flow.number: [] for flow in flows}
    for wire, found in passage.out().items():
        for frame in found:
            took[record(frame)[0]].append(wire)
    missing = passage.missing()
    case.check(not missing, f"all {len(frames)} frames on the links", f"{len(missing)} missing", row="AG-09")
    return took


@claims("AG-09", "FD-05", "FD-06", wires=2, needs=["agr_manual", "tagged_frames"], seconds=10)
def test_what_is_hashed(case: Case) -> None:
    """Conversations that differ in any of what is hashed use every link, and each keeps to one"""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    flowing(case, lag.aggregate, lag.stations)
    for words, variant in VARIANTS.items():
        own = case.conversations(FLOWS, lag.aggregate.mac)
        flows = [variant(flow, number) for number, flow in enumerate(own)]
        took = links(case, lag, flows)
        spread = Counter(wires[0] for wires in took.values() if wires)
        case.report(f"FD-05, conversations by link where the {words} differs: {dict(spread)}")
        used = len(spread)
        case.check(used == len(lag.stations), f"every link used where the {words} differs", dict(spread),
                   row="AG-09")  # fmt: skip
        more = {number: set(wires) for number, wires in took.items() if len(set(wires)) > 1}
        case.check(not more, f"one link for each conversation where the {words} differs", more, row="FD-06")
