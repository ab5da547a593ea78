"""The emulated switch as what is under test, by its command line: the same verdicts as by another way."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from harness.lab import load
from harness.run.commands import commands
from testcases.selftest.runs.command import ROOT, agr_lab

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")

ROWS = {"CF-04": {"pass", "not applicable"}, "LF-27": {"pass"}, "SL-25": {"not applicable"}}
"""Verdicts of a few rows: a priority that is set (through a switch it is another testcase), defaults on the
wire and in the status, a key that stays as it is."""


def announced(path: Path) -> list[re.Pattern[str]]:
    """What `agr-lab plan --commands` announces for a lab file, what takes that back, and a login."""
    lab = load(path)
    lines = [line for _, lines in commands(lab) for line in lines]
    undone = [f"no {words}" for line in lines for words in (line, line.rpartition(" ")[0])]
    whole = [f"default interface {port}" for port in lab.switch_ports]
    login = ["admin", "********", "\\x03"]
    every = [*lines, *undone, *whole, "no channel-group", "no vlan <vlan>"]
    return [re.compile(re.sub("<[^>]*>", r"\\S+", re.escape(line))) for line in (*every, *login)]


@pytest.mark.parametrize("way", ["ssh", "console"])
def test_the_switch_is_judged_by_its_command_line(tmp_path: Path, way: str) -> None:
    """Nothing is sent that was not announced: ports of the lab file, port-channels of its own."""
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
    assert any(line == "channel-group 1 mode active" for line in sent)
    forms = announced(lab)
    assert [line for line in sent if line and not any(form.fullmatch(line) for form in forms)] == []
