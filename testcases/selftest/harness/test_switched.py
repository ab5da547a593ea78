"""A LAG of the switch: a free number, and everything is put back in any case."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.case import ask, switch_lag
from harness.case.switched import ASK_AGAIN, SwitchLag
from harness.pdu import PortInfo, State
from harness.pdu.build import lacpdu_frame
from harness.switch import Member
from harness.verdict import ConformanceFailure, Inconclusive
from harness.wire.virtual_loop import VirtualLoop
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import EchoTap, StillCarrier, case_on, wire_and_tap


class Notebook:
    """A switch that writes down what it is told; groups 1 and 3 are somebody else's."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def port_name(self, typed: str) -> str:
        return typed

    def lags(self) -> list[int]:
        return [1, 3]

    def make_lag(self, ports: Any, number: int, mode: str, rate: str) -> None:
        self.told.append((list(ports), number, mode, rate))

    def lag(self, number: int) -> list[Member]:
        return [Member("GigabitEthernet1/0/1", "P", True)]

    def reload(self) -> None:
        self.told.append("reload")

    def restore(self) -> None:
        self.told.append("restore")


def bench(switch: Notebook) -> tuple[Any, list[Wire]]:
    """A case with two wires to a switch."""
    wires = []
    for number in (1, 2):
        _, tap = wire_and_tap()
        wires.append(Wire(f"t2-{number}", f"re{number}", tap, StillCarrier(), capture="host", straight=False))
    ports = {f"t2-{number}": SimpleNamespace(switch_port=f"GigabitEthernet1/0/{number}") for number in (1, 2)}
    section = SimpleNamespace(ways=["console"])
    lab = SimpleNamespace(wire=ports.__getitem__, switch=section, switch_is_judged=False)
    bench = SimpleNamespace(switch=lambda path: switch, lab=lab, wires=wires, taps=dict)
    return SimpleNamespace(bench=bench), wires


def test_the_group_is_one_that_is_free_and_is_taken_back() -> None:
    switch = Notebook()
    case, wires = bench(switch)
    with switch_lag(case, wires, mode="passive", rate="normal") as lag:
        assert lag.group == 2
        assert lag.flags() == {"t2-1": "bundled", "t2-2": "not in the LAG"}
        assert switch.told == [(["GigabitEthernet1/0/1", "GigabitEthernet1/0/2"], 2, "passive", "normal")]
    assert switch.told[1:] == ["restore"]


def test_ports_may_be_named_in_any_way_that_the_switch_takes() -> None:
    switch = Notebook()
    switch.port_name = lambda typed: typed.replace("GigabitEthernet", "Gi")  # type: ignore[method-assign]
    switch.lag = lambda number: [Member("Gi1/0/1", "P", True)]  # type: ignore[method-assign]
    case, wires = bench(switch)
    with switch_lag(case, wires) as lag:
        assert lag.flags()["t2-1"] == "bundled"


def test_it_is_taken_back_and_cut_wires_are_restored_when_the_block_fails() -> None:
    switch = Notebook()
    case, wires = bench(switch)
    with pytest.raises(RuntimeError, match="in the middle"), switch_lag(case, wires):
        wires[1].cut()
        raise RuntimeError("in the middle")
    assert switch.told[-1] == "restore"
    assert wires[1].up


def test_wires_to_a_switch_that_reloads_are_down_until_it_is_back() -> None:
    switch = Notebook()
    case, wires = bench(switch)
    case.bench.lab.wire("t2-2").switch_port = None  # not to this switch

    def reload() -> None:
        assert [wire.up for wire in wires] == [False, True]
        wires[0].tap.loop.run_for(60)

    switch.reload = reload  # type: ignore[method-assign]
    lag = SwitchLag(case, wires[:1], 7)
    lag.reload()
    assert [wire.up for wire in wires] == [True, True]
    ((start, end),) = wires[0].downs
    assert end is not None and end - start == 60
    assert not wires[1].downs


def test_a_reload_that_is_refused_leaves_the_wires_up() -> None:
    switch = Notebook()
    case, wires = bench(switch)

    def refuse() -> None:
        raise RuntimeError("refused")

    switch.reload = refuse  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="refused"):
        SwitchLag(case, wires, 7).reload()
    assert all(wire.up for wire in wires)


def test_it_is_taken_back_when_the_switch_takes_half_of_it() -> None:
    switch = Notebook()
    case, wires = bench(switch)

    def refuse(*words: Any) -> None:
        raise RuntimeError("refused")

    switch.make_lag = refuse  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="refused"), switch_lag(case, wires):
        pass
    assert switch.told == ["restore"]


def hand() -> Any:
    """Of a case only its time."""
    loop = VirtualLoop()
    return SimpleNamespace(now=loop.now, run_for=loop.run_for, latest=float)


def test_a_question_is_put_until_the_answer_is_true() -> None:
    case = hand()
    begin, answers = case.now(), iter([None, None, "yes"])
    assert ask(case, lambda: next(answers), within=10) == "yes"
    assert case.now() - begin == 2 * ASK_AGAIN


def test_at_the_deadline_the_last_answer_is_given() -> None:
    case = hand()
    begin = case.now()
    assert ask(case, lambda: None, within=1) is None
    assert 1 <= case.now() - begin <= 1 + ASK_AGAIN


US = PortInfo(1, "02:00:5e:00:53:01", 1, 1, 1, State.Activity | State.Synchronization)
SWITCH = PortInfo(2, "02:00:5e:00:53:02", 2, 2, 2, State.Activity | State.Synchronization)
OTHER = SWITCH.change(port=9)


def judged(flags: str, own: Sequence[tuple[PortInfo, PortInfo]]) -> None:
    """Judge a LAG of two ports with these flags, on whose wires the implementation said these last."""
    switch = Notebook()
    switch.lag = lambda number: [  # type: ignore[method-assign]
        Member(f"GigabitEthernet1/0/{number}", flag, flag == "P")
        for number, flag in enumerate(flags, start=1)
    ]
    part, wires = bench(switch)
    case = case_on(wires, "SL-01", tap=cast(EchoTap, wires[0].tap))
    case.bench.switch = part.bench.switch  # type: ignore[method-assign]
    case.bench.lab = part.bench.lab
    for wire, (actor, partner) in zip(wires, own, strict=True):
        wire.send(lacpdu_frame(US.system, SWITCH, US))
        cast(EchoTap, wire.tap).hear(lacpdu_frame(US.system, actor, partner))
    with switch_lag(case, wires) as lag:
        lag.all_bundled(1.0)


def test_ports_that_are_bundled() -> None:
    judged("PP", [(US, SWITCH)] * 2)


def test_a_switch_that_does_not_bundle_what_is_in_sync_is_the_bench_s_trouble() -> None:
    with pytest.raises(Inconclusive, match=r"in sync, and the switch does not bundle .*'t2-2': 's'"):
        judged("Ps", [(US, SWITCH)] * 2)


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ((US.change(Synchronization=0), SWITCH), "premise of MX-02"),
        ((US, OTHER), "premise of LF-26"),
        ((US.change(key=7), SWITCH), "check of SL-01"),
    ],
    ids=["not in sync", "has not heard the switch", "of another LAG"],
)
def test_an_implementation_that_does_not_do_its_part_fails(said: tuple[PortInfo, PortInfo], row: str) -> None:
    with pytest.raises(ConformanceFailure, match=f"{row}: .*the implementation's"):
        judged("Ps", [(US, SWITCH), said])
