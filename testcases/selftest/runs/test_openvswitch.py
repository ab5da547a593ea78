"""A second implementation on the same suite: Open vSwitch's own LACP."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from testcases.selftest.runs.command import ROOT, agr_lab

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")


def test_open_vswitch_is_judged_as_what_it_is(tmp_path: Path) -> None:
    """Its Ethernet type and defaults are right; a port alone in its bond says Individual (LF-24)."""
    lab = ROOT / "fixtures" / "labs" / "openvswitch.yaml"
    rows = ("LF-03", "LF-24", "LF-27")
    done = agr_lab("run", "--lab", lab, "--rows", *rows, "--reports", tmp_path)
    assert done.code == 0, done.out
    done.says("on Open vSwitch")
    verdicts: dict[str, set[str]] = {}
    for each in ET.parse(tmp_path / "junit.xml").getroot().iter("property"):
        kind, _, row = (each.get("name") or "").partition(".")
        if kind == "verdict" and row:
            verdicts.setdefault(row, set()).add(each.get("value") or "")
    assert {row: verdicts[row] for row in rows} == {
        "LF-03": {"pass"},
        "LF-24": {"known deviation", "not applicable"},
        "LF-27": {"pass"},
    }
