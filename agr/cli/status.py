"""The status of agr interfaces as ifconfig(8) shows it, and what `agrconfig -v` adds to it.

All of it is made of the JSON of agrd's status.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

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
_NO_SYSTEM = "00:00:00:00:00:00"
# Counters of frames that a port received or sent, and of frames that an aggregate held; all the others count
# frames that were dropped.
_PASSED = ("received", "sent")
_HELD = ("held", "released")
# Of a line behind a tab, so that it ends within 100 columns.
_WIDTH = 91


def render(status: Mapping[str, Any], *, verbose: bool) -> str:
    """All aggregates of ``status``, a block each."""
    lines: list[str] = []
    for name, aggregate in sorted(status["aggregates"].items(), key=lambda item: (len(item[0]), item[0])):
        lines += _aggregate(name, aggregate, status["agrd"]["clock"] if verbose else None)
    return "\n".join(lines)


def _aggregate(name: str, aggregate: Mapping[str, Any], clock: float | None) -> Iterator[str]:
    """``clock``: agrd's, in seconds, for the details; None: without details."""
    flags = _BROADCAST | _SIMPLEX | _MULTICAST
    flags |= (_UP if aggregate.get("up") else 0) | (_RUNNING if aggregate["carrier"] else 0)
    flags |= sum(_LINK_FLAGS[flag] for flag in aggregate["flags"])
    # mtu, up and the addresses are the kernel's: it has none of an interface that someone deletes now
    yield f"{name}: flags={_flags(flags, _INTERFACE_FLAGS)} mtu {aggregate.get('mtu', '?')}"
    if clock is not None:
        yield from (f"\t{part}" for line in _aggregate_detail(aggregate, clock) for part in _wrapped(line))
    for port, values in aggregate["ports"].items():
        bits = (1 if values["collecting"] else 0) | (2 if values["distributing"] else 0)
        yield f"\tagrport: {port}, flags={_flags(bits, _PORT_FLAGS)}"
        if clock is not None:
            yield from (f"\t {line}" for line in _port_detail(values, clock))
    yield f"\taddress: {aggregate['mac']}"
    yield f"\tstatus: {'active' if aggregate['carrier'] else 'no carrier'}"
    for address in aggregate.get("addresses", ()):
        yield f"\t{'inet6' if ':' in address else 'inet'} {address}"


def _aggregate_detail(aggregate: Mapping[str, Any], clock: float) -> Iterator[str]:
    """Administrative variables, partner, state, conversations, dropped frames, reports of an aggregate."""
    lacp = "off (link1)" if "link1" in aggregate["flags"] else aggregate["activity"]
    yield (
        f"lacp: {lacp}, timeout {aggregate['timeout']}, control {aggregate['control']}, "
        f"collector max delay {aggregate['collector_max_delay']}"
    )
    yield (
        f"links: min {aggregate['min_links']}, max {aggregate['max_links'] or 'unlimited'}, "
        f"defaulted {aggregate['defaulted']}"
    )
    key = f"{aggregate['key']}"
    if aggregate["oper_key"] != aggregate["key"]:
        key += f" (operational {aggregate['oper_key']})"
    yield f"system: {aggregate['system']}, priority {aggregate['system_priority']}, key {key}"
    yield f"partner: {_partner(aggregate)}"
    changed = aggregate["last_change"]
    yield (
        f"state: {aggregate['oper_state']}, {_data_rate(aggregate)}, "
        f"last change {'never' if changed is None else ago(clock - changed)}, "
        f"came up {aggregate['notifications']['LinkUp']}, went down {aggregate['notifications']['LinkDown']}"
    )
    reason = aggregate["data_path_reason"]
    yield f"data path: {aggregate['data_path']}{f' ({reason})' if reason else ''}"
    yield f"moves: {_moves(aggregate['moves'])}"
    yield f"frames: {_frames(aggregate['traffic'])}"
    for report in aggregate["reports"]:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(report["time"]))
        yield f"report: {moment} {report['text']}"


def _partner(aggregate: Mapping[str, Any]) -> str:
    if aggregate["partner_system"] == _NO_SYSTEM:
        return "none"
    return (
        f"{aggregate['partner_system']}, priority {aggregate['partner_system_priority']}, "
        f"key {aggregate['partner_key']}{', individual' if aggregate['individual'] else ''}"
    )


def _data_rate(aggregate: Mapping[str, Any]) -> str:
    rate = aggregate["data_rate"]
    return "data rate unknown" if rate is None else f"data rate {rate // 1_000_000} Mbit/s"


def _moves(moves: Mapping[str, int]) -> str:
    """Moves of conversations to another link, behind a Marker on the old one (43.5)."""
    return (
        f"{moves['Moves']}, timed out {moves['MovesTimedOut']}, Markers sent {moves['MarkersTx']}, "
        f"answered {moves['MarkerResponsesRx']}, conversations waiting {moves['held']}"
    )


def _frames(traffic: Mapping[str, int]) -> str:
    """Frames that were held while their conversation moved, and frames that were dropped."""
    held = {name: traffic[name] for name in _HELD}
    return (
        f"{_counts(held)}; dropped: {_counts({name: traffic[name] for name in traffic if name not in held})}"
    )


def _port_detail(port: Mapping[str, Any], clock: float) -> Iterator[str]:
    """The state of 30.7 and the counters of a port. Each line has a label, or goes on with the one before."""
    counters, debug, traffic = port["counters"], port["debug"], port["traffic"]
    last = debug["LastRxTime"]
    for label, text in (
        ("link", f"{_link(port)}, address {port['mac']}"),
        ("port", _port(port)),
        (
            "receive",
            f"{port['receive_state']}, {port['periodic_state']}, "
            f"{'no LACPDU yet' if last is None else f'last LACPDU {ago(clock - last)}'}",
        ),
        ("mux", f"{port['mux_state']}, {port['selected']}: {debug['MuxReason']}"),
        *_end("actor", port),
        *_end("partner", port),
        *_partner_admin(port),
        (
            "in",
            f"LACPDUs {counters['LACPDUsRx']}, Markers {counters['MarkerPDUsRx']}, "
            f"Responses {counters['MarkerResponsePDUsRx']}",
        ),
        (
            "",
            f"unknown {counters['UnknownRx']}, illegal {counters['IllegalRx']}, "
            f"overrun {port['overrun_pdus']}",
        ),
        (
            "out",
            f"LACPDUs {counters['LACPDUsTx']}, Markers {counters['MarkerPDUsTx']}, "
            f"Responses {counters['MarkerResponsePDUsTx']}",
        ),
        ("frames", _counts({name: traffic[name] for name in _PASSED})),
        ("dropped", _counts({name: count for name, count in traffic.items() if name not in _PASSED})),
    ):
        yield f"{label:<8}{text}"


def _link(port: Mapping[str, Any]) -> str:
    if not port["link"]:
        return "no carrier"
    speed = f"{port['speed_mbps']} Mbit/s" if port["speed_mbps"] else "speed unknown"
    return f"up, {speed}, {'full' if port['full_duplex'] else 'half'} duplex"


def _port(port: Mapping[str, Any]) -> str:
    return (
        f"number {port['number']}, priority {port['priority']}, "
        f"{'individual' if port['individual'] else 'aggregatable'}, lacp {'on' if port['lacp'] else 'off'}"
    )


def _end(side: str, port: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The operational values of one end of the link, and the counters of 30.7.4.1."""
    values, debug, name = port[side], port["debug"], side.capitalize()
    yield side, _identity(values)
    yield "", _flags(values["state"], _STATE_BITS)
    yield (
        "",
        f"{port[f'{side}_churn_state']}, churned {debug[f'{name}ChurnCount']}, "
        f"came in sync {debug[f'{name}SyncTransitionCount']}, changed LAG {debug[f'{name}ChangeCount']}",
    )


def _partner_admin(port: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Partner_Admin_* (43.4.7), where the operator has set one of them."""
    if port["partner_admin_set"]:
        values = port["partner_admin"]
        yield "admin", "the partner while none is heard:"
        yield "", _identity(values)
        yield "", _flags(values["state"], _STATE_BITS)


def _identity(values: Mapping[str, Any]) -> str:
    """System, key and port of an end of a link."""
    return (
        f"system {values['system']} priority {values['system_priority']}, key {values['key']}, "
        f"port {values['port']} priority {values['port_priority']}"
    )


def _flags(value: int, names: Mapping[int, str]) -> str:
    """Flags as snprintb(3) prints them: 0x3<COLLECTING,DISTRIBUTING>."""
    return f"{value:#x}<{','.join(name for bit, name in names.items() if value & bit)}>"


def _counts(values: Mapping[str, int]) -> str:
    """Counters with their names: "sent 3, received 4"."""
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in values.items())


def _wrapped(line: str) -> list[str]:
    """The line, or what becomes of it when it is too long: lines that go on are indented."""
    import textwrap

    return textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def ago(seconds: float) -> str:
    """A time that has passed, in the unit that an operator would use."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s ago"
    if seconds < 120:
        return f"{seconds:.0f} s ago"
    minutes = int(seconds // 60)
    if minutes < 120:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min ago" if hours < 48 else f"{hours // 24} days {hours % 24} h ago"
