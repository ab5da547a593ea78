"""Receive machine: port_moved (43.4.8, 43.4.12)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.timers import FAST_PERIODIC_TIME, PROMPT, TIMER_TOLERANCE


@claims("RX-33", wires=2, needs=["cut", "active"], seconds=7)
def test_partner_on_another_port(case: Case) -> None:
    """A port whose partner was heard on another port while it was down begins anew"""
    first, second = case.bundle(2).stations
    moved = first.info.port
    first.silence()
    first.wire.cut()
    case.run_for(FAST_PERIODIC_TIME)
    said = second.say(port=moved)
    case.expect(second, lacpdu(partner={"port": moved}), since=said.time, within=PROMPT)
    second.silence()
    up = case.link_up(first.wire)
    limit = up.done - up.ordered + FAST_PERIODIC_TIME + TIMER_TOLERANCE + case.late
    back = case.expect(first, any_lacpdu(), since=up.ordered, within=limit)
    case.report(f"the first port is back with {back.text()}")
    if case.reading("port_moved") == "initialize":
        anew = lacpdu(Defaulted=1, Expired=1, Synchronization=0, Collecting=0, Distributing=0)
        case.check(anew(back), anew.words, back.text())
        defaults = case.partner_defaults.change(Timeout=1, Synchronization=0)  # EXPIRED
        case.equal(back.partner.text(), defaults.text(), "Partner information")
