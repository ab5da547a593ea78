"""`agr-lab check`: ours keep their promises, and of a broken one the promise that it breaks is named."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.bench.opening import opened
from harness.bench.simulated import SimulatedAggregate, SimulatedDut
from harness.check.implementation import check_implementation
from harness.check.lab import check_lab
from harness.check.switch import check_switch
from harness.cli import main
from harness.dut.abilities import Abilities
from harness.dut.implementation import VARIABLES, When
from harness.lab import load
from harness.switch import Journal
from harness.verdict import UsageError
from testcases.selftest.registry.toy_switch import ToySwitch

ROOT = Path(__file__).parents[3]
LABS = ROOT / "fixtures" / "labs"
sys.path.insert(0, str(ROOT / "fixtures" / "example"))

from agr_lab_example.switch import ExampleSwitch, ExampleSwitchSection  # noqa: E402

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")


def unkept(findings: Any) -> dict[str, str]:
    """By promise: what is wrong, of those that are not kept."""
    return {finding.promise: finding.wrong for finding in findings if finding.wrong}


def test_the_command_names_what_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = ["check", "--lab", str(LABS / "reference.yaml")]
    assert main(lab) == 0
    assert "WRONG" not in capsys.readouterr().out
    monkeypatch.setattr(SimulatedAggregate, "remove", nothing)
    assert main(lab) == 1
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("WRONG  add attaches a port, remove detaches it")
    assert lines[place + 1] == "         after remove(re5) its ports are ['re4', 're5']"
    assert lines[-1].endswith("not kept")


@pytest.mark.parametrize("name", ["simulated", "reference", "reference-coupled"])
def test_ours_in_virtual_time(name: str) -> None:
    assert unkept(check_lab(load(LABS / f"{name}.yaml"), ["implementation"])) == {}


@needs_root
@pytest.mark.parametrize("name", ["lab.yaml", "fixtures/labs/openvswitch.yaml"])
def test_ours_on_interfaces(name: str) -> None:
    assert unkept(check_lab(load(ROOT / name), ["implementation"])) == {}


@needs_root
def test_our_driver() -> None:
    assert unkept(check_lab(load(ROOT / "lab.yaml"), ["switch"])) == {}


def test_a_lab_file_without_a_switch() -> None:
    with pytest.raises(UsageError, match="has no `switch:` whose driver could be checked"):
        list(check_lab(load(LABS / "simulated.yaml"), ["switch"]))


def nothing(*words: Any, **more: Any) -> None:
    """An order that is not carried out."""


def raises(*words: Any, **more: Any) -> Any:
    raise KeyError("ports")


STATUS = SimulatedAggregate.status


def with_actor(**changes: Any) -> Callable[[Any], Any]:
    """A status that is wrong of each port's Actor."""

    def status(aggregate: Any) -> Any:
        said = STATUS(aggregate)
        ports = {
            name: dataclasses.replace(port, actor=port.actor.change(**changes))
            for name, port in said.ports.items()
        }
        return dataclasses.replace(said, ports=ports)

    return status


def without_counters(aggregate: Any) -> Any:
    said = STATUS(aggregate)
    ports = {name: dataclasses.replace(port, counters={}) for name, port in said.ports.items()}
    return dataclasses.replace(said, ports=ports)


def without_ports(aggregate: Any) -> Any:
    return dataclasses.replace(STATUS(aggregate), ports={})


BROKEN_ADAPTERS: dict[str, tuple[type, str, Any, str, str]] = {
    "a version of two lines": (
        SimulatedDut, "version", lambda dut: "1\n2", "name and version", "several lines"),
    "a reset that removes nothing": (SimulatedDut, "reset", nothing, "reset removes", "re4"),
    "a key that is not read": (
        SimulatedAggregate, "status", with_actor(key=7), "status has the Actor", "key 0007"),
    "a status without ports": (
        SimulatedAggregate, "status", without_ports, "status has a MAC address", "its ports are []"),
    "a status that breaks": (SimulatedAggregate, "status", raises, "status has a MAC address", "KeyError"),
    "a MAC address of another form": (
        SimulatedAggregate, "mac", property(lambda self: "0200.0000.0001"),
        "status has a MAC address", "by itself"),
    "a set that does nothing": (
        SimulatedAggregate, "set", nothing, "set_key", "key was set, and LACPDUs say"),
    "a set that takes anything": (
        SimulatedAggregate, "set", nothing, "set refuses", "it took `no-such-variable`"),
    "a value that is read back wrong": (
        SimulatedAggregate, "get", lambda *words: 5, "set_key", "key was set, and get gives 5"),
    "an add that does nothing": (SimulatedAggregate, "add", nothing, "add attaches", "after add(re5)"),
    "a destroy that does nothing": (SimulatedAggregate, "destroy", nothing, "destroy removes", "agr0"),
}  # fmt: skip

UNTRUE: dict[str, tuple[dict[str, Any], str, str]] = {
    "a responder that is denied": ({"marker_responder": False}, "marker_responder", "it is answered"),
    "keys that are shifted": ({"key_shift": 4, "max_key": 100}, "set_key", "key was set, and LACPDUs say"),
    "counters that are not there": ({"counters": True}, "counters", "its counters are none"),
}


@pytest.mark.parametrize("case", UNTRUE)
def test_a_pics_that_is_not_true_is_found(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    answers, promise, seen = UNTRUE[case]
    lab = load(LABS / "reference.yaml")
    pics = lab.implementation.pics.model_copy(update=answers)
    implementation = lab.implementation.model_copy(update={"pics": pics})
    with opened(lab.model_copy(update={"implementation": implementation})) as (bench, _):
        if "counters" in answers:
            monkeypatch.setattr(SimulatedAggregate, "status", without_counters)
        found = unkept(check_implementation(bench))
        monkeypatch.undo()
    (words,) = [wrong for kept, wrong in found.items() if kept.startswith(promise)]
    assert seen in words


def test_a_value_that_nobody_sets_must_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    abilities = Abilities("reference", {name: When.CREATION for name in VARIABLES if name != "timeout"})
    monkeypatch.setattr("harness.check.implementation.abilities_of", lambda lab: abilities)
    with opened(load(LABS / "reference.yaml")) as (bench, _):
        found = unkept(check_implementation(bench))
    promise = "timeout: the adapter does not set it"
    (words,) = [wrong for kept, wrong in found.items() if kept.startswith(promise)]
    assert words.startswith("it says yes to short_timeout, long_timeout")
    assert len(found) == 1


@pytest.mark.parametrize("case", BROKEN_ADAPTERS)
def test_a_broken_adapter_is_found(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    of, method, broken, promise, seen = BROKEN_ADAPTERS[case]
    with opened(load(LABS / "reference.yaml")) as (bench, _):
        monkeypatch.setattr(of, method, broken)
        found = unkept(check_implementation(bench))
        monkeypatch.undo()
    (words,) = [wrong for kept, wrong in found.items() if kept.startswith(promise)]
    assert seen in words


def switch_findings(switch: ToySwitch, folder: Path) -> dict[str, str]:
    """What is not kept by the example's driver, on two ports of that switch."""
    section = ExampleSwitchSection(driver="example", host="127.0.0.1", port=switch.port)
    return unkept(check_switch(section, ["p1", "p2"], folder))


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example's driver has its name here without being installed."""
    monkeypatch.setattr("harness.check.switch.driver_of", lambda section: ExampleSwitch)


@pytest.mark.usefixtures("example")
def test_the_example_s_driver(tmp_path: Path) -> None:
    with ToySwitch() as switch:
        before = dict(switch.ports)
        assert switch_findings(switch, tmp_path) == {}
        assert switch.ports == before
        assert not Journal(tmp_path / "switch.journal").pending()


BROKEN_DRIVERS: dict[str, tuple[str, Any, str, str]] = {
    "no way": ("paths", classmethod(lambda cls, section: []), "paths names", "paths gives none"),
    "another path": ("path", "console", "paths names", "whose path is 'console'"),
    "no version": ("version", lambda switch: "", "tcp: version", "it is ''"),
    "names of its own": (
        "short_name", classmethod(lambda cls, port: port.upper()), "port_name and", "is not 'p1'"),
    "numbers that are text": ("lags", lambda switch: ["1"], "lags are numbers", "['1']"),
    "a shut that does nothing": ("shut", nothing, "tcp: shut", "the journal has no entry"),
    "a LAG that is not made": ("make_lag", nothing, "tcp: make_lag", "without 1"),
    "a LAG that is not left": ("leave_lag", nothing, "leave_lag changes", "views shows no change"),
    "a restore that does nothing": ("restore", nothing, "tcp: shut", "left something in the journal"),
    "views that change by themselves": (
        "views", lambda switch: {"clock": [str(os.urandom(8))]}, "views, and with them", "not the same"),
    "an error of its own": ("lag", raises, "lags are numbers", "it raised KeyError"),
}  # fmt: skip


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("case", BROKEN_DRIVERS)
def test_a_broken_driver_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    method, broken, promise, seen = BROKEN_DRIVERS[case]
    with ToySwitch() as switch:
        monkeypatch.setattr(ExampleSwitch, method, broken)
        found = switch_findings(switch, tmp_path)
    (words,) = [wrong for kept, wrong in found.items() if kept.startswith(promise)]
    assert seen in words


@pytest.mark.usefixtures("example")
def test_a_driver_that_changes_without_a_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        ExampleSwitch, "shut", lambda switch, port: switch._ask(port=port, lines=["shutdown"])
    )
    with ToySwitch() as switch:
        found = switch_findings(switch, tmp_path)
    assert found["nothing is changed without a journal"] == "it changed the switch"
    assert "a port that is none is a BenchError" not in found  # the switch itself refuses that


@pytest.mark.usefixtures("example")
def test_a_switch_that_does_not_do_what_it_is_told(tmp_path: Path) -> None:
    """The driver reads back, so it says so itself; all is put back."""
    with ToySwitch() as switch:
        switch.ignores = lambda request: "shutdown" in request["lines"]
        found = switch_findings(switch, tmp_path)
        assert (
            "BenchError: switch 127.0.0.1" in found["tcp: shut is in the journal, and restore takes it back"]
        )
        assert not any(switch.ports.values())
