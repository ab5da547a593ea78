"""What a bench lacks is known before the run, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.catalogue.claims import Spec
from harness.lab import load
from harness.run.plan import lacks, rows_lacking, unknown_needs

ROOT = Path(__file__).parents[3]
LABS = ROOT / "fixtures" / "labs"


def spec(**wants: object) -> Spec:
    return Spec(rows=("LF-01",), **wants)  # type: ignore[arg-type]


def test_the_default_bench_has_everything_a_testcase_may_need() -> None:
    lab = load(ROOT / "lab.yaml")
    wanted = ("kernel", "agr(4)", "switch", "ssh", "console", "traffic", "cut", "independent_control")
    assert lacks(lab, spec(wires=4, switch_wires=4, needs=wanted)) == ""


def test_the_four_port_bench_has_nothing_straight() -> None:
    lab = load(LABS / "four-port.yaml")
    assert "0 straight wires (T1), the testcase needs 1" in lacks(lab, spec(wires=1))
    assert lacks(lab, spec(switch_wires=2, needs=("switch", "traffic"))) == ""
    assert "2 wires to the switch (T2), the testcase needs 4" in lacks(lab, spec(switch_wires=4))


def test_what_is_set_on_a_switch_is_there_where_the_driver_and_the_lab_file_have_it() -> None:
    lab = load(LABS / "four-port.yaml")
    assert lacks(lab, spec(needs=("switch:rate", "switch:max-bundle"))) == ""
    words = "system-priority is of the whole switch, and the lab file does not let it be changed (switch.may)"
    assert lacks(lab, spec(needs=("switch:system-priority",))) == words
    assert (
        lacks(load(LABS / "simulated.yaml"), spec(needs=("switch:rate",)))
        == "the bench lacks a managed switch"
    )
    assert unknown_needs(spec(needs=("switch:rate", "switch:colour"))) == ["switch:colour"]


def test_the_simulated_bench_has_no_kernel_and_no_switch() -> None:
    lab = load(LABS / "simulated.yaml")
    assert "kernel interfaces" in lacks(lab, spec(needs=("kernel",)))
    assert "managed switch" in lacks(lab, spec(needs=("switch",)))
    assert lacks(lab, spec(wires=4, needs=("cut",))) == ""


def test_the_pics_decides_before_the_run() -> None:
    lab = load(LABS / "openvswitch.yaml")
    words = "the PICS of openvswitch says no to independent_control "
    assert words in lacks(lab, spec(wires=1, needs=("independent_control",)))


def test_a_denial_names_the_file_that_says_it() -> None:
    lab = load(LABS / "openvswitch.yaml")
    assert lacks(lab, spec(needs=("churn",))).endswith("/pics/openvswitch.yaml)")
    lab = load(LABS / "simulated.yaml")
    assert "restart (" in lacks(lab, spec(needs=("restart",)))
    assert lacks(lab, spec(needs=("restart",))).endswith("/labs/simulated.yaml)")


def test_what_the_adapter_cannot_is_its_own_and_not_the_device_s() -> None:
    lab = load(LABS / "openvswitch.yaml")
    words = "the adapter openvswitch lacks get: a variable can be read back"
    assert lacks(lab, spec(wires=1, needs=("get",))) == words
    words = "the adapter openvswitch does not set collector-max-delay"
    assert lacks(lab, spec(wires=1, needs=("while_running:collector-max-delay",))) == words
    assert lacks(lab, spec(wires=1, needs=("control", "status", "while_running:timeout"))) == ""


def test_an_answer_that_is_no_yes_or_no_is_named_with_its_file() -> None:
    words = "the PICS of openvswitch says no to moved_conversations ("
    assert lacks(load(LABS / "openvswitch.yaml"), spec(needs=("moved_conversations",))).startswith(words)


def test_a_row_of_its_own_needs_leaves_the_others() -> None:
    lab = load(LABS / "openvswitch.yaml")
    asks = Spec(("LF-01", "LF-02"), wires=1, row_needs={"LF-02": ("churn",)})
    assert lacks(lab, asks) == ""
    ((row, reason),) = rows_lacking(lab, asks).items()
    assert row == "LF-02" and reason.startswith("the PICS of openvswitch says no to churn")
    nothing = Spec(("LF-01", "LF-02"), row_needs={"LF-01": ("churn",), "LF-02": ("churn",)})
    assert lacks(lab, nothing) == reason


def test_wires_with_speeds_are_for_those_that_need_them() -> None:
    """Where all wires have them, they are for the others too."""
    lab = load(ROOT / "lab.yaml")
    assert [wire.port for wire in lab.straight_wires_for(speeds=True)] == ["re8", "re9"]
    assert [wire.port for wire in lab.straight_wires_for(speeds=False)] == ["re4", "re5", "re6", "re7"]
    assert lacks(lab, spec(wires=2, needs=("speeds", "kernel"))) == ""
    few = "the bench has 2 straight wires (T1) whose speed can be set, the testcase needs 3"
    assert lacks(lab, spec(wires=3, needs=("speeds",))) == few
    assert "has 4 straight wires (T1), the testcase needs 5" in lacks(lab, spec(wires=5))
    assert len(load(LABS / "speeds.yaml").straight_wires_for(speeds=False)) == 4
    assert len(load(LABS / "simulated.yaml").straight_wires_for(speeds=True)) == 4


def test_speeds_are_those_of_every_straight_wire() -> None:
    assert lacks(load(LABS / "speeds.yaml"), spec(wires=4, needs=("speeds", "kernel"))) == ""
    assert "speed and duplex" in lacks(load(LABS / "openvswitch.yaml"), spec(wires=1, needs=("speeds",)))


@pytest.mark.parametrize("name", ["simulated", "openvswitch", "rehearsal", "four-port", "speeds"])
def test_every_sample_lab_file_loads(name: str) -> None:
    assert load(LABS / f"{name}.yaml").wires
