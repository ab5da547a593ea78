"""What the benchmarks make of what they measured: figures, verdicts, the table and the plot."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.console import Console

from harness.traffic.outcome import Flow, Outcome, Port, ReceiverCount, Silence
from harness.traffic.stamp import stamp
from harness.verdict import BenchError
from testcases.benchmarks import changes, checkers, flaps, many, moves, run, simulated
from testcases.benchmarks.checking import PROBE, Tally
from testcases.benchmarks.figures import Figure, Target, at_least, at_most, figure, ratio
from testcases.benchmarks.flaps import Flap, late_ms
from testcases.benchmarks.many import Load
from testcases.benchmarks.plot import draw, used
from testcases.benchmarks.table import show

CLEAN = Outcome(sent=6_000_000, lost=0, duplicated=0, reordered=0, dropped=0)


def named(figures: list[Figure], words: str) -> Figure:
    (found,) = (one for one in figures if words in one.name)
    return found


def test_a_ratio_is_of_medians_and_its_spread_of_rounds() -> None:
    found = ratio("x", [90, 100, 110, 300], [100, 100, 200, 100], at_least(0.90))
    assert (found.value, found.met, found.rounds) == (1.05, True, 4)
    assert found.spread == (0.8125, 1.5)
    assert not ratio("x", [89], [100], at_least(0.90)).met


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [(at_least(2), 2, True), (at_least(2), 1.99, False), (at_most(2), 2, True), (at_most(2), 2.01, False)],
)
def test_a_limit_belongs_to_what_is_allowed(target: Target, value: float, met: bool) -> None:
    assert figure("x", value, "u", target).met is met
    assert figure("x", value, "u").met is None


@given(st.floats(0, 1e6), st.floats(0.1, 1e6), st.booleans())
def test_left_of_the_line_is_met(value: float, limit: float, at_least: bool) -> None:
    """The plot says of every figure what its verdict says."""
    target = Target(limit, at_least)
    assume(value == limit or abs(value - limit) > 1e-9 * limit)
    assert (used(value, target) <= 1) is target.met_by(value)


def test_a_limit_of_zero_can_be_drawn() -> None:
    assert used(0, at_most(0)) == 0
    assert used(3, at_most(0)) > 1


def test_json_and_plot_and_table_show_every_figure() -> None:
    figures = [
        figure(
            "alpha <&>", 0.95, "of plain veth", at_least(0.9), samples=[0.9, 0.95, 1.0], note="data path bpf"
        ),
        figure("beta", 7, "frames", at_most(0)),
        figure("gamma", 1234567, "a second"),
        *(figure(f"{ports} ports, CPU", ports / 10, "% of a core") for ports in (8, 64, 512)),
    ]
    (alpha, beta, gamma, *_) = json.loads(json.dumps([one.to_json() for one in figures]))
    keys = {"name", "value", "unit", "target", "sense", "met", "spread", "rounds", "note"}
    assert set(alpha) == keys
    assert (alpha["target"], alpha["sense"], alpha["met"]) == (0.9, "at least", True)
    assert (alpha["spread"], alpha["rounds"]) == ([0.925, 0.975], 3)
    assert (beta["met"], gamma["target"], gamma["met"]) == (False, None, None)
    words = "\n".join(text for text in ET.fromstring(draw(figures, "agr & co")).itertext())
    for wanted in ("agr & co", "alpha <&>", "0.95 of plain veth (>= 0.9)", "7 frames (<= 0)", "51.2 %"):
        assert wanted in words
    out = StringIO()
    show(Console(file=out, width=160), figures)
    for wanted in ("alpha <&>", "NOT MET", "1,234,567", "0.925 .. 0.975", "data path bpf"):
        assert wanted in out.getvalue()


def test_a_plot_of_nothing_is_a_plot() -> None:
    ET.fromstring(draw([figure("x", 1, "u")], "none"))


def test_the_time_after_carrier_loss() -> None:
    def seen(dropped: int = 0, **last_ms: int) -> ReceiverCount:
        silences = [Silence(port, last * 1_000_000, 5_000_000_000) for port, last in last_ms.items()]
        return ReceiverCount(9, dropped, {0: Flow(9, 0, 0)}, {"p0": Port(9, 0, 9)}, tuple(silences))

    left, arrived = seen(p0=1003, p1=900, p2=1003), seen(p0=1000, p1=900)
    assert late_ms(Flap("p0", 1_300_000_000), left, arrived) == 3.0
    assert late_ms(Flap("p1", 1_300_000_000), left, arrived) == 0.0
    for flap in (Flap("p2", 1_300_000_000), Flap("p0", 5_300_000_000)):
        with pytest.raises(BenchError, match=f"{flap.port}: frames were sent all the time"):
            late_ms(flap, left, arrived)
    with pytest.raises(BenchError, match="no room for 2 frames"):
        late_ms(Flap("p0", 1_300_000_000), left, seen(dropped=2, p0=1000))
    assert flaps._MEDIAN.limit < flaps._WORST.limit


def test_moves_are_judged_frame_by_frame() -> None:
    assert all(one.met for one in moves.figures(CLEAN, 200, 0.5e6, [0.9e6, 1e6, 2e6], ""))
    bad = moves.figures(Outcome(100, 1, 2, 3, 0), 199, 0.4e6, [1e6], "")
    assert [one.value for one in bad] == [199, 0.4, 1, 2, 3]
    assert not any(one.met for one in bad)


def test_a_slower_machine_changes_no_verdict_on_the_load() -> None:
    """Half as many frames where the plain path carries half as many."""
    quick, slow = (moves.figures(CLEAN, 200, 0.55e6 * s, [1e6 * s], "") for s in (1.0, 0.5))
    assert [one.value for one in quick] == [one.value for one in slow]


def test_the_simulated_suite_is_held_against_a_loop_of_python() -> None:
    quick, slow = (simulated.figures([10.0 * s] * 3, [0.4 * s] * 3, 250) for s in (1.0, 2.0))
    assert (quick[0].value, quick[0].met) == (slow[0].value, slow[0].met) == (0.1, True)
    more = simulated.figures([20.0] * 3, [0.4] * 3, 500)  # as much of each testcase
    assert (more[0].value, more[0].met) == (0.1, True)
    assert simulated.figures([10.0, 13.0, 13.0], [0.4] * 3, 250)[0].met is False


def test_a_run_tells_what_each_testcase_costs() -> None:
    """What the first has is the bench's bringing up, too; what comes after the last its taking down."""
    marks = [run.Mark("FD-01", 9.0, 3.0), run.Mark("LF-01", 10.0, 3.5), run.Mark("MK-06", 12.0, 4.0)]
    found = run.figures([run.Spent(marks, 14.0, 5.0)])
    assert named(found, "a testcase").value == 2.0
    assert "LF-01 1.5, MK-06 2.5" in named(found, "a testcase").note
    assert "user 1.5, system 0.5" in named(found, "a testcase").note
    assert named(found, "whole").value == 19.0


def test_many_ports_are_judged_by_cpu_growth_and_punctuality() -> None:
    def loads(largest: float, latest: float, out: int) -> list[Figure]:
        sizes = ((8, [1.0]), (64, [4.0, 5.0, 4.5]), (512, [largest]))
        return many.figures([Load(ports, shares, latest, out, "") for ports, shares in sizes])

    good = loads(36.0, 0.2, 0)
    assert all(one.met in (True, None) for one in good)
    assert named(good, "512 ports against 64").value == 1.0
    assert named(good, "64 ports, CPU").value == 4.5
    bad = loads(51.0, 0.21, 1)
    assert [one.met for one in bad] == [None, None, False, False, False, False]


def test_checkers_are_compared_by_medians_and_losses() -> None:
    names = checkers.OURS, checkers.SCAPY, checkers.TSHARK
    rates = dict(zip(names, ([9e5, 8e5, 7e5], [8e3, 8e3, 1e3], [1e6, 1e6, 1e6]), strict=True))
    losses = dict(zip(names, ([0.0, 0.0, 0.0], [98.0, 99.0, 99.5], [0.0, 0.0, 1.0]), strict=True))
    found = checkers.figures(rates, losses, 0)
    assert [(one.value, one.met) for one in found] == [
        (100, True), (0.8, False), (0, True), (99, None), (0, None), (0, True)
    ]  # fmt: skip
    assert "800,000 and 8,000 a second" in found[0].note
    assert named(checkers.figures(rates, losses, 3), "out of order").met is False


def test_others_look_at_the_order_of_each_flow_too() -> None:
    tally = Tally(7)
    for flow, sequence in [(0, 0), (1, 0), (0, 2), (0, 1), (1, 1), (1, 1)]:
        tally.look(stamp(7, flow, sequence))
    tally.look(stamp(8, 0, 0))
    for _ in range(3):
        tally.look(stamp(7, PROBE, 0))
    assert (tally.frames, tally.late, tally.probes) == (6, 2, 3)


def test_changes_have_a_row_for_each_way_in_which_links_change() -> None:
    """Loss is judged where no frame was in danger; what missed its target is marked."""
    clean = changes.Tally(changes=200, frames=3_200_000, seconds=10.0, gaps=[1.0, 2.0, 3.0])
    lossy = changes.Tally(changes=200, frames=3_200_000, seconds=10.0, lost=7)
    mixed = changes.Tally(changes=200, frames=3_200_000, seconds=10.0, lost=7, reordered=1)
    kinds = [*clean.figures("removed", True, 200, "", 0.32e6), *lossy.figures("cut", False, 200, "", 0.32e6)]
    assert all(one.met is not False for one in kinds)
    (longest,) = (one for one in kinds if one.name == "removed: max")
    assert (longest.value, longest.unit) == (3.0, "ms")
    slow = clean.figures("removed", True, 200, "", 0.36e6)
    assert [one.name for one in slow if one.met is False] == ["removed: load"]
    kinds += mixed.figures("added", True, 200, "", 0.32e6)
    assert [one.name for one in kinds if one.met is False] == ["added: reordered", "added: lost"]
    console = Console(file=StringIO(), width=160)
    changes.page(console, kinds)
    assert isinstance(console.file, StringIO)
    rows = [line.split() for line in console.file.getvalue().splitlines()]
    assert [(row[0], row[-1]) for row in rows[1:4]] == [("removed", "met"), ("cut", "met"), ("added", "MET")]
    assert {"1*", "7*"} <= set(rows[3])
