"""Receive machine: LACP is switched off in each state that a port may be in (43.4.12 LACP_DISABLED)."""

from __future__ import annotations

import pytest

from harness.case import Case, Lag, claims, lacpdu
from harness.pdu import State
from harness.profile.constants import PROMPT, SHORT_TIMEOUT_TIME

STATES = ("CURRENT", "EXPIRED", "DEFAULTED")


def fall_silent(case: Case, lag: Lag, timeout: float, state: str) -> None:
    """The partner says no more until the port's LACPDUs show EXPIRED or DEFAULTED; ``timeout``: its own, in
    seconds."""
    silent = lag.station.last().time
    shown = lacpdu(Expired=int(state == "EXPIRED"), Defaulted=int(state == "DEFAULTED"))
    after, missed = (0.0, "RX-08") if state == "EXPIRED" else (SHORT_TIMEOUT_TIME, "RX-12")
    case.expect(lag.station, shown, since=silent, within=timeout + after + PROMPT, premise=missed)


@claims("RX-32", wires=1, needs=["lacp_off", "active", "status"], seconds=16, timeouts=1)
@pytest.mark.parametrize("state", STATES)
def test_from_each_state(case: Case, state: str) -> None:
    """Once LACP is off the port is in LACP_DISABLED, whatever it was in, and is EXPIRED no more"""
    own, timeout = case.own_timeout()
    lag = case.bundle(**own)
    port = lag.station.wire.port
    case.settle()
    if state != "CURRENT":
        fall_silent(case, lag, timeout, state)
    lag.aggregate.set("lacp", False, port)
    case.run_for(PROMPT)
    said = lag.aggregate.status().ports[port]
    if "receive" in said.states:
        case.equal(said.states["receive"], "LACP_DISABLED", f"Receive machine, LACP off in {state}:")
    case.check(State.Expired not in said.actor.state, "Actor.Expired=0", said.actor.text())
