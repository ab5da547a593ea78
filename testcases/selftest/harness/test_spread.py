"""Which link each conversation takes is measured, and what a device leaves without data is not judged."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from harness.case import Case, Spread, conversations, record, spread
from harness.case.spread import DRAWN, MOST
from harness.dut.implementation import Aggregate
from harness.verdict import ConformanceFailure, NotJudged
from harness.wire.station import Station, default_info
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import EchoTap, StillCarrier, case_on, wire_and_tap


class Client(EchoTap):
    """What is sent here comes out on the link that `choose` gives for its conversation; None: nowhere."""

    def __init__(self, links: list[EchoTap], choose: Callable[[int], int | None]) -> None:
        super().__init__(links[0].loop, "agr0")
        self._links, self._choose = links, choose

    def send(self, frame: bytes) -> None:
        super().send(frame)
        told = record(self.frames[-1])
        assert told is not None
        place = self._choose(told[0])
        if place is not None:
            self._links[place].hear(frame)


def measured(choose: Callable[[int], int | None], each: int = 2) -> tuple[Case, Callable[[], Spread]]:
    """A case of two links that distribute as `choose` has it, and what measures them."""
    first, tap = wire_and_tap()
    second = EchoTap(tap.loop, "t2")
    wires = [first, Wire("t2", "re5", second, StillCarrier(), capture="tester", straight=True)]
    case = case_on(wires, "SL-02", tap=tap)
    stations = [Station(tap.loop, wire, default_info(number)) for number, wire in enumerate(wires)]
    aggregate = cast(
        Aggregate, SimpleNamespace(client=Client([tap, second], choose), mac="02:00:5e:00:53:77")
    )
    return case, lambda: spread(case, aggregate, stations, each)


def test_conversations_are_found_for_each_link() -> None:
    case, measure = measured(lambda number: int(number % 8 == 7), each=4)
    found = measure()
    assert [flow.number % 8 for flow in found.links["t2"]] == [7] * len(found.links["t2"])
    assert len(found.links["t2"]) >= 4
    assert case.notes


def test_a_few_of_them_use_every_link() -> None:
    flows = conversations(6, "02:00:5e:00:53:77")
    found = Spread({"t1": flows[:5], "t2": flows[5:]})
    assert [flow.number for flow in found.some(3)] == [0, 5, 1]
    assert len(found.some(99)) == 6


def test_more_are_tried_where_a_link_has_few() -> None:
    _, measure = measured(lambda number: int(number >= DRAWN))
    assert {flow.number >= DRAWN for flow in measure().links["t2"]} == {True}


def test_a_link_without_any_is_not_judged() -> None:
    tried: list[int] = []
    _, measure = measured(lambda number: tried.append(number) or 0)
    with pytest.raises(NotJudged, match=rf"of {MOST} conversations .* fewer than 2 on t2"):
        measure()
    assert len(set(tried)) == MOST + 1  # the first shows that any come out


def test_no_frame_at_all_is_a_premise() -> None:
    _, measure = measured(lambda number: None)
    with pytest.raises(ConformanceFailure, match="MX-08"):
        measure()
