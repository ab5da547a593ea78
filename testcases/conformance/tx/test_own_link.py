"""Each LACPDU leaves on its own link only (43.4.16), for as long as one likes to look (43.4)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu, where
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.sl.carrying import carrying

DAY = 86_400.0
SHORT = 60.0
"""Seconds, as TX-08 says."""

IN_SYNC = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
NOT_IN_SYNC = where(
    "LACPDU of a port that left its LAG", lambda frame: frame.is_lacpdu and not IN_SYNC(frame)
)


@claims("TX-08", "CF-10", wires=2, whole=["memory"], seconds=87)
def test_soak(case: Case) -> None:
    """On every link the LACPDUs of one port, no other's; its state never changes while nothing happens"""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    case.settle()
    memory = case.dut.memory()
    since = case.now()
    seen = case.lacpdus(lag.stations, since=since, during=case.form(full=DAY, short=SHORT), row="TX-08")
    ports = {}
    for station in lag.stations:
        frames = seen[station.wire.name]
        told = {(frame.source, frame.actor.port) for frame in frames}
        case.check(len(told) == 1, f"one Actor_Port on {station.wire.name}", sorted(told), row="TX-08")
        ports[station.wire.name] = told.pop()
        if len(frames) > 1:
            mean = (frames[-1].time - frames[0].time) / (len(frames) - 1)
            drift, words = (mean / FAST_PERIODIC_TIME - 1) * 1e6, f"drift on {station.wire.name}"
            case.within(drift, None, None, words, "ppm", id="drift")
    for part in zip(*ports.values(), strict=True):
        case.check(
            len(set(part)) == len(ports), "another address and Actor_Port on each link", part, row="TX-08"
        )
    for station in lag.stations:
        case.never(station, NOT_IN_SYNC, since=since, during=case.now() - since, row="CF-10")
    if memory is not None:
        growth = (case.dut.memory() or 0) - memory
        case.within(growth, None, None, "growth of its memory", "KiB", id="memory-growth")
    with case.offering(lag.aggregate, 64) as outward:
        case.until(lambda: len(carrying(lag.stations, outward)) == len(lag.stations), within=PROMPT)
    used = [station.wire.name for station in carrying(lag.stations, outward)]
    case.check(bool(used), f"data of the client's on a link within {PROMPT:g} s", "on none", row="CF-10")
    case.report(f"FD-05: of 64 conversations some on {', '.join(used)}")
