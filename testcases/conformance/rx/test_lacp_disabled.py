"""Receive machine: LACP_DISABLED (43.4.12)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.pdu import PortInfo
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SLOW_PERIODIC_TIME

SILENT = SLOW_PERIODIC_TIME + 5 * FAST_PERIODIC_TIME
"""Seconds in which every timer of a port with the short timeout would have spoken."""


@claims("RX-32", wires=1, needs=["lacp_off", "active", "short_timeout"], seconds=59)
def test_deaf_and_dumb(case: Case) -> None:
    """A port with LACP off sends no LACPDU and answers none, and has heard none when LACP is on again"""
    lag = case.bundle(timeout="short")
    station, port = lag.station, lag.station.wire.port
    station.fixed_echo = PortInfo()  # that wants an answer
    lag.aggregate.set("lacp", False, port)
    off = case.now() + PROMPT
    case.never(station, any_lacpdu(), since=off, during=SILENT)
    station.silence()
    on = case.now()
    lag.aggregate.set("lacp", True, port)
    limit = case.now() - on + FAST_PERIODIC_TIME
    first = case.expect(station, any_lacpdu(), since=on, within=limit)
    unknown = lacpdu(Expired=1, partner={"Synchronization": 0})  # it may be attached, as an Individual link
    case.check(unknown(first), unknown.words, first.text())
    defaults = case.partner_defaults
    case.equal(first.partner.identity, defaults.identity, "partner's identity after LACP was off:")
