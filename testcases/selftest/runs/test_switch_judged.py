"""The emulated switch as what is under test, by its command line: the same verdicts as by another way."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from harness.lab import load
from testcases.selftest.runs.command import ROOT, agr_lab

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")

ROWS = {"CF-04": {"pass"}, "LF-27": {"pass"}, "SL-25": {"not applicable"}}
"""Verdicts of a few rows: a priority that is set, defaults on the wire and in the status, a key that stays as
it is."""


@pytest.mark.parametrize("way", ["ssh", "console"])
def test_the_switch_is_judged_by_its_command_line(tmp_path: Path, way: str) -> None:
    """What it enters is about ports of the lab file, and about port-channels of its own."""
    lab = ROOT / "fixtures" / "labs" / f"switch-{way}.yaml"
    done = agr_lab("run", "--lab", lab, "--benches", "1", "--rows", *ROWS, "--reports", tmp_path)
    assert done.code == 0, done.out
    done.says("on switch AGRLAB")
    verdicts: dict[str, set[str]] = {}
    for each in ET.parse(tmp_path / "junit.xml").getroot().iter("property"):
        kind, _, row = (each.get("name") or "").partition(".")
        if kind == "verdict" and row:
            verdicts.setdefault(row, set()).add(each.get("value") or "")
    assert {row: verdicts[row] for row in ROWS} == ROWS
    sent = [
        line.partition(f"{way} > ")[2]
        for path in (tmp_path / "transcripts").glob("*.transcript")
        for line in path.read_text().splitlines()
    ]
    entered = {line.split()[1] for line in sent if line.startswith("interface ")}
    assert entered & set(load(lab).switch_ports)
    assert {name for name in entered if not name.startswith("Port-channel")} <= set(load(lab).switch_ports)
