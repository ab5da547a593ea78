"""States of the machines as an implementation tells them (30.7.4.1), compared with the wire."""

from __future__ import annotations

from operator import eq

from harness.case import Case, Lag, Match, agreement, ask, claims, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.pdu import State
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.wire.station import Station

TOLD = 2 * FAST_PERIODIC_TIME
"""Seconds in which a port tells that a timeout is over; how soon it does is RX-08's matter."""


def says(case: Case, lag: Lag, *wanted: dict[str, str], row: str, over: Match | None = None) -> None:
    """FAIL unless the status comes to tell these states, or others that are as right.

    They may be `over`, by an LACPDU on the wire, before a slow host gives the status: this is reported then.
    """
    since = case.now()
    seen: dict[str, str | None] = {}

    def told() -> bool:
        states = lag.aggregate.status().ports[lag.station.wire.port].states
        seen.update({name: states.get(name) for name in wanted[0]})
        return seen in wanted

    words = " or ".join(map(str, wanted))
    if not ask(case, told, within=PROMPT) and over and any(map(over, lag.station.wire.received(since))):
        case.report(f"{words} was over when the status came: {seen}, after {case.now() - since:.1f} s")
        return
    case.check(seen in wanted, f"states {words}", seen, row=row)


def data_plane(case: Case, lag: Lag) -> None:
    """FAIL unless Collecting, Distributing and the carrier are in the status what they are on the wire."""

    def told() -> tuple[bool, bool]:
        port = lag.aggregate.status().ports[lag.station.wire.port]
        return port.collecting, port.distributing

    def shown(until: float) -> tuple[bool, bool]:
        frames = [f for f in lag.station.wire.received() if f.is_lacpdu and f.time <= until]
        last = frames[-1].actor.state if frames else State(0)
        return State.Collecting in last, State.Distributing in last

    def carrier(_: float) -> bool:
        return lag.aggregate.carrier

    wires, within = [lag.station.wire], 2 * FAST_PERIODIC_TIME
    flags = agreement(case, wires, told, shown, eq, within)
    words = f"collecting and distributing as in the last LACPDU: {flags.after}"
    case.check(flags.right, words, f"{flags.said} in the status", row="MG-08")
    up = agreement(case, wires, told, carrier, lambda said, seen: said[1] is seen, within)
    words = f"distributing as the carrier has it: {up.after}"
    case.check(up.right, words, f"{up.said[1]} in the status", row="MG-08")


def partner(case: Case) -> Station:
    """A partner that is not in sync yet."""
    return case.station(case.wires[0], Synchronization=0, Collecting=0, Distributing=0)


@claims("MG-06", wires=1, needs=["states", "cut"], seconds=8)
def test_without_carrier(case: Case) -> None:
    """A port without carrier is told to be in PORT_DISABLED"""
    lag = case.bundle()
    lag.station.wire.cut()
    says(case, lag, {"receive": "PORT_DISABLED"}, row="MG-06")


@claims("MG-06", "MG-08", wires=1, needs=["states", "independent_control", "carrier"], seconds=16,
        timeouts=1)  # fmt: skip
def test_walk(case: Case) -> None:
    """Receive and mux state are told as driven, and nothing is said to be up that is not"""
    station = partner(case)
    own, timeout = case.own_timeout()
    begun = case.now()
    lag = Lag(case.aggregate([station.wire], **own, **case.control("independent")), [station])
    first = {"receive": "EXPIRED", "mux": "DETACHED", "selected": "UNSELECTED"}
    alone = {"receive": "EXPIRED", "mux": "WAITING", "selected": "SELECTED"}  # 43.4.14: as an Individual link
    begins = [first, alone]
    if case.now() + PROMPT - begun > case.earliest(SHORT_TIMEOUT_TIME):  # it was slow to be configured
        begins += [{**states, "receive": "DEFAULTED"} for states in begins]
    says(case, lag, *begins, row="MG-06", over=lacpdu(Defaulted=1, Expired=0))
    data_plane(case, lag)
    station.start()
    waiting = {"receive": "CURRENT", "mux": "WAITING", "selected": "SELECTED"}
    says(case, lag, waiting, row="MG-06", over=lacpdu(Synchronization=1))
    data_plane(case, lag)
    case.expect(station, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise=step_missed)
    says(case, lag, {"receive": "CURRENT", "mux": "ATTACHED"}, row="MG-06")
    data_plane(case, lag)
    station.say(Synchronization=1)
    says(case, lag, {"mux": "COLLECTING"}, row="MG-06")
    data_plane(case, lag)
    station.say(Collecting=1)
    says(case, lag, {"mux": "DISTRIBUTING"}, row="MG-06")
    data_plane(case, lag)
    last = station.last()
    expired = case.expect(station, lacpdu(Expired=1), since=last.time, within=timeout + TOLD, premise="RX-08")
    says(case, lag, {"receive": "EXPIRED", "mux": "ATTACHED"}, row="MG-06", over=lacpdu(Defaulted=1))
    data_plane(case, lag)
    given_up = SHORT_TIMEOUT_TIME + TOLD
    case.expect(station, lacpdu(Defaulted=1), since=expired.time, within=given_up, premise="RX-12")
    left, alone = ({"receive": "DEFAULTED", "mux": state} for state in ("DETACHED", "WAITING"))
    says(case, lag, left, alone, row="MG-06", over=lacpdu(Defaulted=1, Synchronization=1))
    data_plane(case, lag)


@claims("MG-06", wires=1, needs=["states", "coupled_control"], seconds=7)
def test_coupled(case: Case) -> None:
    """With coupled control a port that carries data is in the one state that the figure has for it"""
    lag = case.bundle(**case.control("coupled"))
    says(case, lag, {"receive": "CURRENT", "mux": "COLLECTING_DISTRIBUTING"}, row="MG-06")


@claims("CH-03", "MG-06", wires=1, needs=["churn", "counters"], seconds=7)
def test_churn_monitor(case: Case) -> None:
    """The churn machines begin in their monitor state, and leave it for no churn in sync"""
    station = partner(case)
    lag = Lag(case.aggregate([station.wire]), [station])
    begun = {"actor_churn": "ACTOR_CHURN_MONITOR", "partner_churn": "PARTNER_CHURN_MONITOR"}
    says(case, lag, begun, row="CH-03")
    station.change(Synchronization=1, Collecting=1, Distributing=1)
    station.start()
    case.distributing([station])
    ended = {"actor_churn": "NO_ACTOR_CHURN", "partner_churn": "NO_PARTNER_CHURN"}
    says(case, lag, ended, row="MG-06")


@claims("MG-07", wires=1, needs=["counters", "control"], seconds=9)
def test_readded(case: Case) -> None:
    """Whether counters survive that a port is removed and added again is reported; they go on counting"""
    lag = case.bundle()
    port = lag.station.wire.port
    before = lag.aggregate.status().ports[port].counters["LACPDUsTx"]
    lag.aggregate.remove(port)
    lag.aggregate.add(port)
    after = lag.aggregate.status().ports[port].counters["LACPDUsTx"]
    case.report(f"LACPDUsTx {before} before, {after} when the port is there again")
    case.expect(lag.station, lacpdu(), within=2 * FAST_PERIODIC_TIME)

    def grown() -> bool:
        return lag.aggregate.status().ports[port].counters["LACPDUsTx"] > after

    case.check(
        bool(ask(case, grown, within=2 * FAST_PERIODIC_TIME)), "LACPDUsTx that grows", f"still {after}"
    )


@claims("MG-08", wires=1, needs=["status", "agr_manual"], seconds=18)
def test_last_change(case: Case) -> None:
    """When the aggregate last came up or went down is told, and stays while it is up or down"""
    lag = case.bundle()
    station = lag.station
    came = [_stays(case, lag)]
    for in_sync in (0, 1):
        said = station.say(Synchronization=in_sync, Collecting=in_sync, Distributing=in_sync)
        shown = lacpdu(Collecting=in_sync)
        missed = "MX-12" if in_sync else "MX-11"
        case.expect(station, shown, since=said.time, within=PROMPT + FAST_PERIODIC_TIME, premise=missed)
        came.append(_stays(case, lag))
        words = f"last change of the aggregate after the one before, partner's Synchronization={in_sync}"
        name, apart = f"last-change-in-sync-{in_sync}", came[-1] - came[-2]
        # Exact: the testcase chose both moments, no timer of the implementation's did.
        case.within(apart, FAST_PERIODIC_TIME, None, words, id=name, exact=True)


def _stays(case: Case, lag: Lag) -> float:
    """When the aggregate last changed; FAIL where that is not told, or changes within two periods."""
    case.settle()
    told = lag.aggregate.status().last_change
    case.run_for(2 * FAST_PERIODIC_TIME)
    case.check(told is not None, "the time of the last change", "none")
    case.equal(lag.aggregate.status().last_change, told, "the time of the last change, 2 s later:")
    return told or 0.0
