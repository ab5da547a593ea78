"""What testcases only look at: made once a bench, judged by each, and never longer than it is good."""

from __future__ import annotations

from pathlib import Path

from harness.bench.bench import Bench
from harness.bench.simulated import SimulatedBench
from harness.case.case import Case
from harness.catalogue import load as load_rows
from harness.lab import load
from harness.pdu import Frame

LAB = Path(__file__).parents[3] / "fixtures" / "labs" / "simulated.yaml"
AT = "the introduction"


class Look:
    """Testcases on one bench that look at one thing; `made` counts how often it was made."""

    def __init__(self) -> None:
        self.bench: Bench = SimulatedBench(load(LAB), "simulated")
        self.made = 0

    def _make(self) -> int:
        self.made += 1
        tap = self.bench.wires[0].tap
        tap.saw(Frame(self.bench.loop.now(), bytes([self.made]) * 60, False, tap.name))
        return self.made

    def run(self, testcase: str, *, good: bool = True, looks_at: str = AT) -> int:
        """What the testcase found; it ends so."""
        self.bench.begin(testcase, looks_at)
        case = Case(self.bench, [load_rows().row("LF-06")])
        found = case.look(self._make)
        assert [frame.data[0] for frame in self.bench.wires[0].frames] == [found], (
            "the captures are another's"
        )
        self.bench.end(case.found, good=good)
        return found


def test_made_once_for_all_that_look_at_it() -> None:
    look = Look()
    assert [look.run(name) for name in ("first", "second", "third")] == [1, 1, 1]


def test_something_else_between_does_not_matter() -> None:
    look = Look()
    assert look.run("first") == 1
    look.bench.begin("other")
    assert not look.bench.wires[0].frames
    look.bench.end(None, good=False)
    assert look.run("second") == 1


def test_what_was_not_good_to_one_is_made_anew_for_the_next() -> None:
    look = Look()
    assert look.run("first", good=False) == 1
    assert look.run("second") == 2
    assert look.run("third", good=False) == 2
    assert look.run("fourth") == 3


def test_what_is_run_again_makes_its_own() -> None:
    look = Look()
    assert look.run("first") == 1
    assert look.run("first") == 2
    assert look.run("second") == 2
    assert look.run("second") == 3


def test_another_look_is_another_capture() -> None:
    look = Look()
    assert look.run("first") == 1
    assert look.run("second", looks_at="the introduction of two") == 2
    assert look.run("third") == 1


def test_who_claims_nothing_shares_nothing() -> None:
    look = Look()
    assert [look.run(name, looks_at="") for name in ("first", "second")] == [1, 2]
