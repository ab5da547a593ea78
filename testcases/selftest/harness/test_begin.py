"""What a testcase finds of the one before: no aggregate, no faulty process, and no limit that counts on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.simulated import SimulatedBench
from harness.lab import load

LAB = Path(__file__).parents[3] / "fixtures" / "labs" / "simulated.yaml"


@pytest.fixture
def bench() -> SimulatedBench:
    return SimulatedBench(load(LAB), "simulated")


@pytest.fixture
def done(bench: SimulatedBench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done to the implementation between testcases."""
    said: list[str] = []
    monkeypatch.setattr(bench.dut, "reset", lambda: said.append("reset"))
    monkeypatch.setattr(bench.dut, "renew", lambda: said.append("renew"))
    return said


def test_after_one_that_was_not_good_the_implementation_is_renewed_once(
    bench: SimulatedBench, done: list[str]
) -> None:
    for good in (True, False, True):
        bench.begin("testcase")
        bench.end(None, good=good)
    bench.begin("testcase")
    assert done == ["reset", "reset", "renew", "reset"]


@pytest.mark.parametrize("looks_at", ["", "the introduction"])
def test_what_a_testcase_before_sent_counts_no_more(
    bench: SimulatedBench, monkeypatch: pytest.MonkeyPatch, looks_at: str
) -> None:
    """Who looks at what was seen sends nothing, and need not wait."""
    bench.begin("first", looks_at)
    bench.end("something", good=True)
    limited = bench.loop.now() + 1.0
    monkeypatch.setattr(bench, "_begins_at", lambda: limited)
    bench.begin("second", looks_at)
    assert (bench.loop.now() >= limited) == (looks_at == "")
