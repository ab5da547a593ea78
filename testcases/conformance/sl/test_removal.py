"""A link in use is removed while another one stands by (43.6.1, 43A.3)."""

from __future__ import annotations

import pytest

from harness.case import Case, Lag, any_lacpdu, claims, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT
from harness.wire.moment import apart
from harness.wire.station import Station
from testcases.conformance.fd.moving import FLOWS, MOVING, arrivals, come_out, order_kept, some_moved
from testcases.conformance.sl.test_standby import ACTIVE, NOT_STANDBY, OURS, limited, preferred_in_use


@claims(
    "CF-09", "FD-12", wires=2, seconds=20,
    needs=["max_links", "farewell", "moved_conversations", "control", "set_system_priority",
           "set_port_priority"], whole=["system-priority"],
)  # fmt: skip
@pytest.mark.parametrize("in_sync", [True, False], ids=["in sync", "in sync when told"])
def test_removed(case: Case, in_sync: bool) -> None:
    """A standby link is in use before the one that is removed says farewell, and no frame is lost"""
    lag = limited(case, OURS, [1, 2])
    first, second = lag.stations
    if not in_sync:
        follow(second)
    preferred_in_use(case, lag)
    case.never(second, NOT_STANDBY, during=AGGREGATE_WAIT_TIME + PROMPT, row="CF-09")
    since = case.now()
    with case.offering(lag.aggregate, FLOWS) as offer:
        case.run_for(PROMPT)
        lag.aggregate.remove(first.wire.port)
        case.run_for(MOVING)
    come_out(case)
    in_use_before_the_farewell(case, lag, since)
    found = arrivals(lag.stations, offer, since)
    order_kept(case, offer, found, row="FD-12")
    some_moved(case, found)


@claims(
    "CF-09", "FD-12", wires=2, seconds=26,
    needs=["agr_manual", "max_links", "farewell", "moved_conversations", "control",
           "set_system_priority", "set_port_priority"], whole=["system-priority"],
)  # fmt: skip
def test_removed_early(case: Case) -> None:
    """A standby link that has yet to wait (43.4.15) is in use before the one that is removed says farewell

    The clause does not ask for it; agr(4) says that the other link is brought up before that.
    """
    lag = limited(case, OURS, [1])
    first = lag.station
    case.expect(first, ACTIVE, within=BRING_UP_TIME, premise=step_missed)
    second = case.station(case.wires[1])
    second.start()
    lag.stations.append(second)
    lag.aggregate.add(second.wire.port)
    heard = lacpdu(Synchronization=0, partner={"port": second.info.port})
    case.expect(second, heard, within=2 * FAST_PERIODIC_TIME, premise="LF-26")
    since = case.now()
    with case.offering(lag.aggregate, FLOWS) as offer:
        lag.aggregate.remove(first.wire.port)
        case.run_for(AGGREGATE_WAIT_TIME + MOVING)
    come_out(case)
    in_use_before_the_farewell(case, lag, since)
    found = arrivals(lag.stations, offer, since)
    order_kept(case, offer, found, row="FD-12")
    some_moved(case, found)


@claims(
    "CF-05",
    wires=2,
    seconds=24,
    needs=["max_links", "control", "set_system_priority", "set_port_priority"],
    whole=["system-priority"],
)
def test_nobody_takes_over(case: Case) -> None:
    """A link that is removed says no more though the one that stands by never comes into use"""
    lag = limited(case, OURS, [1, 2])
    first, second = lag.stations
    second.change(Synchronization=0, Collecting=0, Distributing=0)
    preferred_in_use(case, lag)
    lag.aggregate.remove(first.wire.port)
    case.never(first, any_lacpdu(), since=case.now() + PROMPT, during=4 * FAST_PERIODIC_TIME)


def in_use_before_the_farewell(case: Case, lag: Lag, since: float) -> None:
    """FAIL unless the second link, that stood by, is in use before the first one says that it leaves."""
    first, second = lag.stations
    window = {"since": since, "within": case.now() - since}
    used = case.check_frame(second, ACTIVE, row="CF-09", **window)
    left = case.check_frame(first, lacpdu(Synchronization=0), row="CF-09", **window)
    if used is not None and left is not None:
        case.check(
            used.time < left.time + apart(used.time, left.time),
            f"{second.wire.name} in use before {first.wire.name} says Synchronization=0",
            f"{used.time - left.time:.3f} s later",
            row="CF-09",
        )


def follow(station: Station) -> None:
    """The partner is in sync while it is told that the link is in use, as one that stands by itself."""

    def heard(frame: Frame) -> None:
        if frame.is_lacpdu and not frame.sent:
            used = int(lacpdu(Synchronization=1)(frame))
            station.change(Synchronization=used, Collecting=used, Distributing=used)

    station.change(Synchronization=0, Collecting=0, Distributing=0)
    station.wire.tap.listen(heard)
