"""`destroy` of an aggregate that has ports (agr(4)'s driver)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME
from testcases.conformance.ag.ports import Prepared, as_found, names, prepared, state
from testcases.conformance.ag.test_refusals import nothing_changed


@claims("AG-16", wires=2, needs=["agr(4)"], whole=["host"], seconds=12)
def test_destroy_with_ports(case: Case) -> None:
    """An aggregate with ports is not destroyed, and goes on; with `force` its ports are detached first"""
    ports = names(case, 2)
    with prepared(case, dict.fromkeys(ports, Prepared(up=True))):
        before = {port: state(case, port) for port in ports}
        lag = case.bundle(2)
        with nothing_changed(case, *ports), case.refusal("an aggregate with ports", "EBUSY"):
            case.dut.run("agrconfig agr0 destroy")
        since = case.now()
        for station in lag.stations:
            case.never(station, lacpdu(Synchronization=0), since=since, during=FAST_PERIODIC_TIME)
        case.dut.run("agrconfig agr0 destroy force")
        case.check(case.dut.interface("agr0") is None, "no interface agr0", "it is there")
        as_found(case, before, row="AG-16")
