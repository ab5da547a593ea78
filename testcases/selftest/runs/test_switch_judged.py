"""The emulated switch as what is under test, by its command line: the same verdicts as by another way."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from harness.lab import load
from testcases.selftest.runs.command import ROOT, agr_lab

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")

ROWS = {
    "LF-03": {"pass"},
    "LF-24": {"pass", "not applicable"},  # a channel group of one port is aggregatable here
    "LF-27": {"pass"},
    "LF-30": {"not applicable"},
    "TX-09": {"not applicable"},
}
"""Verdicts of a few rows: of what is sent, of what the driver sets, and of what no command line sets."""


@pytest.mark.parametrize("way", ["ssh", "console"])
def test_the_switch_is_judged_by_its_command_line(tmp_path: Path, way: str) -> None:
    lab = ROOT / "fixtures" / "labs" / f"switch-{way}.yaml"
    done = agr_lab("run", "--lab", lab, "--benches", "1", "--rows", *ROWS, "SL-01", "--reports", tmp_path)
    assert done.code == 0, done.out
    done.says("on switch AGRLAB")
    verdicts: dict[str, set[str]] = {}
    for each in ET.parse(tmp_path / "junit.xml").getroot().iter("property"):
        kind, _, row = (each.get("name") or "").partition(".")
        if kind == "verdict" and row:
            verdicts.setdefault(row, set()).add(each.get("value") or "")
    assert {row: verdicts[row] for row in ROWS} == ROWS
    assert "pass" in verdicts["SL-01"]
    (transcript,) = (tmp_path / "transcripts").glob("*.transcript")
    assert f"{way} > show lacp" in transcript.read_text() or "channel-group" in transcript.read_text()


def test_only_ports_of_the_lab_file_are_configured(tmp_path: Path) -> None:
    """By the dialogue of a run: interfaces that it enters are the lab file's, or port-channels of its own."""
    path = ROOT / "fixtures" / "labs" / "switch-ssh.yaml"
    done = agr_lab("run", "--lab", path, "--benches", "1", "--rows", "LF-27", "--reports", tmp_path)
    assert done.code == 0, done.out
    (transcript,) = (tmp_path / "transcripts").glob("*.transcript")
    sent = [line.partition(" > ")[2] for line in transcript.read_text().splitlines()]
    entered = {line.split()[1] for line in sent if line.startswith("interface ")}
    assert entered
    assert {name for name in entered if not name.startswith("Port-channel")} <= set(load(path).switch_ports)
