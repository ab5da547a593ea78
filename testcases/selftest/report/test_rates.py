"""Rates while a run goes on: what benches tell."""

from __future__ import annotations

from pathlib import Path

from harness.report.rates import Rates, tell, together, told

ONE = Rates("agr-lab1", "a", 1_234, 1_230)
TWO = Rates("agr-lab2", "b", 66, 70)


def test_the_latest_of_each_bench_is_told(tmp_path: Path) -> None:
    for rates in (Rates("agr-lab1", "before", 1, 1), ONE, TWO):
        tell(tmp_path, rates)
    assert told(tmp_path) == {("", "a"): ONE, ("", "b"): TWO}


def test_what_is_half_written_is_missed(tmp_path: Path) -> None:
    tell(tmp_path, ONE)
    (tmp_path / "agr-lab2.json").write_text('{"bench": "agr')
    assert told(tmp_path) == {("", "a"): ONE}


def test_nothing_is_told_where_there_is_no_folder(tmp_path: Path) -> None:
    assert told(tmp_path / "none") == {}


def test_all_together() -> None:
    assert together([ONE, TWO]) == "sent   1,300/s  seen   1,300/s"
