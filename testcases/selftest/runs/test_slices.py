"""Slices of one bench: wires that no two have, what runs alone, and verdicts as on a bench of one's own."""

from __future__ import annotations

import os
import signal
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.catalogue.claims import Spec
from harness.dut.implementation import NAMES, is_of, name_in
from harness.lab import load
from harness.lab.schema import Lab
from harness.plugin import with_benches
from harness.run.side_by_side import MOST
from harness.run.slices import Wires, why_alone
from harness.verdict import UsageError
from testcases.selftest.host import wait_until
from testcases.selftest.lab.written import written
from testcases.selftest.runs import suites
from testcases.selftest.runs.command import EMULATED, ROOT, SIMULATED, agr_lab, lab_text, started
from testcases.selftest.runs.test_faults import ENDLESS, WELL, ran

EIGHT = str(ROOT / "fixtures" / "labs" / "eight-wires.yaml")
OPEN_VSWITCH = str(ROOT / "fixtures" / "labs" / "openvswitch.yaml")
SLICED = "--slices", "2"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")


def lab(path: str) -> Lab:
    """The lab of a file that is right."""
    return load(Path(path), print)


# -- wires

SLICE = st.integers(1, 9)
NEED = st.sampled_from(
    [Spec(("LF-01",), wires=n, most_wires=n + extra) for n in range(5) for extra in (0, 2)]
)


@given(st.lists(st.tuples(SLICE, NEED, st.booleans())))
def test_no_wire_is_of_two_slices_whoever_comes_and_goes(history: list[tuple[int, Spec, bool]]) -> None:
    wires, has = Wires(lab(EIGHT)), dict[int, tuple[str, ...]]()
    for slice_, spec, leaves in history:
        if leaves or slice_ in has:
            wires.give_back(slice_)
            has.pop(slice_, None)
            continue
        given_ = wires.free_for(spec)
        free = 8 - sum(map(len, has.values()))
        wanted = max(spec.wires, spec.most_wires)
        assert (given_ is None) is (free < wanted)
        if given_ is not None:
            assert len(set(given_)) == wanted
            wires.take(slice_, given_)
            has[slice_] = given_
        taken = [name for names in has.values() for name in names]
        assert len(taken) == len(set(taken))


def test_a_slice_keeps_its_wires_where_they_will_do() -> None:
    wires, spec = Wires(lab(EIGHT)), Spec(("LF-01",), wires=2)
    assert wires.free_for(spec, ("t1-6", "t1-7")) == ("t1-6", "t1-7")
    wires.take(1, ("t1-7",))
    assert wires.free_for(spec, ("t1-6", "t1-7")) == ("t1-0", "t1-1")


def test_wires_are_of_the_kind_that_is_needed() -> None:
    forced = Spec(("LF-21",), wires=1, needs=("speeds",))
    assert Wires(lab(EMULATED)).free_for(forced) == ("t1-8",)
    assert Wires(lab(EMULATED)).free_for(Spec(("LF-01",), wires=4)) == ("t1-4", "t1-5", "t1-6", "t1-7")


# -- names

NAME = st.integers(0, NAMES - 1).map(lambda number: f"agr{number}")


@given(NAME, NAME, st.integers(1, MOST), st.integers(1, MOST))
def test_aggregates_of_slices_have_names_of_their_own(one: str, two: str, here: int, there: int) -> None:
    assert is_of(here, name_in(here, one))
    assert is_of(there, name_in(here, one)) is (here == there)
    assert (name_in(here, one) == name_in(there, two)) is ((here, one) == (there, two))
    assert name_in(0, one) == name_in(1, one) == one and is_of(0, name_in(here, one))


# -- what runs alone, and what cannot be sliced


@pytest.mark.parametrize("whole", ["restart", "system-id", "host", "load"])
def test_what_is_about_all_of_it_runs_alone(whole: str) -> None:
    assert why_alone(lab(EMULATED), Spec(("LF-01",), wires=1, whole=(whole,)))


def test_what_each_aggregate_has_of_its_own_does_not() -> None:
    """Of agr that is the system priority."""
    assert not why_alone(lab(EMULATED), Spec(("LF-01",), wires=1, whole=("system-priority",)))


def test_what_names_aggregates_runs_in_the_slice_that_has_their_names() -> None:
    assert not why_alone(lab(EMULATED), Spec(("LF-01",), wires=1, whole=("names",)))


def test_what_uses_the_switch_runs_alone() -> None:
    assert why_alone(lab(EMULATED), Spec(("LF-01",), switch_wires=2))
    assert why_alone(lab(EMULATED), Spec(("LF-01",), wires=1, needs=("switch:rate",)))
    assert not why_alone(lab(EMULATED), Spec(("LF-01",), wires=4))
    assert why_alone(lab(EMULATED), Spec(("LF-01",), wires=7)), "on wires through the switch"


def test_the_plan_says_what_runs_alone() -> None:
    done = agr_lab("plan", "--lab", EIGHT)
    done.says("in up to 8 slices of one bench", "of them alone at the end", "      alone: ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("slices: auto ", "slices: 0 "), "slices: must be auto or a number from 1 to 64, is 0"),
        (("slices: auto ", "benches: 2\nslices: 4 "), "slices: one bench is sliced"),
        (("pics: ../pics/agr.yaml", "pics: {several_aggregates: false}"), "says no to several_aggregates"),
    ],
)
def test_what_cannot_be_sliced_is_refused(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    good = Path(EIGHT).read_text()
    if "pics" not in change[0]:
        good = lab_text(EIGHT)
    done = agr_lab("plan", "--lab", written(tmp_path, good, change, *_elsewhere(good)))
    assert done.code == 3
    done.says(words)


def _elsewhere(good: str) -> list[tuple[str, str]]:
    """What a copy of the file cannot find."""
    line = "  deviations: ../pics/agr.deviations.yaml\n"
    return [(line, "")] if line in good else []


def test_an_option_takes_the_place_of_what_the_file_says() -> None:
    assert [one.slices for one in with_benches([lab(EIGHT)], "3")] == [1]
    assert [one.benches for one in with_benches([lab(EMULATED)], None, "auto")] == [1]
    assert [one.is_sliced for one in with_benches([lab(EIGHT)], None, "1")] == [False]
    with pytest.raises(UsageError, match="--slices: of one bench; without --benches"):
        with_benches([lab(EIGHT)], "2", "2")
    with pytest.raises(UsageError, match="--slices: at least 1, or auto"):
        with_benches([lab(EIGHT)], None, "0")


# -- runs in virtual time


def told(folder: Path) -> dict[str, dict[str, str]]:
    """By testcase, its properties in the JUnit file."""
    cases = ET.parse(folder / "junit.xml").getroot().iter("testcase")
    found = [{p.get("name") or "": p.get("value") or "" for p in case.iter("property")} for case in cases]
    return {properties["nodeid"]: properties for properties in found}


def test_in_virtual_time_the_verdicts_are_those_of_benches_of_their_own(tmp_path: Path) -> None:
    suite = [f"testcases/conformance/{group}" for group in ("lf", "sl")]
    verdicts = []
    for words in (("--benches", "2"), ("--slices", "3")):
        agr_lab("run", "--lab", SIMULATED, *words, *suite, "--reports", tmp_path)
        results = told(tmp_path)
        verdicts.append({nodeid: properties["verdict"] for nodeid, properties in results.items()})
    assert verdicts[0] == verdicts[1]
    assert set(verdicts[0].values()) == {"pass", "not applicable"}
    benches = {properties["bench"] for properties in results.values()}
    assert {"simulated.1", "simulated.2", "simulated"} <= benches, "slices, and alone on the whole"


def test_a_fault_of_the_implementation_is_found(tmp_path: Path) -> None:
    lab_file = ROOT / "docs" / "example" / "broken.yaml"
    done = agr_lab("run", "--lab", lab_file, "--slices", "3", "--rows", "MK-01", "--reports", tmp_path)
    assert done.code == 1, done.out
    done.says("MK-01", "3 slices of one bench")
    failed = [properties for properties in told(tmp_path).values() if properties["verdict"] == "fail"]
    assert any("." in properties["bench"] for properties in failed), "in a slice, and not only alone"


@pytest.mark.parametrize("fault", ["blocks in C", "is killed", "breaks the bench"])
def test_a_fault_in_a_slice_is_an_error_of_its_own_testcase(tmp_path: Path, fault: str) -> None:
    action, words = ENDLESS[fault]
    run = ran(tmp_path, action, *SLICED)
    assert run.done.code == 2, run.done.out
    assert run.results == {"test_faulty": "error", **WELL}
    run.done.says(words)


def test_what_fails_in_a_slice_is_run_alone_and_stays_a_failure(tmp_path: Path) -> None:
    """What shows only beside others is the implementation's, and it is told what the others were."""
    run = ran(tmp_path, 'case.check(not case.bench.slice, "this", "that, in a slice")', *SLICED)
    assert run.done.code == 1, run.done.out
    assert run.results == {"test_faulty": "fail", **WELL}
    assert run.properties["attempts"] == "2"
    assert "test_well[0]" in run.texts["test_faulty"]
    run.done.says("once more, alone: 1 testcase")


def test_an_error_in_a_slice_that_passes_alone_passes(tmp_path: Path) -> None:
    run = ran(tmp_path, 'if not again: raise BenchError("the cable burns")', *SLICED)
    assert run.done.code == 0, run.done.out
    assert run.results == {"test_faulty": "pass", **WELL}


def test_each_is_run_as_often_as_is_asked_for(tmp_path: Path) -> None:
    run = ran(tmp_path, "", *SLICED, "--repeat", "3")
    assert run.done.code == 0, run.done.out
    assert run.properties["attempts"] == "3"


def test_a_sliced_run_has_a_bound(tmp_path: Path) -> None:
    run = ran(tmp_path, "while True: pass", "--time-limit", "1", *SLICED)
    assert run.done.code == 2, run.done.out
    assert run.results["test_faulty"] == "error"
    run.done.says("the run's time limit of 1.0 s was over (--time-limit)")


# -- runs on interfaces


def namespaces(bench: str) -> list[str]:
    """Of a bench, those that are there."""
    return sorted(entry.name for entry in Path("/run/netns").glob(f"{bench}-*"))


def test_slices_have_one_bench_and_one_lock_and_end_when_told(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("interfaces need root")
    suite = suites.write(tmp_path, suites.SIDE_BY_SIDE)
    with started("--lab", EIGHT, "--slices", "3", suite, folder=tmp_path / "run") as run:
        reached = run.reach(3)
        (bench,) = {name.partition(".")[0] for name in reached}
        assert len(namespaces(bench)) == 3
        done = run.kill(signal.SIGINT, group=True)
        assert not namespaces(bench)
    assert done.code == 2
    done.says("the run was interrupted (SIGINT)", "3  ERROR")


@needs_root
def test_a_slice_whose_process_is_killed_leaves_the_others_alone(tmp_path: Path) -> None:
    """Its testcase is an ERROR, and the next process of that slice takes its wires up as they were."""
    suite = suites.write(
        tmp_path, suites.SIDE_BY_SIDE.replace("run_for(600)", "run_for(5)\n    case.check(True, '', '')")
    )
    with started("--lab", EIGHT, "--slices", "3", suite, folder=tmp_path / "run") as run:
        victim = int(run.reach(3)[0].partition("+")[2])
        os.kill(victim, signal.SIGKILL)
        assert run.process.wait(120) == 0, run.out
    assert "it was killed (SIGKILL)" in run.out
    assert run.out.count("PASS    LF-01") == 3, run.out


@needs_root
@pytest.mark.parametrize("group", [False, True], ids=["the run's process", "all of them"])
def test_a_killed_run_is_undone(tmp_path: Path, group: bool) -> None:
    """By who holds the bench; or, where that was killed too, by the next run."""
    suite = suites.write(tmp_path, suites.SIDE_BY_SIDE)
    with started("--lab", EIGHT, "--slices", "2", suite, folder=tmp_path / "run") as run:
        (bench,) = {name.partition(".")[0] for name in run.reach(2)}
        run.kill(signal.SIGKILL, group=group)
        if group:
            assert agr_lab("clean", "--lab", EIGHT).code == 0
        wait_until(lambda: not namespaces(bench), f"{bench} taken down")


@needs_root
def test_where_the_process_that_holds_the_bench_is_killed_the_run_ends(tmp_path: Path) -> None:
    suite = suites.write(tmp_path, suites.SIDE_BY_SIDE)
    with started("--lab", EIGHT, "--slices", "2", suite, folder=tmp_path / "run") as run:
        reached = run.reach(2)
        (bench,) = {name.partition(".")[0] for name in reached}
        workers = {int(name.partition("+")[2]) for name in reached}
        children = Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text().split()
        (holder,) = {int(child) for child in children} - workers
        os.kill(holder, signal.SIGKILL)
        assert run.process.wait(120) == 2, run.out
    assert "no bench is left" in run.out
    assert not namespaces(bench)
