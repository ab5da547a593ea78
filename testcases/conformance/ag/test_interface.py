"""agr0 as an interface: counters, captures, MTU and tags (agr(4)'s driver)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from harness.case import Case, any_lacpdu, ask, carry, claims, flowing, marker_response, record
from harness.dut.implementation import Aggregate
from harness.pdu.layers import SLOW_PROTOCOLS_TYPE, SUBTYPE_LACP, SUBTYPE_MARKER
from harness.profile.constants import MARKER_RESPONSE_TIME, PROMPT
from harness.wire.station import Station
from testcases.conformance.ag.ports import Prepared, names, prepared, state
from testcases.conformance.fd.test_unchanged import passes

FRAMES = 200
FLOWS = 16
JUMBO = 9000
HEADERS = 14
ILLEGAL_SUBTYPES = (0, 11, 255)


def counted(case: Case) -> dict[str, int]:
    """Frames that agr0 has counted, received and sent."""
    (link,) = json.loads(case.dut.run("ip -json -stats link show dev agr0"))
    return {way: link["stats64"][way]["packets"] for way in ("rx", "tx")}


def captured(aggregate: Aggregate) -> dict[str, int]:
    """Frames in the capture on agr0, received and sent."""
    frames = list(aggregate.client.frames)
    sent = sum(frame.sent for frame in frames)
    return {"rx": len(frames) - sent, "tx": sent}


@claims("AG-18", wires=2, needs=["agr(4)"], whole=["names"], seconds=9)
def test_counters_and_capture(case: Case) -> None:
    """agr0 counts what passes it, and a capture on it shows that, both ways"""
    lag = case.bundle(2)
    flowing(case, lag.aggregate, lag.stations)
    begun, first = counted(case), captured(lag.aggregate)
    own = [
        flow.frame(n) for flow in case.conversations(FLOWS, lag.aggregate.mac) for n in range(FRAMES // FLOWS)
    ]
    carry(case, lag.aggregate, own, lag.stations)
    theirs = []
    for station in lag.stations:
        flows = case.conversations(FLOWS, station.wire.tap.mac)
        frames = [flow.frame(n) for flow in flows for n in range(FRAMES // FLOWS)]
        carry(case, station.wire, frames, [lag.aggregate.client])
        theirs += frames

    def grown() -> dict[str, int] | None:
        """By how much both have grown, when they agree."""
        counts, seen = counted(case), captured(lag.aggregate)
        by = {way: counts[way] - begun[way] for way in counts}
        return by if by == {way: seen[way] - first[way] for way in seen} else None

    by = ask(case, grown, within=PROMPT)
    now, seen = counted(case), captured(lag.aggregate)
    words = f"counted {now}, before {begun}; captured {seen}, before {first}"
    case.check(by is not None, "counters of agr0 that grow by what a capture on it shows", words)
    if by is not None:
        case.check(by["tx"] >= len(own), f"at least {len(own)} frames sent", words)
        case.check(by["rx"] >= len(theirs), f"at least {len(theirs)} frames received", words)
    shown = {record(frame) for frame in lag.aggregate.client.frames if frame.sent} - {None}
    case.check(len(shown) >= len(own), f"{len(own)} own frames in the capture", len(shown))


@claims("AG-18", "FD-10", "SP-11", wires=1, needs=["agr(4)", "other_subtypes"], whole=["names"], seconds=6)
def test_no_slow_protocols(case: Case) -> None:
    """No LACPDU, no Marker and no illegal subtype shows on agr0"""
    lag = case.bundle()
    station = lag.station
    asked = station.marker(transaction_id=0x2222)
    case.expect(
        station, marker_response(0x2222), since=asked.time, within=MARKER_RESPONSE_TIME,
        premise="MK-01",
    )  # fmt: skip
    for subtype in ILLEGAL_SUBTYPES:
        slow(station, subtype)
    slow(station, 5)
    with case.offering(station.wire) as inward:  # what comes behind them has arrived
        case.expect(lag.aggregate.client, inward.data, within=PROMPT, premise="MX-15")
    case.expect(station, any_lacpdu(), within=2 * PROMPT, premise="PT-01")
    shown = [frame.subtype for frame in lag.aggregate.client.frames if frame.type == SLOW_PROTOCOLS_TYPE]
    own = [subtype for subtype in shown if subtype in (SUBTYPE_LACP, SUBTYPE_MARKER)]
    for row in ("AG-18", "FD-10"):
        case.check(not own, "no LACPDU and no Marker on agr0", own, row=row)
    illegal = [subtype for subtype in shown if subtype in ILLEGAL_SUBTYPES]
    case.check(not illegal, "no illegal subtype on agr0", illegal, row="SP-11")
    case.report(f"SP-11: subtypes that were passed up: {sorted(set(shown))}")


def slow(station: Station, subtype: int) -> None:
    """A slow-protocol frame of a subtype."""
    data = station.marker(transaction_id=0).data
    station.put(data[:14] + bytes([subtype]) + bytes(109))


@contextmanager
def jumbo(case: Case, ports: list[str]) -> Iterator[None]:
    """The ports are as before after the block, though agr0 has had another MTU."""
    with prepared(case, dict.fromkeys(ports, Prepared(up=True))):
        yield


@claims("AG-19", wires=2, needs=["agr(4)", "jumbo"], whole=["names"], seconds=16)
def test_mtu(case: Case) -> None:
    """The MTU of agr0 goes to its ports, jumbo frames pass, tagged too, and the ports get theirs back"""
    ports = list(names(case, 2))
    with jumbo(case, ports):
        before = {port: state(case, port) for port in ports}
        lag = case.bundle(1)
        case.dut.run(f"ip link set dev agr0 mtu {JUMBO}")
        follows(case, ports[:1], JUMBO)
        added = case.station(case.wires[1])
        added.start()
        with prepared(case, {ports[1]: Prepared(mtu=JUMBO)}):
            lag.aggregate.add(ports[1])
            case.distributing([added])
            follows(case, ports, JUMBO)
            wires = [lag.station.wire, added.wire]
            for tci in (None, 7):
                own = [replace(flow, tci=tci) for flow in case.conversations(FLOWS, lag.aggregate.mac)]
                length = JUMBO + HEADERS + (4 if tci else 0)
                passes(case, lag.aggregate, own, [wire.tap for wire in wires], "AG-19", length)
                for wire in wires:
                    theirs = [replace(flow, tci=tci) for flow in case.conversations(FLOWS, wire.tap.mac)]
                    passes(case, wire, theirs, [lag.aggregate.client], "AG-19", length)
            lag.aggregate.remove(ports[0])
            case.equal(state(case, ports[0]).mtu, before[ports[0]].mtu, f"MTU of {ports[0]} that has left")


def follows(case: Case, ports: list[str], mtu: int) -> None:
    """FAIL unless the ports come to have this MTU."""
    ask(case, lambda: all(state(case, port).mtu == mtu for port in ports), within=PROMPT)
    for port in ports:
        case.equal(state(case, port).mtu, mtu, f"MTU of {port}, that of agr0:")


@claims("AG-14", wires=1, needs=["agr(4)", "jumbo"], whole=["names"], seconds=4)
def test_mtu_before_the_first_port(case: Case) -> None:
    """An MTU that agr0 has before its first port is that of the port when it comes"""
    (port,) = names(case, 1)
    with prepared(case, {port: Prepared(up=True, mtu=JUMBO)}):
        case.dut.run("agrconfig agr0 create")
        case.dut.run("ip link set dev agr0 mtu 4000 up")
        case.dut.existing("agr0").add(port)
        follows(case, [port], 4000)
        case.equal(state(case, "agr0").mtu, 4000, "MTU of agr0")
