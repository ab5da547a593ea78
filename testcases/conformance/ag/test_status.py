"""The status that agrconfig prints, as ifconfig(8) does: compared with the wire."""

from __future__ import annotations

from harness.case import Case, Match, Premise, any_lacpdu, claims, lacpdu, status_as_told, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.pdu import PortInfo
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.wire.station import Station

NEITHER = lacpdu(Collecting=0, Distributing=0)
COLLECTING = lacpdu(Collecting=1, Distributing=0)
DISTRIBUTING = lacpdu(Collecting=1, Distributing=1)

COUNTERS = (
    "LACPDUsRx", "LACPDUsTx", "MarkerPDUsRx", "MarkerPDUsTx", "MarkerResponsePDUsRx", "MarkerResponsePDUsTx",
    "UnknownRx", "IllegalRx",
)  # fmt: skip
"""30.7.3.1."""

COUNTED = {"LACPDUs", "Markers", "Responses", "unknown", "illegal"}
"""The same in the words of a person."""


def lines(case: Case, command: str) -> list[str]:
    """What a command prints, each line without its indent."""
    return [line.strip() for line in case.dut.run(command).splitlines()]


def words(line: str) -> list[str]:
    """The words of a line, without the punctuation behind them."""
    return [word.rstrip(",:;") for word in line.split()]


def shows(case: Case, station: Station, state: Match, flags: str, missed: Premise) -> None:
    """FAIL unless the status says of the port what its LACPDUs say, in words and in JSON.

    The partner keeps it in that state; ``missed`` is the row of the step to it.
    """
    case.expect(station, state, within=BRING_UP_TIME, premise=missed)
    line = f"agrport: {station.wire.port}, flags={flags}"
    for command in ("agrconfig agr0", "agrconfig agr0 -v"):
        seen = lines(case, command)
        case.check(line in seen, f"`{command}` with the line `{line}`", "; ".join(seen), row="AG-17")
    status_as_told(case, case.dut.existing("agr0"), [station.wire], "MG-05")


@claims(
    "AG-17",
    "MG-05",
    wires=1,
    needs=["agr(4)", "independent_control", "short_timeout"],
    whole=["names"],
    seconds=9,
)
def test_status(case: Case) -> None:
    """The status has a line a port, whose flags, actor and partner are those on the wire"""
    station = case.station(case.wires[0], Synchronization=0, Collecting=0, Distributing=0)
    station.start()
    case.aggregate(case.wires[:1], **case.control("independent"))
    shows(case, station, NEITHER, "0x0<>", "MX-05")
    station.change(Synchronization=1)
    shows(case, station, COLLECTING, "0x1<COLLECTING>", "MX-06")
    station.change(Collecting=1, Distributing=1)
    shows(case, station, DISTRIBUTING, "0x3<COLLECTING,DISTRIBUTING>", step_missed)


@claims("AG-17", wires=1, needs=["agr(4)", "independent_control"], whole=["names"], seconds=7)
def test_verbose_status(case: Case) -> None:
    """With -v the status adds actor, partner, the machines' states and the counters of 30.7"""
    station = case.bundle(1, **case.control("independent")).station
    frame = case.expect(station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME, premise="PT-01")
    brief, verbose = lines(case, "agrconfig agr0"), lines(case, "agrconfig agr0 -v")
    case.check(set(brief) < set(verbose), "all that is said without -v, and more", "; ".join(verbose))
    for name, info in {"actor": frame.actor, "partner": frame.partner}.items():
        right = any(words(line)[:1] == [name] and {*told(info)} <= {*words(line)} for line in verbose)
        case.check(right, f"a line of {name} with {' '.join(told(info))}", "; ".join(verbose))
    said = {word for line in verbose for word in words(line)}
    machines = {"CURRENT", "DISTRIBUTING", "SELECTED", "FAST_PERIODIC"}
    for wanted, what in ((machines, "states"), (COUNTED, "counters")):
        case.check(wanted <= said, f"the {what} {' '.join(sorted(wanted))}", "; ".join(verbose))


@claims("AG-17", wires=2, needs=["agr(4)", "static_aggregation"], whole=["names"], seconds=9)
def test_json(case: Case) -> None:
    """The JSON status has what -v says: machine states, counters, and the flags of the interface"""
    lag = case.bundle(2)
    verbose = {word for line in lines(case, "agrconfig agr0 -v") for word in words(line)}
    for name, port in lag.aggregate.status().ports.items():
        states = set(port.states.values())
        case.check(states <= verbose, f"states of {name} in -v as in JSON", f"{sorted(states - verbose)} not")
        case.equal(set(port.counters), set(COUNTERS), f"counters of {name} in JSON:")
        case.check(port.counters["LACPDUsTx"] > 0, f"LACPDUs sent on {name} counted", dict(port.counters))
    for variable, flag in {"round-robin": "LINK0", "static": "LINK1"}.items():
        for on in (True, False):
            lag.aggregate.set(variable, on)
            (first, *_) = lines(case, "agrconfig agr0")
            case.equal(flag in first, on, f"{flag} in `{first}`:")
            case.equal(lag.aggregate.get(variable), on, f"{variable} in JSON:")


AGGREGATOR = {
    "MACAddress", "ActorSystemID", "ActorSystemPriority", "ActorAdminKey", "ActorOperKey", "PartnerSystemID",
    "PartnerSystemPriority", "PartnerOperKey", "OperState", "DataRate", "CollectorMaxDelay",
    "AggregateOrIndividual", "PortList",
}  # fmt: skip
PORT = {
    "ActorAdminKey", "ActorAdminState", "SelectedAggID", "AttachedAggID", "AggregateOrIndividual",
    "PartnerAdminSystemPriority", "PartnerAdminSystemID", "PartnerAdminKey", "PartnerAdminPortPriority",
    "PartnerAdminPort", "PartnerAdminState",
}  # fmt: skip
STATES = {"receive", "periodic", "mux", "selected", "actor_churn", "partner_churn"}
"""Objects of 30.7.1.1 and 30.7.2.1, and machines with a state, that agrconfig(8) has."""


@claims(
    "AG-17", wires=1, needs=["agr_manual", "aggregator", "aggregation_port", "states", "speeds"], seconds=6
)
def test_objects(case: Case) -> None:
    """The JSON status leaves out none of the objects of 30.7 that agrconfig(8) has"""
    case.wires[0].negotiate(1000)  # the data rate is not told where a speed is not known
    lag = case.bundle()
    said = lag.aggregate.status()
    port = said.ports[lag.station.wire.port]
    for words, wanted, seen in (
        ("of the Aggregator", AGGREGATOR, said.objects),
        ("of the port", PORT, port.objects),
        ("of the port's machines", STATES, port.states),
    ):
        case.check(wanted <= {*seen}, f"{words}: {', '.join(sorted(wanted))}", ", ".join(sorted(seen)))


@claims("AG-17", wires=1, needs=["agr_manual", "get", "round_robin", "static_aggregation",
                                 "while_running:round-robin", "while_running:static"], seconds=6)  # fmt: skip
def test_flags(case: Case) -> None:
    """The JSON status has the flags that are set, and no other"""
    aggregate = case.aggregate(case.wires[:1])
    for static in (False, True, False):
        aggregate.set("static", static)
        for round_robin in (True, False):
            aggregate.set("round-robin", round_robin)
            said = aggregate.get("static"), aggregate.get("round-robin")
            case.equal(said, (static, round_robin), "static, round-robin:")


def told(info: PortInfo) -> list[str]:
    """The words in which a line tells an identity."""
    return [info.system, *map(str, (info.system_priority, info.key, info.port_priority, info.port))]
