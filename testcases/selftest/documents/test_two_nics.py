"""docs/bond.md as somebody without cables tries it: its commands, its lab file, a testcase that passes."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from testcases.selftest.documents.documents import ROOT, document
from testcases.selftest.runs.command import AGR_LAB, LONGEST, lab_text

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

HOST, DUT = f"doc{os.getpid()}", f"dut{os.getpid()}"


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONGEST)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def host() -> Iterator[str]:
    """A network namespace that plays the host of the page, and is gone afterwards with the page's own."""
    _run("ip", "netns", "add", HOST)
    try:
        yield HOST
    finally:
        for name in (DUT, HOST):
            with suppress(AssertionError):
                _run("ip", "netns", "delete", name)


def _at(host: str, *words: str) -> str:
    """Run on the host. Not by `ip netns exec`: namespaces that are made there are seen there alone."""
    return _run("nsenter", f"--net=/run/netns/{host}", *words)


def _commands() -> str:
    """What the page has one type: the two veth pairs, and then the ports' namespace."""
    page = document("docs/bond.md")
    (veth,) = [code for code in page.code if "type veth" in code]
    (block,) = re.findall(r"(?m)(?:^ {7}.*\n)+", page.text)
    return re.sub(r"\bdut\b", DUT, f"{veth}\n{block}")


def test_the_wires_of_the_page(host: str, tmp_path: Path) -> None:
    _at(host, "bash", "-euc", _commands())
    text = lab_text(ROOT / "docs" / "example" / "two-nics.yaml")
    text = re.sub(r"namespace: dut\b", f"namespace: {DUT}", text)
    lab = tmp_path / "mine.yaml"
    lab.write_text(re.sub(r"late: [\d.]+", "late: 5", text))  # a machine that is busy fails nothing
    words = ["run", "--lab", str(lab), "--rows", "LF-01", "--reports", str(tmp_path / "reports")]
    assert "PASS: 1 testcase passed" in _at(host, AGR_LAB, *words)
