"""Receive machine: LACP_DISABLED (43.4.12)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.pdu import PortInfo
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SLOW_PERIODIC_TIME

SPOKEN = SLOW_PERIODIC_TIME + 2 * FAST_PERIODIC_TIME
"""Seconds after its own timeout in which every timer of a port would have spoken."""


@claims("RX-32", wires=1, needs=["lacp_off", "active"], seconds=59, timeouts=1)
def test_deaf_and_dumb(case: Case) -> None:
    """A port with LACP off sends no LACPDU and answers none, and has heard none when LACP is on again"""
    own, timeout = case.own_timeout()
    lag = case.bundle(**own)
    station, port = lag.station, lag.station.wire.port
    station.fixed_echo = PortInfo()  # that wants an answer
    lag.aggregate.set("lacp", False, port)
    off = case.now() + PROMPT
    case.never(station, any_lacpdu(), since=off, during=timeout + SPOKEN)
    station.silence()
    on = case.now()
    lag.aggregate.set("lacp", True, port)
    limit = case.now() - on + FAST_PERIODIC_TIME
    first = case.expect(station, any_lacpdu(), since=on, within=limit)
    unknown = lacpdu(Expired=1, partner={"Synchronization": 0})  # it may be attached, as an Individual link
    case.check(unknown(first), unknown.words, first.text())
    defaults = case.partner_defaults
    case.equal(first.partner.identity, defaults.identity, "partner's identity after LACP was off:")
