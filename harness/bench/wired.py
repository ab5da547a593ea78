"""Wires of real benches: interfaces, captured by the kernel."""

from __future__ import annotations

from harness.bench.realtime import RealLoop
from harness.bench.sockets import PacketSocket
from harness.bench.wire import Tap
from harness.pdu import Frame

FRAMES_A_TURN = 512
"""Frames read before the loop looks at its timers again."""


class InterfaceTap(Tap):
    """Frames of one interface.

    On the tester's own port what the kernel calls outgoing is the tester's; on the host's own port
    (``tester_side=False``) it is the implementation's.
    """

    def __init__(
        self, loop: RealLoop, name: str, interface: str, namespace: str | None, *, tester_side: bool = True
    ) -> None:
        super().__init__(loop, name)
        self._real = loop
        self.tester_side = tester_side
        self._socket = PacketSocket(interface, namespace)
        self._lost = 0
        self.interface = interface
        self.namespace = namespace
        loop.watch(self._socket.fileno(), self._read)

    @property
    def mac(self) -> str:
        return self._socket.mac

    def _read(self) -> None:
        for _ in range(FRAMES_A_TURN):
            got = self._socket.receive()
            if got is None:
                return
            stamp, data, outgoing = got
            self.saw(Frame(stamp, data, outgoing is self.tester_side, self.name))

    def send(self, frame: bytes) -> None:
        self._socket.send(frame)

    def lost(self) -> int:
        self._lost += self._socket.lost()
        return self._lost

    def forget(self) -> None:
        super().forget()
        self._socket.lost()
        self._lost = 0

    def close(self) -> None:
        """Stop watching and close the sockets."""
        self._real.unwatch(self._socket.fileno())
        self._socket.close()
