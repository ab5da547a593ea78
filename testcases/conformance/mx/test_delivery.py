"""From when on, and until when, what a port receives is the client's (43.4.15, 43.3.13)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.case.offer import left_the_tester
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.mx.test_attached import attached

COLLECTING = lacpdu(Synchronization=1, Collecting=1)

FRAMES, AT_ONCE = 1000, 50
BETWEEN = 0.01
"""Seconds between so many frames: no queue of an interface is full then."""


@claims("MX-15", wires=1, seconds=7)
def test_first_frames(case: Case) -> None:
    """Every frame is delivered that arrives once the port has said Collecting=1"""
    station, aggregate = attached(case)
    (flow,) = case.conversations(1, station.wire.tap.mac)
    frames = flow.frames(FRAMES)
    told: list[Frame] = []

    def send_from(first: int) -> None:
        station.wire.tap.send_all(frames[first : first + AT_ONCE])
        if first + AT_ONCE < FRAMES:
            case.loop.call_at(case.now() + BETWEEN, lambda: send_from(first + AT_ONCE))

    def heard(frame: Frame) -> None:
        if not told and not frame.sent and COLLECTING(frame):
            told.append(frame)
            send_from(0)

    station.wire.tap.listen(heard)
    station.say(Synchronization=1, Collecting=1, Distributing=1)
    case.expect(station, COLLECTING, within=PROMPT + FAST_PERIODIC_TIME, premise="MX-06")
    wanted = set(frames)

    def missing() -> int:
        return len(wanted) - len(wanted & {frame.data for frame in aggregate.client.frames})

    case.until(lambda: not missing(), within=FRAMES / AT_ONCE * BETWEEN + PROMPT)
    first = next(frame for frame in station.wire.frames if frame.data == frames[0])
    words = "Collecting=1 to the first frame"
    case.within(first.time - told[0].time, None, None, words, id="collecting-to-first-frame")
    if missing():
        sent = [(flow.number, number) for number in range(FRAMES)]
        left_the_tester([station.wire.tap], sent, sent)
    case.within(missing(), None, 0, "frames that were not delivered", "frames", id="not-delivered")


@claims("MX-17", wires=2, needs=["control"], seconds=13)
def test_removed_link(case: Case) -> None:
    """No frame of a link that was removed from an aggregate reaches its client"""
    lag = case.bundle(2)
    stays, removed = lag.stations
    for station in lag.stations:
        with case.offering(station.wire) as inward:
            case.expect(lag.aggregate.client, inward.data, within=PROMPT)
    lag.aggregate.remove(removed.wire.port)
    with case.offering(removed.wire) as inward, case.offering(stays.wire) as other:
        case.never(lag.aggregate.client, inward.data, during=3 * FAST_PERIODIC_TIME)
        case.expect(lag.aggregate.client, other.data, within=PROMPT)
