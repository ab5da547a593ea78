"""Receive machine: INITIALIZE (43.4.12)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME


@claims("RX-01", wires=1, needs=["active", "control"], seconds=13)
def test_begins_anew(case: Case) -> None:
    """A port that begins is not in sync, and does not collect or distribute, though it did so before"""
    lag = case.bundle()
    station = lag.station
    station.silence()
    lag.aggregate.destroy()
    case.arrived()
    began = case.now()
    case.aggregate([station.wire])
    limit = case.now() - began + FAST_PERIODIC_TIME
    first = case.expect(station, any_lacpdu(), since=began, within=limit)
    nothing = lacpdu(Synchronization=0, Collecting=0, Distributing=0)
    case.check(nothing(first), nothing.words, first.text())
