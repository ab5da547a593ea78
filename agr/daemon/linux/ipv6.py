"""IPv6 of an interface, by its sysctls: a port must send nothing of the kernel's own.

The sysctls are files that bear the interface's name, which may change while they are written.
"""

from __future__ import annotations

import socket
from pathlib import Path

_CONFIGURATION = Path("/proc/sys/net/ipv6/conf")
_MOST_NAMES = 10  # that an interface has while a file is written


def ipv6_disabled(index: int) -> bool | None:
    """Whether IPv6 is off; None where the kernel has none for this interface (MTU below 1280, or no IPv6).

    Raises OSError where there is no interface of that ifindex.
    """
    value = _read(index, "disable_ipv6")
    return None if value is None else value != 0


def address_generation(index: int) -> int | None:
    """addr_gen_mode: how link-local addresses are made; None where there is no IPv6. Raises OSError."""
    return _read(index, "addr_gen_mode")


def set_ipv6_disabled(index: int, disabled: bool) -> None:
    """Switch IPv6 off or on. Raises OSError."""
    for _ in range(_MOST_NAMES):
        name = socket.if_indextoname(index)
        try:
            (_CONFIGURATION / name / "disable_ipv6").write_text(f"{disabled:d}")
        except FileNotFoundError:
            if socket.if_indextoname(index) == name:
                raise
            continue
        if socket.if_indextoname(index) == name:
            return


def _read(index: int, variable: str) -> int | None:
    for _ in range(_MOST_NAMES):
        name = socket.if_indextoname(index)
        try:
            value = int((_CONFIGURATION / name / variable).read_text())
        except FileNotFoundError:
            value = None
        if socket.if_indextoname(index) == name:
            return value
    return None
