"""Who sends an LACPDU: system, port and key (43.3.2, 43.3.4, 43.3.5), Collector_Max_Delay (43.4.2.2)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame
from harness.profile.constants import COLLECTOR_MAX_DELAY_UNIT, FAST_PERIODIC_TIME
from harness.verdict import ImplementationRefused
from testcases.conformance.lf.capture import ALONE, TOGETHER, introduction, look

LONG_CAPTURE, WHOLE_CAPTURE = 60.0, 300.0
"""Seconds, as LF-16 and LF-20 say."""

FLAPS = 3

MAX_DELAY = 0x1234
"""Tens of microseconds, 46.6 ms."""


def system(frame: Frame) -> tuple[int, str]:
    """Actor_System_Priority and Actor_System."""
    return frame.actor.system_priority, frame.actor.system


@claims("LF-16", wires=2, seconds=69)
def test_system_of_members(case: Case) -> None:
    """Actor_System_Priority and Actor_System are equal on all ports of an aggregate"""
    seen = introduction(case, members=len(case.wires[: case.pics.max_ports]), during=LONG_CAPTURE)
    first = system(next(iter(seen.values()))[0])
    for wire, frames in seen.items():
        for frame in frames:
            case.equal(system(frame), first, f"priority and system on {wire}")


@claims("LF-17", wires=1, looks_at=ALONE, seconds=6)
def test_system_address(case: Case) -> None:
    """Actor_System is an individual, non-zero MAC address"""
    for frame in look(case)[case.wires[0].name]:
        octets = bytes.fromhex(frame.actor.system.replace(":", ""))
        case.check(any(octets), "Actor_System other than zero", frame.actor.system)
        case.check(not octets[0] & 1, "Actor_System with I/G bit 0", frame.actor.system)
    administered = "locally" if octets[0] & 2 else "universally"
    case.report(f"Actor_System {frame.actor.system} is {administered} administered")


@claims("LF-18", wires=1, looks_at=ALONE, seconds=6)
def test_port_number(case: Case) -> None:
    """Actor_Port is not zero"""
    for frame in look(case)[case.wires[0].name]:
        case.check(frame.actor.port != 0, "Actor_Port other than 0", frame.actor.port)


@claims("LF-30", wires=1, looks_at=ALONE, seconds=6)
def test_key_is_not_null(case: Case) -> None:
    """Actor_Key is not zero"""
    for frame in look(case)[case.wires[0].name]:
        case.check(frame.actor.key != 0, "Actor_Key other than 0", frame.actor.key)


@claims("LF-30", wires=1, needs=["set_key", "while_running:key"], seconds=8)
def test_null_key(case: Case) -> None:
    """A key of zero is refused, or another one is sent"""
    station = case.station(case.wires[0])
    aggregate = case.aggregate([station.wire])
    station.start()
    try:
        aggregate.set("key", 0)
    except ImplementationRefused as refused:
        case.report(f"key 0: {refused}")
    for frame in case.lacpdus([station], during=3 * FAST_PERIODIC_TIME)[station.wire.name]:
        case.check(frame.actor.key != 0, "Actor_Key other than 0", frame.actor.key)


@claims("LF-19", wires=2, seconds=8)
def test_port_numbers_differ(case: Case) -> None:
    """Actor_Port is unique for each port of a system"""
    owner: dict[tuple[tuple[int, str], int], str] = {}
    for wire, frames in introduction(case, members=len(case.wires[: case.pics.max_ports])).items():
        for frame in frames:
            first = owner.setdefault((system(frame), frame.actor.port), wire)
            case.equal(first, wire, f"the one wire with Actor_Port {frame.actor.port}:")


@claims("LF-20", wires=2, needs=["cut"], seconds=76)
def test_port_numbers_stay(case: Case) -> None:
    """Actor_Port is constant on its cable, through three flaps too"""
    captured = case.form(full=WHOLE_CAPTURE, short=LONG_CAPTURE)
    case.report("over a restart of the implementation: not observed")
    lag = case.bundle(2)
    wire, since = case.wires[0], case.now()
    for _ in range(FLAPS):
        wire.cut()
        case.run_for(FAST_PERIODIC_TIME)
        wire.restore()
        case.expect(wire, any_lacpdu(), within=BRING_UP_TIME, premise="PT-10")
        case.run_for(captured / FLAPS - FAST_PERIODIC_TIME)
    for name, frames in case.lacpdus(lag.stations, since=since, during=captured).items():
        for frame in frames:
            case.equal(frame.actor.port, frames[0].actor.port, f"Actor_Port on {name}")


@claims("LF-21", wires=4, needs=["several_aggregates"], seconds=14)
def test_keys(case: Case) -> None:
    """System priority, system and key are equal for ports that may aggregate, and differ for others"""
    case.report("may not aggregate: ports of two aggregates; speeds are not mixed here")
    wires = {"agr0": case.wires[:2], "agr1": case.wires[2:4]}
    tuples = {}
    for name, pair in wires.items():
        stations = [case.station(wire) for wire in pair]
        case.aggregate(pair, name)
        for station in stations:
            station.start()
        seen = case.lacpdus(stations, during=4 * FAST_PERIODIC_TIME)
        found = {(*system(frame), frame.actor.key) for frames in seen.values() for frame in frames}
        case.equal(len(found), 1, f"different (system priority, system, key) on the two ports of {name}:")
        tuples[name] = found.pop()
    case.check(tuples["agr0"] != tuples["agr1"], "another (system priority, system, key) for agr1",
               tuples["agr1"])  # fmt: skip


@claims("LF-25", wires=2, looks_at=TOGETHER, seconds=7)
def test_collector_max_delay(case: Case) -> None:
    """Collector_Max_Delay is the same in all LACPDUs"""
    frames = [frame for frames in look(case, members=2).values() for frame in frames]
    for frame in frames:
        case.equal(frame.collector_max_delay, frames[0].collector_max_delay, "Collector_Max_Delay")
    value = frames[0].collector_max_delay * COLLECTOR_MAX_DELAY_UNIT
    case.within(value * 1e6, None, None, "Collector_Max_Delay", "us", id="collector-max-delay")


@claims("LF-25", wires=1, needs=["agr_manual"], seconds=6)
def test_collector_max_delay_as_set(case: Case) -> None:
    """Collector_Max_Delay that an operator sets is said in units of 10 us, in both of its octets"""
    for frame in introduction(case, collector_max_delay=MAX_DELAY)[case.wires[0].name]:
        case.equal(frame.collector_max_delay, MAX_DELAY, "Collector_Max_Delay")
