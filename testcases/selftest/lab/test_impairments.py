"""Impairments in a lab file: what they mean on the bench, and mistakes in them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from harness.bench.opening import opened
from harness.bench.simulated import SimulatedBench
from harness.lab import load
from harness.pdu import PortInfo, lacpdu_frame
from harness.verdict import UsageError
from harness.wire.moment import Moment

SIMULATED = """\
kind: simulated
name: bench
implementation: {adapter: simulated, load: "fixtures.simulated.agr_core:Agr"}
wires:
  - {name: a, port: re4, to: tester}
  - {name: b, port: re5, to: tester}
limits: {late: 0.1}
"""


def lab_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lab.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("impairments", "said"),
    [
        ("{delay: -1}", "impairments.delay"),
        ("{loss: 2}", "impairments.loss"),
        ("{frames: some}", "impairments.frames"),
        ("{lag: 1}", "impairments.lag: unknown key"),
        ("{one_way: {c: to-tester}}", "impairments.one_way.c: there is no wire of this name"),
        ("{one_way: {a: west}}", "impairments.one_way.a"),
        (
            "{captured_by: {x: {wires: [c], error: 0.1}}}",
            "impairments.captured_by.x.wires: there is no wire c",
        ),
        ("{captured_by: {x: {clients: true}}}", "impairments.captured_by.x.error"),
        (
            "{captured_by: {x: {wires: [a], error: 0.1, ahead: -0.2}}}",
            "impairments.captured_by.x.ahead: is more than the error (0.1 s)",
        ),
        (
            "{captured_by: {x: {wires: [a], error: 0.1}, y: {wires: [b, a], error: 0.1}}}",
            "impairments.captured_by.y: a is captured by another machine already",
        ),
        ("{delay: 0.04, jitter: 0.02}", "may take 0.12 s, more than limits.late (0.1) allows for"),
    ],
)
def test_mistakes(tmp_path: Path, impairments: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"lab\.yaml:8") as caught:
        load(lab_file(tmp_path, f"{SIMULATED}impairments: {impairments}\n"))
    assert said in str(caught.value)


def test_real_wires_are_not_impaired(tmp_path: Path) -> None:
    text = SIMULATED.replace("kind: simulated", "kind: hardware") + "impairments: {loss: 0.1}\n"
    with pytest.raises(UsageError, match="only a simulated bench impairs its wires, this is hardware"):
        load(lab_file(tmp_path, text))


def frames_seen(tmp_path: Path, impairments: str) -> tuple[int, int]:
    """LACPDUs of agr's that wire a carries in 5 s, and how many of three it received."""
    lab = load(lab_file(tmp_path, f"{SIMULATED}impairments: {impairments}\n"))
    with opened(lab) as (bench, _):
        assert isinstance(bench, SimulatedBench)
        bench.begin()
        aggregate = bench.dut.aggregate("agr0", ["re4"])
        for _ in range(3):
            bench.wires[0].repeat(lacpdu_frame("02:00:5e:00:53:01", PortInfo(), PortInfo()))
            bench.loop.run_for(1.5)
        received = aggregate.status().ports["re4"].counters["LACPDUsRx"]
        return len(bench.wires[0].received()), received


def test_wires_that_carry_one_way(tmp_path: Path) -> None:
    sent, received = frames_seen(tmp_path, "{}")
    assert sent > 2 and received == 3
    assert frames_seen(tmp_path, "{one_way: {a: to-tester}}")[1] == 0
    assert frames_seen(tmp_path, "{one_way: {a: to-implementation}}") == (0, 3)
    assert frames_seen(tmp_path, "{one_way: {b: to-implementation}}") == (sent, received)


@pytest.mark.parametrize("ahead", [-0.02, 0.02])
def test_what_another_machine_captures_is_told_within_its_error(tmp_path: Path, ahead: float) -> None:
    captured = f"{{captured_by: {{there: {{wires: [a], error: 0.02, ahead: {ahead}, drift: 5.0e-4}}}}}}"
    lab = load(lab_file(tmp_path, f"{SIMULATED}impairments: {captured}\n"))
    wrong = []
    with opened(lab) as (bench, _):
        bench.begin()
        here, there = bench.wires[1], bench.wires[0]
        for _ in range(300):
            for wire in (here, there):
                wire.send(lacpdu_frame("02:00:5e:00:53:01", PortInfo(), PortInfo()))
            bench.loop.run_for(1.0)
            told = there.frames[-1].time
            assert isinstance(told, Moment) and (told.clock, told.error) == ("there", 0.02)
            wrong.append(float(told) - here.frames[-1].time)
        assert type(here.frames[-1].time) is float and bench.troubles() == []
    assert wrong[0] == pytest.approx(ahead, abs=1e-3)
    assert max(map(abs, wrong)) < 0.0201 and max(wrong) - min(wrong) > 0.039  # to and fro
    assert max(abs(after - before) for before, after in pairwise(wrong)) < 6e-4


def test_repeats_are_lost_and_doubled(tmp_path: Path) -> None:
    assert frames_seen(tmp_path, "{frames: repeats, loss: 1.0}")[1] == 0
    assert frames_seen(tmp_path, "{frames: repeats, duplication: 1.0}")[1] == 6
