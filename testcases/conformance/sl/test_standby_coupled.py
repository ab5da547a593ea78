"""Standby links with coupled control of Collecting and Distributing (43.4.15, 43.6.1)."""

from __future__ import annotations

from harness.case import Case, claims
from testcases.conformance.sl.test_standby import OURS, becomes_active, limited


@claims(
    "SL-16",
    wires=2,
    needs=["max_links", "set_system_priority", "set_port_priority", "coupled_control"],
    whole=["system-priority"],
    seconds=14,
)
def test_link_in_use_stands_by(case: Case) -> None:
    """With coupled control, too, a link in use that has to stand by is detached: Sync=Coll=Dist=0"""
    lag = limited(case, OURS, [1, 3], **case.control("coupled"))
    first, second = lag.stations
    becomes_active(case, first, [second], row="SL-16")
    lag.aggregate.set("port-priority", 5, port=first.wire.port)
    becomes_active(case, second, [first], row="SL-16")
