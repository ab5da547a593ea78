"""Mux machine with coupled control of Collecting and Distributing (43.4.15)."""

from __future__ import annotations

from harness.case import Case, Lag, claims, lacpdu
from harness.pdu import State
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.mx.test_attached import attached
from testcases.conformance.mx.test_every_pdu import walk

BOTH = State.Collecting | State.Distributing
HOLD = 2 * FAST_PERIODIC_TIME


@claims("MX-09", wires=1, needs=["coupled_control"], seconds=30, timeouts=2)
def test_both_or_none(case: Case) -> None:
    """With coupled control every LACPDU has Collecting and Distributing alike, in each state"""
    own, timeout = case.own_timeout()
    station = case.bundle(**own, **case.control("coupled")).station
    walk(case, station, timeout)
    frames = [frame for frame in station.wire.received() if frame.is_lacpdu]
    for frame in frames:
        case.check(frame.actor.state & BOTH in (State(0), BOTH), "Collecting = Distributing", frame.text())
    seen = {bool(frame.actor.state & BOTH) for frame in frames}
    case.equal(seen, {False, True}, "a walk through both values:")


@claims("MX-20", wires=1, needs=["coupled_control", "long_timeout"], seconds=14)
def test_partner_does_not_collect(case: Case) -> None:
    """With coupled control a partner in sync enables both, whether it collects or not"""
    station, aggregate = attached(case, timeout="long", **case.control("coupled"))
    case.quiet(station)
    said = station.say(Synchronization=1)
    both = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
    case.expect(station, both, since=said.time, within=PROMPT)
    with case.offering(aggregate) as outward:
        case.expect(station, outward.data, within=PROMPT)
        case.run_for(HOLD)
        station.say()
        case.expect(station, outward.data, within=PROMPT)
    case.never(station, lacpdu(Distributing=0), since=said.time + PROMPT, during=case.now() - said.time)


@claims("MX-15", wires=1, needs=["coupled_control"], seconds=7)
def test_delivers(case: Case) -> None:
    """With coupled control, too, frames that arrive while the port says Collecting=1 reach the client"""
    lag = case.bundle(**case.control("coupled"))
    with case.offering(lag.station.wire) as inward:
        case.expect(lag.aggregate.client, inward.data, within=PROMPT)


@claims(
    "MX-11", wires=1, needs=["independent_control", "coupled_control", "while_running:control"], seconds=8
)
def test_coupled_at_run_time(case: Case) -> None:
    """A port whose control became coupled while it distributed stops both when its partner is not in sync"""
    lag = case.bundle(**case.control("independent"))
    switched(case, lag, "coupled")
    case.settle()
    said = lag.station.say(Synchronization=0)
    none = lacpdu(Synchronization=1, Collecting=0, Distributing=0)
    case.expect(lag.station, none, since=said.time, within=PROMPT)


@claims(
    "MX-20", wires=1, needs=["independent_control", "coupled_control", "while_running:control"], seconds=9
)
def test_coupled_while_collecting(case: Case) -> None:
    """A port that only collects distributes too when its control becomes coupled"""
    lag = case.bundle(**case.control("independent"))
    lag.station.say(Collecting=0, Distributing=0)
    collects = lacpdu(Collecting=1, Distributing=0)
    case.expect(lag.station, collects, within=2 * FAST_PERIODIC_TIME, premise="MX-10")
    switched(case, lag, "coupled")
    case.expect(lag.station, lacpdu(Collecting=1, Distributing=1), within=PROMPT + FAST_PERIODIC_TIME)


@claims(
    "MX-10", wires=1, needs=["independent_control", "coupled_control", "while_running:control"], seconds=8
)
def test_independent_at_run_time(case: Case) -> None:
    """A port whose partner does not collect stops distributing when its control becomes independent"""
    lag = case.bundle(**case.control("coupled"))
    lag.station.say(Collecting=0, Distributing=0)
    case.settle()
    switched(case, lag, "independent")
    case.expect(lag.station, lacpdu(Collecting=1, Distributing=0), within=PROMPT + FAST_PERIODIC_TIME)


def switched(case: Case, lag: Lag, control: str) -> None:
    """Another control, at run time."""
    for variable, value in case.control(control).items():
        lag.aggregate.set(variable, value)
