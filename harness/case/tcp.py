"""A TCP stream of the kernel's own between an aggregate and the tester's port behind the switch.

The sockets are bound to their interfaces, so the same calls work on metal; but a kernel never sends to an
address of its own over a wire. So the two interfaces must be in different network namespaces: that is what a
testcase with needs=["tcp"] asks for. On metal, too: `ip netns add tester; ip link set dev PORT netns tester`,
and `traffic: {tester: {interface: PORT, namespace: tester}, ...}` in the lab file.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from harness.actors.actor import Aggregate
from harness.bench.iproute import ip
from harness.bench.sockets import in_namespace
from harness.bench.wired import InterfaceTap
from harness.case.case import Case
from harness.verdict import BenchError

NETWORK = "192.0.2"
"""RFC 5737: nobody else's."""

ADDRESS_LIFE = 300
"""Seconds after which the kernel removes the addresses by itself, if the run was killed."""

PIECE = 1 << 16

END_TIME = 30.0
"""Seconds in which a thread ends whose sockets are closed."""


@dataclass(frozen=True)
class End:
    """An interface with an IPv4 address for the time of the test."""

    interface: str
    namespace: str | None
    address: str

    def tcp(self) -> socket.socket:
        """A TCP socket bound to interface and address. Raises BenchError."""
        return in_namespace(self.namespace, self._open)

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
    """Addresses on the aggregate's interface and on the tester's traffic port, gone after the block."""
    tester = case.bench.traffic
    if not isinstance(tester, InterfaceTap):
        raise BenchError(f"{case.bench.lab.file}: traffic: no tester port behind the switch")
    near = End(aggregate.name, case.bench.lab.implementation.namespace, f"{NETWORK}.1")
    far = End(tester.interface, tester.namespace, f"{NETWORK}.2")
    given: list[End] = []
    try:
        for end in (near, far):
            life = ("valid_lft", str(ADDRESS_LIFE), "preferred_lft", str(ADDRESS_LIFE))
            ip(end.namespace, "address", "add", f"{end.address}/24", "dev", end.interface, *life)
            given.append(end)
            if end.address not in ip(end.namespace, "-4", "address", "show", "dev", end.interface):
                raise BenchError(f"{end.interface}: given the address {end.address}, and it has not got it")
        yield near, far
    finally:
        for end in given:
            ip(end.namespace, "address", "del", f"{end.address}/24", "dev", end.interface)


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
