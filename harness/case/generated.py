"""Frames at a pace that stations cannot keep, from the bench's generator (`generator` of the lab file)."""

from __future__ import annotations

import secrets

from harness.bench.kernel_wires import InterfaceTap
from harness.case.case import Case
from harness.dut.implementation import Aggregate
from harness.traffic.mix import UNTAGGED, mix_frames
from harness.traffic.outcome import Outcome, ReceiverCount, SenderCount, compare
from harness.traffic.receiver import Receiver
from harness.traffic.source import open_source
from harness.verdict import BenchError, Inconclusive
from harness.wire.wire import Wire

PATIENCE = 20.0
"""Seconds that sending may take longer than its pace has it."""

_RING_OCTETS = 16 << 20


def generated(
    case: Case, wire: Wire, aggregate: Aggregate, *, flows: int, rate: float, count: int
) -> Outcome:
    """Send ``count`` frames of a mix, ``rate`` a second, on a straight wire; what of them the client got.

    They are compared octet for octet. The testcase is inconclusive where the capture lost some.
    """
    client = aggregate.client
    if not isinstance(client, InterfaceTap):
        raise BenchError(f"{client.name} is no interface: nothing can be captured there at a pace")
    frames, run = mix_frames(flows, wire.tap.mac, longest=UNTAGGED), secrets.randbits(32)
    with (
        Receiver(
            [client.interface], client.namespace, run=run, contents=frames, octets=_RING_OCTETS
        ) as receiver,
        open_source(case.bench.lab, wire.name, frames, run=run) as source,
    ):
        source.start(rate=rate, count=count)
        sent = source.wait(count / rate + PATIENCE)
        seen = receiver.seen()
    tell(case, sent, seen)
    return compare(sent, seen)


def tell(case: Case, sent: SenderCount, seen: ReceiverCount) -> None:
    """Put the pace and the delays into the report. Raises Inconclusive where the capture lost frames."""
    case.report(f"{case.bench.lab.generator.kind} generator: {sent.frames} frames, {sent.rate:,.0f} a second")
    if not sent.numbered:
        case.report("its frames are not numbered: what came is counted, order and copies are not known")
    if sent.behind:
        case.report(sent.behind)
    for name, port in seen.ports.items():
        if port.delay is not None:
            median, p99 = port.delay.median / 1e6, port.delay.p99 / 1e6
            case.report(f"from the generator to {name}: median {median:.3f} ms, p99 {p99:.3f} ms")
    if seen.dropped:
        raise Inconclusive(f"the capture of the client's frames had no room for {seen.dropped}")
