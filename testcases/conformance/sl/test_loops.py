"""Several links that lead back to the aggregate that they come from (43.4.14.1 g and its NOTE 1)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.sl.test_individual import LOOPED, patched

FLOWS = 16
"""Conversations, enough for a distribution over all links to use each."""

DISTRIBUTING = lacpdu(Distributing=1)


@claims("SL-26", wires=4, needs=["short_timeout"], seconds=16, floods=True)
def test_two_loops(case: Case) -> None:
    """Of two cables between ports of one aggregate no two ends of one cable are in the same LAG"""
    wires = case.wires[:4]
    cables = [(wires[0], wires[2]), (wires[1], wires[3])]
    with patched(*cables[0]), patched(*cables[1]):
        aggregate = case.aggregate(wires, timeout="short")
        since = case.now()
        with case.offering(aggregate, FLOWS) as offer:
            case.run_for(LOOPED)
    used = {wire.name for wire in wires if any(map(DISTRIBUTING, wire.received(since)))}
    case.report(f"ports that distribute: {', '.join(sorted(used)) or 'none'}")
    if case.reading("looped_ports") == "apart":
        for cable in cables:
            ends = [wire.name for wire in cable if wire.name in used]
            case.check(len(ends) < 2, f"not both ends of a cable ({cable[0].name}) in use", ends)
        back = [frame for frame in aggregate.client.received(since) if offer.data(frame)]
        words = "none of the client's own frames back at the client"
        case.check(not back, words, f"{len(back)} of {len(offer.sent)}")
    for wire in wires:
        case.expect(wire, lacpdu(), since=since, within=LOOPED + PROMPT + FAST_PERIODIC_TIME)
