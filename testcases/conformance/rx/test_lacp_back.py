"""Receive machine: LACP that was off is on again, whatever state it was switched off in (43.4.12)."""

from __future__ import annotations

import pytest

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from testcases.conformance.rx.test_lacp_off import fall_silent


@claims("RX-32", wires=1, needs=["lacp_off", "active"], seconds=20, timeouts=1)
@pytest.mark.parametrize("state", ["EXPIRED", "DEFAULTED"])
def test_begins_expired(case: Case, state: str) -> None:
    """When LACP is on again the port is EXPIRED, and knows no partner, whatever it was before"""
    own, timeout = case.own_timeout()
    lag = case.bundle(**own)
    station, port = lag.station, lag.station.wire.port
    fall_silent(case, lag, timeout, state)
    lag.aggregate.set("lacp", False, port)
    case.run_for(PROMPT)  # before a timer of EXPIRED would end
    on = case.now()
    lag.aggregate.set("lacp", True, port)
    first = case.expect(station, any_lacpdu(), since=on, within=PROMPT + FAST_PERIODIC_TIME)
    case.check(lacpdu(Expired=1)(first), "Expired=1", first.text())
    forgotten = case.partner_defaults.identity
    case.equal(first.partner.identity, forgotten, "partner's identity after LACP was off:")


@claims("RX-32", wires=1, needs=["lacp_off", "active", "cut"], seconds=12)
def test_link_without_lacp(case: Case) -> None:
    """A port whose link comes up with LACP off has forgotten its partner when LACP is on again"""
    lag = case.bundle()
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
