"""The reference model's tables: whole, and each line with the sources that its file promises."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from harness.reference.__main__ import MACHINES, RULES
from harness.reference.sources import Source, sources
from harness.reference.table import ANY, Machine

ARROWS = [arrow for machine in MACHINES for arrow in machine.transitions]
IDS = [arrow.id for arrow in ARROWS] + [rule.id for rule in RULES]


def test_ids_are_unique() -> None:
    assert [name for name, times in Counter(IDS).items() if times > 1] == []


def test_the_file_cites_what_there_is_and_nothing_else() -> None:
    assert sorted(sources()) == sorted(IDS)


@pytest.mark.parametrize("name", IDS)
def test_two_independent_sources_or_none(name: str) -> None:
    cited = sources()[name]
    assert not cited or independent(cited)


def independent(cited: tuple[Source, ...]) -> bool:
    """At least two of these witnesses do not come from one another, and each says where."""
    return len({source.lineage for source in cited}) >= 2 and all(source.where for source in cited)


def test_one_lineage_is_one_witness() -> None:
    netbsd = Source("netbsd", "NetBSD", "lacp_sm_rx", "yamt")
    freebsd = Source("freebsd", "FreeBSD", "lacp_sm_rx", "yamt")
    linux = Source("linux", "Linux", "ad_rx_machine", "linux")
    assert not independent((netbsd, freebsd))
    assert independent((netbsd, linux))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: f"{machine.name} {machine.clause}")
def test_arrows_lead_from_box_to_box(machine: Machine) -> None:
    boxes = set(machine.entry)
    assert {arrow.to for arrow in machine.transitions} == boxes, "each box has an arrow in"
    assert {arrow.state for arrow in machine.transitions} - {ANY} <= boxes
    assert machine.transitions[0].state == ANY, "BEGIN leads in from everywhere"


def test_the_command_prints_every_line() -> None:
    command = [sys.executable, "-m", "harness.reference", "--width", "400"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    shown = {cell.strip() for line in printed.splitlines() for cell in line.split("│")}
    assert set(IDS) <= shown
    assert sources()["RX12"][0].text() in shown
