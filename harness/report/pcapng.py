"""pcapng files with nanoseconds, interface names and directions (draft-ietf-opsawg-pcapng).

scapy's writer keeps microseconds only and puts a nameless interface before the named ones.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.report.text import not_written, write_atomically

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_LINKTYPE_ETHERNET = 1
_SHB_USERAPPL, _IF_NAME, _IF_DESCRIPTION, _IF_TSRESOL, _EPB_FLAGS = 4, 2, 3, 9, 2
_INBOUND, _OUTBOUND = 1, 2


class Interface(NamedTuple):
    """Where frames were captured: the port's name, and a few words on it ("tester's port of wire w4")."""

    name: str
    description: str = ""


class Frame(NamedTuple):
    """One captured frame.

    ``time`` is UTC since 1970: int is nanoseconds, float is seconds (a float keeps about 0.2 microseconds).
    ``sent`` is True for what the capturing interface sent itself. ``interface`` counts from 0.
    """

    time: float | int
    data: bytes
    sent: bool
    interface: int = 0


def write_pcapng(
    path: Path,
    interfaces: Sequence[Interface | str],
    frames: Iterable[Frame | tuple[float | int, bytes, bool]],
) -> None:
    """Write Ethernet frames (without FCS) in order of time, atomically.

    ValueError when a frame names an interface that is not there, or a time before 1970.
    """
    named = [i if isinstance(i, Interface) else Interface(i) for i in interfaces]
    taken = sorted((Frame(*frame) for frame in frames), key=lambda frame: nanoseconds(frame.time))
    for frame in taken:
        if not 0 <= frame.interface < len(named):
            raise ValueError(f"{path}: a frame names interface {frame.interface}, there are {len(named)}")
        if nanoseconds(frame.time) < 0:
            raise ValueError(f"{path}: a frame's time {frame.time!r} is before 1970")
    blocks = [_section(), *map(_interface, named), *map(_packet, taken)]
    write_atomically(path, b"".join(blocks))


def save_pcapng(
    path: Path,
    interfaces: Sequence[Interface | str],
    frames: Iterable[Frame | tuple[float | int, bytes, bool]],
) -> str:
    """As `write_pcapng`, but what keeps the file from being written is no error of whoever captured.

    Gives "" when it is there, else a sentence on why it is not. ValueError as `write_pcapng`.
    """
    try:
        write_pcapng(path, interfaces, frames)
    except OSError as error:
        return not_written(error, path)
    return ""


def nanoseconds(time: float | int) -> int:
    """A time as in `Frame`, in nanoseconds."""
    return time if isinstance(time, int) else round(time * 1_000_000_000)


def _section() -> bytes:
    body = struct.pack("<IHHq", _BYTE_ORDER_MAGIC, 1, 0, -1)  # -1: the section's length is not given
    return _block(_SECTION, body + _options((_SHB_USERAPPL, b"agr-lab")))


def _interface(interface: Interface) -> bytes:
    body = struct.pack("<HHI", _LINKTYPE_ETHERNET, 0, 0)  # snap length 0: no limit
    options = [(_IF_NAME, interface.name.encode("utf-8", "backslashreplace"))]
    if interface.description:
        options.append((_IF_DESCRIPTION, interface.description.encode("utf-8", "backslashreplace")))
    return _block(_INTERFACE, body + _options(*options, (_IF_TSRESOL, b"\x09")))  # 10**-9 s


def _packet(frame: Frame) -> bytes:
    high, low = divmod(nanoseconds(frame.time), 1 << 32)
    size = len(frame.data)
    body = struct.pack("<IIIII", frame.interface, high, low, size, size) + _padded(frame.data)
    flags = struct.pack("<I", _OUTBOUND if frame.sent else _INBOUND)
    return _block(_PACKET, body + _options((_EPB_FLAGS, flags)))


def _options(*options: tuple[int, bytes]) -> bytes:
    coded = (struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options)
    return b"".join(coded) + struct.pack("<HH", 0, 0)


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
