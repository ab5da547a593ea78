"""How much a port sends of a slow protocol, however it is provoked, and how much it withstands (43B.2)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.case import Case, any_lacpdu, any_slow, claims, lacpdu, marker_response
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame, PortInfo, lacpdu_frame, marker_frame
from harness.pdu.layers import SUBTYPE_LACP, SUBTYPE_MARKER
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME, TIMER_TOLERANCE
from harness.wire.station import Station
from testcases.conformance.sl.undisturbed import DISTURBED

SECOND = 1.0
PROVOKED = 10.0
"""Seconds, as SP-01 has it."""

FLOWS = 16
"""Conversations, which move to another link and back: a Marker generator has its part in the rate."""

FCS, LONGEST = 4, 128
"""Octets: of the FCS, and of a slow protocol's whole frame at most (43B.2)."""

LONGEST_MAC_FRAME = 1518
"""Octets of any MAC frame without a tag at most, its FCS included."""

FLOOD_RATE = 10_000
"""LACPDUs a second, as SP-09 has it."""

FLOODED = SHORT_TIMEOUT_TIME + FAST_PERIODIC_TIME
"""Seconds: a port that is starved meanwhile expires."""

PARTS = 100
"""Pieces that a second's flood is sent in."""


def busiest(frames: Sequence[Frame], seconds: float = SECOND) -> int:
    """Most frames in any time that is shorter than this."""
    times = [frame.time for frame in frames]
    return max((sum(first <= time < first + seconds for time in times) for first in times), default=0)


def provoke(case: Case, stations: Sequence[Station], markers: int) -> None:
    """In bursts, all that a partner may send: so many Markers at once, a long one too, LACPDUs with news."""
    ends = case.now() + PROVOKED
    while case.now() < ends:
        again = case.now() + SECOND + TIMER_TOLERANCE
        for station in stations:
            source, asks = station.wire.tap.mac, station.info
            station.put(marker_frame(source, asks.port, asks.system, 0) + bytes(LONGEST))
            for number in range(1, markers):
                station.marker(number)
        for in_sync in (0, 1):
            stations[-1].say(Synchronization=in_sync, partner=PortInfo())
        case.run_for(max(again - case.now(), 0.0))


@claims("SP-01", "SP-02", wires=2, seconds=18)
def test_rate_and_length(case: Case) -> None:
    """Under the worst that is legal a port keeps the rate and the frame length of the slow protocols"""
    most = case.profile.slow_protocol_frames_per_second
    limit = LONGEST if case.reading("slow_frame_length") == "octets_128" else LONGEST_MAC_FRAME
    lag = case.bundle(2)
    for station in lag.stations:
        station.responds = False  # with responses to a generator's Markers the tester's own would be too many
    since = case.now()
    with case.offering(lag.aggregate, FLOWS):
        provoke(case, lag.stations, most)
    for station in lag.stations:
        name = station.wire.name
        frames = case.frames(station, any_slow(), since=since, during=case.now() - since)
        for subtype in (SUBTYPE_LACP, *([SUBTYPE_MARKER] if case.can("marker_responder") else [])):
            sent = [frame for frame in frames if frame.subtype == subtype]
            case.check(bool(sent), f"frames of subtype {subtype} on {name}", "none", row="SP-01")
            words = f"frames of subtype {subtype} on {name} in a second"
            kind = f"busiest-second-subtype-{subtype}"
            case.within(busiest(sent), None, most, words, "frames", id=kind, row="SP-01")
        if frames:
            longest = max(len(frame.data) for frame in frames) + FCS
            words = f"longest slow-protocol frame on {name}"
            case.within(longest, None, limit, words, "octets", id="longest-frame", row="SP-02")


@claims("SP-01", wires=1, needs=["static_aggregation", "cut", "control"], floods=True, seconds=11)
@pytest.mark.parametrize("static", [True, False], ids=["static", "LACP"])
def test_rate_outlives_the_port(case: Case, static: bool) -> None:
    """A port that answers Markers, is removed and added again keeps the rate over both of its lives

    Without carrier nothing has to be delivered first, so that the removal takes no time.
    """
    most = case.profile.slow_protocol_frames_per_second
    wire = case.wires[0]
    station = case.station(wire)
    station.follows = True
    if not static:  # its LACPDUs, too, are a reason to remember it
        station.start()
    aggregate = case.aggregate([wire], static=static)
    case.run_for(BRING_UP_TIME / 2)
    since = case.now()
    for life in (0, 1):
        if life:
            wire.cut()
            aggregate.remove(wire.port)
            aggregate.add(wire.port)
            case.link_up(wire)
            case.run_for(max(since + SECOND / 2 - case.now(), 0.0))
        for number in range(most):
            station.marker(number)
    case.run_for(SECOND)
    case.expect(station, marker_response(0), since=since, within=SECOND)
    sent = [frame for frame in wire.received(since) if frame.subtype == SUBTYPE_MARKER]
    words = f"Marker Responses on {wire.name} in a second"
    case.within(busiest(sent), None, most, words, "frames", id="busiest-second")


@claims("SP-09", wires=2, needs=["kernel"], whole=["load"], seconds=16, floods=True)
def test_flood(case: Case) -> None:
    """A flood of LACPDUs on one port leaves the other in its LAG, and the implementation alive"""
    own, _ = case.own_timeout()
    lag = case.bundle(2, **own)
    flooded, other = lag.stations
    right, wrong = flooded.echo, PortInfo()
    pair = [lacpdu_frame(flooded.wire.tap.mac, flooded.info, echo) for echo in (right, wrong)]
    piece = pair * (FLOOD_RATE // PARTS // len(pair))
    since = case.now()
    for part in range(1, round(FLOODED * PARTS) + 1):
        flooded.wire.tap.send_all(piece)
        case.run_for(max(since + part / PARTS - case.now(), 0.0))
    lasted = case.now() - since
    rate = len(piece) * FLOODED * PARTS / lasted
    case.within(rate, None, None, "LACPDUs in the flood", "1/s", id="flood-rate")
    case.never(other, DISTURBED, since=since, during=lasted)
    case.expect(other, lacpdu(Distributing=1), within=2 * FAST_PERIODIC_TIME)
    case.expect(flooded, any_lacpdu(), within=2 * PROMPT)
    case.expect(flooded, lacpdu(Distributing=1), within=BRING_UP_TIME)
