"""What a generator and a capture say of themselves: one that was slow, one that lost frames."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.case import Case, generated
from harness.case.generated import tell
from harness.lab.schema import Generator
from harness.traffic.outcome import Delay, Port, ReceiverCount, SenderCount
from harness.verdict import BenchError, Inconclusive

SENT = SenderCount(1000, 0, 1.0, (500, 500))
PORT = Port(1000, 1, 2, delay=Delay(10_000, 20_000, 300_000, 400_000))


def told(sent: SenderCount, dropped: int = 0) -> list[str]:
    """The report after these figures."""
    notes: list[str] = []
    bench = SimpleNamespace(lab=SimpleNamespace(generator=Generator()))
    case: Any = SimpleNamespace(bench=bench, report=notes.append)
    tell(cast(Case, case), sent, ReceiverCount(1000 - dropped, dropped, {}, {"agr0": PORT}, ()))
    return notes


def test_pace_and_delays_are_in_the_report() -> None:
    assert told(SENT) == [
        "own generator: 1000 frames, 1,000 a second",
        "from the generator to agr0: median 0.020 ms, p99 0.300 ms",
    ]


def test_a_generator_that_could_not_keep_its_pace_says_so() -> None:
    slow = SenderCount(1000, 0, 1.0, (500, 500), late=0.5)
    assert "the generator sent 1,000 frames a second, it was to send 2,000" in told(slow)


def test_what_is_not_known_is_said() -> None:
    assert "order and copies are not known" in told(replace(SENT, numbered=False))[1]


def test_a_capture_that_lost_frames_forbids_a_verdict() -> None:
    with pytest.raises(Inconclusive, match="no room for 3"):
        told(SENT, dropped=3)


def test_what_is_no_interface_cannot_be_captured_at_a_pace() -> None:
    aggregate: Any = SimpleNamespace(client=SimpleNamespace(name="client-agr0"))
    nothing: Any = None
    with pytest.raises(BenchError, match="client-agr0 is no interface"):
        generated(nothing, nothing, aggregate, flows=1, rate=1, count=1)
