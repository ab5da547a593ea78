"""Mux machine: a port is taken away from others that wait with it for one Aggregator (43.4.8, Ready)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, lacpdu
from harness.dut.implementation import Aggregate
from harness.profile.constants import AGGREGATE_WAIT_TIME, PROMPT
from harness.wire.station import Station
from testcases.conformance.mx.test_waiting import ATTACHED, in_sync

OUT_OF_SYNC = lacpdu(Synchronization=0)

SECOND_KEY, ANOTHER_KEY = 0x0C0B, 0x0D0C


class Waiting:
    """Two ports that wait together, half of their time; ``gone`` is taken away, ``left`` must attach.

    They have waited once before, to the end, and wait again since their partner has another key.
    """

    def __init__(self, case: Case, first_goes: bool = True) -> None:
        self._case = case
        stations = [case.station(wire) for wire in case.wires[:2]]
        self.aggregate: Aggregate = case.aggregate_heard(stations)
        begun = case.now()
        for station in stations:
            station.start()
        for station in stations:
            case.expect(station, in_sync(station), since=begun, within=ATTACHED, premise="MX-02")
        case.settle()
        said = {station: station.say(key=SECOND_KEY).time for station in stations}
        self._since = max(said.values())
        self._out = {
            station: case.expect(station, OUT_OF_SYNC, since=when, within=PROMPT, premise="RX-24").time
            for station, when in said.items()
        }
        case.run_for(self._since + AGGREGATE_WAIT_TIME / 2 - case.now())
        self.gone: Station
        self.left: Station
        self.gone, self.left = stations if first_goes else stations[::-1]

    def attaches(self) -> None:
        """FAIL unless the port that is left attaches when its own wait is over."""
        out = self._out[self.left]
        during = self._since + AGGREGATE_WAIT_TIME - out
        self._case.never(self.left, in_sync(self.left), since=out, during=during)
        self._case.expect(self.left, in_sync(self.left), since=self._since, within=ATTACHED)


@claims("MX-23", wires=2, needs=["active", "control"], seconds=13)
@pytest.mark.parametrize("first", [True, False], ids=["the first", "the second"])
def test_removed(case: Case, first: bool) -> None:
    """A port that is removed while it waits leaves no other one waiting"""
    waiting = Waiting(case, first)
    waiting.aggregate.remove(waiting.gone.wire.port)
    waiting.attaches()


@claims("MX-23", wires=2, needs=["active", "cut"], seconds=13)
def test_without_carrier(case: Case) -> None:
    """A port that loses its carrier while it waits leaves no other one waiting"""
    waiting = Waiting(case)
    waiting.gone.wire.cut()
    waiting.attaches()


@claims("MX-23", wires=2, needs=["active"], seconds=13)
def test_of_another_lag(case: Case) -> None:
    """A port that comes to be of another LAG while it waits leaves no other one waiting"""
    waiting = Waiting(case)
    waiting.gone.say(key=ANOTHER_KEY)
    waiting.attaches()
