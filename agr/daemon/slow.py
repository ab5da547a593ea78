"""The slow protocols' socket of one port (43B): LACPDUs and Markers in and out."""

from __future__ import annotations

import contextlib
import socket

from agr.core.constants import Slow_Protocols_Multicast
from agr.daemon.linux.packet import (
    PACKET_MR_MULTICAST,
    SLOW_FRAMES,
    join,
    open_packet_socket,
    take_drops,
)

_RECEIVE_OCTETS = 1 << 16  # some 100 frames: what is older says nothing any more
_LONGEST_FRAME = 2048
_SO_PRIORITY_CONTROL = 7  # TC_PRIO_CONTROL


class SlowSocket:
    """Receives and sends slow protocol frames; joins their multicast address while it is open.

    ``overrun``: frames of the port that found no room before, in the socket of an earlier agrd. To make it,
    and to close it, waits for the kernel's locks.
    """

    def __init__(self, interface: str, index: int, overrun: int = 0) -> None:
        self._overrun = overrun
        self._socket = open_packet_socket(interface, SLOW_FRAMES, _RECEIVE_OCTETS, offloads=False)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, _SO_PRIORITY_CONTROL)
            join(self._socket, index, PACKET_MR_MULTICAST, Slow_Protocols_Multicast)
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """The file descriptor, for event loops."""
        return self._socket.fileno()

    def receive(self) -> bytes | None:
        """The next frame, without FCS; None when there is none, or the interface has gone down."""
        with contextlib.suppress(OSError):
            return self._socket.recv(_LONGEST_FRAME)
        return None

    def overrun(self) -> int:
        """How many frames found no room and are lost: in a flood, which is not read as fast as it comes."""
        self._overrun += take_drops(self._socket)
        return self._overrun

    def send(self, frame: bytes) -> None:
        """Send a frame, now. Raises OSError."""
        self._socket.send(frame)

    def close(self) -> None:
        """Close the socket; the kernel leaves the multicast group by itself."""
        self._socket.close()
