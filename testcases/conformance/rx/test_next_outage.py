"""Receive machine: port_moved is over when the port has begun anew (43.4.8, 43.4.12 INITIALIZE)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME
from testcases.conformance.rx.test_port_moved import move_partner


@claims("RX-33", wires=2, needs=["cut", "active", "port_moved=initialize"], seconds=20)
def test_next_outage(case: Case) -> None:
    """A port whose partner has moved, and come back, is EXPIRED after its next outage as any other port"""
    first, second = case.bundle(2).stations
    own = second.info.port
    move_partner(case, first, second)
    second.say(port=own)
    case.link_up(first.wire)
    first.start()
    case.distributing([first, second])
    first.silence()
    first.wire.cut()
    case.run_for(FAST_PERIODIC_TIME)
    up = case.link_up(first.wire)
    limit = up.done - up.ordered + 2 * FAST_PERIODIC_TIME
    back = case.expect(first, any_lacpdu(), since=up.ordered, within=limit, premise="PT-10")
    expired = lacpdu(Expired=1, Collecting=0, Distributing=0)
    case.check(expired(back), expired.words, back.text())
