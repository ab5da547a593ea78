"""The objects of an Aggregation Port (30.7.2.1), compared with the wire and with what an operator has set."""

from __future__ import annotations

from operator import eq

from harness.case import Case, agreement, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.dut.abilities import CHOICES
from harness.dut.implementation import Aggregate
from harness.pdu import State
from harness.profile.constants import PROMPT
from harness.wire.wire import Wire
from testcases.conformance.mg.managed import port, says
from testcases.conformance.mx.test_collecting import collecting

KEY = 0x0305


def attached(case: Case, aggregate: Aggregate, wire: Wire, row: str) -> None:
    """FAIL unless the port is attached to its Aggregator while its LACPDUs say Synchronization, and only
    then, and has selected it where it is attached."""
    read = port(aggregate, wire)
    if "AttachedAggID" not in read():
        case.nothing_to_judge("AttachedAggID cannot be read", row=row)
        return

    def shown(until: float) -> bool:
        own = [f for f in wire.received() if f.is_lacpdu and f.time <= until]
        return bool(own) and State.Synchronization in own[-1].actor.state

    def told() -> bool:
        said = read()
        selected = said.get("SelectedAggID", aggregate.name) == aggregate.name
        return said["AttachedAggID"] == aggregate.name and selected

    found = agreement(case, [wire], told, shown, eq, PROMPT)
    words = f"{'attached to' if found.after else 'not attached to'} {aggregate.name}, as the LACPDUs have it"
    said = {name: value for name, value in read().items() if name.endswith("AggID")}
    case.check(found.right, words, f"{'attached' if found.said else 'not attached'}: {said}", row=row)


@claims("MG-18", wires=2, needs=["aggregation_port"], seconds=25)
def test_selected_and_attached(case: Case) -> None:
    """A port is attached to its Aggregator while it is in sync, and has selected it then"""
    first, second = (case.station(wire) for wire in case.wires[:2])
    later = case.can("control")  # a port without a partner may have taken the Aggregator
    aggregate = case.aggregate(case.wires[: 1 if later else 2])
    first.start()
    attached(case, aggregate, first.wire, "MG-18")
    case.expect(first, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise="MX-02")
    attached(case, aggregate, first.wire, "MG-18")
    case.distributing([first])
    second.change(key=second.info.key + 1)
    second.start()
    if later:
        aggregate.add(second.wire.port)
    case.expect(second, lacpdu(partner={"key": second.info.key}), within=BRING_UP_TIME, premise="LF-26")
    case.run_for(BRING_UP_TIME)
    attached(case, aggregate, second.wire, "MG-18")
    said = second.say(key=first.info.key)
    attached(case, aggregate, second.wire, "MG-18")
    joined = lacpdu(Synchronization=1)
    case.expect(second, joined, since=said.time, within=BRING_UP_TIME, premise="MX-02")
    attached(case, aggregate, second.wire, "MG-18")
    said = first.say(key=first.info.key + 1)
    case.expect(first, lacpdu(Synchronization=0), since=said.time, within=PROMPT, premise="RX-24")
    attached(case, aggregate, first.wire, "MG-18")


@claims("MG-18", wires=1, needs=["aggregation_port", "independent_control"], seconds=8)
def test_attached_while_it_collects(case: Case) -> None:
    """A port is attached also while it only collects, since its partner is in sync and does not collect"""
    station, aggregate = collecting(case)
    attached(case, aggregate, station.wire, "MG-18")


@claims("MG-18", wires=1, needs=["aggregation_port"], seconds=8)
def test_attached_to_a_partner_out_of_sync(case: Case) -> None:
    """A port is attached also while its partner is not in sync, and it neither collects nor distributes"""
    lag = case.bundle()
    said = lag.station.say(Synchronization=0, Collecting=0, Distributing=0)
    out = lacpdu(Synchronization=1, Collecting=0, Distributing=0)
    case.expect(lag.station, out, since=said.time, within=PROMPT, premise="MX-11")
    attached(case, lag.aggregate, case.wires[0], "MG-18")


@claims("MG-18", wires=1, needs=["aggregation_port", "coupled_control"], seconds=8)
def test_attached_with_coupled_control(case: Case) -> None:
    """With coupled control, too, a port that distributes is attached"""
    lag = case.bundle(**case.control("coupled"))
    attached(case, lag.aggregate, case.wires[0], "MG-18")


@claims("MG-19", wires=1, needs=["aggregation_port"], seconds=14)
def test_administration(case: Case) -> None:
    """The administrative key and state are what the operator has set, whatever the partner says"""
    own = {"key": case.key(KEY)} if case.can("set_key") else {}
    lag = case.bundle(1, **own)
    read = port(lag.aggregate, case.wires[0])
    if own:
        says(case, read, {"ActorAdminKey": own["key"]}, "as the operator has set it")

    def states(**bits: bool) -> None:
        """The bits that are known."""
        found = read().get("ActorAdminState")
        if not isinstance(found, int):
            case.nothing_to_judge("ActorAdminState cannot be read")
            return
        seen = {name: bool(State(found) & State[name]) for name in bits}
        case.equal(seen, bits, f"ActorAdminState {State(found).text()}:")

    states(Activity=True, Aggregation=True)
    for variable, values, bit in (
        ("timeout", {"short": True, "long": False}, "Timeout"),
        ("activity", {"passive": False, "active": True}, "Activity"),
    ):
        words = [f"while_running:{variable}", *(CHOICES[variable][value] for value in values)]
        for value, on in values.items() if all(map(case.can, words)) else ():
            lag.aggregate.set(variable, value)
            case.run_for(PROMPT)
            states(**{bit: on})
    says(case, read, {"AggregateOrIndividual": True}, "a port that may aggregate")


@claims("MG-19", wires=1, needs=["aggregation_port", "individual", "while_running:individual"], seconds=8)
def test_individual(case: Case) -> None:
    """A port that an operator has made Individual is not able to aggregate"""
    lag = case.bundle()
    lag.aggregate.set("individual", True, port=case.wires[0].port)
    case.expect(lag.station, lacpdu(Aggregation=0), within=BRING_UP_TIME, premise="LF-24")
    says(case, port(lag.aggregate, case.wires[0]), {"AggregateOrIndividual": False}, "an Individual port")


@claims("MG-20", wires=1, needs=["aggregation_port"], seconds=8)
def test_partner_admin(case: Case) -> None:
    """The administrative values of the partner are the declared defaults, also while a partner is heard"""
    lag = case.bundle()
    declared = case.partner_defaults
    wanted = {
        "PartnerAdminSystemPriority": declared.system_priority,
        "PartnerAdminSystemID": declared.system,
        "PartnerAdminKey": declared.key,
        "PartnerAdminPortPriority": declared.port_priority,
        "PartnerAdminPort": declared.port,
        "PartnerAdminState": int(declared.state),
    }
    says(case, port(lag.aggregate, case.wires[0]), wanted, "as declared")
