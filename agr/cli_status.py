"""The status of agr interfaces as ifconfig(8) shows it; input is the JSON of agrd's status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agr.cli_detail import aggregate_detail, port_detail
from agr.cli_text import flags_text, wrapped

# ifconfig(8) of NetBSD: net/if.h
_UP, _BROADCAST, _RUNNING, _SIMPLEX, _MULTICAST = 0x1, 0x2, 0x40, 0x800, 0x8000
_LINK_FLAGS = {"link0": 0x1000, "link1": 0x2000}
_INTERFACE_FLAGS = {
    _UP: "UP",
    _BROADCAST: "BROADCAST",
    _RUNNING: "RUNNING",
    _SIMPLEX: "SIMPLEX",
    **{bit: name.upper() for name, bit in _LINK_FLAGS.items()},
    _MULTICAST: "MULTICAST",
}
# net/agr/if_agrsubr.h
_PORT_FLAGS = {0x1: "COLLECTING", 0x2: "DISTRIBUTING"}


def render(status: Mapping[str, Any], *, verbose: bool) -> str:
    """All aggregates of ``status``, a block each."""
    lines: list[str] = []
    for name, aggregate in sorted(status["aggregates"].items(), key=lambda item: (len(item[0]), item[0])):
        lines += _aggregate(name, aggregate, status["agrd"]["clock"] if verbose else None)
    return "\n".join(lines)


def _aggregate(name: str, aggregate: Mapping[str, Any], clock: float | None) -> Iterator[str]:
    """``clock``: agrd's, for the details; None: without details."""
    flags = _BROADCAST | _SIMPLEX | _MULTICAST
    flags |= (_UP if aggregate.get("up") else 0) | (_RUNNING if aggregate["carrier"] else 0)
    flags |= sum(_LINK_FLAGS[flag] for flag in aggregate["flags"])
    # mtu, up and the addresses are the kernel's: it has none of an interface that someone deletes now
    yield f"{name}: flags={flags_text(flags, _INTERFACE_FLAGS)} mtu {aggregate.get('mtu', '?')}"
    if clock is not None:
        yield from (f"\t{part}" for line in aggregate_detail(aggregate, clock) for part in wrapped(line))
    for port, values in aggregate["ports"].items():
        bits = (1 if values["collecting"] else 0) | (2 if values["distributing"] else 0)
        yield f"\tagrport: {port}, flags={flags_text(bits, _PORT_FLAGS)}"
        if clock is not None:
            yield from (f"\t {line}" for line in port_detail(values, clock))
    yield f"\taddress: {aggregate['mac']}"
    yield f"\tstatus: {'active' if aggregate['carrier'] else 'no carrier'}"
    for address in aggregate.get("addresses", ()):
        yield f"\t{'inet6' if ':' in address else 'inet'} {address}"
