"""Receive machine: update_NTT (43.4.9). What the partner knows wrong is answered, or is no matter."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame, State
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station

IDENTITY = {
    "system": "02:00:5e:00:53:76",
    "system_priority": 0x1235,
    "key": 0x5679,
    "port": 0x4322,
    "port_priority": 0x2144,
}
COMPARED = ("Activity", "Timeout", "Synchronization", "Aggregation")
NOT_COMPARED = ("Collecting", "Distributing", "Defaulted", "Expired")


def say_wrong(station: Station, field: str) -> Frame:
    """One LACPDU that knows a field of the implementation's identity, or a bit of its state, wrong."""
    known = station.echo
    value = IDENTITY[field] if field in IDENTITY else State[field] not in known.state
    return station.say(partner=known.change(**{field: value}))


def answered(case: Case, station: Station, field: str, row: str) -> None:
    """FAIL unless an LACPDU that knows this wrong is answered."""
    wrong = say_wrong(station, field)
    answer = case.check_frame(station, any_lacpdu(), since=wrong.time, within=PROMPT, row=row)
    if answer is not None:
        words, name = f"{field} wrong, until the answer", f"answer-to-wrong-{field.lower().replace('_', '-')}"
        case.within(answer.time - wrong.time, None, None, words, id=name)


@claims("RX-21", "RX-22", wires=1, needs=["active", "long_timeout"], seconds=21)
def test_known_wrong(case: Case) -> None:
    """A partner that knows the identity, Activity, Timeout, Synchronization or Aggregation wrong is told"""
    wire = case.wires[0]
    station = case.station(wire, Synchronization=0, Collecting=0, Distributing=0)  # the Mux has no news then
    station.start()
    case.aggregate([wire], timeout="long")
    case.expect(station, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise=step_missed)
    end = case.quiet(station)
    for row, fields in {"RX-21": IDENTITY, "RX-22": COMPARED}.items():
        for field in fields:
            if case.now() + 2 * PROMPT > end:
                end = case.quiet(station)
            answered(case, station, field, row)
            case.unanswered(station)


@claims("RX-23", wires=1, needs=["active", "long_timeout"], seconds=37)
def test_nothing_wrong(case: Case) -> None:
    """LACPDUs that know everything right are not answered: only what is periodic is sent"""
    station = case.bundle(timeout="long").station
    end = case.quiet(station)
    began = case.now()
    station.start(FAST_PERIODIC_TIME, answers=False)
    case.never(station, any_lacpdu(), since=began, during=end - began)
    sent = sum(frame.sent and frame.time >= began for frame in list(station.wire.frames))
    case.within(sent, None, None, "LACPDUs with nothing wrong", "frames", id="lacpdus-with-nothing-wrong")
    station.silence()
    answered(case, station, "key", "RX-23")


@claims("RX-35", wires=1, needs=["active", "long_timeout"], seconds=19)
def test_not_compared(case: Case) -> None:
    """Whether a partner knows Collecting, Distributing, Defaulted and Expired right is no matter"""
    station = case.bundle(timeout="long").station
    end = case.quiet(station)
    for bit in NOT_COMPARED:
        if case.now() + 2 * PROMPT > end:
            end = case.quiet(station)
        wrong = say_wrong(station, bit)
        case.never(station, any_lacpdu(), since=wrong.time, during=2 * PROMPT)
    answered(case, station, "key", "RX-35")
