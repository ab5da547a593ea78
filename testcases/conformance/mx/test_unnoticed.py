"""A port that comes, waits and goes beside ports that are attached (43.4.8, 43.4.15)."""

from __future__ import annotations

from harness.case import Case, Lag, claims
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.wire.station import Station
from testcases.conformance.sl.undisturbed import undisturbed

FLAPS = 10
"""Times, one a second, that the third link comes and goes, in either way."""


@claims("MX-22", wires=3, needs=["cut"], seconds=31)
def test_third_link_flaps(case: Case) -> None:
    """Ports that are attached stay so while a third one begins to wait again and again"""
    first, second, third = (case.station(wire) for wire in case.wires[:3])
    first.start()
    second.start()
    third.change(Synchronization=0, Collecting=0, Distributing=0)  # never has data that a cut could lose
    third.wire.cut()
    aggregate = case.aggregate([station.wire for station in (first, second, third)])
    lag = Lag(aggregate, [first, second])
    case.distributing(lag.stations)
    with undisturbed(case, aggregate, lag.stations, "MX-22"):
        carrier_flaps(case, third)
        waits_anew(case, third)


def carrier_flaps(case: Case, third: Station) -> None:
    """Its carrier comes, its partner speaks, its carrier goes."""
    for _ in range(FLAPS):
        third.wire.restore()
        case.run_for(FAST_PERIODIC_TIME / 4)
        third.say()
        case.run_for(FAST_PERIODIC_TIME / 4)
        third.wire.cut()
        case.run_for(FAST_PERIODIC_TIME / 2)
    third.wire.restore()


def waits_anew(case: Case, third: Station) -> None:
    """Its partner's port becomes another one, of the same LAG: it is unselected, and waits again."""
    third.start()
    for number in range(FLAPS):
        third.say(port=third.info.port + number + 1)
        case.run_for(FAST_PERIODIC_TIME)
