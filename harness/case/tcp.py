"""A TCP stream of the kernel's own between an aggregate and the tester's port behind the switch.

The sockets are bound to their interfaces, so the same calls work on metal; but a kernel never sends to an
address of its own over a wire. So the two interfaces must be in different network namespaces: that is what a
testcase with needs=["tcp"] asks for. On metal, too: `ip netns add tester; ip link set dev PORT netns tester`,
and `traffic: {tester: {interface: PORT, namespace: tester}, ...}` in the lab file.
"""

from __future__ import annotations

import json
import random
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from harness.bench.kernel_wires import InterfaceTap
from harness.case.case import Case
from harness.dut.implementation import Aggregate
from harness.host.location import Location
from harness.verdict import BenchError, Inconclusive
from harness.wire.wire import Tap, Wire

NETWORK = "192.0.2"
"""RFC 5737: nobody else's."""

ADDRESS_LIFE = 300
"""Seconds after which the kernel removes the addresses by itself, if the run was killed."""

PIECE = 1 << 16

IPV4, TCP = b"\x08\x00", socket.IPPROTO_TCP

END_TIME = 30.0
"""Seconds in which a thread ends whose sockets are closed."""


@dataclass(frozen=True)
class End:
    """An interface with an IPv4 address for the time of the test."""

    interface: str
    at: Location
    address: str

    def mac(self) -> str:
        """The interface's MAC address now. BenchError."""
        (said,) = json.loads(self.at.tool("ip", "-j", "link", "show", "dev", self.interface))
        return str(said["address"])

    def tcp(self) -> socket.socket:
        """A TCP socket bound to interface and address. Raises BenchError."""
        return self.at.inside(self._open)

    def _open(self) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.interface.encode())
            made.bind((self.address, 0))
        except OSError as error:
            made.close()
            raise BenchError(f"{self.interface}: no TCP socket at {self.address}: {error.strerror}") from None
        return made


@contextmanager
def addressed(case: Case, aggregate: Aggregate) -> Iterator[tuple[End, End]]:
    """Addresses on the aggregate's interface and on the tester's traffic port, gone after the block.

    Each end is told where the other is. Nobody is asked: a kernel answers ARP at each port that it has on the
    network, for any of its addresses (arp_ignore of the kernel's ip-sysctl), and the stream has one port.
    """
    tester = case.bench.traffic
    if not isinstance(tester, InterfaceTap):
        raise BenchError(f"{case.bench.lab.file}: traffic: no tester port behind the switch")
    near = End(aggregate.name, case.bench.at, f"{NETWORK}.1")
    far = End(tester.interface, tester.at, f"{NETWORK}.2")
    given: list[End] = []
    try:
        for end in (near, far):
            life = ("valid_lft", str(ADDRESS_LIFE), "preferred_lft", str(ADDRESS_LIFE))
            end.at.tool("ip", "address", "add", f"{end.address}/24", "dev", end.interface, *life)
            given.append(end)
            if end.address not in end.at.tool("ip", "-4", "address", "show", "dev", end.interface):
                raise BenchError(f"{end.interface}: given the address {end.address}, and it has not got it")
        for end, other in ((near, far), (far, near)):
            known = (other.address, "lladdr", other.mac(), "dev", end.interface, "nud", "reachable")
            end.at.tool("ip", "neighbour", "replace", *known)
        yield near, far
    finally:
        for end in given:
            other = far if end is near else near
            with suppress(BenchError):  # the kernel may have forgotten it
                end.at.tool("ip", "neighbour", "delete", other.address, "dev", end.interface)
            end.at.tool("ip", "address", "del", f"{end.address}/24", "dev", end.interface)


@dataclass(frozen=True)
class Transfer:
    """How a stream went: octets sent and received, whether they are the same, and bench seconds it took."""

    sent: int
    received: int
    intact: bool
    seconds: float
    trouble: str

    def text(self) -> str:
        """For reports."""
        why = f" ({self.trouble})" if self.trouble else ""
        return f"{self.received} of {self.sent} octets after {self.seconds:.1f} s{why}"


def transfer(case: Case, source: End, sink: End, octets: int, within: float) -> Transfer:
    """Send `octets` random octets from one end to the other, while the bench goes on; at most `within` s."""
    stream = _Stream(source, sink, random.randbytes(octets), within)
    begin = case.now()
    stream.start()
    case.until(lambda: stream.done, within=within)
    seconds = case.now() - begin
    stream.stop()
    return Transfer(octets, len(stream.received), stream.received == stream.sent, seconds, stream.trouble)


@dataclass(frozen=True)
class StreamCount:
    """What of a stream passed a place: octets of data, and segments without any; retransmissions too."""

    octets: int
    empty: int

    def without(self, other: StreamCount) -> StreamCount:
        """What passed here and not there."""
        return StreamCount(max(0, self.octets - other.octets), max(0, self.empty - other.empty))

    @property
    def some(self) -> bool:
        """Whether there is anything."""
        return bool(self.octets or self.empty)


def blame(aggregate: Aggregate, wires: Sequence[Wire], tester: Tap, ends: tuple[End, End]) -> None:
    """Raise Inconclusive where it was the bench alone that lost something of a stream between these `ends`.

    That is: between the host's ports and the tester's port, and nothing between the host's ports and the
    aggregate's client. See `harness.case.loss` for what each place proves.
    """
    ports = [wire.tap for wire in wires]
    own, bench = [], []
    for source, sink in (ends, ends[::-1]):
        outward = source.interface == aggregate.name
        at_ports = carried(ports, source, sink, sent=not outward)
        at_client = carried([aggregate.client], source, sink, sent=outward)
        at_tester = carried([tester], source, sink, sent=not outward)
        own.append(at_client.without(at_ports) if outward else at_ports.without(at_client))
        bench.append(at_ports.without(at_tester) if outward else at_tester.without(at_ports))
    if any(lost.some for lost in bench) and not any(lost.some for lost in own):
        octets, empty = sum(lost.octets for lost in bench), sum(lost.empty for lost in bench)
        raise Inconclusive(
            f"{octets:,} octets and {empty} empty segments of a TCP stream were lost in the switch or on its "
            f"cables, between {tester.name} and {', '.join(wire.port for wire in wires)}"
        )


def carried(taps: Sequence[Tap], source: End, sink: End, *, sent: bool) -> StreamCount:
    """What of a stream, one way, passed these places in one direction."""
    addresses = socket.inet_aton(source.address) + socket.inet_aton(sink.address)
    data = []
    for tap in taps:
        with tap.loop.lock:
            frames = [f.data for f in tap.frames if f.sent is sent and f.data[26:34] == addresses]
        data += [_data_octets(frame) for frame in frames if frame[12:14] == IPV4 and frame[23] == TCP]
    return StreamCount(sum(data), data.count(0))


def _data_octets(frame: bytes) -> int:
    """Octets of data in a TCP segment in IPv4 (RFC 791, RFC 9293); offloads make them long."""
    header = (frame[14] & 0x0F) * 4
    offset = (frame[14 + header + 12] >> 4) * 4
    length = int.from_bytes(frame[16:18], "big") or len(frame) - 14
    return length - header - offset


class _Stream:
    """A thread at each end; every call of theirs ends after `patience` seconds, or when `stop` is called."""

    def __init__(self, source: End, sink: End, content: bytes, patience: float) -> None:
        self.sent = content
        self.received = bytearray()
        self.trouble = ""
        self._sender, self._listener = source.tcp(), sink.tcp()
        self._listener.listen(1)
        self._open = [self._sender, self._listener]
        for opened in self._open:
            opened.settimeout(patience)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._receive, self._send)]

    @property
    def done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        for opened in self._open:
            with suppress(OSError):  # not connected, or the other end has closed
                opened.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(END_TIME)
            if thread.is_alive():
                raise BenchError(f"a TCP stream of the bench does not end within {END_TIME:g} s")
        for opened in self._open:
            opened.close()

    def _send(self) -> None:
        try:
            self._sender.connect(self._listener.getsockname())
            self._sender.sendall(self.sent)
            self._sender.shutdown(socket.SHUT_WR)
        except OSError as error:
            self.trouble = self.trouble or f"sending: {error}"
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)

    def _receive(self) -> None:
        try:
            connected, _ = self._listener.accept()
            self._open.append(connected)
            connected.settimeout(self._sender.gettimeout())
            while piece := connected.recv(PIECE):
                self.received += piece
        except OSError as error:
            self.trouble = self.trouble or f"receiving: {error}"
