"""Who aggregates with whom: priorities, keys, channel groups and ports that change, at either end of a LAG.

agr0 ===== re0, re1 ===== channel group of the switch        T2
"""

from __future__ import annotations

from collections.abc import Callable

from harness.case import Case, claims, lacpdu, where
from harness.case.ends import Ends, ends_of, says, setting
from harness.pdu import Frame, State
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.wire.wire import Wire
from testcases.conformance.interop.needs import NEGOTIATION
from testcases.conformance.interop.test_roles import gives_up, pair

HEEDED = SHORT_TIMEOUT_TIME + 2 * FAST_PERIODIC_TIME
"""Seconds in which a switch says what was changed on it."""

LONGER = AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME
"""Seconds in which a link that is selected is in use, and shows it."""

NEW = "its new priority"

OUT_OF_SYNC = lacpdu(Synchronization=0)


def undisturbed(case: Case, wire: Wire, since: float, row: str) -> None:
    """FAIL where the implementation has said meanwhile that a link is out of sync."""
    out = [frame for frame in wire.received(since) if OUT_OF_SYNC(frame)]
    case.check(not out, f"{wire.name} in sync all the time", out[0].text() if out else "", row=row)


@claims(
    "CF-03", "SL-01", "MG-05", switch_wires=2, seconds=14,
    needs=[*NEGOTIATION, "set_system_priority", "while_running:system-priority"], whole=["system-priority"],
)  # fmt: skip
def test_own_system_priority(case: Case) -> None:
    """The implementation's system priority changes: another LAG ID, that both ends come to"""
    with ends_of(case, pair(case), timeout="short", system_priority=0x4001) as ends:
        ends.settle("SL-01")
        ends.aggregate.set("system-priority", 0x4002)
        for wire in ends.wires:
            case.expect(wire, lacpdu(system_priority=0x4002), within=FAST_PERIODIC_TIME, row="CF-03")
        ends.settle("CF-03")


@claims(
    "RX-24",
    "SL-01",
    "MG-05",
    switch_wires=2,
    seconds=15,
    needs=[*NEGOTIATION, "switch:system-priority"],
    whole=["switch"],
)
def test_system_priority_of_the_switch(case: Case) -> None:
    """The switch's system priority changes: the ports are unselected, and attach to another LAG ID"""
    with ends_of(case, pair(case), timeout="short") as ends:
        ends.settle("SL-01")
        since = case.now()
        with setting("system-priority"):
            ends.lag.switch.set_system_priority(0x4003)
        for wire in ends.wires:
            told = says(
                case, wire, lambda info: info.system_priority == 0x4003, "its new priority", HEEDED, since
            )
            case.expect(wire, OUT_OF_SYNC, since=told.time, within=PROMPT, row="RX-24")
        ends.settle("SL-01")


@claims("CF-04", "SL-01", "MG-05", switch_wires=2, seconds=14, needs=[*NEGOTIATION, "set_port_priority"])
def test_own_port_priority(case: Case) -> None:
    """A port's own priority changes: the other link stays, and both are one LAG in the end"""
    stays, changed = pair(case)
    with ends_of(case, [stays, changed], timeout="short") as ends:
        ends.settle("SL-01")
        since = case.now()
        ends.aggregate.set("port-priority", 0x0123, port=changed.port)
        within = case.now() - since + FAST_PERIODIC_TIME
        case.expect(changed, lacpdu(port_priority=0x0123), since=since, within=within, row="CF-04")
        ends.settle("SL-01")
        undisturbed(case, stays, since, "CF-04")


@claims("SL-05", "RX-24", "MG-05", switch_wires=2, seconds=14, needs=[*NEGOTIATION, "switch:port-priority"])
def test_port_priority_of_the_switch(case: Case) -> None:
    """The priority of a port of the switch changes: it is attached anew, and both are one LAG in the end"""
    stays, changed = pair(case)
    with ends_of(case, [stays, changed], timeout="short") as ends:
        ends.settle("SL-05")
        since = case.now()
        with setting("port-priority"):
            ends.lag.switch.set_port_priority(ends.lag.ports[changed.name], 0x0456)
        told = says(
            case, changed, lambda info: info.port_priority == 0x0456, "its new priority", HEEDED, since
        )
        case.expect(changed, OUT_OF_SYNC, since=told.time, within=PROMPT, row="RX-24")
        ends.settle("SL-05")
        if not any(State.Synchronization not in info for info in _said_by_the_switch(stays, since)):
            undisturbed(case, stays, since, "SL-05")


def _said_by_the_switch(wire: Wire, since: float) -> list[State]:
    return [f.actor.state for f in wire.frames if f.sent and f.is_lacpdu and f.time >= since]


@claims(
    "SL-25",
    "SL-01",
    "MG-05",
    switch_wires=2,
    seconds=14,
    needs=[*NEGOTIATION, "set_key", "while_running:key"],
)
def test_own_key(case: Case) -> None:
    """The implementation's key changes: its ports are unselected, and both ends come to another LAG ID"""
    first, other = case.key(0x11), case.key(0x12)
    with ends_of(case, pair(case), timeout="short", key=first) as ends:
        ends.settle("SL-01")
        said = {wire.name: ends.own_id(wire)[2] for wire in ends.wires}
        since = case.now()
        ends.aggregate.set("key", other)
        for wire in ends.wires:
            new = where("an LACPDU with another key", _with_other_key(said[wire.name]))
            case.expect(wire, new, since=since, within=case.now() - since + FAST_PERIODIC_TIME, row="SL-25")
            case.expect(wire, OUT_OF_SYNC, since=since, within=case.now() - since + PROMPT, row="SL-25")
        ends.settle("SL-01")


def _with_other_key(key: int) -> Callable[[Frame], bool]:
    return lambda frame: frame.is_lacpdu and frame.actor.key != key


@claims(
    "SL-04", "SL-09", "MG-05", switch_wires=2, seconds=24,
    needs=[*NEGOTIATION, "switch:leave", "switch:mode"],
)  # fmt: skip
def test_port_moves_to_another_channel_group(case: Case) -> None:
    """A port of the switch moves to another channel group, and back: with another key it is not in the LAG"""
    stays, moved = pair(case)
    with ends_of(case, [stays, moved], timeout="short") as ends:
        ends.settle("SL-09")
        lag, port = ends.lag, ends.lag.ports[moved.name]
        key, since = ends.link(moved).switch.actor.key, case.now()
        with setting("leave"):
            lag.switch.leave_lag([port])
            lag.switch.make_lag([port], _another_group(lag.switch.lags()), "active", "fast")
        says(case, moved, lambda info: info.key != key, "another key", HEEDED, since)
        case.run_for(LONGER)
        ends.settle("SL-04", [stays])
        undisturbed(case, stays, since, "SL-09")
        since_back = case.now()
        with setting("leave"):
            lag.switch.leave_lag([port])
            lag.switch.make_lag([port], lag.group, "active", "fast")
        says(case, moved, lambda info: info.key == key, "the key that it had", HEEDED, since_back)
        ends.settle("SL-09")


def _another_group(used: list[int]) -> int:
    return next(number for number in range(1, len(used) + 2) if number not in used)


@claims("CF-05", "SL-01", "MG-05", switch_wires=2, seconds=23, needs=[*NEGOTIATION, "control"])
def test_port_leaves_and_comes(case: Case) -> None:
    """The implementation gives a port up, and takes it back: the switch follows, and the other link stays"""
    stays, leaves = pair(case)
    with ends_of(case, [stays, leaves], timeout="short") as ends:
        ends.settle("SL-01")
        since = case.now()
        ends.aggregate.remove(leaves.port)
        done = case.now()
        ends.wires = [stays]
        if case.pics.farewell:
            within = done - since + PROMPT
            case.expect(leaves, OUT_OF_SYNC, since=since, within=within, row="CF-05")
        quiet = where("an LACPDU", lambda frame: frame.is_lacpdu)
        case.never(leaves, quiet, since=done + PROMPT, during=2 * FAST_PERIODIC_TIME, row="CF-05")
        gives_up(case, ends.lag, leaves)
        ends.settle("SL-01")
        ends.aggregate.add(leaves.port)
        ends.wires = [stays, leaves]
        ends.settle("SL-01")
        undisturbed(case, stays, since, "SL-01")


@claims("SL-24", "LF-24", "MG-05", switch_wires=2, seconds=20, needs=[*NEGOTIATION, "individual"])
def test_individual(case: Case) -> None:
    """An individual port says so, and shares no LAG; when it may aggregate, it is in the LAG"""
    aggregates, alone = pair(case)
    with ends_of(case, [aggregates, alone], timeout="short") as ends:
        ends.settle("SL-24")
        since = case.now()
        ends.aggregate.set("individual", True, port=alone.port)
        case.expect(alone, lacpdu(Aggregation=0), since=since, within=case.now() - since + FAST_PERIODIC_TIME,
                    row="LF-24")  # fmt: skip
        case.run_for(LONGER)
        begin = case.now()
        case.run_for(2 * FAST_PERIODIC_TIME)
        used = [wire.name for wire in ends.wires if _distributes(wire, begin)]
        words = "an individual link and another one are not in use together"
        case.check(len(used) <= 1, words, used, row="SL-24", window=(begin, case.now()))
        ends.aggregate.set("individual", False, port=alone.port)
        case.expect(alone, lacpdu(Aggregation=1), within=FAST_PERIODIC_TIME, row="LF-24")
        ends.settle("SL-24")


def _distributes(wire: Wire, since: float) -> bool:
    """Whether the implementation has said so."""
    return any(map(lacpdu(Distributing=1), wire.received(since)))


@claims("SL-07", "SL-13", "MG-05", switch_wires=2, seconds=16, needs=[*NEGOTIATION, "several_aggregates"])
def test_two_aggregates(case: Case) -> None:
    """Two aggregates on one channel group are two LAGs, and each is in use only where the switch agrees"""
    wires = pair(case)
    with ends_of(case, wires[:1], timeout="short") as ends:
        lag = ends.lag
        ends.settle("SL-07")
        other = case.aggregate(wires[1:], "agr1", timeout="short")
        second = Ends(case, lag, other, wires[1:])
        port = lag.switch.port_name(case.bench.lab.wire(wires[1].name).switch_port or "")
        lag.switch.make_lag([port], lag.group, "active", "fast")
        lag.ports[wires[1].name] = port
        case.run_for(LONGER + 2 * FAST_PERIODIC_TIME)
        ids = {one.aggregate.name: one.own_id(one.wires[0]) for one in (ends, second)}
        case.check(len(set(ids.values())) == 2, "another system or key for each aggregate", ids, row="SL-13")
        judged = [one.follows("SL-07") for one in (ends, second)]
        if not any(judged):
            case.nothing_to_judge(
                "the switch is in sync with both aggregates, and collects from none", row="SL-07"
            )
