"""`agr-lab plan` and `agr-lab catalogue`: what can run, what is claimed."""

from __future__ import annotations

import json

from harness.run.plan import REASONS
from testcases.selftest.runs.command import EMULATED, ROOT, agr_lab

FOUR_PORT = ROOT / "fixtures" / "labs" / "four-port.yaml"


def test_plan_of_a_bench_with_nothing_straight() -> None:
    """Two ports to the switch, two of the tester: straight wires are made through the switch."""
    done = agr_lab("plan", "--lab", FOUR_PORT, "--json")
    assert done.code == 0, done.out
    plans = {plan["testcase"]: plan for plan in json.loads(done.out)}
    keys = {"lab", "testcase", "rows", "title", "lacks", "admitted_by", "alone"}
    assert all(plan.keys() == keys for plan in plans.values())
    assert all(bool(plan["lacks"]) == bool(plan["admitted_by"]) for plan in plans.values())
    can = [plan for plan in plans.values() if not plan["lacks"]]
    cannot = [plan for plan in plans.values() if plan["lacks"]]
    assert len(can) >= 250
    assert {"FD-13", "LF-01", "MK-06", "SL-01"} <= {row for plan in can for row in plan["rows"]}
    short = [plan for plan in cannot if "2 straight wires (T1), 2 of them through" in plan["lacks"]]
    assert short and all("straight wire" in " ".join(plan["admitted_by"]) for plan in short)


def test_plan_in_words_agrees() -> None:
    plans = json.loads(agr_lab("plan", "--lab", FOUR_PORT, "--json").out)
    done = agr_lab("plan", "--lab", FOUR_PORT)
    can = sum(not plan["lacks"] for plan in plans)
    done.says(f"{can} of {len(plans)} testcases can run on bench four-port")
    done.says("on straight wires through the switch (p0: GigabitEthernet1/0/1 == VLAN 3900 == ")
    assert sum(line.startswith("+ ") for line in done.out.splitlines()) == can
    of_rows = done.out.count(" is not applicable: ")
    admitted = done.out.count("admitted by: ") - of_rows
    assert admitted == sum(len(plan["admitted_by"]) for plan in plans)
    assert done.out.count("not applicable: ") == done.out.count("admitted by: ")
    single = [plan["admitted_by"][0] for plan in plans if len(plan["admitted_by"]) == 1]
    for words in set(single):
        done.says(f"{single.count(words):6}  {words}")


def test_every_testcase_runs_on_the_default_bench() -> None:
    """But for what wants frames without carrier."""
    plans = json.loads(agr_lab("plan", "--lab", EMULATED, "--json").out)
    lacking = {
        plan["testcase"].partition("::")[0]: plan["lacks"]
        for plan in plans
        if plan["lacks"].startswith("the bench lacks")  # not what agr's PICS says no to
    }
    without = f"the bench lacks {REASONS['without_carrier']}"
    assert lacking == {"testcases/conformance/rx/test_port_disabled.py": without}


def test_catalogue() -> None:
    """A list with each row once; a row has testcases, or a reason why not."""
    done = agr_lab("catalogue", "--json")
    assert done.code == 0, done.out
    rows = json.loads(done.out)
    keys = {"id", "clause", "requirement", "confidence", "testcases", "reason"}
    assert all(row.keys() == keys for row in rows)
    assert len({row["id"] for row in rows}) == len(rows) > 200
    assert all(bool(row["testcases"]) != bool(row["reason"]) for row in rows)
    claimed = {row["id"] for row in rows if row["testcases"]}
    plans = json.loads(agr_lab("plan", "--lab", EMULATED, "--json").out)
    assert claimed == {row for plan in plans for row in plan["rows"]}
    words = agr_lab("catalogue")
    words.says(f"{len(claimed)} of {len(rows)} rows are claimed")
