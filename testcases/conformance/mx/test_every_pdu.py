"""What holds in every LACPDU, whatever state the port is in (43.4.12, 43.4.15)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu, step_missed_anew
from harness.pdu import Frame, State
from harness.profile.constants import FAST_PERIODIC_TIME, SHORT_TIMEOUT_TIME
from harness.wire.station import Station


@claims("MX-19", "RX-42", wires=1, needs=("active",), seconds=29, timeouts=2)
def test_state_bits_agree(case: Case) -> None:
    """Distributing implies Collecting implies Synchronization; Expired implies a fast partner out of sync"""
    own, timeout = case.own_timeout()
    station = case.bundle(**own).station
    walk(case, station, timeout)
    frames = [frame for frame in station.wire.received() if frame.is_lacpdu]
    seen = {bit for frame in frames for bit in State if bit in frame.actor.state}
    words = ", ".join(sorted(bit.name for bit in seen))
    walked = {State.Expired, State.Distributing} <= seen
    case.check(walked, "a walk through Expired and Distributing", words, row="RX-42")
    for frame in frames:
        judge(case, frame)


def walk(case: Case, station: Station, timeout: float) -> None:
    """Through every state: out of sync, not collecting, another identity, silence to DEFAULTED, and back."""
    for change in ({"Synchronization": 0}, {"Synchronization": 1}, {"Collecting": 0}, {"Collecting": 1}):
        station.say(**change)
        case.run_for(1.5 * FAST_PERIODIC_TIME)
    station.say(key=0x0B0A)
    case.distributing([station])
    for silence in (timeout, timeout + SHORT_TIMEOUT_TIME):
        station.last(Timeout=0)  # EXPIRED makes 1 of it
        case.run_for(silence + FAST_PERIODIC_TIME)
        station.change(Timeout=1)
        station.start()
        case.distributing([station], premise=step_missed_anew)


def judge(case: Case, frame: Frame) -> None:
    """FAIL where two bits of one LACPDU contradict each other."""
    state, words = frame.actor.state, frame.text()
    if State.Distributing in state:
        case.check(State.Collecting in state, "Collecting=1 where Distributing=1", words, row="MX-19")
    if State.Collecting in state:
        case.check(State.Synchronization in state, "Synchronization=1 where Collecting=1", words, row="MX-19")
    if State.Expired in state:
        out_of_sync = lacpdu(partner={"Synchronization": 0, "Timeout": 1})
        case.check(
            out_of_sync(frame), "partner Synchronization=0, Timeout=1 where Expired=1", words, row="RX-42"
        )
