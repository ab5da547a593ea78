"""Mux machine with coupled control: out of WAITING again (43.4.15)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.profile.constants import AGGREGATE_WAIT_TIME, PROMPT

KEY = 0x0B0A


@claims("MX-04", wires=1, needs=["active", "coupled_control"], seconds=8)
def test_wait_starts_again(case: Case) -> None:
    """With coupled control, too, a port that is unselected while it waits starts its wait again"""
    station = case.station(case.wires[0])
    case.aggregate_heard([station], **case.control("coupled"))
    station.start()
    case.run_for(AGGREGATE_WAIT_TIME / 2)
    changed = station.say(key=KEY)
    in_sync = lacpdu(Synchronization=1, partner={"key": KEY})
    case.never(station, in_sync, since=changed.time, during=AGGREGATE_WAIT_TIME)
    latest = AGGREGATE_WAIT_TIME + PROMPT
    case.expect(station, in_sync, since=changed.time, within=latest, premise="MX-02")
