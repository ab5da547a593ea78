"""What agr is when nobody has told it anything (agr(4), BUGS)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims
from harness.case.premises import BRING_UP_TIME
from harness.pdu import State

PRIORITY = 0x8000


@claims("AG-12", wires=1, needs=["agr_manual", "control"], seconds=5)
def test_defaults(case: Case) -> None:
    """Without a word: active, long timeout, both priorities 8000 (hexadecimal), Collector_Max_Delay 0

    A LAG that was set up by hand shows what its operator set.
    """
    wire, begun = case.wires[0], case.now()
    case.aggregate([wire])
    frame = case.expect(wire, any_lacpdu(), since=begun, within=BRING_UP_TIME)
    said = frame.actor
    case.check(State.Activity in said.state, "LACP_Activity: active", said.state.text())
    case.check(State.Timeout not in said.state, "LACP_Timeout: long", said.state.text())
    case.equal(f"{said.system_priority:04x}", f"{PRIORITY:04x}", "system priority")
    case.equal(f"{said.port_priority:04x}", f"{PRIORITY:04x}", "port priority")
    case.equal(frame.collector_max_delay, 0, "Collector_Max_Delay")
