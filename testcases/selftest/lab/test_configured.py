"""Lab files of an implementation that has been set up by hand, and what can run on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.simulated import SimulatedBench
from harness.catalogue.claims import Spec
from harness.lab import load
from harness.run.collecting import SUITE, collect, root
from harness.run.plan import arrangement, lacking, lacks
from harness.verdict import NotApplicable, UsageError
from testcases.selftest.lab.written import written

LABS = Path(__file__).parents[3] / "fixtures" / "labs"
SAMPLE = LABS / "configured.yaml"

GOOD = """\
kind: hardware
name: bench
implementation:
  adapter: configured
  configured:
    - {ports: [re0, re1], interface: bond0, timeout: short}
    - {ports: [re2], interface: bond1, activity: passive, max_links: 1}
wires:
  - {name: a, port: re0, to: tester, tester: {interface: te0}}
  - {name: b, port: re1, to: tester, tester: {interface: te1}}
  - {name: c, port: re2, to: tester, tester: {interface: te2}}
"""


def loaded(folder: Path, *changes: tuple[str, str]) -> str:
    """The path of this lab file, changed."""
    return written(folder, GOOD, *changes)


MISTAKES: dict[str, tuple[tuple[str, str], str]] = {
    "no client": (
        ("re1], interface: bond0", "re1]"),
        "implementation.configured[0].interface: missing: its interface on this machine"),
    "a port of no wire": (
        ("[re0, re1]", "[re0, re7]"),
        "configured[0].ports[1]: re7 is the port of no wire; those of wires are re0, re1, re2"),
    "a port in two LAGs": (
        ("[re2]", "[re1]"), "re1 is in a LAG already, by implementation.configured[0].ports[1]"),
    "carrier that cannot be taken": (
        ("tester: {interface: te1}", "tester: {interface: te1}, cut: none"),
        "the wire of re1 says cut: none, and a LAG that is set up by hand begins anew by its carrier alone"),
    "a class on metal": (
        ("adapter: configured", 'adapter: configured\n  load: "harness.reference:Reference"'),
        "implementation.load: only on a simulated bench is a class of Python's under test"),
    "no LAG": (
        ("adapter: configured\n", "adapter: configured\n  configured: []\n  name: x\n"), "configured"),
    "a wrong value": (("timeout: short", "timeout: fast"), "'fast' is not one of short, long"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str, tmp_path: Path) -> None:
    change, words = MISTAKES[name]
    with pytest.raises(UsageError) as found:
        load(loaded(tmp_path, change))
    assert words in str(found.value)


def test_a_simulated_bench_names_what_is_set_up(tmp_path: Path) -> None:
    text = SAMPLE.read_text()
    (tmp_path / "lab.yaml").write_text(text.replace('  load: "harness.reference:Reference"\n', ""))
    with pytest.raises(UsageError, match="missing: on a simulated bench, what is set up"):
        load(tmp_path / "lab.yaml")


def test_a_testcase_gets_the_lag_that_fits(tmp_path: Path) -> None:
    """Its wires are the only ones then."""
    lab = load(SAMPLE)
    long_passive = Spec(("X",), wires=2, needs=("passive", "long_timeout"))
    assert [wire.port for wire in arrangement(lab, long_passive).wires] == ["re10", "re11"]
    assert [wire.port for wire in arrangement(lab, Spec(("X",), wires=3)).wires] == [
        "re4",
        "re5",
        "re6",
        "re7",
    ]
    assert not lacks(lab, long_passive)


LACKS: dict[str, tuple[Spec, str, str]] = {
    "one setting": (
        Spec(("X",), wires=2, needs=("long_timeout",)),
        "the LAG of re0, re1 has timeout short, the testcase needs timeout long",
        "configured: [{ports: [re0, re1], timeout: long}]"),
    "more ports and a setting": (
        Spec(("X",), wires=3, needs=("passive",)),
        "the LAG of re0, re1 has not three ports; the LAG of re0, re1 has activity active, "
        "the testcase needs activity passive",
        "configured: [{ports: [re0, re1, re2], activity: passive}]"),
    "more wires": (
        Spec(("X",), wires=4),
        "the bench has 3 straight wires (T1), the testcase needs 4",
        "one straight wire (T1) more"),
    "a change": (
        Spec(("X",), wires=1, needs=("control",)),
        "the testcase adds or removes ports, and the LAGs have been set up by hand",
        "an adapter that has control: ports can be added to an aggregate that is there, and removed, and it "
        "can be destroyed"),
    "a change of a variable": (
        Spec(("X",), wires=1, needs=("while_running:key",)),
        "the testcase changes key, and the LAGs have been set up by hand",
        "an adapter that sets key while ports are in the aggregate"),
    "values that the testcase declares": (
        Spec(("X",), wires=2, needs=("set_key",), values={"key": 0x0102, "system-priority": 772}),
        "the LAG of re0, re1 has key not told, system-priority not told, "
        "the testcase needs key 258, system-priority 772",
        "configured: [{ports: [re0, re1], key: 258, system_priority: 772}]"),
    "a value that the testcase does not declare": (
        Spec(("X",), wires=1, needs=("set_key",)),
        "the testcase sets key, and the LAGs have been set up by hand", "an adapter that sets key"),
    "several": (
        Spec(("X",), wires=1, needs=("several_aggregates",)),
        "the testcase makes several aggregates, and has one LAG that has been set up by hand",
        "an adapter that makes aggregates"),
    "status": (
        Spec(("X",), wires=1, needs=("status",)),
        "the adapter configured lacks status: the status can be read: Actor, Partner, whether a port "
        "collects and distributes",
        "an adapter that has status: the status can be read: Actor, Partner, whether a port collects and "
        "distributes"),
}  # fmt: skip


@pytest.mark.parametrize("name", LACKS)
def test_the_plan_says_what_would_admit(name: str, tmp_path: Path) -> None:
    spec, reason, admitted_by = LACKS[name]
    found = lacking(load(loaded(tmp_path)), spec)
    assert [(lack.reason, lack.admitted_by) for lack in found] == [(reason, admitted_by)]


def test_what_is_set_otherwise_fits_nobody_who_does_not_ask_for_it(tmp_path: Path) -> None:
    """One link at most: a testcase that counts on both would judge the wrong thing."""
    path = loaded(tmp_path, ("bond0, timeout: short", "bond0, max_links: 1"))
    (lack,) = lacking(load(path), Spec(("X",), wires=2))
    assert lack.admitted_by == "configured: [{ports: [re0, re1]}]"
    assert lack.reason == "the LAG of re0, re1 has max-links 1, the testcase needs max-links 0"


def test_a_key_is_one_that_the_implementation_can_have(tmp_path: Path) -> None:
    """Where its PICS says that there are fewer keys, the entry names the one that the testcase asks for."""
    path = loaded(tmp_path, ("wires:", "  pics: {max_key: 16}\nwires:"))
    (lack,) = lacking(load(path), Spec(("X",), wires=2, needs=("set_key",), values={"key": 0x0102}))
    assert lack.admitted_by == "configured: [{ports: [re0, re1], key: 2}]"


def test_an_entry_that_the_plan_names_admits_the_testcase(tmp_path: Path) -> None:
    """Each that an entry alone would admit runs with it."""
    lab = load(SAMPLE)
    for found in collect([SUITE, f"--rootdir={root([SUITE])}"]):
        told = lacking(lab, found.spec)
        if len(told) == 1 and told[0].admitted_by.startswith("configured:"):
            text = SAMPLE.read_text()
            begin, end = text.index("  configured:"), text.index("  pics:")
            path = tmp_path / "lab.yaml"
            path.write_text(f"{text[:begin]}  {told[0].admitted_by}\n{text[end:]}")
            assert not lacks(load(path), found.spec), (found.nodeid, told[0].admitted_by)


REFUSALS: dict[str, tuple[tuple[tuple[str, ...], dict[str, str | bool | int]], str]] = {
    "other ports": (
        (("re4", "re8"), {}),
        "no LAG that is set up has the ports re4, re8; admitted by: configured: [{ports: [re4, re8]}]"),
    "no ports": (((), {}), "no LAG that is set up has the ports "),
    "another setting": (
        (("re4",), {"timeout": "long"}),
        "the LAG of re4, re5, re6, re7 has timeout short, the testcase needs timeout long; admitted by: "
        "configured: [{ports: [re4], timeout: long}]"),
    "a setting that is not told": (
        (("re4",), {"key": 7}),
        "the LAG of re4, re5, re6, re7 has key not told, the testcase needs key 7; admitted by: "
        "configured: [{ports: [re4], key: 7}]"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_not_set_up_is_not_applicable(name: str) -> None:
    (ports, variables), words = REFUSALS[name]
    bench = SimulatedBench(load(SAMPLE), "simulated")
    bench.begin()
    with pytest.raises(NotApplicable) as found:
        bench.dut.aggregate("agr0", ports, **variables)
    assert words in str(found.value)


def test_a_second_aggregate_of_one_lag_is_not_applicable() -> None:
    bench = SimulatedBench(load(SAMPLE), "simulated")
    bench.begin()
    bench.dut.aggregate("agr0", ["re4"])
    with pytest.raises(NotApplicable, match="and the testcase asks for a second one with re5"):
        bench.dut.aggregate("agr1", ["re5"])


def test_links_are_down_until_an_aggregate_is_asked_for() -> None:
    """Those of its ports come then, and no others; who has cut one himself brings it up himself."""
    bench = SimulatedBench(load(SAMPLE), "simulated")
    bench.begin()
    assert not any(wire.up for wire in bench.wires)
    bench.wires[1].cut()
    bench.dut.aggregate("agr0", ["re4", "re5"])
    assert [wire.port for wire in bench.wires if wire.up] == ["re4"]
    bench.wires[1].restore()
    assert [wire.port for wire in bench.wires if wire.up] == ["re4", "re5"]


def test_the_implementation_is_never_made_anew() -> None:
    """What a testcase left is forgotten by the ports themselves: they are DEFAULTED at the next one."""
    bench = SimulatedBench(load(SAMPLE), "simulated")
    bench.begin("one")
    first = bench.implementation
    bench.end(None, good=False)
    bench.begin("two")
    assert bench.implementation is first
    bench.dut.aggregate("agr0", ["re4"])
    bench.loop.run_for(1)
    frames = [frame for frame in bench.wires[0].received() if frame.is_lacpdu]
    assert frames and all(frame.partner.system == "00:00:00:00:00:00" for frame in frames)
