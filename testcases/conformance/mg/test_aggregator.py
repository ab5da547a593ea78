"""The objects of an Aggregator (30.7.1.1), compared with the wire and with what an operator has set."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.mg.managed import aggregator, says

DELAY = 0x0102
"""A Collector_Max_Delay, in tens of microseconds."""

KEY = 0x0304

NOBODY = {"PartnerSystemID": "00:00:00:00:00:00", "PartnerSystemPriority": 0, "PartnerOperKey": 0}

MBPS = 1000


@claims("MG-10", wires=2, needs=["aggregator"], seconds=8)
def test_identity(case: Case) -> None:
    """The aggregate's address, System, keys and delay are those that its LACPDUs and its interface have"""
    own = {"key": case.key(KEY)} if case.can("set_key") else {}
    lag = case.bundle(2, **own)
    if case.can("while_running:collector-max-delay"):
        lag.aggregate.set("collector-max-delay", DELAY)
        case.run_for(PROMPT)
    frame = case.expect(lag.station, lacpdu(Distributing=1), within=2 * FAST_PERIODIC_TIME, premise="PT-01")
    wanted = {
        "MACAddress": lag.aggregate.mac,
        "ActorSystemID": frame.actor.system,
        "ActorSystemPriority": frame.actor.system_priority,
        "ActorOperKey": frame.actor.key,
        "CollectorMaxDelay": frame.collector_max_delay,
    }
    says(case, aggregator(lag.aggregate), wanted, "as in LACPDUs")
    if own:
        says(case, aggregator(lag.aggregate), {"ActorAdminKey": own["key"]}, "as the operator has set it")


@claims("MG-11", wires=1, needs=["aggregator"], seconds=25, timeouts=1)
def test_partner(case: Case) -> None:
    """The aggregate's partner is the one whose LAG it serves, and nobody while there is none"""
    variables, timeout = case.own_timeout()
    station = case.station(case.wires[0])
    aggregate = case.aggregate([station.wire], **variables)
    read = aggregator(aggregate)
    nobody = case.partner_defaults.identity[:3] == tuple(NOBODY[name] for name in PRIORITY_SYSTEM_KEY)
    if nobody:
        says(case, read, NOBODY, "without a partner")
    station.start()
    for change in ({}, {"key": station.info.key + 1}, {"system": "02:00:5e:00:53:99", "system_priority": 3}):
        if change:
            said = station.say(**change)
            case.expect(station, lacpdu(Synchronization=0), since=said.time, within=PROMPT, premise="RX-24")
        case.distributing([station])
        wanted = dict(zip(PRIORITY_SYSTEM_KEY, station.info.identity[:3], strict=True))
        says(case, read, wanted, "as the partner says")
    last = station.last()
    gone = lacpdu(Defaulted=1, Distributing=0)
    case.expect(station, gone, since=last.time, within=2 * timeout + BRING_UP_TIME, premise="RX-12")
    if nobody:
        says(case, read, NOBODY, "when the partner is not heard any more")


PRIORITY_SYSTEM_KEY = ("PartnerSystemPriority", "PartnerSystemID", "PartnerOperKey")


@claims("MG-11", wires=2, needs=["aggregator", "individual", "while_running:individual"], seconds=12)
def test_aggregate_or_individual(case: Case) -> None:
    """It tells whether it is an aggregate of links that may be several, or one Individual link"""
    lag = case.bundle(2)
    says(case, aggregator(lag.aggregate), {"AggregateOrIndividual": True}, "with two links in use")
    lag.stations[1].last(Synchronization=0, Collecting=0, Distributing=0)
    for wire in case.wires[:2]:
        lag.aggregate.set("individual", True, port=wire.port)
    alone = lacpdu(Aggregation=0, Synchronization=1, Distributing=1)
    case.expect(lag.station, alone, within=BRING_UP_TIME, premise="SL-24")
    says(case, aggregator(lag.aggregate), {"AggregateOrIndividual": False}, "with one Individual link in use")


@claims("MG-12", wires=1, needs=["aggregator"], seconds=10)
def test_oper_state(case: Case) -> None:
    """The aggregate is up while a port distributes, and down while none collects"""
    station = case.station(case.wires[0], Synchronization=0, Collecting=0, Distributing=0)
    aggregate = case.aggregate([station.wire], **case.control("independent"))
    read = aggregator(aggregate)
    station.start()
    case.expect(station, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise="MX-02")
    for number in range(2):
        says(case, read, {"OperState": "down"}, "while the partner is out of sync")
        station.say(Synchronization=1)
        case.expect(station, lacpdu(Collecting=1), within=BRING_UP_TIME, premise="MX-06")
        case.report(f"{'again ' * number}while it collects: {read().get('OperState')}")
        while_collecting = {"collecting": "up", "distributing": "down"}.get(case.reading("aggregator_up"))
        if while_collecting and case.pics.independent_control:
            says(case, read, {"OperState": while_collecting}, "while a port only collects")
        station.say(Collecting=1, Distributing=1)
        case.distributing([station])
        says(case, read, {"OperState": "up"}, "while a port distributes")
        said = station.say(Synchronization=0, Collecting=0, Distributing=0)
        left = lacpdu(Collecting=0, Distributing=0)
        case.expect(station, left, since=said.time, within=PROMPT + FAST_PERIODIC_TIME, premise="MX-11")
    says(case, read, {"OperState": "down"}, "when the partner is out of sync")


@claims("MG-12", wires=1, needs=["aggregator", "agr(4)", "control"], whole=["names"], seconds=10)
def test_admin_state(case: Case) -> None:
    """The administrative state is what an operator has set the interface to"""
    lag = case.bundle()
    for state in ("up", "down", "up"):
        case.dut.run(f"ip link set dev {lag.aggregate.name} {state}")
        says(case, aggregator(lag.aggregate), {"AdminState": state}, f"set {state}")


@claims("MG-13", wires=2, needs=["aggregator"], seconds=10)
def test_port_list(case: Case) -> None:
    """The list of ports has those of the LAG, and no port of another one"""
    lag = case.bundle(2)
    first, second = lag.stations
    both = tuple(sorted(station.wire.port for station in lag.stations))
    says(case, aggregator(lag.aggregate), {"PortList": both}, "ports of the LAG")
    said = second.say(key=second.info.key + 1)
    case.expect(second, lacpdu(Synchronization=0), since=said.time, within=PROMPT, premise="RX-24")
    wanted = {"PortList": (first.wire.port,)}
    says(case, aggregator(lag.aggregate), wanted, "when the second link is of another LAG")
    second.say(key=first.info.key)
    case.distributing([second])
    says(case, aggregator(lag.aggregate), {"PortList": both}, "when it is back")


@claims("MG-14", wires=2, needs=["aggregator", "speeds"], seconds=12)
def test_data_rate(case: Case) -> None:
    """The data rate is that of one link as often as there are links in use"""
    wires = case.wires[:2]
    for wire in wires:
        wire.negotiate(MBPS)
    lag = case.bundle(2)
    second = lag.stations[1]
    for in_sync, links in ((1, 2), (0, 1), (1, 2)):
        if second.info.change(Synchronization=in_sync) != second.info:
            second.say(Synchronization=in_sync, Collecting=in_sync, Distributing=in_sync)
            missed = "MX-12" if in_sync else "MX-11"
            shown = lacpdu(Collecting=in_sync, Distributing=in_sync)
            case.expect(second, shown, within=PROMPT + 2 * FAST_PERIODIC_TIME, premise=missed)
        wanted = {"DataRate": links * MBPS * 1_000_000}
        says(case, aggregator(lag.aggregate), wanted, f"{links} links of {MBPS} Mbit/s in use")
