"""Wires of real benches: interfaces, captured by the kernel."""

from __future__ import annotations

import math
import os

from harness.host.location import Location
from harness.net.packet_socket import InterfaceGone
from harness.pdu import Frame
from harness.verdict import BenchBroken, BenchError
from harness.wire.far_outbox import FarOutbox
from harness.wire.outbox import Outbox
from harness.wire.real_loop import RealLoop
from harness.wire.wire import Tap

FRAMES_A_TURN = 256
"""Frames read before the loop serves others again."""

LOOK_AGAIN = 0.02
"""Seconds between two looks whether an interface that is gone has come back."""


class InterfaceTap(Tap):
    """Frames of one interface.

    On the tester's own port what the kernel calls outgoing is the tester's; on the host's own port
    (``tester_side=False``) it is the implementation's. A ``client`` is an interface of the implementation's
    that the tester sends at: what it does not take is told at once, and it may go.

    The tester's own port may refuse frames (`Outbox`; `FarOutbox` where it is elsewhere) or be gone for
    ``patience`` seconds; then the bench is broken. What passes while it is gone is lost to the capture.
    """

    def __init__(
        self,
        loop: RealLoop,
        name: str,
        interface: str,
        at: Location,
        *,
        tester_side: bool = True,
        client: bool = False,
        patience: float = 5.0,
    ) -> None:
        super().__init__(loop, name)
        self._real = loop
        self.tester_side = tester_side
        self._client = client
        self._patience = patience
        sends = tester_side and not client
        self._socket = packets = at.packets(interface, patience if sends else 0.0)
        self._far_outbox: FarOutbox | None = None
        if sends and at.elsewhere:
            self._far_outbox = FarOutbox(loop, packets.offer, packets.discard, packets.where, patience)
            self._outbox = self._far_outbox
        elif sends:
            self._outbox = Outbox(loop, packets.offer, packets.where, patience)
        self._lost = 0
        self._gone: float | None = None  # since when
        self._closed = False
        self.interface = interface
        self.at = at
        self.clock = at.clock
        self._watch()

    @property
    def mac(self) -> str:
        return self._socket.mac

    def _watch(self) -> None:
        told = (lambda: self._real.stamped(self._socket.read_until())) if self.at.elsewhere else None
        self._real.watch(self._socket.fileno(), self._read, told)

    def _read(self) -> float:
        started, read_until = self.loop.now(), -math.inf
        try:
            for _ in range(FRAMES_A_TURN):
                got = self._socket.receive()
                if got is None:
                    return math.inf
                stamp, data, outgoing = got
                read_until = self._real.stamped(stamp)
                frame = Frame(self.told(read_until), data, outgoing is self.tester_side, self.name)
                if self._far_outbox is not None:
                    (self._far_outbox.left if outgoing else self._far_outbox.came)(frame)
                self.saw(frame)
        except InterfaceGone:
            self._real.unwatch(self._socket.fileno())
            if not self._client:
                self._gone = self.loop.now()
                self._come_back()
            return math.inf
        # the kernel stamps a frame when it is read, where stamps were ordered a moment ago only
        return read_until if read_until < started else -math.inf

    def _come_back(self) -> None:
        """Capture again, once the interface is there."""
        if self._gone is None or self._closed:
            return
        now = self.loop.now()
        try:
            self._socket.reopen()
        except BenchError:
            if now - self._gone > self._patience:
                raise BenchBroken(f"{self._socket.where} is gone") from None
            self.loop.call_at(now + LOOK_AGAIN, self._come_back)
            return
        self._gone = None
        self._lost += 1  # at least
        self._watch()

    def send(self, frame: bytes) -> None:
        if self._outbox is not None:
            self._outbox.send(frame)
        elif self._real.serving:
            self._offer(frame)
        else:
            self._socket.send(frame)

    def _offer(self, frame: bytes) -> None:
        """Without waiting for room: the loop has others to serve."""
        try:
            self._socket.offer(frame)
        except OSError as error:
            raise BenchError(f"{self._socket.where}: cannot send: {os.strerror(error.errno or 0)}") from None

    def lost(self) -> int:
        self._lost += self._socket.lost()
        return self._lost + (self._gone is not None)

    def forget(self) -> None:
        super().forget()
        self._socket.lost()
        self._lost = 0

    def close(self) -> None:
        """Stop watching and close the sockets; what waits to be sent never is."""
        if not self._closed:
            self._closed = True
            self.discard()
            self._real.unwatch(self._socket.fileno())
            self._socket.close()
