"""A Marker generator and a responder share one rate (43B.2): Markers wait for room, and leave some (43.5)."""

from __future__ import annotations

from harness.case import Case, claims, marker, marker_response
from harness.case.premises import BRING_UP_TIME
from harness.pdu.layers import SUBTYPE_MARKER
from harness.profile.constants import PROMPT, TIMER_TOLERANCE
from harness.wire.station import Station
from testcases.conformance.fd.moving import DISTANCE, FLOWS, MOVING, come_out
from testcases.conformance.sp.test_rate import busiest

SECOND = 1.0
ROUNDS = 2
"""How often a link comes and goes: each time half of the conversations move to it."""

SHARE = 3
"""Markers of a partner's at once that leave room for two other frames at any rate that is allowed."""


def answered(case: Case, station: Station, first: int, count: int = SHARE) -> None:
    """Ask so many times at once. FAIL unless each Marker is answered, of those that there is room for."""
    asked = [station.marker(first + number) for number in range(count)]
    for number, frame in enumerate(asked[:SHARE]):
        response = marker_response(first + number)
        case.check_frame(station, response, since=frame.time, within=PROMPT, row="MK-13")


@claims("MK-13", "MK-22", "SP-01", wires=2, needs=["marker_generator", "long_timeout"], seconds=12)
def test_marker_waits_for_room(case: Case) -> None:
    """A link that has just answered all it may has its own Marker as soon as the rate allows"""
    most = case.profile.slow_protocol_frames_per_second
    lag = case.bundle(2, timeout="long")
    other, leaving = lag.stations
    for station in lag.stations:
        station.say(Timeout=0)
        station.start(period=None)  # so that nothing but the rate's own time brings the Marker
    leaving.responds = False
    case.settle()
    with case.offering(lag.aggregate, FLOWS):
        case.run_for(MOVING / 3)
        burst = case.now()
        for number in range(most):
            leaving.marker(number)
        case.run_for(max(SECOND + TIMER_TOLERANCE - case.pics.marker_wait / 2, TIMER_TOLERANCE))
        said = leaving.say(Synchronization=0, Collecting=0, Distributing=0)
        answered(case, other, 100)
        room = burst + SECOND + TIMER_TOLERANCE - said.time
        case.check_frame(leaving, marker(), since=said.time, within=max(room, PROMPT / 2), row="MK-22")
        case.run_for(max(burst + SECOND + TIMER_TOLERANCE - case.now(), 0.0))
        answered(case, leaving, 200, most)
    come_out(case)
    for station in lag.stations:
        sent = [frame for frame in station.wire.received(burst) if frame.subtype == SUBTYPE_MARKER]
        words = f"Markers and Responses on {station.wire.name} in a second"
        case.within(busiest(sent), None, most, words, "frames", id="busiest-second", row="SP-01")


@claims("MK-13", wires=2, needs=["marker_generator", "control"], seconds=12)
def test_room_for_responses(case: Case) -> None:
    """A generator whose Markers are answered soon leaves room for the Response to a partner's own"""
    lag = case.bundle()
    station, wire = lag.station, case.wires[1]
    case.station(wire).start()
    station.distance = DISTANCE
    own = case.profile.slow_protocol_frames_per_second - 1  # the last one is the partner's Marker
    with case.offering(lag.aggregate, FLOWS):
        lag.aggregate.add(wire.port)
        case.expect(station, marker(), within=BRING_UP_TIME, premise="MK-22")
        case.until(lambda: sum(frame.is_marker_response for frame in station.wire.frames) >= own,
                   within=SECOND - DISTANCE)  # fmt: skip
        station.responds = False
        answered(case, station, 100, 1)
    come_out(case)


@claims("MK-13", wires=2, needs=["marker_generator", "control"], seconds=27)
def test_answers_after_many_moves(case: Case) -> None:
    """A port that has sent more Markers of its own than a second has room for answers a partner's, as ever"""
    lag = case.bundle()
    station, wire = lag.station, case.wires[1]
    most = case.profile.slow_protocol_frames_per_second
    joining = case.station(wire)
    joining.start()
    with case.offering(lag.aggregate, FLOWS):
        for _ in range(ROUNDS):
            lag.aggregate.add(wire.port)
            case.distributing([joining])
            case.run_for(MOVING)
            lag.aggregate.remove(wire.port)
            case.run_for(PROMPT)
    sent = sum(frame.is_marker for frame in station.wire.received())
    case.report(f"Markers on {station.wire.name}: {sent}, of {most} frames a second")
    case.run_for(SECOND + TIMER_TOLERANCE)
    answered(case, station, 100)
    come_out(case)
