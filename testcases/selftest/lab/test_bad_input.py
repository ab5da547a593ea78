"""A lab file with a mistake: one clear message with file, line and key."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.lab import load
from harness.registry import GENERATORS, IMPLEMENTATIONS
from harness.verdict import UsageError

GOOD = """\
kind: hardware
name: bench
implementation:
  adapter: agr
wires:
  - {name: a, port: re0, to: switch, switch_port: Gi1/0/1}
  - name: b
    port: re4
    to: tester
    tester: {interface: te4, namespace: tester}
    mac: "02:00:00:00:00:04"
traffic:
  tester: {interface: te9, namespace: tester}
  switch_port: Gi1/0/24
switch:
  driver: cisco_ios
  ssh: {host: 192.0.2.1}
"""

ADAPTERS, KINDS = (", ".join(registry.names()) for registry in (IMPLEMENTATIONS, GENERATORS))


def other(group: str) -> str:
    """How more names are had than there are."""
    return (
        f" Another one comes with its package: {sys.executable} -m pip install PACKAGE "
        f"(entry points agr_lab.{group})"
    )


def refused(tmp_path: Path, text: str) -> list[str]:
    """The lines of the one message that a lab file gets."""
    path = tmp_path / "lab.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load(path)
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_the_file_without_a_mistake_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(GOOD)
    assert load(path).wire("b").tester is not None


CASES = {
    "wrong key": (
        ("switch_port: Gi1/0/24", "switchport: Gi1/0/24"),
        [
            "lab.yaml:12: traffic.switch_port: missing",
            "lab.yaml:14: traffic.switchport: unknown key; did you mean switch_port?",
        ],
    ),
    "wrong key, nothing near": (
        ("  ssh: {host: 192.0.2.1}", "  ssh: {host: 192.0.2.1, colour: red}"),
        ["lab.yaml:17: switch.ssh.colour: unknown key; known here: host, port, namespace, host_key"],
    ),
    "key twice": (
        ("name: bench", "name: bench\nname: other"),
        ["lab.yaml:3: name: stands twice, first on line 2"],
    ),
    "missing key": (("name: bench\n", ""), ["lab.yaml:1: name: missing"]),
    "missing port of the implementation": (
        ("    port: re4\n", ""),
        ["lab.yaml:7: wires[1].port: missing"],
    ),
    "missing port of the switch": (
        (", switch_port: Gi1/0/1", ""),
        [
            "lab.yaml:6: wires[0].switch_port: missing: a wire to the switch names the port it is plugged "
            "into",
        ],
    ),
    "missing tester": (
        ("    tester: {interface: te4, namespace: tester}\n", ""),
        [
            "lab.yaml:7: wires[1].tester: missing: a wire to the tester names the tester's interface",
        ],
    ),
    "port twice": (
        ("port: re4", "port: re0"),
        ["lab.yaml:8: wires[1].port: port re0 is used twice, first by wires[0].port"],
    ),
    "wire name twice": (
        ("name: b\n", "name: a\n"),
        ["lab.yaml:7: wires[1].name: wire name a is used twice, first by wires[0].name"],
    ),
    "interface twice": (
        ("interface: te9", "interface: te4"),
        [
            "lab.yaml:13: traffic.tester.interface: interface te4 in namespace tester is used twice, "
            "first by wires[1].tester.interface",
        ],
    ),
    "port of the switch twice": (
        ("switch_port: Gi1/0/24", "switch_port: Gi1/0/1"),
        [
            "lab.yaml:14: traffic.switch_port: port of the switch Gi1/0/1 is used twice, "
            "first by wires[0].switch_port",
        ],
    ),
    "bad MAC": (
        ("02:00:00:00:00:04", "02:00:00:00:00"),
        [
            "lab.yaml:11: wires[1].mac: '02:00:00:00:00' is no MAC address; write it as 02:00:00:00:00:01",
        ],
    ),
    "group MAC": (
        ("02:00:00:00:00:04", "01:80:c2:00:00:02"),
        [
            "lab.yaml:11: wires[1].mac: 01:80:c2:00:00:02 is a group address; a port's MAC address is an "
            "individual one (first octet even)",
        ],
    ),
    "long interface name": (
        ("interface: te9", "interface: tester-interface-9"),
        [
            "lab.yaml:13: traffic.tester.interface: 'tester-interface-9' is no interface name: 1 to 15 "
            "characters without blank, slash and colon",
        ],
    ),
    "wrong type": (
        ("  ssh: {host: 192.0.2.1}", "  ssh: {host: 192.0.2.1, port: ssh}"),
        ["lab.yaml:17: switch.ssh.port: must be a whole number, is 'ssh'"],
    ),
    "a list where a section belongs": (
        ("  ssh: {host: 192.0.2.1}", "  ssh: [192.0.2.1]"),
        ["lab.yaml:17: switch.ssh: must be a section of keys, is a list"],
    ),
    "an empty value": (
        ("  adapter: agr", "  adapter:"),
        [
            f"lab.yaml:4: implementation.adapter: empty is not one of {ADAPTERS}." + other("implementations"),
        ],
    ),
    "wrong word": (
        ("adapter: agr", "adapter: openvswich"),
        [
            f"lab.yaml:4: implementation.adapter: 'openvswich' is not one of {ADAPTERS}; "
            "did you mean openvswitch?" + other("implementations"),
        ],
    ),
    "wrong word, and a key beside it": (
        ("adapter: agr", "adapter: openvswich\n  namespace: 7\n  rundir: /run"),
        [
            f"lab.yaml:4: implementation.adapter: 'openvswich' is not one of {ADAPTERS}; "
            "did you mean openvswitch?" + other("implementations"),
            "lab.yaml:5: implementation.namespace: must be text, is 7",
        ],
    ),
    "out of range": (
        ("name: bench", "name: bench\nlimits: {late: 0}"),
        ["lab.yaml:3: limits.late: must be more than 0, is 0"],
    ),
    "unknown placeholder": (
        ("adapter: agr", "adapter: agr\n  namespace: ${bnech}-host"),
        [
            "lab.yaml:5: implementation.namespace: unknown placeholder ${bnech}; known are ${bench} "
            "and ${state}",
        ],
    ),
    "no switch": (
        ("switch:\n  driver: cisco_ios\n  ssh: {host: 192.0.2.1}\n", ""),
        [
            "lab.yaml:6: wires[0].to: goes to the switch, but the file has no `switch:` section",
            "lab.yaml:12: traffic: goes to the switch, but the file has no `switch:` section",
        ],
    ),
    "no way to the switch": (
        ("  ssh: {host: 192.0.2.1}\n", ""),
        ["lab.yaml:15: switch: missing: `ssh:` or `console:` (or `from:`, a file that names them)"],
    ),
    "simulated without load": (
        ("kind: hardware", "kind: simulated"),
        [
            "lab.yaml:4: implementation.adapter: a simulated bench has `adapter: simulated`, and `load: "
            '"module:Class"` with it; agr is for benches of interfaces',
            "lab.yaml:15: switch: a simulated bench has no switch",
        ],
    ),
    "several benches of one piece of hardware": (
        ("name: bench", "name: bench\nbenches: 2"),
        ["lab.yaml:3: benches: 2 benches, but hardware is there once; write one lab file a bench"],
    ),
    "emulated without its section": (
        ("kind: hardware", "kind: emulated"),
        ["lab.yaml:1: emulated: missing: an emulated bench says here what it starts"],
    ),
    "cut by the wrong end": (
        ("    to: tester\n", "    to: tester\n    cut: switch\n"),
        ["lab.yaml:10: wires[1].cut: the switch cannot cut a wire that goes straight to the tester"],
    ),
    "mirror without its interface": (
        ("switch_port: Gi1/0/1}", "switch_port: Gi1/0/1, capture: mirror}"),
        ["lab.yaml:6: wires[0].capture_at: missing: `capture: mirror` needs the capturing interface"],
    ),
    "mirror of a straight wire": (
        ("    to: tester\n", "    to: tester\n    capture: mirror\n    capture_at: {interface: m0}\n"),
        ["lab.yaml:10: wires[1].capture: a wire to the tester is captured at the tester's port"],
    ),
    "a mirror port that nothing is captured at": (
        ("    to: tester\n", "    to: tester\n    capture_at: {interface: m0}\n"),
        ["lab.yaml:10: wires[1].capture_at: only for `capture: mirror`"],
    ),
    "a capture elsewhere": (
        (
            "    to: tester\n",
            "    to: tester\n    capture: remote\n    capture_at: {interface: m0, host: lab-pc}\n",
        ),
        [
            "lab.yaml:10: wires[1].capture: say what is captured: a mirror port of the switch that is "
            "plugged into another machine, `capture: mirror` with `capture_at: {interface: NAME, at: {ssh: "
            "USER@HOST}}`, or the implementation's own port, wherever it is, `capture: host`",
            "lab.yaml:11: wires[1].capture_at.host: write `at: {ssh: USER@HOST}` now",
        ],
    ),
    "a host that is here and elsewhere": (
        ("adapter: agr", "adapter: agr\n  at: {namespace: there, ssh: root@dut}"),
        ["lab.yaml:5: implementation.at: says where it is: `namespace: NAME` or `ssh: USER@HOST`"],
    ),
    "a key for nobody": (
        ("adapter: agr", "adapter: agr\n  at: {namespace: there, key_file: key}"),
        ["lab.yaml:5: implementation.at.key_file: only with `ssh:`"],
    ),
    "PTP between nobody": (
        ("adapter: agr", "adapter: agr\n  at: {namespace: there, ptp: 0.001}"),
        ["lab.yaml:5: implementation.at.ptp: only with `ssh:`"],
    ),
    "an emulated bench elsewhere": (
        (
            GOOD.partition("wires:")[0],
            "kind: emulated\nname: bench\nemulated: {parts: 'a:B', switch_namespace: s}\n"
            "implementation: {adapter: agr, at: {ssh: dut}}\n",
        ),
        [
            "lab.yaml:4: implementation.at.ssh: what is elsewhere is on a bench of kind hardware, this is "
            "emulated",
        ],
    ),
    "a tester's port that is here and elsewhere": (
        (
            "{interface: te4, namespace: tester}",
            "{interface: te4, namespace: here, at: {ssh: lab-pc, namespace: there}}",
        ),
        [
            "lab.yaml:10: wires[1].tester.at: says where it is: `namespace: NAME` or `ssh: USER@HOST`",
            "lab.yaml:10: wires[1].tester.namespace: `at:` says where it is; delete this key",
        ],
    ),
    "two tester's ports elsewhere that are one": (
        (
            "{interface: te4, namespace: tester}",
            "{interface: te4, at: {ssh: lab-pc}}\n"
            "  - {name: c, port: re9, to: tester, tester: {interface: te4, at: {ssh: lab-pc}}}\n"
            "  - name: d\n    port: re8\n    to: tester\n    tester: {interface: te8}",
        ),
        [
            "lab.yaml:11: wires[2].tester.interface: interface te4 at ssh lab-pc is used twice, first by "
            "wires[1].tester.interface",
        ],
    ),
    "where the implementation is, twice": (
        ("adapter: agr", "adapter: agr\n  namespace: here\n  at: {namespace: there}"),
        ["lab.yaml:5: implementation.namespace: `at:` says where it is; delete this key"],
    ),
    "a generator without its device": (
        ("name: bench", "name: bench\ngenerator: {kind: trex, ports: {b: eth0, c: 1}}"),
        [
            "lab.yaml:3: generator.ports.b: a port of TRex is a number, not 'eth0'",
            "lab.yaml:3: generator.ports.c: no wire of this name is straight, or can be made so through the "
            "switch",
            "lab.yaml:3: generator.address: missing: kind trex is a device that is reached by its address",
        ],
    ),
    "a generator that has no address": (
        ("name: bench", "name: bench\ngenerator: {kind: tcpreplay, address: 192.0.2.9}"),
        ["lab.yaml:3: generator.address: only otg and trex have this key, not tcpreplay"],
    ),
    "a generator that nobody knows": (
        ("name: bench", "name: bench\ngenerator: {kind: trax}"),
        [
            f"lab.yaml:3: generator.kind: 'trax' is not one of {KINDS}; did you mean trex?"
            + other("generators"),
        ],
    ),
    "an alias in itself": (
        ("name: bench", "name: &a [*a]"),
        ["lab.yaml:2: name[0]: an alias (*name) that contains itself"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_mistake(tmp_path: Path, case: str) -> None:
    (old, new), expected = CASES[case]
    assert refused(tmp_path, changed(old, new)) == expected


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = changed("port: re4", "port: re0").replace("name: bench", "nmae: bench").replace("02:00", "zz:00")
    assert [line.split(": ")[1] for line in refused(tmp_path, text)] == [
        "name",
        "nmae",
        "wires[1].port",
        "wires[1].mac",
    ]


@pytest.mark.parametrize("key", ["password", "enable_secret", "api-token", "enable"])
def test_credentials_in_the_file_are_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    (line,) = refused(tmp_path, GOOD + f"  credentials: {{environment: MYLAB, {key}: hunter2}}\n")
    assert line.startswith(f"lab.yaml:18: switch.credentials.{key}: credentials do not belong in a lab file")
    assert "MYLAB_PASSWORD" in line
    assert "hunter2" not in line


def test_credentials_in_free_options_are_refused(tmp_path: Path) -> None:
    (line,) = refused(tmp_path, changed("adapter: agr", "adapter: agr\n  options: {login: {password: x}}"))
    assert line.startswith("lab.yaml:5: implementation.options.login.password: credentials do not belong")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "lab.yaml:1: the file is empty; a lab file starts with `kind: ...`"),
        ("# nothing but a comment\n", "lab.yaml:1: the file is empty; a lab file starts with `kind: ...`"),
        ("- a\n- b\n", "lab.yaml:1: a lab file is a mapping that starts with `kind: ...`"),
        ("hello\n", "lab.yaml:1: a lab file is a mapping that starts with `kind: ...`"),
        ("kind: [a\nname: b\n", "lab.yaml:2: not YAML: "),
        ("kind: a\n\tname: b\n", "lab.yaml:2: not YAML: "),
        ("kind: a\x07\n", "lab.yaml:1: not YAML: "),
        ("kind: a\n---\nkind: b\n", "lab.yaml:2: not YAML: "),
        ("? [a, b]\n: c\n", "lab.yaml:1: a key must be a word"),
        ("kind: !!python/object:os.system x\n", "lab.yaml:1: kind: a value of kind "),
    ],
)
def test_what_is_no_lab_file_at_all(tmp_path: Path, text: str, expected: str) -> None:
    (line,) = refused(tmp_path, text)
    assert line.startswith(expected)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.yaml: no such lab file; name one with --lab FILE"):
        load(tmp_path / "none.yaml")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_bytes(b"kind: \xff\xfe")
    with pytest.raises(UsageError, match="not a text file in UTF-8"):
        load(path)
