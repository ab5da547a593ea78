"""The status of agr interfaces as ifconfig(8) shows it; input is the JSON of agrd's status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# ifconfig(8) of NetBSD: net/if.h
_UP, _BROADCAST, _RUNNING, _SIMPLEX, _LINK0, _MULTICAST = 0x1, 0x2, 0x40, 0x800, 0x1000, 0x8000
_INTERFACE_FLAGS = {
    _UP: "UP",
    _BROADCAST: "BROADCAST",
    _RUNNING: "RUNNING",
    _SIMPLEX: "SIMPLEX",
    _LINK0: "LINK0",
    _MULTICAST: "MULTICAST",
}
# net/agr/if_agrsubr.h
_PORT_FLAGS = {0x1: "COLLECTING", 0x2: "DISTRIBUTING"}
# 43.4.2.2, from bit 0 on
_STATE_BITS = {
    0x01: "ACTIVITY",
    0x02: "TIMEOUT",
    0x04: "AGGREGATION",
    0x08: "SYNC",
    0x10: "COLLECTING",
    0x20: "DISTRIBUTING",
    0x40: "DEFAULTED",
    0x80: "EXPIRED",
}


def render(status: Mapping[str, Any], *, verbose: bool) -> str:
    """All aggregates of ``status``, a block each."""
    lines: list[str] = []
    for name, aggregate in sorted(status["aggregates"].items(), key=lambda item: (len(item[0]), item[0])):
        lines += _aggregate(name, aggregate, verbose)
    return "\n".join(lines)


def flags_text(value: int, names: Mapping[int, str]) -> str:
    """As snprintb(3): 0x3<COLLECTING,DISTRIBUTING>."""
    return f"{value:#x}<{','.join(name for bit, name in names.items() if value & bit)}>"


def _aggregate(name: str, aggregate: Mapping[str, Any], verbose: bool) -> Iterator[str]:
    flags = _BROADCAST | _SIMPLEX | _MULTICAST
    flags |= (_UP if aggregate.get("up") else 0) | (_RUNNING if aggregate["carrier"] else 0)
    flags |= _LINK0 if "link0" in aggregate["flags"] else 0
    yield f"{name}: flags={flags_text(flags, _INTERFACE_FLAGS)} mtu {aggregate.get('mtu', '?')}"
    if verbose:
        yield from _indented(1, _administrative(aggregate))
    for port, values in aggregate["ports"].items():
        bits = (1 if values["collecting"] else 0) | (2 if values["distributing"] else 0)
        yield f"\tagrport: {port}, flags={flags_text(bits, _PORT_FLAGS)}"
        if verbose:
            yield from _indented(2, _port(values))
    yield f"\taddress: {aggregate['mac']}"
    yield f"\tstatus: {'active' if aggregate['carrier'] else 'no carrier'}"
    for address in aggregate.get("addresses", ()):
        yield f"\t{'inet6' if ':' in address else 'inet'} {address}"


def _administrative(aggregate: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"lacp: {aggregate['activity']}, timeout {aggregate['timeout']}, control {aggregate['control']}, "
        f"key {aggregate['key']}, collector max delay {aggregate['collector_max_delay']}"
    )
    yield f"system: {aggregate['system']}, priority {aggregate['system_priority']}"
    yield f"not sent: {_counts(aggregate.get('traffic', {}))}"


def _port(port: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"link {'up' if port['link'] else 'down'}, address {port['mac']}, number {port['number']}, "
        f"priority {port['priority']}, {'individual' if port['individual'] else 'aggregatable'}, "
        f"lacp {'on' if port['lacp'] else 'off'}"
    )
    yield from _table(
        ("receive", "periodic", "mux", "selected"),
        [[port["receive_state"], port["periodic_state"], port["mux_state"], port["selected"]]],
    )
    yield from _table(
        ("actor churn", "partner churn"), [[port["actor_churn_state"], port["partner_churn_state"]]]
    )
    yield from _table(
        ("", "priority", "system", "key", "port priority", "port", "state"),
        [["actor", *_information(port["actor"])], ["partner", *_information(port["partner"])]],
    )
    counters = port["counters"]
    yield from _table(tuple(counters), [[str(value) for value in counters.values()]])
    yield f"frames: {_counts(port.get('traffic', {}))}"


def _information(values: Mapping[str, Any]) -> list[str]:
    numbers = [str(values[key]) for key in ("system_priority", "system", "key", "port_priority", "port")]
    return [*numbers, flags_text(values["state"], _STATE_BITS)]


def _counts(values: Mapping[str, int]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _indented(depth: int, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield "\t" * depth + line
