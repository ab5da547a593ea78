"""Queries and changes by ioctl: carrier, speed, duplex, LRO (ethtool), flags (netdevice(7)).

They know interfaces by name alone; whoever has the ifindex looks whether that is the name still.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import socket
import struct
from typing import NamedTuple

_SIOCGIFFLAGS, _SIOCETHTOOL = 0x8913, 0x8946
_ETHTOOL_GLINK, _ETHTOOL_GFLAGS, _ETHTOOL_SFLAGS, _ETHTOOL_GLINKSETTINGS = 0x0A, 0x25, 0x26, 0x4C
_ETH_FLAG_LRO = 1 << 15
_IFF_RUNNING = 0x40
_SPEED_UNKNOWN = 0xFFFFFFFF
_DUPLEX_HALF = 0
# struct ethtool_link_settings: 48 octets and three bitmaps of at most 127 words
_SETTINGS_OCTETS = 48 + 3 * 127 * 4
_WORDS_OFFSET = 15

_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)


class LinkSettings(NamedTuple):
    """``speed_mbps`` is None when the kernel does not know it; a duplex that is not known counts as full."""

    speed_mbps: int | None
    full_duplex: bool


class CarrierQuery:
    """Queries the carrier of one interface, cheaply enough for a poll every few milliseconds."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self._value = ctypes.create_string_buffer(struct.pack("=II", _ETHTOOL_GLINK, 0), 8)
        self._request = struct.pack("@16sP8x", interface.encode(), ctypes.addressof(self._value))

    def __call__(self) -> bool:
        """Whether the link is up; False also while the interface is down. Raises OSError (ENODEV: gone).

        A driver may refuse to tell, with any error: ENODEV also while it resets a device that stays.
        """
        try:
            fcntl.ioctl(_socket, _SIOCETHTOOL, self._request)
        except OSError:
            return bool(interface_flags(self._interface) & _IFF_RUNNING)
        return any(self._value.raw[4:])


def link_settings(interface: str) -> LinkSettings:
    """ETHTOOL_GLINKSETTINGS; unknown where the driver does not say."""
    settings = ctypes.create_string_buffer(_SETTINGS_OCTETS)
    request = struct.pack("@16sP8x", interface.encode(), ctypes.addressof(settings))
    words = 0
    try:
        for _ in range(2):  # the first answer is the number of words, negative
            struct.pack_into("=I", settings, 0, _ETHTOOL_GLINKSETTINGS)
            struct.pack_into("=b", settings, _WORDS_OFFSET, words)
            fcntl.ioctl(_socket, _SIOCETHTOOL, request)
            words = -struct.unpack_from("=b", settings, _WORDS_OFFSET)[0]
    except OSError:
        return LinkSettings(None, True)
    speed, duplex = struct.unpack_from("=IB", settings, 4)
    return LinkSettings(None if speed in (0, _SPEED_UNKNOWN) else speed, duplex != _DUPLEX_HALF)


def is_called(index: int, interface: str) -> bool:
    """Whether the interface of that ifindex has that name now."""
    try:
        return socket.if_indextoname(index) == interface
    except OSError:
        return False


def interface_flags(interface: str) -> int:
    """IFF_RUNNING and the others. Raises OSError (ENODEV)."""
    answer = fcntl.ioctl(_socket, _SIOCGIFFLAGS, struct.pack("@16sH22x", interface.encode(), 0))
    return int(struct.unpack_from("@H", answer, 16)[0])


def lro(index: int) -> bool:
    """Whether large receive offload is on; False where there is none. Raises OSError (ENODEV)."""
    try:
        return bool(_ethtool_value(index, _ETHTOOL_GFLAGS, 0) & _ETH_FLAG_LRO)
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise
        return False


def set_lro(index: int, on: bool) -> None:
    """Switch large receive offload. Raises OSError, also where the driver cannot."""
    flags = _ethtool_value(index, _ETHTOOL_GFLAGS, 0) & ~_ETH_FLAG_LRO
    _ethtool_value(index, _ETHTOOL_SFLAGS, flags | (_ETH_FLAG_LRO if on else 0))


def _ethtool_value(index: int, command: int, value: int) -> int:
    """Do a command of struct ethtool_value; returns the value that it leaves there. Raises OSError."""
    interface = socket.if_indextoname(index)
    data = ctypes.create_string_buffer(struct.pack("=II", command, value), 8)
    fcntl.ioctl(_socket, _SIOCETHTOOL, struct.pack("@16sP8x", interface.encode(), ctypes.addressof(data)))
    return int(struct.unpack_from("=I", data, 4)[0])
