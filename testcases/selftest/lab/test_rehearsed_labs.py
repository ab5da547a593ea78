"""Which lab files can be rehearsed in namespaces, how their names are mapped, what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.rehearsal.bench import Rehearsal
from fixtures.rehearsal.names import mapped
from harness.lab import Lab, load
from harness.lab.schema import Switch
from harness.verdict import UsageError
from testcases.selftest.runs.command import ROOT

LABS = ROOT / "fixtures" / "labs"
TWO_NICS = """\
kind: hardware
name: two
implementation: {adapter: agr}
wires:
  - {name: t1-0, port: eth1, to: tester, tester: {interface: eth2}}
  - {name: t1-1, port: eth3, to: tester, tester: {interface: eth4, namespace: away}}
"""


def lab_of(text: str, folder: Path) -> Lab:
    path = folder / "lab.yaml"
    path.write_text(text)
    return load(path)


def test_another_command_line_than_the_emulated_switch_s_is_refused_in_a_sentence() -> None:
    lab = load(LABS / "four-port.yaml").model_copy(update={"switch": Switch(driver="other")})
    with pytest.raises(UsageError, match=r"four-port\.yaml: switch\.driver: the switch of a rehearsal has "):
        mapped(lab)


def test_a_bench_that_is_no_hardware_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="wants `kind: hardware`"):
        Rehearsal(load(LABS / "simulated.yaml"))


def test_what_has_all_its_names_stays_as_it_is() -> None:
    lab = load(LABS / "rehearsal.yaml")
    assert mapped(lab).data == lab.data
    assert Rehearsal(lab).file == LABS / "rehearsal.yaml"


def test_what_may_be_done_to_the_switch_stays(tmp_path: Path) -> None:
    text = f"extends: {LABS / 'four-port.yaml'}\nswitch: {{may: [reload], boot_time: 9}}\n"
    lab = lab_of(text, tmp_path)
    switch = mapped(lab).data["switch"]
    assert (switch["may"], switch["boot_time"]) == (["reload"], 9)
    assert not {"ssh", "console"} & switch.keys()


def test_names_of_metal_are_mapped_into_namespaces() -> None:
    """The same interfaces and ports; what was in one namespace is in one still."""
    lab = load(LABS / "four-port.yaml")
    found = mapped(lab)
    assert found.implementation.namespace == "four-port-host"
    assert {cable.tester.namespace for cable in found.tester_wires} == {"four-port-tester"}
    assert [(wire.name, wire.port, wire.switch_port) for wire in found.wires] == [
        (wire.name, wire.port, wire.switch_port) for wire in lab.wires
    ]
    assert found.implementation.pics.model_copy(update={"file": ""}) == lab.implementation.pics.model_copy(
        update={"file": ""}
    )
    assert found.environment["AGR_RUNDIR"] == "${state}/agr"
    assert (
        found.switch is not None
        and found.data["switch"]["from"] == "/run/agr-lab/four-port/switch/switch.json"
    )
    assert Rehearsal(lab).file == Path("/run/agr-lab/four-port/lab.yaml")


def test_a_bench_without_a_switch_is_rehearsed_too(tmp_path: Path) -> None:
    """Who shares a namespace with the implementation goes on to."""
    found = mapped(lab_of(TWO_NICS, tmp_path))
    namespaces = [wire.tester.namespace for wire in found.wires if wire.tester]
    assert (found.implementation.namespace, namespaces) == ("two-host", ["two-host", "two-away"])
    assert found.switch is None
