"""What 30.7.4.1 counts of a port's life: how often a side came in sync, and how often its LAG changed."""

from __future__ import annotations

from collections.abc import Mapping

from harness.case import Case, claims, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Aggregate
from harness.profile.constants import PROMPT
from harness.wire.wire import Wire

COUNTS = ("ActorSyncTransitionCount", "PartnerSyncTransitionCount", "ActorChangeCount", "PartnerChangeCount")


def counts(aggregate: Aggregate, wire: Wire) -> Mapping[str, int]:
    """Those of them that can be read."""
    debug = aggregate.status().ports[wire.port].debug
    return {name: debug[name] for name in COUNTS if name in debug}


def grown(
    case: Case, before: Mapping[str, int], now: Mapping[str, int], by: tuple[int | None, ...], when: str
) -> None:
    """FAIL where what can be read has not grown by this, in the order of COUNTS; None: not judged."""
    for name, more in zip(COUNTS, by, strict=True):
        if name in before and more is not None:
            case.equal(now[name] - before[name], more, f"{name}, {when}:")


@claims("MG-06", wires=1, needs=["status", "counters"], seconds=26)
def test_changes(case: Case) -> None:
    """A side that comes in sync, and a LAG that changes, are counted once each time, and nothing else is"""
    lag = case.bundle()
    station, wire = lag.station, case.wires[0]
    case.settle()
    begun = counts(lag.aggregate, wire)
    case.run_for(2 * PROMPT)
    grown(case, begun, counts(lag.aggregate, case.wires[0]), (0, 0, 0, 0), "while nothing happens")
    said = station.say(Synchronization=0, Collecting=0, Distributing=0)
    case.expect(station, lacpdu(Collecting=0, Distributing=0), since=said.time, within=PROMPT)
    station.say(Synchronization=1, Collecting=1, Distributing=1)
    case.distributing([station])
    grown(case, begun, counts(lag.aggregate, case.wires[0]), (0, 1, 0, 0), "the partner was out of sync once")
    case.settle()
    begun = counts(lag.aggregate, wire)
    said = station.say(key=station.info.key + 1)
    case.expect(station, lacpdu(Synchronization=0), since=said.time, within=PROMPT)
    case.expect(station, lacpdu(Synchronization=1, Distributing=1), within=BRING_UP_TIME)
    case.settle()
    grown(case, begun, counts(lag.aggregate, case.wires[0]), (1, 0, 1, 1), "the partner has another key")
    begun = counts(lag.aggregate, wire)
    for other in ({"system": "02:00:5e:00:53:99"}, {"system_priority": station.info.system_priority + 1}):
        said = station.say(**other)
        case.expect(station, lacpdu(Synchronization=0), since=said.time, within=PROMPT)
        case.expect(station, lacpdu(Synchronization=1, Distributing=1), within=BRING_UP_TIME)
        case.settle()
        grown(
            case, begun, counts(lag.aggregate, case.wires[0]), (1, 0, 1, 1), "the partner is another System"
        )
        begun = counts(lag.aggregate, wire)
    said = station.say(port_priority=station.info.port_priority + 1)
    case.expect(station, lacpdu(Synchronization=0), since=said.time, within=PROMPT)
    case.expect(station, lacpdu(Synchronization=1, Distributing=1), within=BRING_UP_TIME)
    grown(
        case,
        begun,
        counts(lag.aggregate, case.wires[0]),
        (1, 0, 0, 0),
        "a port priority is in no LAG ID of several links",
    )


@claims("MG-06", wires=1, needs=["status", "counters"], seconds=8)
def test_unselected_while_waiting(case: Case) -> None:
    """A port that is unselected while it waits to attach was not in sync, and comes in sync once"""
    station = case.station(case.wires[0])
    aggregate = case.aggregate([station.wire])
    station.start()
    case.expect(station, lacpdu(partner={"Synchronization": 1}), within=BRING_UP_TIME, premise="LF-26")
    begun = counts(aggregate, station.wire)
    said = station.say(key=station.info.key + 1)
    told = lacpdu(Synchronization=0, partner={"key": station.info.key})
    case.expect(station, told, since=said.time, within=PROMPT)
    now = counts(aggregate, station.wire)
    if any(map(lacpdu(Synchronization=1), station.wire.received(said.time))):
        case.report(
            "the port was attached when the status came: what it counted while it waited is not judged"
        )
    else:
        grown(case, begun, now, (0, 0, 1, 1), "the partner has another key while the port waits")
    case.distributing([station])
    grown(case, begun, counts(aggregate, case.wires[0]), (1, 0, 1, 1), "the port is attached")


@claims(
    "MG-06",
    wires=1,
    needs=[
        "status",
        "counters",
        "individual",
        "set_port_priority",
        "while_running:individual",
        "while_running:port-priority",
    ],
    seconds=52,
)
def test_individual(case: Case) -> None:
    """The LAG ID of an Individual link has both ports in it, so a change of either is counted"""
    lag = case.bundle()
    station, wire = lag.station, case.wires[0]
    lag.aggregate.set("individual", True, wire.port)
    alone = lacpdu(Aggregation=0, Synchronization=1, Distributing=1)
    case.expect(station, alone, within=BRING_UP_TIME)
    case.settle()
    begun = counts(lag.aggregate, wire)
    station.say(port_priority=station.info.port_priority + 1)
    case.run_for(BRING_UP_TIME)
    case.expect(station, alone, within=2 * PROMPT, premise=step_missed)
    grown(
        case,
        begun,
        counts(lag.aggregate, case.wires[0]),
        (1, 0, 1, 1),
        "the partner's port has another priority",
    )
    begun = counts(lag.aggregate, wire)
    station.say(port=station.info.port + 1)
    case.run_for(BRING_UP_TIME)
    case.expect(station, alone, within=2 * PROMPT, premise=step_missed)
    grown(
        case,
        begun,
        counts(lag.aggregate, case.wires[0]),
        (1, 0, 1, 1),
        "the partner's port has another number",
    )
    begun = counts(lag.aggregate, wire)
    lag.aggregate.set("port-priority", 0x4321, port=wire.port)
    case.run_for(BRING_UP_TIME)
    case.expect(station, alone, within=2 * PROMPT, premise=step_missed)
    # A partner's LACPDU that is under way meanwhile knows the old priority, and counts as out of sync once.
    grown(
        case,
        begun,
        counts(lag.aggregate, case.wires[0]),
        (1, None, 1, 1),
        "its own port has another priority",
    )
