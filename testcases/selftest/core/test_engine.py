"""What an event costs, and what may spare the other machines (`agr.core.engine`)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import agr.core
from agr.core import engine, lacpdu
from agr.core.admin import PortAdmin
from agr.core.lacpdu import LACPDU
from agr.core.lag import LagId
from testcases.selftest.core.events import EVENTS, SITUATIONS, situation
from testcases.selftest.core.lab import Lab, up_lab

CORE = Path(agr.core.__file__).parent

MOST_FILES = 10
"""Files of the core that a LACPDU without news may pass."""

MOST_CHANGES = {1: 80, 8: 94}
"""How often it may go on in another file, by the number of ports of its Aggregator."""

READERS = ("selection.py", "standby.py", "mux.py", "churn.py", "variables.py")
"""Where Selection, Mux and Churn Detection are, and what they call."""

APART = {"__init__", "__str__", "timers"}
"""Of `variables.py`: what sets a port up, shows it, and what the engine asks for."""


def way_of(event: Callable[[], None]) -> list[str]:
    """The files of the core, one after the other, that an event passes."""
    way: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        """Each call leads to a file, and each return to that of the caller."""
        where = frame if event == "call" else frame.f_back
        if event in ("call", "return") and where is not None:
            path = Path(where.f_code.co_filename)
            if path.parent == CORE and (not way or way[-1] != path.name):
                way.append(path.name)

    sys.setprofile(note)
    try:
        event()
    finally:
        sys.setprofile(None)
    return way


def lacpdu_of(lab: Lab, **wrong: bool) -> Callable[[], None]:
    """A LACPDU of re0's partner, which knows these bits of our state wrong."""
    partner = lab.partners["re0"]
    known = partner.echo()
    pdu = LACPDU(partner.actor, replace(known, state=replace(known.state, **wrong)), 0)
    frame = lacpdu.encode(pdu, source=bytes.fromhex("02aa00000001"))
    return partial(lab.system.receive, lab.now, "re0", frame)


@pytest.mark.parametrize("ports", MOST_CHANGES)
def test_a_lacpdu_without_news_passes_few_files(ports: int) -> None:
    lab = up_lab(ports, timeout="short")
    before = lab.status()
    way = way_of(lacpdu_of(lab))
    assert lab.status()["counters"]["LACPDUsRx"] == before["counters"]["LACPDUsRx"] + 1
    assert lab.status()["partner"] == before["partner"]
    assert len(set(way)) <= MOST_FILES, sorted(set(way))
    assert len(way) - 1 <= MOST_CHANGES[ports], way


def test_a_lacpdu_that_is_answered_wakes_no_other_machine() -> None:
    lab = up_lab()
    lab.run(5.0)
    way = way_of(lacpdu_of(lab, LACP_Timeout=True))
    assert lab.system._ports["re0"].counters.LACPDUsTx, "it is answered"
    assert "transmit.py" in way and "churn.py" not in way, way


def test_the_end_of_a_period_wakes_no_other_machine() -> None:
    lab = up_lab(timeout="short")
    lab.partners["re0"].become(LACP_Timeout=True)
    lab.partners["re0"].say()
    due = lab.system.deadline()
    assert due is not None
    way = way_of(partial(lab.system.advance, due))
    assert "transmit.py" in way and "churn.py" not in way, way


def test_a_lacpdu_with_news_passes_more() -> None:
    """So that the figure above is one of a LACPDU that spares the other machines their work."""
    lab = up_lab(timeout="short")
    partner = lab.partners["re0"]
    partner.actor = lacpdu.Information(1, partner.actor.system, 2, 3, 4, partner.actor.state)
    assert {"selection.py", "mux.py", "churn.py"} <= set(way_of(lacpdu_of(lab)))


def reads(tree: ast.Module) -> set[str]:
    """Attributes that code reads; what it only counts up, by itself or by a call, it does not read."""
    nodes = list(ast.walk(tree))
    apart = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name in APART]
    counted = [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    told = [
        node.value.func for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    left_out = {id(node) for each in (*apart, *counted, *told) for node in ast.walk(each)}
    return {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and id(node) not in left_out
    }


def test_reads_are_found() -> None:
    code = "def f(port):\n    port.debug.Count += 1\n    port.timer.start(port.NTT)\n    return port.limits.x"
    assert reads(ast.parse(code)) == {"NTT", "limits", "x"}


@pytest.mark.parametrize("file", READERS)
def test_what_wakes_no_machine_is_read_by_none(file: str) -> None:
    """Whatever else a port has wakes them where it changes, also a variable that is new."""
    assert not reads(ast.parse((CORE / file).read_text())) & engine.QUIET


def test_what_may_wake_a_machine_does_not_change_in_place() -> None:
    """It is compared with what it was when the machines came to rest."""
    port = up_lab().system._ports["re0"]
    assert port.at_rest == engine.wakers(port)
    kinds = (str, int, float, bytes, type(None), PortAdmin, LagId)
    assert [value for value in port.at_rest if not isinstance(value, kinds)] == []


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_machine_is_left_behind(name: str) -> None:
    """After every event all machines of all ports are at rest, whichever were spared."""
    lab = situation(name)
    for event in EVENTS.values():
        event(lab, "re0")
        for aggregator in lab.system._aggregators.values():
            assert not engine._round(aggregator, lab.now), (name, event)
