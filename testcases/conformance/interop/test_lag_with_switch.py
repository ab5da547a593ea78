"""A LAG with a managed switch that carries TCP.

agr0 ===== re0 .. re3 ===== channel group of the switch ----- tester's traffic port
            T2, all there are                             one link
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Literal

import pytest

from harness.case import Case, addressed, claims, switch_lag, transfer
from harness.case.ends import ends_of
from harness.case.offer import Offer
from harness.case.premises import BRING_UP_TIME
from harness.case.tcp import End, blame
from harness.dut.implementation import Aggregate
from harness.pdu import Frame
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT
from harness.wire.wire import Wire

STREAM = 8 << 20
"""Octets of a TCP stream."""

STREAM_TIME = 30.0
"""Seconds in which it must be through: that it comes through is judged, not the rate."""

FLOWS = 64
"""Conversations, enough for a distribution over two links to use both."""

IPV4 = 0x0800

Role = Literal["active", "passive"]
ROLES: dict[str, tuple[Role, Role]] = {
    "both active": ("active", "active"),
    "switch passive": ("active", "passive"),
    "switch active": ("passive", "active"),
}


@claims(
    "SL-01", "MG-05", "FD-01",
    switch_wires=2, seconds=18,
    needs=["switch", "ssh", "console", "tcp", "active", "passive", "short_timeout", "status"], whole=["load"],
)  # fmt: skip
@pytest.mark.parametrize(("own", "mode"), ROLES.values(), ids=ROLES)
def test_all_links(case: Case, own: Role, mode: Role) -> None:
    """All links to a switch are one LAG: on the wires, in both ends' own words, and for a TCP stream"""
    wires = case.switch_wires[: case.pics.max_ports]
    with ends_of(case, wires, mode=mode, activity=own, timeout="short") as ends:
        ends.settle("SL-01")
        ends.lag.all_bundled(BRING_UP_TIME)
        ends.lag.agree()
        carries_tcp(case, ends.aggregate, wires)


def carries_tcp(case: Case, aggregate: Aggregate, wires: Sequence[Wire]) -> None:
    """FAIL unless TCP passes both ways, and the aggregate's frames of a stream take one link."""
    with addressed(case, aggregate) as (near, far):
        used = stream(case, aggregate, wires, near, far, "the-aggregate")
        if used:
            case.check(len(used) == 1, "all frames of a TCP stream on one link", used, row="FD-01")
        stream(case, aggregate, wires, far, near, "the-tester")  # the link is the switch's choice here


def stream(
    case: Case, aggregate: Aggregate, wires: Sequence[Wire], source: End, sink: End, where: str
) -> dict[str, int]:
    """FAIL unless a TCP stream comes through, over the wires; gives its octets by wire.

    ``where`` it comes from, for machines.
    """
    words = f"TCP stream from {source.interface} to {sink.interface}"
    done = transfer(case, source, sink, STREAM, STREAM_TIME)
    if not done.intact and not case.failures and case.bench.traffic is not None:
        case.run_for(PROMPT)
        blame(aggregate, wires, case.bench.traffic, (source, sink))
    case.check(done.intact, f"a {words} with {STREAM} octets", done.text(), row="SL-01")
    case.within(done.seconds, None, None, words, id=f"tcp-from-{where}")
    # TCP may be faster than the captures are read.
    case.until(lambda: sum(carried(wires, source, sink).values()) >= STREAM, within=PROMPT)
    used = carried(wires, source, sink)
    case.check(sum(used.values()) >= STREAM, f"a {words} over the wires", used, row="SL-01")
    return used


def carried(wires: Sequence[Wire], source: End, sink: End) -> dict[str, int]:
    """Octets of TCP frames from one end to the other, by wire, for those that carried some."""
    addresses = socket.inet_aton(source.address) + socket.inet_aton(sink.address)

    def of_the_stream(frame: Frame) -> bool:
        tcp = frame.type == IPV4 and frame.data[23] == socket.IPPROTO_TCP
        return tcp and frame.data[26:34] == addresses

    octets = {}
    for wire in wires:
        with wire.tap.loop.lock:
            octets[wire.name] = sum(len(frame.data) for frame in wire.frames if of_the_stream(frame))
    return {name: number for name, number in octets.items() if number}


@claims("SL-04", switch_wires=2, needs=["switch", "ssh", "console"], seconds=15)
def test_two_channel_groups(case: Case) -> None:
    """Links to two channel groups of a switch, whose keys differ, never carry one client's frames both"""
    wires = case.switch_wires
    half = len(wires) // 2
    with switch_lag(case, wires[:half]) as one, switch_lag(case, wires[half:]) as other:
        aggregate = case.aggregate(wires)
        with case.offering(aggregate, FLOWS) as offer:
            case.until(lambda: carrying(wires, offer), within=BRING_UP_TIME)
            case.run_for(AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME)
        one.agree()
        used = set(carrying(wires, offer))
        allowed = [set(one.ports), set(other.ports)]
        words = "the client's frames on all links of one channel group"
        case.check(used in allowed, words, ", ".join(sorted(used)) or "on none")


def carrying(wires: Sequence[Wire], offer: Offer) -> list[str]:
    """The wires on which frames of the client have been seen."""
    return [wire.name for wire in wires if any(map(offer.data, wire.received()))]
