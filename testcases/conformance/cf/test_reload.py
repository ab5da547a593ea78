"""The implementation reloads whole, as a switch does by its operator's command: its links go as well."""

from __future__ import annotations

from itertools import pairwise

from harness.case import Case, claims, lacpdu
from harness.case.outage import outage
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame
from harness.wire.station import Station

AT_FIRST = lacpdu(Activity=1, Synchronization=0, Collecting=0, Distributing=0)


@claims("CF-06", wires=2, needs=["reload", "active"], whole=["restart"], seconds=40)
def test_reloaded(case: Case) -> None:
    """Reloaded, it says first that nothing is in sync, as no data flows, and then has its LAG again"""
    lag = case.bundle(2, activity="active")
    ports = [number(station) for station in lag.stations]
    ordered = case.now()
    with outage(case):
        case.dut.reload()
    back = case.now()
    for station in lag.stations:
        again = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
        case.check_frame(station, again, since=back, within=BRING_UP_TIME, row="CF-06")
        last, first = around_silence(case, station, ordered)
        if any(one.sent and last.time < one.time < first.time for one in station.wire.frames):
            case.report(f"{station.wire.name}: its partner spoke first")
            continue
        words = f"first of all {AT_FIRST.words}"
        case.check(AT_FIRST(first), words, first.text(), row="CF-06")
    case.report(f"Actor_Port before the reload: {ports}, after it: {[number(one) for one in lag.stations]}")


def number(station: Station) -> int:
    """Actor_Port in the last LACPDU on a wire."""
    return [frame for frame in station.wire.received() if frame.is_lacpdu][-1].actor.port


def around_silence(case: Case, station: Station, since: float) -> tuple[Frame, Frame]:
    """The LACPDUs around the longest time without any since then. CF-06 fails where there is none."""
    said = [frame for frame in station.wire.received(since) if frame.is_lacpdu]
    if len(said) < 2:
        case.fail(f"LACPDUs on {station.wire.name} after the reload", f"{len(said)}", row="CF-06")
    return max(pairwise(said), key=lambda two: two[1].time - two[0].time)
