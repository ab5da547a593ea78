"""IPv6 of an interface, by its sysctls: a port must send nothing of the kernel's own."""

from __future__ import annotations

from pathlib import Path

_CONFIGURATION = Path("/proc/sys/net/ipv6/conf")


def ipv6_disabled(interface: str) -> bool | None:
    """Whether IPv6 is off; None where the kernel has none for this interface (MTU below 1280, or no IPv6)."""
    value = _read(interface, "disable_ipv6")
    return None if value is None else value != 0


def address_generation(interface: str) -> int | None:
    """addr_gen_mode: how link-local addresses are made; None where there is no IPv6."""
    return _read(interface, "addr_gen_mode")


def set_ipv6_disabled(interface: str, disabled: bool) -> None:
    """Switch IPv6 off or on. Raises OSError."""
    (_CONFIGURATION / interface / "disable_ipv6").write_text(f"{disabled:d}")


def _read(interface: str, variable: str) -> int | None:
    try:
        return int((_CONFIGURATION / interface / variable).read_text())
    except FileNotFoundError:
        return None
