"""Frames at a pace that stations cannot keep, from the bench's generator (`generator` of the lab file)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from harness.bench.kernel_wires import InterfaceTap
from harness.case.case import Case
from harness.dut.implementation import Aggregate
from harness.host.location import Location
from harness.lab import schema
from harness.traffic.mix import UNTAGGED, mix_frames
from harness.traffic.outcome import Outcome, ReceiverCount, SenderCount, compare
from harness.traffic.receiver import Receiver
from harness.traffic.source import at_client, open_source
from harness.verdict import BenchError, Inconclusive, NotApplicable
from harness.wire.wire import Tap, Wire

PATIENCE = 20.0
"""Seconds that sending may take longer than its pace has it."""

_RING_OCTETS = 16 << 20


def generated(
    case: Case, wire: Wire, aggregate: Aggregate, *, flows: int, rate: float, count: int
) -> Outcome:
    """Send ``count`` frames of a mix, ``rate`` a second, on a straight wire; what of them the client got.

    They are compared octet for octet. The testcase is inconclusive where the capture lost some.
    """
    client = _interface(aggregate.client)
    frames = mix_frames(flows, wire.tap.mac, longest=UNTAGGED)
    lab, at = case.bench.lab, _interface(wire.tap).at
    return _carried(case, lab, lab.wire(wire.name), at, frames, [client], rate, count)


def generated_by_client(
    case: Case, aggregate: Aggregate, wires: Sequence[Wire], *, flows: int, rate: float, count: int
) -> Outcome:
    """The same the other way: the client sends, and what of it has left on these wires.

    From the lab's generator where it has a port at the client of a switch that is judged, else from the
    harness's own. Raises NotApplicable where the tester's ends are in several places.
    """
    client = _interface(aggregate.client)
    frames = mix_frames(flows, aggregate.mac, longest=UNTAGGED)
    lab, end = at_client(case.bench.lab, client.interface)
    return _carried(case, lab, end, client.at, frames, [_interface(wire.tap) for wire in wires], rate, count)


def _carried(
    case: Case,
    lab: schema.Lab,
    source: schema.Wire,
    at: Location,
    frames: Sequence[bytes],
    places: Sequence[InterfaceTap],
    rate: float,
    count: int,
) -> Outcome:
    run, one = secrets.randbits(32), places[0].at
    if any(place.at.where != one.where for place in places):
        raise NotApplicable("the tester's ports are in several places: nothing sees all in one order")
    interfaces = [place.interface for place in places]
    with (
        Receiver(interfaces, one, run=run, contents=frames, octets=_RING_OCTETS) as receiver,
        open_source(lab, source, frames, run=run, at=at) as sender,
    ):
        sender.start(rate=rate, count=count)
        sent = sender.wait(count / rate + PATIENCE)
        seen = receiver.seen()
    tell(case, lab.generator.kind, sent, seen)
    return compare(sent, seen)


def _interface(tap: Tap) -> InterfaceTap:
    if not isinstance(tap, InterfaceTap):
        raise BenchError(f"{tap.name} is no interface: nothing can be captured there at a pace")
    return tap


def tell(case: Case, kind: str, sent: SenderCount, seen: ReceiverCount) -> None:
    """Put the pace and the delays into the report. Raises Inconclusive where the capture lost frames."""
    case.report(f"{kind} generator: {sent.frames} frames, {sent.rate:,.0f} a second")
    if not sent.numbered:
        case.report("its frames are not numbered: what came is counted, order and copies are not known")
    if sent.behind:
        case.report(sent.behind)
    for name, port in seen.ports.items():
        if port.delay is not None:
            median, p99 = port.delay.median / 1e6, port.delay.p99 / 1e6
            case.report(f"from the generator to {name}: median {median:.3f} ms, p99 {p99:.3f} ms")
    if seen.dropped:
        raise Inconclusive(f"the capture of its frames had no room for {seen.dropped}")
