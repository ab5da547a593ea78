"""Receive machine: port_moved (43.4.8, 43.4.12)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, ask, claims, lacpdu
from harness.pdu import State
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.wire.station import Station

SYSTEM = "02:00:5e:00:53:80"
"""One for two aggregates."""


def move_partner(case: Case, first: Station, second: Station) -> None:
    """The first link goes down, and its partner is heard on the second one."""
    first.silence()
    first.wire.cut()
    case.run_for(FAST_PERIODIC_TIME)
    said = second.say(port=first.info.port)
    heard = lacpdu(partner={"port": first.info.port})
    case.expect(second, heard, since=said.time, within=PROMPT, premise="LF-26")


@claims("RX-33", wires=2, needs=["cut", "active"], seconds=8)
def test_partner_on_another_port(case: Case) -> None:
    """A port whose partner was heard on another port while it was down begins anew"""
    first, second = case.bundle(2).stations
    move_partner(case, first, second)
    second.silence()
    up = case.link_up(first.wire)
    limit = up.done - up.ordered + FAST_PERIODIC_TIME
    back = case.expect(first, any_lacpdu(), since=up.ordered, within=limit)
    case.report(f"the first port is back with {back.text()}")
    if case.reading("port_moved") == "initialize":
        anew = lacpdu(Defaulted=1, Expired=1, Synchronization=0, Collecting=0, Distributing=0)
        case.check(anew(back), anew.words, back.text())
        defaults = case.partner_defaults.change(Timeout=1, Synchronization=0)  # EXPIRED
        case.equal(back.partner.text(), defaults.text(), "Partner information")


@claims("RX-33", wires=2, needs=["cut", "status", "port_moved=initialize"], seconds=11, timeouts=1)
def test_expired_port_begins_anew(case: Case) -> None:
    """A port that was Expired when it went down is Defaulted, and not Expired, when its partner has moved"""
    own, timeout = case.own_timeout()
    lag = case.bundle(2, **own)
    first, second = lag.stations
    first.last()
    case.expect(first, lacpdu(Expired=1), within=timeout + SHORT_TIMEOUT_TIME, premise="RX-08")
    first.wire.cut()
    case.run_for(FAST_PERIODIC_TIME / 5)
    said = second.say(port=first.info.port)
    heard = lacpdu(partner={"port": first.info.port})
    case.expect(second, heard, since=said.time, within=PROMPT, premise="LF-26")

    def told() -> list[str | None]:
        state = lag.aggregate.status().ports[first.wire.port].actor.state
        return [bit.name for bit in (State.Defaulted, State.Expired) if bit in state]

    ask(case, lambda: State.Defaulted.name in told(), within=PROMPT)
    case.equal(told(), [State.Defaulted.name], "of Defaulted and Expired, in the status")


@claims(
    "RX-33",
    wires=2,
    needs=["cut", "several_aggregates", "shared_system", "set_key", "status", "port_moved=initialize"],
    whole=["system-id"],
    seconds=12,
)
def test_partner_on_another_aggregate(case: Case) -> None:
    """A port that is down begins anew when its partner is heard on another aggregate of the same System"""
    first, second = (case.station(wire) for wire in case.wires[:2])
    for station in (first, second):
        station.start()
    left, _ = (
        case.aggregate([station.wire], f"agr{number}", system_id=SYSTEM, key=case.key(number + 1))
        for number, station in enumerate((first, second))
    )
    case.distributing([first, second])
    move_partner(case, first, second)

    def partner() -> int:
        return left.status().ports[first.wire.port].partner.port

    ask(case, lambda: partner() == case.partner_defaults.port, within=PROMPT)
    case.equal(partner(), case.partner_defaults.port, "the partner's port number in the status")
