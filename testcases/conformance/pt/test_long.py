"""Periodic Transmission machine: the period over a long time, idle links (43.4.13).

agr0, long timeout     a partner with Timeout=1
                       a partner that goes over to Timeout=0
agr1, short timeout    a partner with Timeout=0 that falls silent and comes back
agr2, passive          an active partner that goes over to Timeout=0

An implementation with one timeout, or one aggregate, has all but the last in agr0, with the timeout that it
has.
"""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import (
    EXPIRY_SHOWN,
    FAST_PERIODIC_TIME,
    PROMPT,
    SLOW_PERIODIC_TIME,
)
from harness.wire.station import Station
from testcases.conformance.pt.gaps import fast_gaps, heard, longest_silence, no_shorter_period, slow_gaps

WATCHED = 3 * SLOW_PERIODIC_TIME + 5 * FAST_PERIODIC_TIME
"""Seconds that hold three slow periods."""

IDLE = 600.0
"""Seconds, as PT-12 says."""

EXPIRED = 2 * FAST_PERIODIC_TIME
"""Seconds for which a port is watched in EXPIRED; less than it stays there."""


@claims(
    "PT-01", "PT-02", "PT-03", "PT-05", "PT-06", "PT-08", "PT-12", "PT-13", "PT-16",
    wires=4, row_needs={"PT-08": ["several_aggregates", "passive"]}, seconds=120, timeouts=1,
)  # fmt: skip
def test_periods(case: Case) -> None:
    """The period follows the partner's Timeout alone, for long, on links without data"""
    wires = case.wires[:4]
    fast, slowing, lost, active = [case.station(wire) for wire in wires]
    for station in (fast, slowing, lost):
        station.start()
    begin = case.now()
    own, timeout = case.own_timeout()
    if case.can("several_aggregates") and case.can("short_timeout") and case.can("long_timeout"):
        case.aggregate(wires[:2], timeout="long")
        made = case.now()
        case.aggregate(wires[2:3], "agr1", **own)
    else:
        case.aggregate(wires[:3], **own)
        made = case.now()
    if "PT-08" in case.rows:
        active.start()
        case.aggregate(wires[3:], "agr2", activity="passive")
    case.distributing([fast, slowing, lost])
    if "PT-08" in case.rows:
        case.check_frame(active, lacpdu(Distributing=1), within=BRING_UP_TIME, row="PT-08")
    case.settle()
    settled = case.now()
    slow = slowing.say(Timeout=0).time
    back = expires(case, lost, timeout)
    from_active = active.say(Timeout=0).time if "PT-08" in case.rows else settled
    case.run_for(case.form(full=IDLE, short=WATCHED))
    end = case.now()

    periods = len(heard(fast, settled, settled + SLOW_PERIODIC_TIME))
    words = f"fast periods for a partner with Timeout=1, in {SLOW_PERIODIC_TIME:g} s"
    least = SLOW_PERIODIC_TIME / (2 * FAST_PERIODIC_TIME)
    case.within(periods, least, None, words, "LACPDUs", id="fast-periods", row="PT-03")
    latest = made - begin + FAST_PERIODIC_TIME
    first = case.check_frame(fast, lacpdu(), since=begin, within=latest, row="PT-01")
    if first is not None:
        longest_silence(case, fast, first.time, settled, "PT-01")
    fast_gaps(case, fast, settled, settled + SLOW_PERIODIC_TIME, "PT-01")
    goes_over(case, slowing, slow, "PT-05")
    if first_slow := heard(slowing, slow, slow + SLOW_PERIODIC_TIME + PROMPT):
        slow_gaps(case, slowing, max(first_slow), end, "PT-02")
    if back is not None:
        slow_gaps(case, lost, back, back + SLOW_PERIODIC_TIME + PROMPT, "PT-16")
        slow_gaps(case, lost, back, end, "PT-03")
    if "PT-08" in case.rows:
        fast_gaps(case, active, settled, from_active, "PT-08")
        slow_gaps(case, active, goes_over(case, active, from_active, "PT-08"), end, "PT-08")
    longest_silence(case, fast, settled, end, "PT-12")
    gaps = fast_gaps(case, fast, settled, end, "PT-13")
    if gaps:
        mean = sum(gaps) / len(gaps)
        drift = (mean / FAST_PERIODIC_TIME - 1) * 1e6
        case.within(mean, None, None, f"mean of {len(gaps)} periods", id="mean-period")
        case.within(drift, None, None, "drift against the bench", "ppm", id="drift")


def expires(case: Case, station: Station, timeout: float) -> float | None:
    """A partner with Timeout=0 falls silent (PT-06) until the port has expired; gives when it is back.

    None where the port has not said that it expired: its period did not change then.
    """
    silent = station.last(Timeout=0).time
    shown = timeout + EXPIRY_SHOWN
    found = case.check_frame(station, lacpdu(Expired=1), since=silent, within=shown, row="PT-06")
    if found is None:
        return None
    first = found.time
    expired = case.frames(station, lacpdu(Expired=1), since=first, during=EXPIRED)
    case.check(len(expired) > 1, "at least two LACPDUs with Expired=1", f"{len(expired)}", row="PT-06")
    longest_silence(case, station, first, first + EXPIRED, "PT-06")
    no_shorter_period(case, station, first, first + EXPIRED, "PT-06")
    back = case.now()
    station.start()
    return back


def goes_over(case: Case, station: Station, since: float, row: str) -> float:
    """From Timeout=1 to Timeout=0: one LACPDU at most may have been on its way, the next has 30 s.

    Gives when the slow period began, in bench seconds.
    """
    early = heard(station, since, since + case.earliest(SLOW_PERIODIC_TIME))
    case.check(len(early) < 2, "no more than one LACPDU before the slow period is over", early, row=row)
    begun = max([since, *early])
    rest = SLOW_PERIODIC_TIME - PROMPT
    case.check_frame(station, lacpdu(), since=begun + PROMPT, within=rest, row=row)
    return begun


@claims("PT-02", wires=2, seconds=45)
def test_two_ports_at_once(case: Case) -> None:
    """Each of two ports sends when its own slow period ends, also where both end at one moment"""
    stations = case.bundle(2).stations
    case.settle()
    begun = {station: station.say(Timeout=0).time for station in stations}
    case.run_for(SLOW_PERIODIC_TIME + 3 * FAST_PERIODIC_TIME)
    until = case.now()
    for station, since in begun.items():
        slow_gaps(case, station, goes_over(case, station, since, "PT-02"), until, "PT-02")
