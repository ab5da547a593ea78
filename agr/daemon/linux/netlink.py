"""Messages, attributes and requests of rtnetlink(7).

Each request has a socket of its own and waits for the kernel's answer, so it is made in the `KernelThread`.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterator

NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE = 0x400, 0x200, 0x100
NLM_F_ACK, NLM_F_ECHO = 0x4, 0x8
_NLM_F_REQUEST, _NLM_F_DUMP = 0x1, 0x300
_NLM_F_DUMP_INTR = 0x10
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")
_ATTRIBUTE_KIND = 0x3FFF  # the rest are flags
_LONGEST = 1 << 17
_DUMPS = 16
"""How often a dump is requested that was interrupted by a change."""


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute, padded to the next one's place."""
    return _ATTRIBUTE.pack(4 + len(value), kind) + value + bytes(-len(value) % 4)


def attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, value) of each attribute."""
    at = 0
    while at + 4 <= len(octets):
        length, kind = _ATTRIBUTE.unpack_from(octets, at)
        yield kind & _ATTRIBUTE_KIND, octets[at + 4 : at + length]
        at += max(length + 3 & ~3, 4)


def messages(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(type, flags, body) of each message in what a socket received."""
    at = 0
    while at + _HEADER.size <= len(octets):
        length, kind, flags, _, _ = _HEADER.unpack_from(octets, at)
        yield kind, flags, octets[at + _HEADER.size : at + length]
        at += max(length + 3 & ~3, _HEADER.size)


def open_socket() -> socket.socket:
    """A socket of rtnetlink. Raises OSError."""
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)


def change(kind: int, flags: int, body: bytes) -> None:
    """Send one request and wait for the kernel's acknowledgement. Raises OSError with its errno."""
    answer, _ = ask(kind, flags | NLM_F_ACK, body)
    if answer != _NLMSG_ERROR:
        raise OSError(errno.EPROTO, "rtnetlink answered something else than an acknowledgement")


def ask(kind: int, flags: int, body: bytes) -> tuple[int, bytes]:
    """Send one request; gives type and body of the first message of the answer. Raises OSError."""
    with open_socket() as sock:
        _send(sock, kind, flags, body)
        answer, _, said = next(messages(sock.recv(_LONGEST)))
    _refused(answer, said)
    return answer, said


def dump(kind: int, body: bytes) -> list[bytes]:
    """The bodies of all messages of a list, whole and of one moment. Raises OSError."""
    for _ in range(_DUMPS):
        found = _dump(kind, body)
        if found is not None:
            return found
    raise OSError(errno.EBUSY, "the kernel's list changes all the time")


def _dump(kind: int, body: bytes) -> list[bytes] | None:
    """One attempt at `dump`; None where the list changed meanwhile."""
    found: list[bytes] = []
    interrupted = False
    with open_socket() as sock:
        _send(sock, kind, _NLM_F_DUMP, body)
        while True:
            for answer, flags, said in messages(sock.recv(_LONGEST)):
                interrupted |= bool(flags & _NLM_F_DUMP_INTR)
                _refused(answer, said)
                if answer == _NLMSG_DONE:
                    return None if interrupted else found
                found.append(said)


def _send(sock: socket.socket, kind: int, flags: int, body: bytes) -> None:
    sock.sendall(_HEADER.pack(_HEADER.size + len(body), kind, flags | _NLM_F_REQUEST, 1, 0) + body)


def _refused(answer: int, said: bytes) -> None:
    if answer in (_NLMSG_ERROR, _NLMSG_DONE):
        (number,) = struct.unpack_from("=i", said)
        if number:
            raise OSError(-number, os.strerror(-number))
