"""What `agrconfig -v` adds: administrative variables, the state of 30.7, counters, reports."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from agr.cli_text import ago, counts, flags_text

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
_NOBODY = "00:00:00:00:00:00"
# frames of a port that went their way; all the others of its traffic were dropped
_PASSED = ("received", "sent")
_KEPT = ("held", "released")


def aggregate_detail(aggregate: Mapping[str, Any], clock: float) -> Iterator[str]:
    """Lines about one aggregate. ``clock`` is agrd's, in seconds."""
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
    yield f"last change: {'never' if changed is None else ago(clock - changed)}"
    reason = aggregate["data_path_reason"]
    yield f"data path: {aggregate['data_path']}{f' ({reason})' if reason else ''}"
    yield f"moves: {_moves(aggregate['moves'])}"
    yield f"frames: {_kept(aggregate['traffic'])}"
    for report in aggregate["reports"]:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(report["time"]))
        yield f"report: {moment} {report['text']}"


def _partner(aggregate: Mapping[str, Any]) -> str:
    if aggregate["partner_system"] == _NOBODY:
        return "none"
    return (
        f"{aggregate['partner_system']}, priority {aggregate['partner_system_priority']}, "
        f"key {aggregate['partner_key']}{', individual' if aggregate['individual'] else ''}"
    )


def _moves(moves: Mapping[str, int]) -> str:
    """Of conversations to another link, behind a Marker on the old one (43.5)."""
    return (
        f"{moves['Moves']}, timed out {moves['MovesTimedOut']}, Markers sent {moves['MarkersTx']}, "
        f"answered {moves['MarkerResponsesRx']}, conversations waiting {moves['held']}"
    )


def _kept(traffic: Mapping[str, int]) -> str:
    """Frames kept while their conversation moved; all the others of an aggregate's traffic were dropped."""
    kept = {name: traffic[name] for name in _KEPT}
    return f"{counts(kept)}; dropped: {counts({name: traffic[name] for name in traffic if name not in kept})}"


def port_detail(port: Mapping[str, Any], clock: float) -> Iterator[str]:
    """Lines about one port; ``clock`` as above. Each has a label, or goes on with the line before it."""
    counters, debug, traffic = port["counters"], port["debug"], port["traffic"]
    heard = debug["LastRxTime"]
    for label, text in (
        ("link", f"{_link(port)}, address {port['mac']}"),
        ("port", _port(port)),
        (
            "receive",
            f"{port['receive_state']}, {port['periodic_state']}, "
            f"{'no LACPDU yet' if heard is None else f'last LACPDU {ago(clock - heard)}'}",
        ),
        ("mux", f"{port['mux_state']}, {port['selected']}: {debug['MuxReason']}"),
        *_end("actor", port),
        *_end("partner", port),
        (
            "in",
            f"LACPDUs {counters['LACPDUsRx']}, Markers {counters['MarkerPDUsRx']}, "
            f"Responses {counters['MarkerResponsePDUsRx']}",
        ),
        ("", f"unknown {counters['UnknownRx']}, illegal {counters['IllegalRx']}"),
        (
            "out",
            f"LACPDUs {counters['LACPDUsTx']}, Markers {counters['MarkerPDUsTx']}, "
            f"Responses {counters['MarkerResponsePDUsTx']}",
        ),
        ("frames", counts({name: traffic[name] for name in _PASSED})),
        ("dropped", counts({name: count for name, count in traffic.items() if name not in _PASSED})),
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
    """The operational values of one end of the link, and what 30.7.4.1 counts of it."""
    values, debug, name = port[side], port["debug"], side.capitalize()
    yield (
        side,
        f"system {values['system']} priority {values['system_priority']}, key {values['key']}, "
        f"port {values['port']} priority {values['port_priority']}",
    )
    yield "", flags_text(values["state"], _STATE_BITS)
    yield (
        "",
        f"{port[f'{side}_churn_state']}, churned {debug[f'{name}ChurnCount']}, "
        f"came in sync {debug[f'{name}SyncTransitionCount']}, changed LAG {debug[f'{name}ChangeCount']}",
    )
