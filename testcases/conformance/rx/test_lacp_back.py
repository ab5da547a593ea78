"""Receive machine: LACP that was off is on again, whatever state it was switched off in (43.4.12)."""

from __future__ import annotations

import pytest

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from testcases.conformance.rx.test_lacp_off import STATES

SILENT = [state for state, seconds in STATES.items() if seconds]
"""States of a port whose partner has fallen silent."""


@claims("RX-32", wires=1, needs=["lacp_off", "active", "short_timeout"], seconds=20)
@pytest.mark.parametrize("state", SILENT)
def test_begins_expired(case: Case, state: str) -> None:
    """When LACP is on again the port is EXPIRED, and knows no partner, whatever it was before"""
    lag = case.bundle(timeout="short")
    station, port = lag.station, lag.station.wire.port
    silent = station.last().time
    shown = lacpdu(Expired=int(state == "EXPIRED"), Defaulted=int(state == "DEFAULTED"))
    missed = "RX-08" if state == "EXPIRED" else "RX-12"
    case.expect(station, shown, since=silent, within=STATES[state] + PROMPT, premise=missed)
    lag.aggregate.set("lacp", False, port)
    case.run_for(PROMPT)  # before a timer of EXPIRED would end
    on = case.now()
    lag.aggregate.set("lacp", True, port)
    first = case.expect(station, any_lacpdu(), since=on, within=PROMPT + FAST_PERIODIC_TIME)
    case.check(lacpdu(Expired=1)(first), "Expired=1", first.text())
    forgotten = case.partner_defaults.identity
    case.equal(first.partner.identity, forgotten, "partner's identity after LACP was off:")


@claims("RX-32", wires=1, needs=["lacp_off", "active", "short_timeout", "cut"], seconds=12)
def test_link_without_lacp(case: Case) -> None:
    """A port whose link comes up with LACP off has forgotten its partner when LACP is on again"""
    lag = case.bundle(timeout="short")
    station, port = lag.station, lag.station.wire.port
    station.silence()
    station.wire.cut()
    case.run_for(PROMPT)
    lag.aggregate.set("lacp", False, port)
    up = case.link_up(station.wire)
    case.never(station, any_lacpdu(), since=up.done, during=SHORT_TIMEOUT_TIME)
    on = case.now()
    lag.aggregate.set("lacp", True, port)
    first = case.expect(station, any_lacpdu(), since=on, within=PROMPT + FAST_PERIODIC_TIME)
    case.check(lacpdu(Expired=1)(first), "Expired=1", first.text())
    forgotten = case.partner_defaults.identity
    case.equal(first.partner.identity, forgotten, "partner's identity after a link without LACP:")
