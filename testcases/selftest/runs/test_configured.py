"""Runs on an implementation that has been set up by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from testcases.selftest.runs.command import ROOT, SIMULATED, agr_lab, lab_text

PLENTY = 200
"""Testcases that three LAGs set up by hand admit at least."""

SAMPLE = ROOT / "fixtures" / "labs" / "configured.yaml"

FAULT = """\
from harness.pdu import Frame
from harness.reference import Reference


class Broken(Reference):
    def receive(self, now, port, frame):
        if not {condition}:
            super().receive(now, port, frame)
"""
"""The reference model, which does not hear what it should."""

BREAKAGES = {
    "Markers are ignored": ("frame[12:15] == bytes.fromhex('880902')", "MK-01"),
    "LACPDUs of one port are ignored": ("frame[12:15] == bytes.fromhex('880901') and port == 're4'", "RX-15"),
}

VALUES = {
    "key: 258": ("LF-15", "Actor_Key"),
    "system_priority: 772": ("LF-15", "Actor_System_Priority"),
    "max_links: 1, system_priority: 36864": ("SL-18", "test_equal_priorities_of_the_partner"),
    "min_links: 2": ("AG-13", "test_too_few_links or test_enough_links_displace_too_few"),
}
"""Values of a LAG's entry that testcases ask for which set nothing else, and those testcases."""


def test_passes_all_that_applies(tmp_path: Path) -> None:
    """What the plan lets run finds a LAG that fits: nothing is not applicable only when it is asked for."""
    done = agr_lab("run", "--lab", SAMPLE, "--benches", "1", "--reports", tmp_path)
    passed = re.search(r"PASS: (\d+) testcases passed, all that apply to this bench", done.out)
    assert passed is not None, done.out
    assert int(passed[1]) > PLENTY
    assert done.code == 0


def test_agr_with_the_short_timeout_passes_what_moves_conversations(tmp_path: Path) -> None:
    """It goes by while conversations move: a partner that is silent then would lose its link."""
    entry = "configured: [{ports: [re4, re5, re6, re7], timeout: short, control: independent}]"
    lab = tmp_path / "lab.yaml"
    lab.write_text(lab_text(SIMULATED).replace("adapter: simulated", f"adapter: configured\n  {entry}"))
    done = agr_lab("run", "--lab", lab, "--rows", "FD-12", "-k", "test_back", "--reports", tmp_path)
    done.says("3  PASS")
    assert done.code == 0


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_breakage_is_caught(name: str, tmp_path: Path) -> None:
    condition, row = BREAKAGES[name]
    (tmp_path / "fault.py").write_text(FAULT.format(condition=condition))
    lab = tmp_path / "lab.yaml"
    lab.write_text(lab_text(SAMPLE).replace("harness.reference:Reference", "fault:Broken"))
    done = agr_lab("run", "--lab", lab, "--rows", "MK-01", "--reports", tmp_path, cwd=tmp_path)
    done.says("1  FAIL", f"row:      {row} ")
    assert done.code == 1


@pytest.mark.parametrize("values", VALUES)
def test_values_of_an_entry_admit_testcases(values: str, tmp_path: Path) -> None:
    """What a testcase declares that it makes its aggregate with is what it asks for: it runs, and passes."""
    rows, names = VALUES[values]
    entry = f"configured: [{{ports: [re4, re5, re6, re7], {values}}}]"
    lab = tmp_path / "lab.yaml"
    lab.write_text(lab_text(SIMULATED).replace("adapter: simulated", f"adapter: configured\n  {entry}"))
    done = agr_lab("run", "--lab", lab, "--rows", rows, "-k", names, "--reports", tmp_path)
    passed = re.search(r"PASS: (\d+) testcases? passed, all that appl", done.out)
    assert passed is not None, done.out
    assert int(passed[1]) == len(names.split(" or ")), done.out
    assert done.code == 0
