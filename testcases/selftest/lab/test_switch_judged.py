"""Lab files whose switch is what is under test."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.catalogue.claims import Spec
from harness.dut.abilities import abilities_of
from harness.lab import load
from harness.run.commands import commands
from harness.run.plan import capabilities, lacking, lacks
from harness.verdict import UsageError
from testcases.selftest.lab.written import written

LABS = Path(__file__).parents[3] / "fixtures" / "labs"

GOOD = """\
kind: hardware
name: bench
implementation: {adapter: switch, path: console, vlan: 100}
wires:
  - {name: a, port: GigabitEthernet1/0/1, to: tester, tester: {interface: te1}}
  - {name: b, port: GigabitEthernet1/0/2, to: tester, tester: {interface: te2}}
client: {tester: {interface: te3}, switch_port: GigabitEthernet1/0/3}
tester_ports:
  - {tester: {interface: te4}, switch_port: GigabitEthernet1/0/4}
switch: {driver: cisco_ios, console: {url: /dev/ttyUSB0}, may: [system-priority]}
"""


def loaded(folder: Path, *changes: tuple[str, str]) -> str:
    """The path of this lab file, changed."""
    return written(folder, GOOD, *changes)


def test_ports_of_the_switch_are_in_its_own_words(tmp_path: Path) -> None:
    lab = load(loaded(tmp_path))
    assert lab.switch_is_judged
    assert lab.switch_ports == [f"GigabitEthernet1/0/{number}" for number in (1, 2, 3, 4)]


CLIENT = "client: {tester: {interface: te3}, switch_port: GigabitEthernet1/0/3}\n"
MISTAKES: dict[str, tuple[tuple[str, str], str]] = {
    "no client": (
        (CLIENT, ""), "client: missing: the tester's NIC on another port of the switch, which is its MAC"),
    "a client of a host": (
        ("adapter: switch, path: console, vlan: 100", "adapter: agr"),
        "client: only for a switch that is under test (adapter: switch)"),
    "traffic": (
        ("client:", "traffic:"),
        "traffic: the switch itself is under test (adapter: switch): write `client:`"),
    "a wire to the switch": (
        ("GigabitEthernet1/0/2, to: tester, tester: {interface: te2}", "Gi9, to: switch"),
        "wires[1].to: the switch itself is under test (adapter: switch), so its ports are wired to the"),
    "no switch": (
        ("switch: {driver: cisco_ios, console: {url: /dev/ttyUSB0}, may: [system-priority]}\n", ""),
        "switch: missing: how the switch that is under test (adapter: switch) is reached"),
    "a port twice": (
        ("switch_port: GigabitEthernet1/0/4", "switch_port: GigabitEthernet1/0/1"),
        "port of the switch GigabitEthernet1/0/1 is used twice, first by wires[0].port"),
    "a tester's NIC twice": (("{interface: te4}", "{interface: te1}"), "interface te1 is used twice"),
    "what nobody may": (
        ("may: [system-priority]", "may: [hostname]"), "switch.may[0]: 'hostname' is not one of"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_said(tmp_path: Path, case: str) -> None:
    change, words = MISTAKES[case]
    with pytest.raises(UsageError) as caught:
        load(loaded(tmp_path, change))
    assert words in str(caught.value)


def spec(*needs: str) -> Spec:
    return Spec(rows=("SL-01",), needs=needs)


def test_what_can_be_set_is_the_driver_s_and_the_lab_file_s(tmp_path: Path) -> None:
    """A switch of which the priority may not be changed is judged without it."""
    lab = load(loaded(tmp_path))
    assert {"timeout", "activity", "port-priority", "max-links", "key"} <= set(abilities_of(lab).settable)
    assert {"set_system_priority", "short_timeout", "status"} <= capabilities(lab)
    assert not {"while_running:key", "agr(4)", "crash", "counters", "switch", "blocked"} & capabilities(lab)
    assert lacks(lab, spec("set_system_priority")) == ""
    shared = load(loaded(tmp_path, ("may: [system-priority]", "may: []")))
    assert lacks(shared, spec("set_system_priority")) == "the adapter switch does not set system-priority"


def test_it_is_reloaded_where_the_lab_file_lets_it_be(tmp_path: Path) -> None:
    assert lacking(load(loaded(tmp_path)), spec("reload"))[0].admitted_by == "switch.may: [reload]"
    alone = load(loaded(tmp_path, ("may: [system-priority]", "may: [reload]")))
    assert lacks(alone, spec("reload")) == ""


def test_several_aggregates_want_a_client_and_a_vlan_each(tmp_path: Path) -> None:
    assert lacks(load(loaded(tmp_path)), spec("several_aggregates")) == ""
    ports = "tester_ports:\n  - {tester: {interface: te4}, switch_port: GigabitEthernet1/0/4}\n"
    words = "the lab file has no MAC client, or no VLAN, for a second aggregate"
    for change in ((ports, ""), (", vlan: 100", "")):
        assert lacks(load(loaded(tmp_path, change)), spec("several_aggregates")).startswith(words)


def test_every_line_that_may_be_sent_is_announced(tmp_path: Path) -> None:
    """By port; of the whole switch what the lab file says, and nothing where there is no switch."""
    found = dict(commands(load(loaded(tmp_path))))
    of_a_port = found["port GigabitEthernet1/0/2"]
    assert of_a_port[0] == "interface GigabitEthernet1/0/2"
    assert {"shutdown", "lacp rate <rate>", "channel-group <number> mode <mode>"} <= set(of_a_port)
    assert "lacp max-bundle <links>" in found["LAGs that the run makes itself"]
    assert found["the whole switch, as `switch.may` says"] == ["lacp system-priority <priority>"]
    shared = dict(commands(load(loaded(tmp_path, ("may: [system-priority]", "may: []")))))
    assert not any("whole" in purpose for purpose in shared)
    reloaded = dict(commands(load(loaded(tmp_path, ("may: [system-priority]", "may: [reload]")))))
    assert reloaded["the whole switch, as `switch.may` says"] == ["reload", "no", "<Return>"]
    with pytest.raises(UsageError, match="has no `switch:`"):
        dict(commands(load(LABS / "simulated.yaml")))
