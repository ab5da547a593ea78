"""link1: static aggregation, which NetBSD's agr knows only in its manual's BUGS, and -link1 back to LACP."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu, marker_response, record
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME, MARKER_RESPONSE_TIME, PROMPT

FLOWS = 64
"""Conversations, enough for a distribution over two links to use both."""

MBPS = 100

SILENT = 4 * FAST_PERIODIC_TIME
"""Seconds in which LACP would have sent and believed several PDUs."""


@claims("AG-11", wires=2, needs=["static_aggregation", "cut"], seconds=13)
def test_static_aggregation(case: Case) -> None:
    """With link1 each port with carrier carries data, no LACPDU is sent, and Markers are answered"""
    wires = case.wires[:2]
    aggregate = case.aggregate(wires, static=True)
    stations = [case.station(wire) for wire in wires]
    with case.offering(aggregate, FLOWS) as offer:
        for wire in wires:
            case.expect(wire, offer.data, within=BRING_UP_TIME)
        since = case.now()
        for station in stations:
            with case.offering(station.wire) as inward:
                case.expect(aggregate.client, inward.data, within=PROMPT)
        asked = stations[0].marker(transaction_id=0x1111)
        case.expect(stations[0], marker_response(0x1111), since=asked.time, within=MARKER_RESPONSE_TIME)
        for wire in wires:
            case.never(wire, any_lacpdu(), since=since, during=SILENT)
        wires[0].cut()
        case.run_for(case.longest_interruption)
        since = case.now()
        case.run_for(PROMPT)
        came = {told[0] for frame in wires[1].received(since) if (told := record(frame))}
    case.equal(len(came), FLOWS, "conversations on the link with carrier, the other one being cut:")


@claims("AG-11", wires=2, needs=["static_aggregation"], seconds=13)
def test_lacpdus_not_accepted(case: Case) -> None:
    """With link1 a partner's LACPDUs change nothing: two partners share one aggregate"""
    wires = case.wires[:2]
    stations = [case.station(wires[0]), case.station(wires[1], system="02:00:5e:00:53:02", Synchronization=0)]
    aggregate = case.aggregate(wires, static=True)
    with case.offering(aggregate, FLOWS) as offer:
        for wire in wires:
            case.expect(wire, offer.data, within=BRING_UP_TIME)
        for station in stations:
            station.start()
        since = case.now()
        case.run_for(SILENT)
        for wire in wires:
            case.expect(wire, offer.data, since=since + SILENT - PROMPT, within=PROMPT)
            case.never(wire, any_lacpdu(), since=since, during=SILENT)


@claims("AG-11", wires=2, needs=["static_aggregation", "speeds"], seconds=14)
def test_half_duplex(case: Case) -> None:
    """With link1 a half-duplex link carries nothing either, as no such link may be aggregated (43.4.8)"""
    full, half = wires = case.wires[:2]
    full.negotiate(MBPS)
    half.negotiate(MBPS, full_duplex=False)
    aggregate = case.aggregate(wires, static=True)
    with case.offering(aggregate, FLOWS) as offer, case.offering(half) as inward:
        case.expect(full, offer.data, within=BRING_UP_TIME)
        case.never(half, offer.data, during=PROMPT)
        case.never(aggregate.client, inward.data, during=PROMPT)
        half.negotiate(MBPS)  # the control run
        case.expect(half, offer.data, within=BRING_UP_TIME)


@claims("AG-11", wires=2, needs=["static_aggregation", "while_running:static"], seconds=15)
def test_back_to_lacp(case: Case) -> None:
    """-link1 brings LACP back, and link1 ends it, while the ports stay"""
    wires = case.wires[:2]
    stations = [case.station(wire) for wire in wires]
    aggregate = case.aggregate(wires, static=True)
    since = case.now()
    aggregate.set("static", False)
    within = case.now() - since + 2 * FAST_PERIODIC_TIME
    for station in stations:
        case.expect(station, lacpdu(Collecting=0, Distributing=0), since=since, within=within)
        station.start()
    for station in stations:
        case.expect(station, lacpdu(Distributing=1), within=BRING_UP_TIME)
    aggregate.set("static", True)
    case.run_for(PROMPT)
    since = case.now()
    for wire in wires:
        case.never(wire, any_lacpdu(), since=since, during=2 * FAST_PERIODIC_TIME)
    with case.offering(aggregate, FLOWS) as offer:
        for wire in wires:
            case.expect(wire, offer.data, within=BRING_UP_TIME)
