"""The packet socket of the data path in Python: one frame a system call."""

from __future__ import annotations

import errno
import socket
import struct

from agr.daemon.linux.packet import (
    PACKET_AUXDATA,
    SOL_PACKET,
    Program,
    attach_filter,
    open_packet_socket,
    take_drops,
)
from agr.daemon.linux.virtionet import LARGEST_FRAME, TAG_IS_VALID, TAG_OCTETS, VNET_OCTETS, put_tag_back

_RECEIVE_OCTETS = 16 << 20
_AUXILIARY_OCTETS = socket.CMSG_SPACE(20)
_HEADER_OCTETS = 14  # DA, SA and type


class FrameSocket:
    """Receives and sends frames with their virtio-net header, a VLAN tag where the wire has it."""

    # One for all of them: a frame is done with before the next one is received.
    _buffer = bytearray(TAG_OCTETS + VNET_OCTETS + LARGEST_FRAME)
    _view = memoryview(_buffer)
    _room = (_view[TAG_OCTETS:],)

    def __init__(self, interface: str, program: Program) -> None:
        self._socket = open_packet_socket(interface, program, _RECEIVE_OCTETS, offloads=True)
        self._unreadable = 0

    def fileno(self) -> int:
        """The file descriptor, for event loops."""
        return self._socket.fileno()

    def accept(self, program: Program) -> None:
        """Put frames that ``program`` returns non-zero for into the queue from now on."""
        attach_filter(self._socket, program)

    def receive(self) -> memoryview | None:
        """Header and frame, valid until the next call for any socket; None when none waits or can come."""
        while True:
            try:
                octets, auxiliary, _, _ = self._socket.recvmsg_into(self._room, _AUXILIARY_OCTETS)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    return None
                self._unreadable += 1  # a kind of segmentation that the header cannot say: the frame is lost
                continue
            if octets < VNET_OCTETS + _HEADER_OCTETS:
                continue
            for level, kind, content in auxiliary:
                if level == SOL_PACKET and kind == PACKET_AUXDATA and content[0] & TAG_IS_VALID:
                    return self._with_tag(octets, content)
            return self._view[TAG_OCTETS : TAG_OCTETS + octets]

    def _with_tag(self, octets: int, auxiliary: bytes) -> memoryview:
        """The frame with the tag that the kernel keeps beside it (struct tpacket_auxdata)."""
        status, tci, kind = struct.unpack_from("=I12xHH", auxiliary)
        frame = self._view[: TAG_OCTETS + octets]
        put_tag_back(frame, status, kind, tci)
        return frame

    def send(self, frame: memoryview) -> bool:
        """Send header and frame. Returns False when the interface does not take it now."""
        try:
            self._socket.send(frame)
        except OSError:
            return False
        return True

    def write(self, frame: bytes) -> None:
        """Send header and frame. Raises OSError, BlockingIOError when it should be tried again later."""
        self._socket.send(frame)

    def take_drops(self) -> int:
        """Frames that found no room, or could not be received, since the last call."""
        unreadable, self._unreadable = self._unreadable, 0
        return take_drops(self._socket) + unreadable

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
