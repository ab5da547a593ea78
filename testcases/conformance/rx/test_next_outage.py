"""Receive machine: for how long port_moved may be set (43.4.8), and is (43.4.12, INITIALIZE)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
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


@claims("RX-33", wires=2, needs=["cut", "active", "disabled_partner=kept"], seconds=24)
def test_moved_to_nowhere(case: Case) -> None:
    """A port whose partner was heard on another port, but not while it was down, keeps it over an outage"""
    first, second = case.bundle(2).stations
    own = second.info.port

    def outage() -> Frame:
        """The first LACPDU of the port after it."""
        first.silence()
        first.wire.cut()
        case.run_for(FAST_PERIODIC_TIME)
        up = case.link_up(first.wire)
        limit = up.done - up.ordered + 2 * FAST_PERIODIC_TIME
        return case.expect(first, any_lacpdu(), since=up.ordered, within=limit, premise="PT-10")

    outage()
    first.start()
    case.distributing([first, second])
    said = second.say(port=first.info.port)
    heard = lacpdu(partner={"port": first.info.port})
    case.expect(second, heard, since=said.time, within=PROMPT, premise="LF-26")
    second.say(port=own)
    case.distributing([first, second])
    back, kept = outage(), lacpdu(Defaulted=0, Expired=1, partner={"port": first.info.port})
    case.check(kept(back), kept.words, back.text())
