"""Receive machine: the short timeout, and what restarts it (43.4.4, 43.4.12)."""

from __future__ import annotations

from collections import deque
from itertools import cycle
from random import Random

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.pdu import lacpdu_frame, marker_frame
from harness.profile.constants import EXPIRY_SHOWN, FAST_PERIODIC_TIME, SHORT_TIMEOUT_TIME
from harness.wire.station import Station

PHASES, SEED = 10, 9
"""Moments of a period at which the partner falls silent: one at random in each tenth of it."""

SUBTYPE = 14
OTHERS = range(4, 10)
"""The octet of a frame that says whose it is, and values that are nobody's here (43B.4)."""

BETWEEN = FAST_PERIODIC_TIME / 5
"""Seconds between two frames that are no LACPDUs, as the slow-protocol rate has it."""


def phases() -> deque[float]:
    """Seconds behind a periodic LACPDU, ascending."""
    random = Random(SEED)
    return deque((number + random.random()) * FAST_PERIODIC_TIME / PHASES for number in range(PHASES))


def expires_in_time(case: Case, station: Station, since: float, words: str, row: str) -> None:
    """FAIL unless a port with the short timeout expires in its time behind the last LACPDU."""
    upper = SHORT_TIMEOUT_TIME + EXPIRY_SHOWN
    expired = case.expect(station, lacpdu(Expired=1), since=since, within=2 * upper, row=row)
    words = f"silence to Expired=1, {words}"
    took = expired.time - since
    case.within(took, SHORT_TIMEOUT_TIME, upper, words, id="silence-to-expired", row=row)


@claims("RX-09", wires=1, needs=("short_timeout",), seconds=24)
def test_at_any_phase(case: Case) -> None:
    """With Timeout=1 a bundled port expires 3 s after the last LACPDU, at whatever moment that came"""
    wires = case.wires[: case.pics.max_ports]
    lag = case.bundle(len(wires), timeout="short")
    left = phases()
    while left:
        tick = case.expect(lag.station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME, premise="PT-01").time
        silent = []
        for station in lag.stations[: len(left)]:
            phase = left.popleft()
            case.run_for(tick + phase - case.now())
            silent.append((station, phase, station.last().time))
        for station, phase, since in silent:
            words = f"{phase:.3f} s behind a PDU of the implementation"
            expires_in_time(case, station, since, words, row="RX-09")
        for station, _, _ in silent:
            station.start()
        case.distributing([station for station, _, _ in silent])


@claims("RX-38", wires=1, needs=("short_timeout", "other_subtypes"), seconds=17)
def test_what_restarts_it(case: Case) -> None:
    """Any LACPDU restarts the timeout, though it knows nothing right; Markers and other subtypes do not"""
    station = case.bundle(timeout="short").station
    station.silence()
    wrong = station.echo.change(key=0x5678, port=0x4321)
    since = case.now()
    while case.now() < since + 2 * SHORT_TIMEOUT_TIME:
        station.say(partner=wrong)
        case.run_for(FAST_PERIODIC_TIME)
    case.never(station, lacpdu(Expired=1), since=since, during=case.now() - since)
    silent = station.last().time
    for frame in cycle(no_lacpdus(station)):
        if case.now() >= silent + case.latest(SHORT_TIMEOUT_TIME):
            break
        station.put(frame)
        case.run_for(BETWEEN)
    expires_in_time(case, station, silent, "with Markers and other subtypes", row="RX-38")


def no_lacpdus(station: Station) -> list[bytes]:
    """A Marker, and what would be an LACPDU but for its subtype."""
    mac = station.wire.tap.mac
    pdu = lacpdu_frame(mac, station.info, station.echo)
    others = [pdu[:SUBTYPE] + bytes([subtype]) + pdu[SUBTYPE + 1 :] for subtype in OTHERS]
    return [marker_frame(mac, station.info.port, station.info.system, 1), *others]
