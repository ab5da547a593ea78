"""A port's link, by linux/ethtool.h: speed and duplex (ETHTOOL_GLINKSETTINGS), carrier (ETHTOOL_GLINK)."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import socket
import struct
from collections.abc import Callable
from typing import NamedTuple

from harness.net.packet_socket import in_namespace
from harness.verdict import BenchError

_SIOCETHTOOL = 0x8946
_GET, _SET = 0x4C, 0x4D
_SIOCGIFFLAGS, _IFF_UP = 0x8913, 0x1
_GLINK = 0x0A

# struct ethtool_link_settings: command, speed, duplex, ..., autoneg, ..., link_mode_masks_nwords, ...; then
# three bitmaps of as many words
_FIXED = 48
_SPEED, _DUPLEX, _AUTONEG, _WORDS = 4, 8, 11, 15
_MOST_WORDS = 127


class LinkState(NamedTuple):
    """Whether a port is up (IFF_UP), and whether it has carrier."""

    up: bool
    carrier: bool


def link_state(namespace: str | None, interface: str) -> LinkState | None:
    """A port's link, as its driver has it now; None where there is no such port, or its driver tells nothing.

    Unlike IFF_RUNNING this is not held back by the kernel's link watch. BenchError where there is no such
    namespace.
    """

    def ask() -> LinkState:
        value = ctypes.create_string_buffer(struct.pack("=II", _GLINK, 0), 8)
        _ioctl(interface, value)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            request = struct.pack("@16sH22x", interface.encode(), 0)
            (flags,) = struct.unpack_from("@H", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request), 16)
        return LinkState(bool(flags & _IFF_UP), bool(struct.unpack("=II", value.raw)[1]))

    try:
        return in_namespace(namespace, ask)
    except OSError as error:
        if error.errno in (errno.ENODEV, errno.EOPNOTSUPP):
            return None
        raise BenchError(f"the link of {interface}: {error.strerror}") from None


def read_settings(namespace: str | None, interface: str) -> bytes:
    """All link settings of a port, as `write_settings` takes them. BenchError where it has none."""
    settings = ctypes.create_string_buffer(_FIXED + 3 * 4 * _MOST_WORDS)

    def ask() -> None:
        for _ in range(
            2
        ):  # the first answer is the number of words that the second question must name, negative
            struct.pack_into("=I", settings, 0, _GET)
            _ioctl(interface, settings)
            words = struct.unpack_from("=b", settings, _WORDS)[0]
            struct.pack_into("=b", settings, _WORDS, abs(words))

    _at(namespace, interface, ask)
    return settings.raw[: _FIXED + 3 * 4 * settings.raw[_WORDS]]


def write_settings(namespace: str | None, interface: str, settings: bytes) -> None:
    """Set all link settings of a port. BenchError where it does not take them."""
    buffer = ctypes.create_string_buffer(settings, len(settings))
    struct.pack_into("=I", buffer, 0, _SET)
    _at(namespace, interface, lambda: _ioctl(interface, buffer))


def forced(settings: bytes, speed_mbps: int, full_duplex: bool) -> bytes:
    """Link settings with this speed and duplex and without autonegotiation."""
    changed = bytearray(settings)
    struct.pack_into("=I", changed, _SPEED, speed_mbps)
    changed[_DUPLEX] = full_duplex
    changed[_AUTONEG] = 0
    return bytes(changed)


def medium(settings: bytes) -> tuple[int, bool]:
    """Speed in Mbit/s, and whether full duplex, of link settings."""
    speed: int = struct.unpack_from("=I", settings, _SPEED)[0]
    return speed, settings[_DUPLEX] == 1


def _ioctl(interface: str, value: ctypes.Array[ctypes.c_char]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("@16sP16x", interface.encode(), ctypes.addressof(value))
        fcntl.ioctl(any_socket, _SIOCETHTOOL, request)


def _at(namespace: str | None, interface: str, action: Callable[[], None]) -> None:
    try:
        in_namespace(namespace, action)
    except OSError as error:
        raise BenchError(f"speed and duplex of {interface}: {error.strerror}") from None
