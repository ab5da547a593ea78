"""A switch restarts: its wires are down, and nothing waits at the tester's ports behind it."""

from __future__ import annotations

import errno
import os
from types import SimpleNamespace
from typing import Any

import pytest

from harness.case.outage import outage
from harness.verdict import BenchError
from harness.wire.outbox import Outbox
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import EchoTap, StillCarrier, wire_and_tap

SWITCH, STRAIGHT = "s1", "t1"


def case(*, judged: bool = False) -> tuple[Any, dict[str, Wire], Outbox]:
    """A case with a wire to the switch, a straight one, and a tester's port there whose link is away."""
    taps: dict[str, EchoTap] = {name: wire_and_tap()[1] for name in (SWITCH, STRAIGHT, "traffic")}
    wires = {
        name: Wire(name, name, taps[name], StillCarrier(), capture="host", straight=False)
        for name in (SWITCH, STRAIGHT)
    }
    behind = taps["traffic"]

    def refuse(frame: bytes) -> None:
        raise OSError(errno.ENETDOWN, os.strerror(errno.ENETDOWN))

    outbox = behind._outbox = Outbox(behind.loop, refuse, "te-traffic", 5.0)
    ports = {SWITCH: SimpleNamespace(switch_port="Gi1"), STRAIGHT: SimpleNamespace(switch_port=None)}
    lab = SimpleNamespace(wire=ports.__getitem__, switch_is_judged=judged)
    bench = SimpleNamespace(wires=list(wires.values()), taps=lambda: taps, lab=lab)
    return SimpleNamespace(bench=bench), wires, outbox


@pytest.mark.parametrize(("judged", "down"), [(False, [SWITCH]), (True, [SWITCH, STRAIGHT])])
def test_what_is_down_meanwhile(judged: bool, down: list[str]) -> None:
    """The switch's own wires, or, where the switch is what is judged, all."""
    one, wires, outbox = case(judged=judged)
    with outage(one):
        assert [name for name, wire in wires.items() if not wire.up] == down
        with pytest.raises(BenchError, match="te-traffic: cannot send: Network is down"):
            outbox.send(b"\0" * 60)
    assert all(wire.up for wire in wires.values())
    assert [name for name, wire in wires.items() if wire.downs] == down
    assert not outbox.waiting


def test_carrier_that_does_not_come_back_is_told() -> None:
    one, wires, _ = case()

    def never() -> None:
        raise BenchError("there is no carrier")

    wires[SWITCH]._carrier.come_back = never  # type: ignore[method-assign]
    with pytest.raises(BenchError, match="no carrier"), outage(one):
        pass
    assert wires[SWITCH].up
