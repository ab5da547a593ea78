"""What a bench lacks is known before the run, with the reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.arrangement import tunnels, with_wires
from harness.catalogue.claims import Spec
from harness.dut.abilities import WORDS
from harness.dut.implementation import FIGURES
from harness.lab import Lab, load
from harness.lab.pics import Pics
from harness.lab.schema import ThroughSwitch
from harness.lab.tunnel import KINDS
from harness.run.plan import REASONS, alone, arrangement, lacking, lacks, rows_lacking, unknown_needs
from harness.switch import Switch
from harness.switch.cisco_ios.switch import CiscoIos

ROOT = Path(__file__).parents[3]
LABS = ROOT / "fixtures" / "labs"


def spec(**wants: object) -> Spec:
    return Spec(rows=("LF-01",), **wants)  # type: ignore[arg-type]


def test_the_default_bench_has_everything_a_testcase_may_need() -> None:
    lab = load(ROOT / "lab.yaml")
    wanted = ("kernel", "agr(4)", "switch", "ssh", "console", "tester_port", "cut", "independent_control")
    assert lacks(lab, spec(wires=4, switch_wires=4, needs=wanted)) == ""


def four_port(**through: object) -> Lab:
    lab = load(LABS / "four-port.yaml")
    return lab.model_copy(update={"through_switch": ThroughSwitch(**through)})  # type: ignore[arg-type]


def test_the_four_port_bench_has_nothing_straight() -> None:
    lab = four_port(allowed=False)
    assert "0 straight wires (T1), the testcase needs 1" in lacks(lab, spec(wires=1))
    assert lacks(lab, spec(switch_wires=2, needs=("switch", "tester_port"))) == ""
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


def test_a_switch_is_reloaded_where_driver_and_lab_file_let_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reloads = spec(needs=("switch:reload",))
    assert lacks(load(ROOT / "lab.yaml"), reloads) == ""
    words = "others may use the switch, and the lab file does not let it be reloaded (switch.may)"
    assert lacks(load(LABS / "four-port.yaml"), reloads) == words
    monkeypatch.setattr(CiscoIos, "reload", Switch.reload)
    assert lacks(load(ROOT / "lab.yaml"), reloads) == "the driver cisco_ios does not reload the switch"


def test_the_four_port_bench_makes_straight_wires_through_the_switch() -> None:
    lab = four_port()
    assert lacks(lab, spec(wires=2, needs=("cut", "kernel", "tagged_frames"))) == ""
    few = "the bench has 2 straight wires (T1), 2 of them through the switch, the testcase needs 3"
    assert lacks(lab, spec(wires=3)) == few
    assert lacks(four_port(vlans="7"), spec(wires=2)).startswith("the bench has 1 straight wires")


def test_a_cable_is_a_straight_wire_or_one_to_the_switch() -> None:
    lab = four_port()
    assert lacks(lab, spec(wires=1, switch_wires=1, needs=("tester_port",))) == ""
    assert [len(tunnels(arrangement(lab, asks))) for asks in (
        spec(wires=1), spec(wires=2), spec(switch_wires=2), spec(wires=1, needs=("tester_port",)),
        spec(wires=1, switch_wires=1), spec(),
    )] == [2, 2, 0, 1, 1, 0]  # fmt: skip
    assert lacks(lab, spec(wires=2, switch_wires=1))
    assert "a tester port behind the switch" in lacks(lab, spec(wires=2, needs=("tester_port",)))


def test_what_a_tunnel_was_found_not_to_pass_is_not_there() -> None:
    lab = arrangement(four_port(), spec(wires=2))
    first, second = tunnels(lab)
    blocked = first.model_copy(update={"way": replace(first.way, blocked=frozenset({"other_subtypes"}))})
    lab = with_wires(lab, [blocked, second])
    words = f"a wire through the switch does not pass {KINDS['other_subtypes']}"
    assert lacks(lab, spec(wires=1, needs=("other_subtypes",))) == words
    assert lacks(lab, spec(wires=2, needs=("tagged_frames",))) == ""
    row = Spec(("LF-01", "LF-02"), wires=1, row_needs={"LF-02": ("other_subtypes",)})
    assert (lacks(lab, row), rows_lacking(lab, row)) == ("", {"LF-02": words})
    unfit = first.model_copy(update={"way": replace(first.way, blocked=frozenset(KINDS))})
    assert "do not pass LACPDUs" in lacks(with_wires(lab, [unfit, unfit]), spec(wires=1))


@pytest.mark.parametrize(
    ("asks", "admitted_by"),
    [
        (spec(wires=3), ["one straight wire (T1) more"]),
        (spec(wires=4), ["two straight wires (T1) more"]),
        (spec(switch_wires=3), ["one wire to the switch (T2) more"]),
        (spec(needs=("dynamic_keys",)), ["pics.dynamic_keys"]),
        (spec(needs=("jumbo", "blocked")), ["mtu: 9000, on ports that take it", "an emulated bench"]),
        (spec(needs=("half_duplex=out_of_scope",)), ["readings.half_duplex: out_of_scope"]),
        (spec(switch_wires=2, needs=("switch:reload",)), ["switch.may: [reload]"]),
    ],
)
def test_what_would_admit_a_testcase_is_said(asks: Spec, admitted_by: list[str]) -> None:
    assert [lack.admitted_by for lack in lacking(four_port(), asks)] == admitted_by


def test_what_an_adapter_would_have_to_do_is_said() -> None:
    lab = load(LABS / "openvswitch.yaml")
    wanted = ("get", "while_running:collector-max-delay")
    assert [lack.admitted_by for lack in lacking(lab, spec(needs=wanted))] == [
        "an adapter that has get: a variable can be read back",
        "an adapter that sets collector-max-delay while ports are in the aggregate",
    ]


def test_where_neither_the_pics_nor_the_adapter_has_it_both_are_said() -> None:
    def admitted_by(lab: str, *needs: str) -> list[str]:
        return [lack.admitted_by for lack in lacking(load(LABS / lab), spec(needs=needs))]

    assert admitted_by("openvswitch.yaml", "counters", "individual", "dynamic_keys") == [
        "pics.counters, and an adapter that has counters: the counters of 30.7.3.1 of each port",
        "pics.individual, and an adapter that sets individual",
        "pics.dynamic_keys",
    ]
    assert admitted_by("openvswitch.yaml", "max_links") == [
        "pics.max_links, and an adapter that sets max-links"
    ]
    assert admitted_by("switch-ssh.yaml", "max_links") == ["pics.max_links"]


def test_where_the_switch_is_judged_nothing_is_plugged_into_it() -> None:
    lab = load(LABS / "switch-ssh.yaml")
    asks = spec(switch_wires=2, needs=("switch", "ssh", "console", "tester_port", "tcp", "switch:rate"))
    assert lacking(lab, asks) == [
        (
            "the switch is what is under test, and no other implementation is plugged into it",
            "another implementation, with wires to the switch (T2)",
        )
    ]


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
    more = "has 5 straight wires (T1), 1 of them through the switch, the testcase needs 6"
    assert more in lacks(lab, spec(wires=6))
    assert len(load(LABS / "speeds.yaml").straight_wires_for(speeds=False)) == 4
    assert len(load(LABS / "simulated.yaml").straight_wires_for(speeds=True)) == 4


def test_speeds_are_those_of_every_straight_wire() -> None:
    assert lacks(load(LABS / "speeds.yaml"), spec(wires=4, needs=("speeds", "kernel"))) == ""
    assert "speed and duplex" in lacks(load(LABS / "openvswitch.yaml"), spec(wires=1, needs=("speeds",)))


@pytest.mark.parametrize("name", ["simulated", "openvswitch", "rehearsal", "four-port", "speeds"])
def test_every_sample_lab_file_loads(name: str) -> None:
    assert load(LABS / f"{name}.yaml").wires


def test_a_word_is_the_bench_s_or_the_implementation_s() -> None:
    """One that were both would be there as soon as either has it."""
    assert not REASONS.keys() & {*WORDS, *FIGURES, *Pics.model_fields}


def test_what_is_done_to_all_of_an_implementation() -> None:
    """A system priority is the whole implementation's, but where each aggregate has its own."""
    wants = spec(whole=("system-priority", "restart"))
    assert alone(load(ROOT / "lab.yaml"), wants) == ["restart"]
    assert alone(load(LABS / "openvswitch.yaml"), wants) == ["restart"]
    assert alone(load(LABS / "switch-reference.yaml"), wants) == ["system-priority", "restart"]
    assert alone(load(ROOT / "lab.yaml"), spec()) == []
