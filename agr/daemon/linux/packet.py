"""AF_PACKET sockets (packet(7)) and the classic BPF programs of agrd."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Sequence

_libc = ctypes.CDLL(None, use_errno=True)

SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP = 1
PACKET_STATISTICS = 6
PACKET_AUXDATA = 8
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
PACKET_MR_MULTICAST = 0
ETH_P_ALL = 3
_SO_ATTACH_FILTER = 26
_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33

_SEND_OCTETS = 16 << 20

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, k
Program = Sequence[Instruction]

_LOAD_WORD, _LOAD_HALF = 0x20, 0x28
_LOAD_OCTET = 0x30
_AND, _SHIFT_RIGHT = 0x54, 0x74
_EQUAL, _GREATER, _NOT_LESS = 0x15, 0x25, 0x35
_RETURN = 0x06
# linux/filter.h: SKF_AD_OFF + SKF_AD_MARK, SKF_AD_VLAN_TAG_PRESENT
_MARK, _VLAN_TAG_PRESENT = 0xFFFFF000 + 20, 0xFFFFF000 + 48
_EVERY_OCTET = 0xFFFFFFFF
_SLOW_TYPE = 0x8809
_DESTINATION_START, _DESTINATION_END, _TYPE, _SUBTYPE = 0, 4, 12, 14

EVERYTHING: Program = ((_RETURN, 0, 0, _EVERY_OCTET),)
NOTHING: Program = ((_RETURN, 0, 0, 0),)

# Slow protocol frames, and all others to the slow protocols' address. What has a VLAN tag is not ours: the
# kernel takes the first tag out of the frame before a filter sees it.
SLOW_FRAMES: Program = (
    (_LOAD_WORD, 0, 0, _VLAN_TAG_PRESENT),
    (_EQUAL, 0, 6, 0),
    (_LOAD_HALF, 0, 0, _TYPE),
    (_EQUAL, 5, 0, _SLOW_TYPE),
    (_LOAD_WORD, 0, 0, _DESTINATION_START),
    (_EQUAL, 0, 2, 0x0180C200),
    (_LOAD_HALF, 0, 0, _DESTINATION_END),
    (_EQUAL, 1, 0, 0x0002),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, _EVERY_OCTET),
)

# What the client gets: all but LACPDUs, Markers and illegal subtypes of 43B.3's address and type (43.2.9,
# 43B.5). Unsupported subtypes (3..10) are passed up. Too short for a subtype is not passed: the load fails.
CLIENT_GETS: Program = (
    (_LOAD_WORD, 0, 0, _VLAN_TAG_PRESENT),
    (_EQUAL, 0, 10, 0),
    (_LOAD_HALF, 0, 0, _TYPE),
    (_EQUAL, 0, 8, _SLOW_TYPE),
    (_LOAD_WORD, 0, 0, _DESTINATION_START),
    (_EQUAL, 0, 6, 0x0180C200),
    (_LOAD_HALF, 0, 0, _DESTINATION_END),
    (_EQUAL, 0, 4, 0x0002),
    (_LOAD_OCTET, 0, 0, _SUBTYPE),
    (_NOT_LESS, 0, 1, 3),
    (_GREATER, 0, 1, 10),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, _EVERY_OCTET),
)

_TC_ACT_UNSPEC, _TC_ACT_SHOT = 0xFFFFFFFF, 2

# As tc's classifier on a port: the host's own stack sees link-local frames only (LLDP, 802.1X), which come to
# it through agr0 as well; slow protocol frames are agrd's.
STACK_GUARD: Program = (
    (_LOAD_HALF, 0, 0, _TYPE),
    (_EQUAL, 5, 0, _SLOW_TYPE),
    (_LOAD_WORD, 0, 0, _DESTINATION_START),
    (_EQUAL, 0, 3, 0x0180C200),
    (_LOAD_HALF, 0, 0, _DESTINATION_END),
    (_AND, 0, 0, 0xFFF0),
    (_EQUAL, 1, 0, 0x0000),
    (_RETURN, 0, 0, _TC_ACT_SHOT),
    (_RETURN, 0, 0, _TC_ACT_UNSPEC),
)

# The same on agr0's mate, where only agrd may listen.
STACK_WALL: Program = ((_RETURN, 0, 0, _TC_ACT_SHOT),)


def frames_with_mark(mark: int, shift: int) -> Program:
    """Frames whose mark (skb->mark), without its last ``shift`` bits, is ``mark``."""
    return (
        (_LOAD_WORD, 0, 0, _MARK),
        (_SHIFT_RIGHT, 0, 0, shift),
        (_EQUAL, 0, 1, mark),
        (_RETURN, 0, 0, _EVERY_OCTET),
        (_RETURN, 0, 0, 0),
    )


def octets_of(program: Program) -> bytes:
    """The instructions as the kernel reads them (struct sock_filter)."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def attach_filter(sock: socket.socket, program: Program) -> None:
    """Let through what ``program`` returns non-zero for; replaces the one before at once."""
    octets = ctypes.create_string_buffer(octets_of(program))
    sock.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(octets))
    )


def open_packet_socket(
    interface: str, program: Program, receive_octets: int, *, offloads: bool
) -> socket.socket:
    """A non-blocking raw socket that gets the frames ``interface`` receives, not those it sends.

    With ``offloads`` every frame read and written begins with a virtio-net header, so that segmentation and
    checksums stay undone, and PACKET_AUXDATA tells the VLAN tag. Raises OSError.
    """
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0)
    try:
        attach_filter(sock, program)
        sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, receive_octets)
        if offloads:
            sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
            sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            leave_queueing_to_interface(sock)
        sock.bind((interface, ETH_P_ALL))
    except OSError:
        sock.close()
        raise
    return sock


def leave_queueing_to_interface(sock: socket.socket) -> None:
    """Let the interface alone limit how many frames wait (txqueuelen, tc(8)).

    With its default buffer the socket would refuse the third hundred of small ones already.
    """
    sock.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, _SEND_OCTETS)


def join(sock: socket.socket, index: int, kind: int, address: bytes = b"") -> None:
    """PACKET_ADD_MEMBERSHIP: a multicast address, until ``sock`` closes. Raises OSError.

    Waits for the kernel's locks, and lets other threads run meanwhile, as `socket.setsockopt` would not.
    """
    membership = struct.pack("@iHH8s", index, kind, len(address), address)
    number = PACKET_ADD_MEMBERSHIP
    if _libc.setsockopt(sock.fileno(), SOL_PACKET, number, membership, len(membership)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def take_drops(sock: socket.socket) -> int:
    """Frames that found no room in the socket's buffer since the last call (PACKET_STATISTICS)."""
    _, drops = struct.unpack("@II", sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    return int(drops)
