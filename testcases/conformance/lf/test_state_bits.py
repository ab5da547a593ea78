"""Actor_State bit by bit: the octet on the wire against the state known from the stimulus (43.4.2.2).

Each testcase drives its bits to 1 and to 0. Bits are judged by number, 0 for Activity to 7 for Expired.
"""

from __future__ import annotations

import pytest

from harness.case import Case, Match, any_lacpdu, claims, where
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
)

ACTOR_STATE = 32
"""Place of Actor_State in the frame."""

ADMINISTERED = [
    (0, "activity", {"active": 1, "passive": 0}, False, ["active", "passive", "while_running:activity"]),
    (1, "timeout", {"short": 1, "long": 0}, False,
     ["short_timeout", "long_timeout", "while_running:timeout"]),
    (2, "individual", {False: 1, True: 0}, True, ["individual"]),
]  # fmt: skip


def bits(values: dict[int, int]) -> Match:
    """An LACPDU whose Actor_State has these bits, by number."""
    words = ", ".join(f"bit {bit}={value}" for bit, value in values.items())
    return where(
        f"an LACPDU whose Actor_State has {words}",
        lambda frame: (
            frame.is_lacpdu
            and all(frame.data[ACTOR_STATE] >> bit & 1 == value for bit, value in values.items())
        ),
    )


@pytest.mark.parametrize(
    ("bit", "variable", "values", "of_port"),
    [
        pytest.param(*rest, id=rest[1], marks=claims("LF-29", wires=1, needs=needs, seconds=8))
        for *rest, needs in ADMINISTERED
    ],
)
def test_administered(
    case: Case, bit: int, variable: str, values: dict[str | bool, int], of_port: bool
) -> None:
    """Activity is bit 0, Timeout bit 1, Aggregation bit 2"""
    lag = case.bundle()
    for value, octet in values.items():
        lag.aggregate.set(variable, value, port=case.wires[0].port if of_port else None)
        case.expect(lag.station, bits({bit: octet}), within=FAST_PERIODIC_TIME)


@claims("LF-29", wires=1, seconds=7)
def test_synchronization(case: Case) -> None:
    """Synchronization is bit 3: 0 while the port waits, 1 alone of 3 to 5 when it is attached"""
    wire = case.wires[0]
    station = case.station(wire, Synchronization=0, Collecting=0, Distributing=0)
    case.aggregate_heard([station])
    waiting, attached = bits({3: 0, 4: 0, 5: 0}), bits({3: 1, 4: 0, 5: 0})
    first = station.say()
    station.start()
    waits = first.time + case.earliest(AGGREGATE_WAIT_TIME)
    last = case.frames(wire, any_lacpdu(), since=first.time, during=waits - first.time)[-1:]
    case.check(all(map(waiting, last)), waiting.words, "".join(frame.text() for frame in last))
    other = where(
        "an LACPDU with another Actor_State",
        lambda frame: frame.is_lacpdu and frame.data[ACTOR_STATE] not in {f.data[ACTOR_STATE] for f in last},
    )
    other_state = case.expect(wire, other, since=waits, within=BRING_UP_TIME, premise="MX-02")
    case.check(attached(other_state), attached.words, other_state.text())
    changed = station.say(key=station.info.key + 1)
    case.expect(wire, waiting, since=changed.time, within=PROMPT)


@claims("LF-29", wires=1, seconds=8)
def test_collecting_and_distributing(case: Case) -> None:
    """Collecting is bit 4 and Distributing bit 5: both follow a partner in sync that collects"""
    station = case.bundle().station
    for on in (0, 1):
        said = station.say(Synchronization=on, Collecting=on, Distributing=on)
        case.expect(station, bits({3: 1, 4: on, 5: on}), since=said.time, within=FAST_PERIODIC_TIME)


@claims("LF-29", wires=1, needs=["independent_control"], seconds=8)
def test_collecting_alone(case: Case) -> None:
    """Collecting is bit 4 and not bit 5: it is 1 alone while the partner does not collect"""
    station = case.bundle(**case.control("independent")).station
    for on in (0, 1):
        said = station.say(Collecting=on)
        case.expect(station, bits({3: 1, 4: 1, 5: on}), since=said.time, within=FAST_PERIODIC_TIME)


@claims("LF-29", wires=1, needs=["active"], seconds=15, timeouts=1)
def test_expired_and_defaulted(case: Case) -> None:
    """Expired is bit 7 and Defaulted bit 6: silence, longer silence, a partner that speaks again"""
    own, timeout = case.own_timeout()
    station = case.bundle(**own).station
    case.expect(station, bits({6: 0, 7: 0}), within=FAST_PERIODIC_TIME)
    silent = station.last().time
    expiry = timeout + FAST_PERIODIC_TIME  # how soon it shows is RX-08's matter
    case.expect(station, bits({6: 0, 7: 1}), since=silent, within=expiry)
    default = timeout + SHORT_TIMEOUT_TIME + FAST_PERIODIC_TIME
    case.expect(station, bits({6: 1, 7: 0}), since=silent, within=default)
    said = station.say()
    case.expect(station, bits({6: 0, 7: 0}), since=said.time, within=FAST_PERIODIC_TIME)


@claims("LF-29", wires=1, seconds=10, timeouts=1)
def test_expired_ends(case: Case) -> None:
    """Expired, bit 7, is 0 again when the partner speaks, and Defaulted, bit 6, was not 1 meanwhile"""
    own, timeout = case.own_timeout()
    station = case.bundle(**own).station
    silent = station.last().time
    expiry = timeout + FAST_PERIODIC_TIME  # how soon it shows is RX-08's matter
    case.expect(station, bits({6: 0, 7: 1}), since=silent, within=expiry)
    said = station.say()
    case.expect(station, bits({6: 0, 7: 0}), since=said.time, within=FAST_PERIODIC_TIME)
    case.never(station, bits({6: 1}), since=silent, during=case.latest(FAST_PERIODIC_TIME))
