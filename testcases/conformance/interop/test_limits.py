"""More links than a LAG may have, or fewer than it must have, at either end (43.6.1).

agr0 ===== re0, re1 ===== channel group of the switch        T2
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.case import Case, ask, claims, lacpdu
from harness.case.ends import Ends, ends_of, says, setting, spoken_by_the_switch
from harness.case.premises import BRING_UP_TIME
from harness.case.switched import BUNDLED
from harness.pdu import State
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.verdict import Inconclusive, NotJudged
from harness.wire.wire import Wire
from testcases.conformance.interop.needs import NEGOTIATION
from testcases.conformance.interop.test_roles import pair

OURS, THEIRS = 0x0001, 0x9000
"""System priorities of the implementation: lower, and higher, than a switch has by default (0x8000)."""

TAKEOVER_TIME = 6.0
"""Seconds from carrier loss until a standby link is in use, as CF-09 has it through a switch."""

STANDBY = lacpdu(Synchronization=0, Collecting=0, Distributing=0)


@claims(
    "SL-16", "CF-09", "MG-05", switch_wires=2, seconds=22,
    needs=[*NEGOTIATION, "cut", "max_links", "set_system_priority", "set_port_priority"],
    whole=["system-priority"],
)  # fmt: skip
def test_max_links(case: Case) -> None:
    """The implementation takes one link of two, the one it prefers; the other takes over when that is shut"""
    preferred, other = pair(case)
    with ends_of(case, [preferred, other], timeout="short", max_links=1, system_priority=OURS) as ends:
        prioritize(ends, {preferred: 1, other: 2})
        ends.settle("SL-16", [preferred])
        stands_by(case, other, "SL-16")
        takes_over(case, ends, preferred, other)


@claims(
    "SL-17", "SL-16", "MG-05", switch_wires=2, seconds=18,
    needs=[*NEGOTIATION, "max_links", "set_system_priority", "set_port_priority", "switch:port-priority"],
    whole=["system-priority"],
)  # fmt: skip
def test_switch_decides(case: Case) -> None:
    """The switch's system has the higher priority: its port priorities say which link is used"""
    first, chosen = pair(case)
    with ends_of(case, [first, chosen], timeout="short", max_links=1, system_priority=THEIRS) as ends:
        lag = ends.lag
        with setting("port-priority"), lag.switch.together():
            for wire, priority in ((first, 0x9000), (chosen, 0x1000)):
                lag.switch.set_port_priority(lag.ports[wire.name], priority)
        prioritize(ends, {first: 1, chosen: 2})
        since = case.now() - FAST_PERIODIC_TIME
        told = says(case, chosen, lambda info: True, "anything", SHORT_TIMEOUT_TIME, since)
        if (told.actor.system_priority, told.actor.system) > (THEIRS, ends.own_id(chosen)[1]):
            raise NotJudged(f"the system of the switch has the lower priority: {told.actor.text()}")
        ends.settle("SL-17", [chosen])
        stands_by(case, first, "SL-16")


@claims(
    "MX-05", "CF-09", "MG-05", switch_wires=2, seconds=24, needs=[*NEGOTIATION, "cut", "switch:max-bundle"]
)
def test_max_bundle(case: Case) -> None:
    """The switch bundles one link of two: the other one waits, and takes over when that is shut"""
    with ends_of(case, pair(case), timeout="short") as ends:
        with setting("max-bundle"):
            ends.lag.switch.set_max_bundle(ends.lag.group, 1)
        used = one_bundled(case, ends)
        (waits,) = [wire for wire in ends.wires if wire is not used]
        ends.settle("MX-05", [used])
        follows(case, ends, "MX-05")
        takes_over(case, ends, used, waits)


@claims(
    "MX-05", "SL-16", "MG-05", switch_wires=2, seconds=18,
    needs=[*NEGOTIATION, "max_links", "switch:max-bundle"],
)  # fmt: skip
def test_both_limits(case: Case) -> None:
    """Both ends take one link: it is the same one, as the system with the higher priority has it"""
    with ends_of(case, pair(case), timeout="short", max_links=1) as ends:
        with setting("max-bundle"):
            ends.lag.switch.set_max_bundle(ends.lag.group, 1)
        used = one_bundled(case, ends)
        ends.settle("SL-16", [used])
        follows(case, ends, "MX-05")


@claims("SL-16", "MG-05", switch_wires=2, seconds=22, needs=[*NEGOTIATION, "cut", "min_links", "gives_way"])
def test_min_links(case: Case) -> None:
    """Fewer links than the implementation wants carry nothing; enough links are in use again"""
    stays, shut = pair(case)
    with ends_of(case, [stays, shut], timeout="short", min_links=2) as ends:
        ends.settle("SL-16")
        shut.cut()
        case.expect(stays, lacpdu(Distributing=0), within=PROMPT, row="SL-16")
        case.run_for(2 * FAST_PERIODIC_TIME)
        since = case.now()
        with case.offering(ends.aggregate) as offer:
            case.never(stays, offer.data, since=since, during=PROMPT, row="SL-16")
        ends.settle("SL-16", [])
        case.link_up(shut)
        ends.settle("SL-16")


@claims("SL-01", "MG-05", switch_wires=2, seconds=24, needs=[*NEGOTIATION, "cut", "switch:min-links"])
def test_min_links_of_the_switch(case: Case) -> None:
    """A channel group with too few links: the implementation follows what the switch's LACPDUs say of them"""
    stays, shut = pair(case)
    with ends_of(case, [stays, shut], timeout="short") as ends:
        with setting("min-links"):
            ends.lag.switch.set_min_links(ends.lag.group, 2)
        ends.settle("SL-01")
        shut.cut()
        case.run_for(SHORT_TIMEOUT_TIME + PROMPT)
        case.run_for(2 * FAST_PERIODIC_TIME)
        if not ends.follows("SL-01"):
            case.report("with too few links the switch is silent")
        ends.agree()
        said = spoken_by_the_switch(stays, case.now() - SHORT_TIMEOUT_TIME)
        sync = [State.Synchronization in frame.actor.state for frame in said]
        case.report(
            f"with too few links the switch is {'in sync' if all(sync) else 'out of sync'} on {stays.name}"
        )
        case.link_up(shut)
        ends.settle("SL-01")


def prioritize(ends: Ends, priorities: dict[Wire, int]) -> None:
    """Set the implementation's port priorities."""
    for wire, priority in priorities.items():
        ends.aggregate.set("port-priority", priority, port=wire.port)


def stands_by(case: Case, wire: Wire, row: str) -> None:
    """FAIL unless the implementation says of a link that it stands by, and nothing else."""
    for frame in case.lacpdus([wire], during=2 * FAST_PERIODIC_TIME, row=row)[wire.name]:
        case.check(STANDBY(frame), STANDBY.words, frame.text(), row=row)


def takes_over(case: Case, ends: Ends, used: Wire, waits: Wire) -> None:
    """Shut the link in use; FAIL of CF-09 unless the one that waits is in use in time, and carries data."""
    used.cut()
    since = case.now()
    seen = case.until(lambda: in_sync(waits, since), within=TAKEOVER_TIME)
    if not seen and not any(map(lacpdu(Synchronization=1), waits.received(since))):
        case.fail(f"{waits.name} in sync within {TAKEOVER_TIME:g} s", "it is not", row="CF-09")
    if not seen:
        raise Inconclusive(f"the implementation is in sync on {waits.name}, the switch is not")
    case.expect(waits, lacpdu(Collecting=1, Distributing=1), since=since, within=TAKEOVER_TIME, row="CF-09")
    ends.settle("CF-09", [waits])
    with case.offering(ends.aggregate) as offer:
        case.expect(waits, offer.data, within=PROMPT, row="CF-09")


def in_sync(wire: Wire, since: float) -> bool:
    """Whether the switch says so since then, of a partner that is."""
    return any(State.Synchronization in f.actor.state and State.Synchronization in f.partner.state
               for f in spoken_by_the_switch(wire, since))  # fmt: skip


def one_bundled(case: Case, ends: Ends) -> Wire:
    """The link that the switch bundles. Inconclusive where it is not one, by its words and its LACPDUs."""

    def found() -> Sequence[Wire]:
        flags = ends.lag.flags()
        bundled = [wire for wire in ends.wires if flags[wire.name] == BUNDLED]
        since = case.now() - 2 * FAST_PERIODIC_TIME
        synced = [
            wire
            for wire in ends.wires
            if any(State.Synchronization in f.actor.state for f in spoken_by_the_switch(wire, since))
        ]
        return bundled if len(bundled) == 1 and bundled == synced else ()

    bundled = ask(case, found, within=2 * BRING_UP_TIME)
    if not bundled:
        raise Inconclusive(f"one link of two may be bundled, and by the switch they are: {ends.lag.flags()}")
    return bundled[0]


def follows(case: Case, ends: Ends, row: str) -> None:
    """FAIL where the implementation does not follow what the switch says, after both have spoken again."""
    case.run_for(2 * FAST_PERIODIC_TIME)
    if not ends.follows(row):
        case.nothing_to_judge("the switch is in sync with no link and out of sync with none", row=row)
