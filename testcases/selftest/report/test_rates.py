"""Rates while a run goes on: what benches tell, and where the terminal shows it."""

from __future__ import annotations

import os
import pty
import re
from pathlib import Path

from harness.report.rates import Rates, tell, together, told
from harness.report.terminal import Terminal
from testcases.selftest.report.test_terminal import plain_environment, received

__all__ = ["plain_environment"]

ONE = Rates("agr-lab1", "a", 1_234, 1_230)
TWO = Rates("agr-lab2", "b", 66, 70)


def test_the_latest_of_each_bench_is_told(tmp_path: Path) -> None:
    for rates in (Rates("agr-lab1", "before", 1, 1), ONE, TWO):
        tell(tmp_path, rates)
    assert told(tmp_path) == {"a": ONE, "b": TWO}


def test_what_is_half_written_is_missed(tmp_path: Path) -> None:
    tell(tmp_path, ONE)
    (tmp_path / "agr-lab2.json").write_text('{"bench": "agr')
    assert told(tmp_path) == {"a": ONE}


def test_nothing_is_told_where_there_is_no_folder(tmp_path: Path) -> None:
    assert told(tmp_path / "none") == {}


def test_all_together() -> None:
    assert together([ONE, TWO]) == "sent   1,300/s  seen   1,300/s"


def shown(rates: dict[str, Rates]) -> str:
    """What a terminal gets while a testcase "a" with a long title runs."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        terminal = Terminal(stream, rates=lambda: rates)
        assert terminal.live
        terminal.start(1, {})
        terminal.began("a", "Order is kept over and over again " * 3, "")
        terminal.close()
        text = received(master)
    os.close(master)
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", text)


def test_they_are_shown_beside_what_runs_and_in_all() -> None:
    text = shown({"a": ONE, "b": TWO})
    assert "…  sent   1,234/s  seen   1,230/s  agr-lab1" in text
    assert "sent   1,300/s" not in text  # nothing runs on the other bench any more
    assert "0:00  sent   1,234/s  seen   1,230/s" in text


def test_a_bench_that_tells_nothing_is_shown_without() -> None:
    text = shown({})
    assert "Order is kept" in text and "/s" not in text
