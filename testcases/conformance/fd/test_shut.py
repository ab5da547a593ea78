"""A port of a LAG that the operator shuts, and sets up again: `shutdown` of a switch, `ip link set down`.

agr0 ===== the link with the most conversations, whose port is shut
     ===== the other one, which carries them meanwhile
"""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, gaps, record, record_gaps
from harness.case.offer import Pace
from harness.case.passage import flowing
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.fd.moving import arrivals, come_out, none_dead, paths
from testcases.conformance.fd.test_back_and_forth import FLOWS, busiest

OFTEN = Pace(every=0.02)
"""A frame of each conversation: an interruption is known as well as that."""

SHUT = 3 * FAST_PERIODIC_TIME
"""Seconds for which the port is judged while it is shut."""


@claims("CF-05", "MX-16", "MX-14", "FD-13", wires=2, needs=["shut"], seconds=17)
def test_port(case: Case) -> None:
    """Nothing passes a port that is shut, other links have its conversations; set up again it is used"""
    lag = case.bundle(2)
    flowing(case, lag.aggregate, lag.stations)
    since = case.now()
    with case.offering(lag.aggregate, FLOWS, pace=OFTEN) as offer:
        case.run_for(PROMPT)
        shut = busiest(lag.stations, offer, since)
        (stays,) = (station for station in lag.stations if station is not shut)
        case.report(f"the port that is shut: {shut.wire.port}")
        ordered = case.now()
        case.dut.shut(shut.wire.port)
        done = case.now()
        case.run_for(PROMPT)
        with case.offering(shut.wire) as inward, case.offering(stays.wire) as beside:
            case.never(shut, any_lacpdu(), since=done + PROMPT, during=SHUT, row="CF-05")
            case.never(shut, offer.data, since=done + PROMPT, during=SHUT, row="MX-16")
            case.never(lag.aggregate.client, inward.data, during=PROMPT, row="MX-14")
            case.check_frame(lag.aggregate.client, beside.data, since=done, within=PROMPT, row="MX-14")
    come_out(case)
    found = arrivals(lag.stations, offer, since)
    before = {
        record(frame)[0] for frame in shut.wire.received(since) if frame.time < ordered and offer.data(frame)
    }
    times = {flow: [one.time for one in way] for flow, way in paths(found).items() if flow in before}
    interrupted = list(gaps(times, OFTEN.every).values())
    limit = case.longest_interruption + (done - ordered)
    record_gaps(case, "port shut", interrupted, limit, id="port-shut", row="FD-13")
    none_dead(case, offer, found, row="FD-13")
    case.dut.no_shut(shut.wire.port)
    case.distributing([shut])
