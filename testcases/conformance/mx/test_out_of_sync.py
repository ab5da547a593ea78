"""Mux machine: a partner that is not in sync any more ends both Collecting and Distributing (43.4.15)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import PROMPT


@claims("MX-11", wires=1, needs=["coupled_control"], seconds=8)
def test_coupled(case: Case) -> None:
    """With coupled control a partner out of sync disables both, while the port stays attached"""
    station = case.bundle(**case.control("coupled")).station
    case.settle()
    said = station.say(Synchronization=0)
    both_off = lacpdu(Synchronization=1, Collecting=0, Distributing=0)
    case.expect(station, both_off, since=said.time, within=PROMPT)
    said = station.say(Synchronization=1)
    both_on = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
    case.expect(station, both_on, since=said.time, within=BRING_UP_TIME)
