"""Spanning tree over a LAG, which is one port to it: BPDUs pass while links come and go (43.2.9, 802.1D).

After the Link Aggregation Interoperability Test Suite of UNH-IOL: LA.io.1.4, link aggregation in a spanning
tree environment, and LA.io.1.5, active spanning tree link addition. The client's end and the tester's are
two bridges that send BPDUs; a tree that misses some thinks that its neighbour is gone, and opens a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from scapy.layers.l2 import LLC, STP, Dot3

from harness.case import Case, Lag, claims, flowing, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.wire.station import Station
from harness.wire.wire import Tap
from testcases.conformance.fd.test_distribution import lag_of_all

BRIDGE_GROUP_ADDRESS = "01:80:c2:00:00:00"
OCTETS = 60

HELLO_TIME = 1.0
"""Seconds, the shortest that 802.1D allows."""

MISSED_HELLOS = 3
"""BPDUs in a row: what was learnt is forgotten when as many stay away (802.1D-2004 17.21.23)."""


class Tree:
    """Two bridges with the LAG between them; each sends a Configuration BPDU every Hello Time.

    The tester's leave on the link of ``speaking``.
    """

    def __init__(self, case: Case, lag: Lag) -> None:
        self.case, self.lag = case, lag
        self.speaking: Station = lag.station
        self.listening: list[Station] = list(lag.stations)
        self.out: list[bytes] = []
        self.inward: list[bytes] = []
        self._since = case.now()

    def hello(self) -> None:
        """Both bridges send a BPDU, and a Hello Time passes."""
        number = len(self.out)
        wire = self.speaking.wire
        self.out.append(bpdu(self.lag.aggregate.mac, number))
        self.lag.aggregate.client.send(self.out[-1])
        self.inward.append(bpdu(wire.tap.mac, number))
        wire.send(self.inward[-1])
        self.case.run_for(HELLO_TIME)

    def hellos(self, station: Station) -> None:
        """As many as a tree must not miss, the tester's on one link."""
        self.speaking = station
        for _ in range(MISSED_HELLOS):
            self.hello()

    def until(self, condition: Callable[[], object]) -> bool:
        """Say hello until that holds. Returns whether it did before a LAG must have come up."""
        ends = self.case.now() + BRING_UP_TIME
        while not condition() and self.case.now() < ends:
            self.hello()
        return bool(condition())

    def judge(self, row: str) -> None:
        """FAIL where a BPDU came out twice, or where as many in a row stayed away as a tree may not miss."""
        links = [station.wire.tap for station in self.listening]
        self._judge(self.out, links, "the client's, on the links", row)
        self._judge(self.inward, [self.lag.aggregate.client], "the tester's, at the client", row)

    def _judge(self, sent: Sequence[bytes], places: Sequence[Tap], words: str, row: str) -> None:
        came = [frame.data for place in places for frame in place.received(self._since)]
        times = [came.count(one) for one in sent]
        self.case.check(max(times) <= 1, f"each BPDU once: {words}", f"one came {max(times)} times", row=row)
        missed = max((len(list(run)) for gone, run in groupby(times, lambda n: n == 0) if gone), default=0)
        most = MISSED_HELLOS + int(self.case.pics.change_pause / HELLO_TIME)  # it says that it drops some
        self.case.check(
            missed < most,
            f"never {most} BPDUs missing in a row: {words}",
            f"{missed} of {len(sent)} in a row",
            row=row,
        )
        self.case.report(f"BPDUs missing, {words}: {times.count(0)} of {len(sent)}")


def bpdu(source: str, number: int) -> bytes:
    """A Configuration BPDU; the number is its Root Path Cost."""
    said = STP(rootmac=source, bridgemac=source, pathcost=number, maxage=20, hellotime=1, fwddelay=15)
    return bytes(Dot3(dst=BRIDGE_GROUP_ADDRESS, src=source) / LLC(dsap=0x42, ssap=0x42, ctrl=3) / said).ljust(
        OCTETS, b"\0"
    )


@claims("FD-21", wires=2, needs=["reserved_addresses", "reserved_groups"], seconds=44)
def test_bpdus(case: Case) -> None:
    """BPDUs pass a LAG both ways, on any link, also when a link of it is taken out of service"""
    lag = lag_of_all(case)
    tree = Tree(case, lag)
    for station in lag.stations:
        tree.hellos(station)
    carrying = [s for s in lag.stations if any(frame.data in tree.out for frame in s.wire.received())]
    leaving = (carrying or lag.stations)[0]
    staying = [station for station in lag.stations if station is not leaving]
    tree.speaking = staying[0]
    told = leaving.say(Synchronization=0, Collecting=0, Distributing=0).time
    left = lacpdu(Collecting=0, Distributing=0)
    if not tree.until(lambda: any(map(left, leaving.wire.received(told)))):
        case.unmet("MX-11", f"{leaving.wire.name} taken out of service", "it collects still")
    for station in staying:
        tree.hellos(station)
    tree.judge("FD-21")


@claims("FD-22", wires=2, needs=["reserved_addresses", "reserved_groups", "control"], seconds=32)
def test_link_addition(case: Case) -> None:
    """A link that joins a LAG which a spanning tree uses disturbs no BPDU, and carries BPDUs itself"""
    lag = case.bundle(1)
    flowing(case, lag.aggregate, lag.stations)
    tree = Tree(case, lag)
    tree.hellos(lag.station)
    joining = case.station(case.wires[1])
    tree.listening.append(joining)
    joining.start()
    lag.aggregate.add(joining.wire.port)
    distributing = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
    if not tree.until(lambda: any(map(distributing, joining.wire.received()))):
        case.distributing([joining], premise=step_missed)
    for station in (joining, lag.station):
        tree.hellos(station)
    tree.judge("FD-22")
