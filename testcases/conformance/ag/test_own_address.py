"""An address of agr0's own, and two interfaces with one address (agr(4), BUGS lifted)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT

OWN = "02:00:5e:00:53:a0"


@claims("AG-06", wires=2, needs=["agr(4)"], whole=["names"], seconds=13)
def test_own_address(case: Case) -> None:
    """A MAC address of agr0's own stays when ports come and go, and what is sent to it arrives"""
    case.dut.run(f"agrconfig agr0 create address {OWN}")
    case.dut.run("ip link set dev agr0 up")
    aggregate = case.dut.existing("agr0")
    case.equal(aggregate.mac, OWN, "address of agr0 without ports")
    stations = [case.station(wire) for wire in case.wires[:2]]
    for station in stations:
        station.start()
        aggregate.add(station.wire.port)
    case.distributing(stations)
    case.equal(aggregate.mac, OWN, "address of agr0 with ports")
    for station in stations:
        said = case.expect(station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME)
        case.check(said.source != OWN, "the port's own source address", said.source)
        (flow,) = case.conversations(1, station.wire.tap.mac)
        mark = case.now()
        station.put(bytes.fromhex(OWN.replace(":", "")) + flow.frame(0)[6:])
        found = case.until(
            lambda mark=mark: [f for f in aggregate.client.received(mark) if f.destination == OWN], PROMPT
        )
        case.check(bool(found), f"a frame to {OWN} at agr0", "none")
    aggregate.remove(stations[0].wire.port)
    case.equal(aggregate.mac, OWN, "address of agr0, the first port having left")
    case.never(stations[1], lacpdu(Synchronization=0), during=PROMPT)
    case.equal(aggregate.status().reports, (), "what agr0 has to report")


@claims("AG-06", wires=2, needs=["agr(4)"], whole=["names"], seconds=10)
def test_address_twice(case: Case) -> None:
    """When the port that lent its address leaves, it is said that two interfaces have one address"""
    lag = case.bundle(2)
    port, mac = lag.station.wire.port, lag.aggregate.mac
    lag.aggregate.remove(port)
    told = "; ".join(lag.aggregate.status().reports)
    case.check(
        port in told and mac in told, f"a report that {port} and agr0 have the address {mac}", told or "none"
    )
