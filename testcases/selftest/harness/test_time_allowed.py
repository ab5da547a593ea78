"""How long a testcase and a bench may take: longer where a switch boots meanwhile."""

from __future__ import annotations

from pathlib import Path

from harness.catalogue.claims import Spec
from harness.lab import Lab, load
from harness.run.watchdog import BRING_UP_TIME, ROOM, bring_up_time, time_allowed

LAB = Path(__file__).parents[3] / "lab.yaml"
BOOT_TIME = 400.0


def lab_with(*may: str) -> Lab:
    lab = load(LAB)
    assert lab.switch is not None
    switch = lab.switch.model_copy(update={"may": list(may), "boot_time": BOOT_TIME})
    return lab.model_copy(update={"switch": switch})


def test_a_testcase_that_reloads_the_switch_gets_the_time_of_its_boot() -> None:
    lab = lab_with("reload")
    plain, *reload = (
        Spec(rows=("SL-01",), seconds=20, needs=needs) for needs in ((), ("switch:reload",), ("reload",))
    )
    for reloads in reload:
        assert time_allowed(reloads, lab) - time_allowed(plain, lab) == ROOM * BOOT_TIME


def test_a_bench_whose_switch_may_be_booting_gets_its_time() -> None:
    assert bring_up_time(lab_with("reload")) == BRING_UP_TIME + BOOT_TIME
    assert bring_up_time(lab_with("load-balance")) == BRING_UP_TIME
    assert bring_up_time(load(LAB.parent / "fixtures" / "labs" / "simulated.yaml")) == BRING_UP_TIME
