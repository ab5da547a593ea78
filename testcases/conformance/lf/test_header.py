"""The header of an LACPDU: addresses, type, subtype, version (43.2.10, 43.4.2.2, 43B)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims
from harness.pdu import SLOW_PROTOCOLS_ADDRESS
from harness.timers import FAST_PERIODIC_TIME


@claims("LF-01", wires=1, smoke=True)
def test_destination(case: Case) -> None:
    """LACPDUs go to 01-80-C2-00-00-02"""
    lag = case.bundle()
    seen = case.frames(lag.station, any_lacpdu(), during=3 * FAST_PERIODIC_TIME)
    case.check(bool(seen), "LACPDUs each second to a partner with Timeout=1", "none")
    for frame in seen:
        case.equal(frame.destination, SLOW_PROTOCOLS_ADDRESS, "destination address")
