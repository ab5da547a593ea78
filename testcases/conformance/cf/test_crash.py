"""The implementation's processes are killed, and started again."""

from __future__ import annotations

import pytest

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.case.offer import OFFER_PERIOD, Offer
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station

WITHOUT = 5 * FAST_PERIODIC_TIME
"""Seconds without it: more than a short timeout, in which a fast partner would have noticed."""

SHORTLY = 4 * OFFER_PERIOD
"""Seconds in which data that flows is seen."""

ACTIVITY = {"active": 1, "passive": 0}


@claims(
    "CF-06", "CF-07", wires=1, needs=["crash", "restart", "active", "passive"], whole=["restart"], seconds=15
)
@pytest.mark.parametrize("activity", ACTIVITY)
def test_killed(case: Case, activity: str) -> None:
    """Killed, its data path does as declared; when it is back its first LACPDU agrees with the data path"""
    lag = case.bundle(activity=activity)
    station = lag.station
    with case.offering(lag.aggregate) as outward:
        case.expect(station, outward.data, within=PROMPT, premise="MX-08")
        case.dut.crash()
        dead = case.now()
        case.run_for(WITHOUT)
        spoken = [frame for frame in station.wire.received(dead + PROMPT) if frame.is_lacpdu]
        carried = [frame.time for frame in station.wire.received(dead + PROMPT) if outward.data(frame)]
        case.report(f"without its processes: {len(spoken)} LACPDUs, {len(carried)} data frames")
        carries = case.pics.after_crash == "carries"
        words = f"a data path that {case.pics.after_crash}"
        case.check(bool(carried) == carries, words, f"{len(carried)} data frames", row="CF-07")
        ordered = case.now()
        case.dut.revive()
        first = case.check_frame(
            station, any_lacpdu(), since=ordered, within=case.now() - ordered + BRING_UP_TIME, row="CF-06"
        )
        if first is None:
            return
        flows = _flows(case, station, outward, first)
        agrees = lacpdu(Activity=ACTIVITY[activity], Synchronization=int(flows), Distributing=int(flows))
        words = f"first of all {agrees.words}, as data {'flows' if flows else 'stands still'}"
        case.check(agrees(first), words, first.text(), row="CF-06")
    within = case.now() - ordered + BRING_UP_TIME
    case.check_frame(station, lacpdu(Distributing=1), since=ordered, within=within, row="CF-06")


def _flows(case: Case, station: Station, outward: Offer, first: Frame) -> bool:
    """Whether data flows on after ``first``, or did before it; as long as nothing else is said."""
    case.run_for(SHORTLY)
    says = lacpdu(Distributing=1)(first)
    other = lacpdu(Distributing=int(not says))
    corrected = [frame.time for frame in station.wire.received(first.time) if other(frame)]
    begin, end = first.time - (0 if says else SHORTLY), min([first.time + SHORTLY, *corrected])
    return any(outward.data(frame) and frame.time < end for frame in station.wire.received(begin))
