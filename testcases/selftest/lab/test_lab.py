"""The lab files of this repository, and what a lab gives to the harness."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.lab import Lab, load
from harness.lab.schema import CommandLineSwitch
from harness.lab.source import parse
from harness.verdict import UsageError
from testcases.selftest.runs.command import lab_text

ROOT = Path(__file__).parents[3]
FILES = [ROOT / "lab.yaml", *sorted((ROOT / "fixtures" / "labs").glob("*.yaml"))]


def emulated() -> Lab:
    return load(ROOT / "lab.yaml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_lab_file_of_the_repository_loads_and_resolves(path: Path) -> None:
    lab = load(path)
    resolved = lab.resolve(bench="bench-1", state="/run/bench-1")
    assert "${" not in resolved.model_dump_json()
    assert resolved.benches == 1
    assert [wire.name for wire in resolved.wires] == [wire.name for wire in lab.wires]


def test_the_default_bench_has_wires_of_each_kind() -> None:
    lab = emulated()
    assert [wire.port for wire in lab.switch_wires] == ["re0", "re1", "re2", "re3"]
    assert [wire.port for wire in lab.straight_wires] == [f"re{n}" for n in range(4, 10)]
    assert {(wire.capture, wire.cut) for wire in lab.switch_wires} == {("host", "switch")}
    assert {(wire.capture, wire.cut) for wire in lab.straight_wires} == {("tester", "tester-link")}


def test_placeholders_are_filled_in_everywhere() -> None:
    lab = emulated().resolve(bench="b7", state="/run/b7")
    assert lab.implementation.namespace == "b7-host"
    assert lab.wire("t1-4").tester is not None
    assert {wire.tester.namespace for wire in lab.straight_wires if wire.tester} == {"b7-tester"}
    assert isinstance(lab.switch, CommandLineSwitch)
    assert lab.switch.from_ == "/run/b7/switch/switch.json"


def test_the_older_key_for_the_namespace_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(
        f"extends: {ROOT / 'lab.yaml'}\nname: mine\nbenches: 1\nimplementation:\n  namespace: mine\n"
    )
    told: list[str] = []
    lab = load(path, told.append)
    assert lab.implementation.namespace == "mine"
    line = f"{path}:5: implementation.namespace: read as before; write `at: {{namespace: NAME}}` now"
    assert told == [line]


def test_the_lab_files_of_the_repository_have_no_older_key() -> None:
    told: list[str] = []
    for path in FILES:
        load(path, told.append)
    assert told == []


def test_a_name_that_gets_too_long_by_filling_in_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(
        "kind: hardware\nname: x\nimplementation: {adapter: agr}\nwires:\n"
        "  - {name: a, port: re4, to: tester, tester: {interface: '${bench}-te4'}}\n"
    )
    lab = load(path)
    with pytest.raises(
        UsageError, match=r"lab\.yaml:5: wires\[0\]\.tester\.interface: 'abcdefghijkl-te4' is no"
    ):
        lab.resolve(bench="abcdefghijkl", state="/run")


def test_the_four_port_bench_has_two_tester_ports_and_nothing_straight() -> None:
    lab = load(ROOT / "fixtures" / "labs" / "four-port.yaml")
    assert lab.straight_wires == []
    assert len(lab.switch_wires) == len(lab.tester_wires) == 2
    assert lab.tester_wires[0] is lab.traffic
    assert lab.through_switch.allowed and lab.through_switch.numbers == list(range(3900, 3910))


@pytest.mark.parametrize(
    ("said", "allowed", "vlans"),
    [
        ("through_switch: false", False, 10),
        ("through_switch: true", True, 10),
        ('through_switch: {vlans: "7"}', True, 1),
        ("through_switch: {vlans: '7,10-12, 11'}", True, 4),
    ],
)
def test_wires_through_the_switch_are_allowed_with_vlans(
    tmp_path: Path, said: str, allowed: bool, vlans: int
) -> None:
    (tmp_path / "base.yaml").write_text(lab_text(ROOT / "fixtures" / "labs" / "four-port.yaml"))
    path = tmp_path / "a.yaml"
    path.write_text(f"extends: base.yaml\n{said}\n")
    lab = load(path)
    assert (lab.through_switch.allowed, len(lab.through_switch.numbers)) == (allowed, vlans)


@pytest.mark.parametrize("vlans", ["1", "4095", "20-10", "a few", "'10,'", "''"])
def test_what_is_no_list_of_vlans_is_said(tmp_path: Path, vlans: str) -> None:
    (tmp_path / "base.yaml").write_text(lab_text(ROOT / "fixtures" / "labs" / "four-port.yaml"))
    path = tmp_path / "a.yaml"
    path.write_text(f"extends: base.yaml\nthrough_switch:\n  vlans: {vlans}\n")
    with pytest.raises(UsageError, match=r"a\.yaml:3: through_switch\.vlans: "):
        load(path)


def test_a_lab_cannot_be_changed_in_use() -> None:
    with pytest.raises(ValueError, match="frozen"):
        emulated().name = "other"


def test_words_that_yaml_1_1_would_turn_into_something_else_stay_words() -> None:
    source = parse("a: no\nb: on\nc: 10:00:00:00:00:01\nd: 12:30\ne: true\nf: 010\ng: 1e3\nh:\n", "x")
    assert source.data == {
        "a": "no",
        "b": "on",
        "c": "10:00:00:00:00:01",
        "d": "12:30",
        "e": True,
        "f": 10,
        "g": 1000.0,
        "h": None,
    }


def test_the_python_path_is_the_default_bench_but_for_the_data_path() -> None:
    lab, other = emulated(), load(ROOT / "fixtures" / "labs" / "python-path.yaml")
    assert lab.environment["AGR_DATA_PATH"] == "auto"
    assert other.environment == {**lab.environment, "AGR_DATA_PATH": "python"}
    assert (other.wires, other.switch, other.limits) == (lab.wires, lab.switch, lab.limits)
    assert lab.implementation.pics.after_crash == "carries"
    pics = lab.implementation.pics.model_copy(update={"after_crash": "stops"})
    assert other.implementation.pics.model_copy(update={"file": pics.file}) == pics


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: nowhere.yaml", r"nowhere\.yaml: no such lab file"),
        ("extends: 7", r"a\.yaml:1: extends: must be the name of another lab file"),
        ("extends: a.yaml", r"a\.yaml:1: extends: a\.yaml extends another file itself: name that one"),
        ("extends: base.yaml\nlimits: {late: 0}", r"a\.yaml:2: limits\.late: must be more than 0, is 0"),
        ("extends: base.yaml\nimplementation:\n  data_path: fast", r"a\.yaml:3: .*'fast' is not one of auto"),
        ("extends: base.yaml\nimplementation:\n  adapter: openvswitch\n  data_path: bpf",
         r"a\.yaml:4: implementation\.data_path: only agr has this key, not openvswitch"),
        ("extends: base.yaml\nimplementation:\n  service: 7", r"a\.yaml:3: .*service: must be true or false"),
        ("extends: base.yaml\nimplementation:\n  service: true",
         r"a\.yaml:3: implementation\.service: only an emulated bench runs agrd itself"),
        ("extends: base.yaml\nimplementation:\n  adapter: openvswitch\n  service: true",
         r"a\.yaml:4: implementation\.service: only agr has this key, not openvswitch"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_extension_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "base.yaml").write_text(lab_text(ROOT / "fixtures" / "labs" / "four-port.yaml"))
    path = tmp_path / "a.yaml"
    path.write_text(f"{text}\n")
    with pytest.raises(UsageError, match=said):
        load(path)


@pytest.mark.parametrize(
    ("base", "own", "place"),
    [
        ("namespace: a", "namespace: b", "namespace b"),
        ("namespace: a", "at: {ssh: lab-pc}", "ssh lab-pc"),
        ("at: {ssh: lab-pc}", "namespace: b", "namespace b"),
        ("at: {ssh: lab-pc, port: 23}", "at: {namespace: b}", "namespace b"),
        ("at: {ssh: lab-pc}", "at: {port: 23}", "ssh lab-pc port 23"),
    ],
)
def test_where_a_port_is_said_by_the_file_that_extends(
    tmp_path: Path, base: str, own: str, place: str
) -> None:
    said = "traffic: {{tester: {{interface: te9, {}}}, switch_port: Gi1/0/24}}\n"
    bench = (
        "kind: hardware\nname: x\nimplementation: {adapter: agr}\n"
        "wires: [{name: t2, port: re0, to: switch, switch_port: Gi1/0/1}]\n"
        "switch: {driver: cisco_ios, ssh: {host: 192.0.2.1}}\n"
    )
    (tmp_path / "base.yaml").write_text(bench + said.format(base))
    (tmp_path / "own.yaml").write_text("extends: base.yaml\n" + said.format(own))
    traffic = load(tmp_path / "own.yaml").traffic
    assert traffic is not None
    at, namespace = traffic.tester.at, traffic.tester.namespace
    assert (f"namespace {namespace}" if namespace or at is None else at.host) == place
