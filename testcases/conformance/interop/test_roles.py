"""Who speaks, and how often: active and passive, fast and slow, LACP off and on, at either end of a LAG.

agr0 ===== re0, re1 ===== channel group of the switch        T2
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.case import Case, any_lacpdu, ask, claims, flowing, lacpdu, switch_lag, where
from harness.case.ends import Ends, ends_of, says, setting, spoken_by_the_switch
from harness.case.premises import BRING_UP_TIME
from harness.case.switched import BUNDLED, SwitchLag
from harness.case.ways import passes
from harness.pdu import Frame, State
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.verdict import BenchError, NotJudged
from harness.wire.wire import Wire
from testcases.conformance.interop.needs import NEGOTIATION

UNHEARD = 4 * FAST_PERIODIC_TIME
"""Seconds in which whoever is at the fast period speaks several times."""

GIVEN_UP = SHORT_TIMEOUT_TIME + 2 * FAST_PERIODIC_TIME
"""Seconds in which a partner that has gone silent is EXPIRED."""


def pair(case: Case) -> list[Wire]:
    """Two links to the switch."""
    return case.switch_wires[:2]


@claims(
    "PT-07", "PT-14", "MG-05", switch_wires=2, seconds=16,
    needs=[*NEGOTIATION, "passive", "switch:mode"],
)  # fmt: skip
def test_switch_becomes_active(case: Case) -> None:
    """Both ends passive, nobody speaks; when the switch becomes active, the implementation answers"""
    with ends_of(case, pair(case), mode="passive", activity="passive", timeout="short") as ends:
        silence(case, ends.wires)
        since = case.now()
        with setting("mode"):
            ends.lag.switch.join_lag(ends.lag.ports.values(), ends.lag.group, "active")
        for wire in ends.wires:
            frame = says(case, wire, lambda info: State.Activity in info.state, "active", GIVEN_UP, since)
            case.expect(wire, any_lacpdu(), since=frame.time, within=PROMPT, row="PT-14")
        ends.settle("PT-14")


@claims(
    "PT-07", "CF-02", "MG-05", switch_wires=2, seconds=16,
    needs=[*NEGOTIATION, "passive", "while_running:activity"],
)  # fmt: skip
def test_implementation_becomes_active(case: Case) -> None:
    """Both ends passive, nobody speaks; when the implementation becomes active, they negotiate"""
    with ends_of(case, pair(case), mode="passive", activity="passive", timeout="short") as ends:
        silence(case, ends.wires)
        since = case.now()
        ends.aggregate.set("activity", "active")
        for wire in ends.wires:
            within = case.now() - since + FAST_PERIODIC_TIME
            case.expect(wire, lacpdu(Activity=1), since=since, within=within, row="CF-02")
        ends.settle("CF-02")


def silence(case: Case, wires: Sequence[Wire]) -> None:
    """FAIL of PT-07 where the implementation speaks though both ends are passive, as LACPDUs have it.

    What is said to a partner that is active is no failure.
    """
    case.run_for(PROMPT)
    since = case.now()
    for wire in wires:

        def unasked(frame: Frame, wire: Wire = wire) -> bool:
            spoken = spoken_by_the_switch(wire, since - PROMPT)
            return frame.is_lacpdu and not any(State.Activity in one.actor.state for one in spoken)

        case.never(wire, where("an LACPDU", unasked), since=since, during=UNHEARD, row="PT-07")
        spoken = spoken_by_the_switch(wire, since)
        if spoken and not case.broken("PT-07"):
            raise BenchError(f"the switch is passive, and speaks unasked on {wire.name}: {spoken[0].text()}")


@claims(
    "PT-04", "PT-05", "MG-05", switch_wires=2, seconds=20,
    needs=[*NEGOTIATION, "switch:rate"],
)  # fmt: skip
def test_rate_of_the_switch(case: Case) -> None:
    """The switch wants LACPDUs slowly, then fast again: the implementation heeds it, both ends say so"""
    with ends_of(case, pair(case), timeout="short") as ends:
        ends.settle("PT-04")
        since = case.now()
        set_rate(ends, "normal")
        for wire in ends.wires:
            says(case, wire, lambda info: State.Timeout not in info.state, "Timeout=0", GIVEN_UP, since)
        unasked(case, ends)
        ends.agree()
        since = case.now()
        set_rate(ends, "fast")
        for wire in ends.wires:
            told = says(case, wire, lambda info: State.Timeout in info.state, "Timeout=1", GIVEN_UP, since)
            case.check_frame(wire, any_lacpdu(), since=told.time, within=PROMPT, row="PT-04")
        ends.settle("PT-04")


def unasked(case: Case, ends: Ends) -> None:
    """FAIL of PT-05 where the implementation sends LACPDUs that the switch neither wants nor needs.

    It needs them as long as it has not heard the last one: its Partner information is an old one (43.4.9).
    """

    def heard() -> bool:
        links = [ends.link(wire) for wire in ends.wires]
        return all(link is not None and link.switch.partner == link.own.actor for link in links)

    if not case.until(heard, within=GIVEN_UP):
        raise NotJudged(f"the switch has not heard the implementation: {ends.text()}")
    since = case.now() + PROMPT
    for wire in ends.wires:

        def unasked(frame: Frame, wire: Wire = wire) -> bool:
            heard = [f.time for f in spoken_by_the_switch(wire, since - PROMPT) if _needs_an_answer(f)]
            return frame.is_lacpdu and not any(time <= frame.time < time + PROMPT for time in heard)

        case.never(
            wire, where("an LACPDU that is no answer", unasked), since=since, during=UNHEARD, row="PT-05"
        )


def _needs_an_answer(frame: Frame) -> bool:
    """Whether the switch does not know what the implementation is: its timeout was a short one before."""
    return State.Expired in frame.actor.state or State.Synchronization not in frame.partner.state


def set_rate(ends: Ends, rate: str) -> None:
    """Set the LACP rate of the switch's ports."""
    with setting("rate"), ends.lag.switch.together():
        for port in ends.lag.ports.values():
            ends.lag.switch.set_rate(port, "fast" if rate == "fast" else "normal")


@claims(
    "CF-01", "RX-11", "MG-05", switch_wires=2, seconds=16,
    needs=[*NEGOTIATION, "long_timeout", "while_running:timeout"],
)  # fmt: skip
def test_rate_of_the_implementation(case: Case) -> None:
    """The implementation takes the long timeout: its LACPDUs say so, the switch slows down, the LAG stays"""
    with ends_of(case, pair(case), timeout="short") as ends:
        ends.settle("CF-01")
        since = case.now()
        ends.aggregate.set("timeout", "long")
        for wire in ends.wires:
            within = case.now() - since + FAST_PERIODIC_TIME
            case.expect(wire, lacpdu(Timeout=0), since=since, within=within, row="CF-01")
        begin = case.now()
        for wire in ends.wires:
            lost = lacpdu(Synchronization=0)
            case.never(wire, lost, since=begin, during=GIVEN_UP, row="RX-11")
            number = len(spoken_by_the_switch(wire, begin + PROMPT))
            if number >= GIVEN_UP - PROMPT:
                words = f"its partner on {wire.name} has Timeout=0"
                raise BenchError(f"the switch sends {number} LACPDUs in {GIVEN_UP - PROMPT:g} s, and {words}")
        ends.agree()


@claims(
    "SL-01", "MG-08", switch_wires=2, seconds=18,
    needs=["switch", "status", "active", "long_timeout"],
)  # fmt: skip
def test_both_slow(case: Case) -> None:
    """Both ends at the slow rate come to one LAG, as both ends say, and data leaves on it"""
    wires = pair(case)
    with switch_lag(case, wires, rate="normal") as lag:
        aggregate = case.aggregate(wires, timeout="long")
        lag.all_bundled(BRING_UP_TIME)
        ports = [wire.port for wire in wires]
        seen: dict[str, bool] = {}

        def distributing() -> bool:
            said = aggregate.status().ports
            seen.update({port: said[port].distributing for port in ports})
            return all(seen.values())

        ask(case, distributing, within=PROMPT)
        case.equal(seen, dict.fromkeys(ports, True), "ports distributing, by the status:", row="SL-01")
        flowing(case, aggregate, wires)
        for wire in wires:
            case.never(wire, lacpdu(Synchronization=0), during=UNHEARD, row="MG-08")


@claims(
    "RX-32", "SL-01", "MG-05", switch_wires=2, seconds=22,
    needs=[*NEGOTIATION, "lacp_off"],
)  # fmt: skip
def test_lacp_off_and_on(case: Case) -> None:
    """LACP is off on one port, then on again: the switch gives it up and takes it back, the other stays"""
    first, off = pair(case)
    with ends_of(case, [first, off], timeout="short") as ends:
        ends.settle("SL-01")
        ends.aggregate.set("lacp", False, port=off.port)
        done = case.now()
        ends.wires = [first]
        case.never(off, any_lacpdu(), since=done + PROMPT, during=GIVEN_UP, row="RX-32")
        gives_up(case, ends.lag, off)
        ends.settle("SL-01")
        ends.aggregate.set("lacp", True, port=off.port)
        ends.wires = [first, off]
        ends.settle("SL-01")


def gives_up(case: Case, lag: SwitchLag, wire: Wire) -> None:
    """Wait until the switch has a port no longer in the bundle. BenchError where it has it all the same."""
    if not ask(case, lambda: lag.flags()[wire.name] != BUNDLED, within=2 * SHORT_TIMEOUT_TIME):
        raise BenchError(f"{lag.ports[wire.name]} has no partner, and the switch shows it as {BUNDLED}")


@claims("CF-11", "SL-01", "MG-05", switch_wires=2, seconds=24,
        needs=[*NEGOTIATION, "switch:mode", "switch:leave"])  # fmt: skip
def test_mode_on(case: Case) -> None:
    """A channel group without LACP gets what is declared for that; when it has LACP, both ends negotiate"""
    wires = pair(case)
    most = {"suspend": 0, "together": len(wires)}.get(case.pics.partner_without_lacp, 1)
    with ends_of(case, wires, timeout="short") as ends:
        lag = ends.lag
        ends.settle("SL-01")
        with setting("mode"):
            lag.switch.leave_lag(lag.ports.values())
            lag.switch.join_lag(lag.ports.values(), lag.group, "on")
        case.run_for(2 * SHORT_TIMEOUT_TIME + PROMPT)
        since = case.now()
        with case.offering(ends.aggregate, 8) as offer:
            case.run_for(PROMPT)
        used = [wire.name for wire in wires if any(map(offer.data, wire.received(since)))]
        words = f"data on {most} links for partners without LACP ({case.pics.partner_without_lacp})"
        case.check(len(used) == most, words, ", ".join(used) or "on none", row="CF-11")
        if spoken := [one for wire in wires for one in spoken_by_the_switch(wire, since)]:
            raise BenchError(f"the channel group is without LACP, and the switch speaks: {spoken[0].text()}")
        with setting("mode"):
            lag.switch.leave_lag(lag.ports.values())
            lag.switch.make_lag(lag.ports.values(), lag.group, "active", "fast")
        ends.settle("SL-01")


@claims("AG-11", switch_wires=2, seconds=12, needs=["switch", "switch:mode", "static_aggregation", "traffic"])
def test_static(case: Case) -> None:
    """A static LAG with a channel group without LACP: no LACPDU, and data passes both ways"""
    wires = pair(case)
    with switch_lag(case, wires) as lag:
        with setting("mode"):
            lag.switch.leave_lag(lag.ports.values())
            lag.switch.join_lag(lag.ports.values(), lag.group, "on")
        aggregate = case.aggregate(wires, static=True)
        since = case.now()
        passes(case, aggregate, wires)
        for wire in wires:
            case.never(wire, any_lacpdu(), since=since, during=2 * FAST_PERIODIC_TIME)


@claims("SL-01", "MG-05", "MG-08", switch_wires=2, seconds=20, needs=[*NEGOTIATION, "cut"])
def test_port_shut(case: Case) -> None:
    """A port of the switch is shut, and set up again: each end's own words follow, the other link stays"""
    stays, shut = pair(case)
    with ends_of(case, [stays, shut], timeout="short") as ends:
        ends.settle("SL-01")
        shut.cut()
        since = case.now()
        port: dict[str, bool] = {}

        def noticed() -> bool:
            said = ends.aggregate.status().ports[shut.port]
            port.update(collecting=said.collecting, distributing=said.distributing)
            return not any(port.values())

        ask(case, noticed, within=PROMPT)
        words = f"the status of {shut.port} without carrier"
        case.equal(port, {"collecting": False, "distributing": False}, words, row="MG-08")
        gives_up(case, ends.lag, shut)
        ends.settle("SL-01", [stays])
        case.never(stays, lacpdu(Synchronization=0), since=since, during=case.now() - since, row="SL-01")
        case.link_up(shut)
        ends.settle("SL-01")
