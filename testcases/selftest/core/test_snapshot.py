"""Takeover: a System restored from a snapshot goes on as the original does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agr.core import lacpdu
from agr.core.constants import Short_Timeout_Time
from agr.core.distribution import BUCKETS
from agr.core.outputs import (
    Assign,
    CollectingChanged,
    Detachment,
    DistributingChanged,
    Hold,
    Output,
    RoundRobin,
    StateChanged,
    Transmit,
)
from agr.core.snapshot import checksum
from agr.core.system import System
from testcases.selftest.core.events import EVENTS, SITUATIONS, situation
from testcases.selftest.core.lab import Lab, keep_on, up_lab
from testcases.selftest.core.moving import MovingLab, happen


def saved(lab: Lab) -> dict[str, Any]:
    """The snapshot as a file has it."""
    found: dict[str, Any] = json.loads(json.dumps(lab.system.snapshot(lab.now), allow_nan=False))
    return found


def restored(lab: Lab, later: float = 0.0) -> System:
    system = System()
    system.restore(lab.now + later, saved(lab))
    return system


class Twins:
    """Two Systems that are asked alike and must answer alike."""

    def __init__(self, original: System, copy: System, moves_count: bool) -> None:
        self.original = original
        self.copy = copy
        self.moves_count = moves_count

    def __getattr__(self, name: str) -> Callable[..., object]:
        def ask(*arguments: object) -> object:
            answers = []
            for system in (self.original, self.copy):
                try:
                    answers.append(getattr(system, name)(*arguments))
                except ValueError as error:
                    answers.append(str(error))
            if name == "take":
                assert self.counted(answers[0]) == self.counted(answers[1])
            elif self.moves_count or name not in ("status", "deadline"):
                assert answers[0] == answers[1]
            return answers[0]

        return ask

    def counted(self, outputs: list[Output]) -> list[Output]:
        if self.moves_count:
            return outputs
        return [
            output
            for output in outputs
            if not isinstance(output, Assign | Hold)
            and not (isinstance(output, Transmit) and output.frame[14] == 2)
        ]


def fork(lab: Lab) -> None:
    """From here on a restored System does all that the original does, and is compared with it."""
    held = lab.system.status(lab.now)["aggregates"]["agr0"]["moves"]["held"]
    copy = restored(lab)
    table: list[str | None] = [None] * BUCKETS
    data = {port: [False, False] for port in lab.data}
    for output in copy.take():
        if isinstance(output, Assign):
            for bucket in output.buckets:
                table[bucket] = output.port
        elif isinstance(output, CollectingChanged):
            data[output.port][0] = output.on
        elif isinstance(output, DistributingChanged):
            data[output.port][1] = output.on
        else:
            assert isinstance(output, StateChanged | RoundRobin) or (held and isinstance(output, Hold))
    assert {port: tuple(flags) for port, flags in data.items()} == lab.data
    if not held:
        assert table == lab.system.distributor("agr0").table
    lab.system = Twins(lab.system, copy, not held)  # type: ignore[assignment]


@pytest.mark.parametrize("event", ["cooperation", "4 s of silence", "link down", "key", "lacp off"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_survives(name: str, event: str) -> None:
    lab = situation(name)
    before = lab.system.status(lab.now)
    fork(lab)
    assert lab.system.status(lab.now) == before
    EVENTS[event](lab, "re0")
    lab.run(7.0)


steps = st.tuples(
    st.sampled_from([*sorted(EVENTS), "detach"]),
    st.sampled_from(["re0", "re1", "re2"]),
    st.sampled_from([0.0, 0.1, 0.7, 2.0]),
)


@settings(max_examples=40)
@given(st.lists(steps, max_size=12), st.lists(steps, max_size=12), st.sampled_from([0.0, 0.3, None]))
def test_any_history_goes_on_as_it_would_have(
    before: list[tuple[str, str, float]],
    after: list[tuple[str, str, float]],
    answer_delay: float | None,
) -> None:
    lab = MovingLab(3, answer_delay=answer_delay)
    keep_on(lab, 3.0)
    play(lab, before)
    detaches = lab.detaching & set(lab.partners) or any(event == "detach" for event, _, _ in after)
    if lab.held and detaches:
        return  # how long a detach takes depends on its moves
    fork(lab)
    play(lab, after)
    lab.run(5.0)


def play(lab: MovingLab, history: list[tuple[str, str, float]]) -> None:
    for event, port, pause in history:
        happen(lab, event, port)
        lab.run(pause)


def test_what_was_held_is_released_to_where_it_was_to_go() -> None:
    lab = MovingLab(2, answer_delay=None)
    lab.link("re1", False)
    keep_on(lab, 4.0)
    lab.link("re1", True)
    keep_on(lab, 2.0)
    assert lab.held
    outputs = restored(lab).take()
    assigned = {o.port: set(o.buckets) for o in outputs if isinstance(o, Assign)}
    assert set(lab.held) <= assigned["re1"]
    assert sum(map(len, assigned.values())) == BUCKETS
    (next_one,) = [o for o in outputs if isinstance(o, Hold)]
    assert not set(lab.held) & set(next_one.buckets)


def test_a_planned_detach_goes_on() -> None:
    lab = MovingLab(2)
    keep_on(lab, 10.0)
    lab.detach("re0")
    lab.run(0.2)
    copy = restored(lab)
    end = lab.now + 4.0
    outputs: list[Output] = []
    while (deadline := copy.deadline()) is not None and deadline <= end:
        copy.advance(deadline)
        for output in copy.take():
            outputs.append(output)
            if isinstance(output, Hold):
                copy.held(deadline, "agr0")
    assert Detachment("re0") in outputs


def test_the_first_pdu_is_consistent_with_the_last_one() -> None:
    lab = up_lab(2, timeout="short")
    last = [sent for sent in lab.sent if sent.port == "re0"][-1]
    copy = restored(lab, later=1.0)
    copy.take()
    copy.configure(lab.now + 1.0, "agr0", "collector-max-delay", "1")
    frames = [o.frame for o in copy.take() if isinstance(o, Transmit) and o.port == "re0"]
    first = lacpdu.decode(frames[0])
    assert (first.actor, first.partner) == (last.pdu.actor, last.pdu.partner)
    assert frames[0][:14] == last.frame[:14]


@pytest.mark.parametrize("dead", [0.5, 2.9, 10.0, 3600.0])
def test_a_partner_is_given_time_to_be_heard_again(dead: float) -> None:
    lab = up_lab(2, timeout="short")
    copy = restored(lab, later=dead)
    now = lab.now + dead
    copy.take()
    copy.advance(now + Short_Timeout_Time - 0.001)
    assert all(copy.collecting(port) for port in ("re0", "re1"))
    copy.advance(now + Short_Timeout_Time + 0.1)
    assert not any(copy.collecting(port) for port in ("re0", "re1"))


def test_what_ran_out_meanwhile_is_due_at_once_and_once() -> None:
    lab = up_lab(1, timeout="short")
    copy = restored(lab, later=600.0)
    copy.take()
    assert copy.deadline() == lab.now + 600.0
    copy.advance(lab.now + 600.0)
    assert len([o for o in copy.take() if isinstance(o, Transmit)]) == 1


def test_port_numbers_and_limits_outlive_a_port() -> None:
    lab = up_lab(2)
    lab.remove("re0")
    copy = restored(lab)
    copy.take()
    copy.add_port(lab.now, "re7", b"\2\0\0\0\0\7", "agr0")
    copy.add_port(lab.now, "re0", b"\2\0\0\0\0\0", "agr0")
    ports = copy.status(lab.now)["aggregates"]["agr0"]["ports"]
    assert (ports["re7"]["number"], ports["re0"]["number"]) == (3, 1)


def test_only_an_empty_system_takes_over() -> None:
    lab = up_lab(1)
    with pytest.raises(ValueError, match="configured"):
        lab.system.restore(lab.now, saved(lab))


def broken(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    found = saved(up_lab(1))
    change(found)
    return {**found, "checksum": checksum(found)}


def agr0(found: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = found["aggregators"][0]
    return part


def re0(found: dict[str, Any]) -> dict[str, Any]:
    port: dict[str, Any] = agr0(found)["ports"][0]
    return port


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "version": lambda s: s.update(version=0),
    "no version": lambda s: s.pop("version"),
    "no ports": lambda s: agr0(s).pop("ports"),
    "a variable less": lambda s: re0(s).pop("NTT"),
    "a variable more": lambda s: re0(s).update(unknown=1),
    "another type": lambda s: re0(s).update(NTT="yes"),
    "an unknown state": lambda s: re0(s).update(mux_state={"MuxState": "FLYING"}),
    "an unknown kind": lambda s: re0(s).update(mux_state={"Thing": 1}),
    "no limits": lambda s: re0(s).update(limits={"Timer": {"deadline": None, "expired": False}}),
    "a port twice": lambda s: agr0(s)["ports"].append(re0(s)),
    "a short table": lambda s: agr0(s)["moves"].update(target={"table": [["re0"], "000"]}),
    "text": lambda s: s.update(aggregators="none"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_snapshot_that_cannot_be_read(what: str) -> None:
    system = System()
    with pytest.raises(ValueError, match=r"saved state"):
        system.restore(2000.0, broken(BROKEN[what]))
    assert system.status(2000.0)["aggregates"] == {}
    assert system.take() == []


@settings(max_examples=200)
@given(st.data())
def test_a_snapshot_with_any_part_replaced(data: st.DataObject) -> None:
    """It is refused."""
    found = saved(up_lab(1))
    place: Any = found
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, dict | list) or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(
        st.sampled_from([None, 0, -1, "x", [], {}, [None], {"tuple": []}]).filter(lambda v: v != place[key])
    )
    system = System()
    with pytest.raises(ValueError, match=r"saved state"):
        system.restore(2000.0, found)
    assert system.status(2000.0)["aggregates"] == {}
    assert system.take() == []
